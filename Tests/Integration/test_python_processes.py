"""Python's ways to do several things at once: threads, event loops in threads, and processes of every start method, before and after
the first use of Slipway."""

from __future__ import annotations

import asyncio
import concurrent.futures
import ctypes
import os
import pathlib
import shutil
import subprocess
import threading
import time
from typing import Any, Callable, List

import pytest

import slipway
from conftest import Customer
from slipway import abi
from slipway.library import Library

Run = Callable[..., "subprocess.CompletedProcess[str]"]

LONG = bool(os.environ.get("SLIPWAY_TEST_LONG"))

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")

HEAD = """
import concurrent.futures, multiprocessing, warnings
import process_work
from process_work import Busy, REFUSED, initialise, leave_in_flight, refusals, stats
warnings.simplefilter("ignore")  # Newer Pythons warn of each fork beside threads, which is what is tried here.
"""


def clean(done: "subprocess.CompletedProcess[str]") -> List[str]:
    """The lines that a script has printed; it printed nothing else, and ended well."""
    assert done.returncode == 0 and done.stderr == "", f"{done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout.splitlines()


# Threads and event loops


def test_many_threads_use_one_client_and_many(customer: Customer) -> None:
    shared = customer.client()
    barrier = threading.Barrier(24)

    def work(number: int) -> int:
        barrier.wait(20)
        clients = [shared] if number % 3 else [shared, customer.client()]
        operations = [client.project_stats(customer.project_id, wait=False) for _ in range(10) for client in clients]
        return sum(operation.result(20).project_id == customer.project_id for operation in operations)

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        assert sum(pool.map(work, range(24))) == 24 * 10 + 8 * 10


def test_event_loops_in_threads(customer: Customer) -> None:
    """Each loop awaits its own operations of a client that all of them share, and operations that another thread started."""
    shared = customer.client()
    pending = customer.add_build("pending")
    elsewhere = [shared.project_stats(customer.project_id, wait=False) for _ in range(20)]

    async def use() -> int:
        own = customer.client()
        mine = [client.project_stats(customer.project_id, wait=False) for _ in range(20) for client in (own, shared)]
        answers = await asyncio.gather(*mine, *elsewhere)
        with pytest.raises(asyncio.TimeoutError):
            build = own.wait_for_build(project_id=customer.project_id, upload_id=pending, interval=0.01, wait=False)
            await asyncio.wait_for(build, 0.02)
        return sum(answer.project_id == customer.project_id for answer in answers)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: asyncio.run(use()), range(4))) == [60] * 4


def test_another_copy_in_the_same_process(customer: Customer, tmp_path: pathlib.Path) -> None:
    """Another package brings its own copy of the library and calls it by ctypes: it takes nothing of ours, and we nothing of its own."""
    path = tmp_path / "libother.so"
    shutil.copyfile(os.environ["SLIPWAY_LIBRARY"], path)
    other = Library(str(path))
    options = abi.ClientOptions()
    options.struct_size = ctypes.sizeof(options)
    handle = ctypes.c_void_p()
    assert other.client_create(ctypes.byref(options), ctypes.byref(handle), None, 0) == 0
    ours = customer.client()
    build = ours.wait_for_build(project_id=customer.project_id, upload_id=customer.add_build("pending"), interval=0.01, wait=False)
    try:
        mine = ours._delivery.handle
        assert mine is not None and mine != handle.value
        assert other.client_release(mine) == slipway.Status.INVALID_ARGUMENT
        assert other.client_wait(mine, 0) == slipway.Status.INVALID_ARGUMENT
        assert ours._delivery.library.client_release(handle) == slipway.Status.INVALID_ARGUMENT
        assert ours.project_stats(customer.project_id).project_id == customer.project_id
    finally:
        assert other.client_release(handle) == 0
    assert other.client_release(handle) == slipway.Status.CLOSED
    assert not build.done() and ours.project_stats(customer.project_id).project_id == customer.project_id


# Processes


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_pool(run_script: Run, method: str) -> None:
    """A pool for each start method. With fork, the workers come before the parent's own first use, which then goes on beside theirs."""
    lines = clean(run_script(HEAD + f"""
with multiprocessing.get_context("{method}").Pool(2, initialise) as pool:
    answers = pool.map_async(stats, range(20), 1)
    print(make_client().project_stats(PROJECT).project_id == PROJECT)
    answers = answers.get(20)
    pool.close()
    pool.join()
print([number for number, _, _ in answers] == list(range(20)), all(project == PROJECT for _, _, project in answers))
print(os.getpid() not in {{process for _, process, _ in answers}})
"""))
    assert lines == ["True", "True True", "True"]


@forks
@pytest.mark.parametrize("initializer", ["None", "initialise"])
def test_executor_of_forked_workers(run_script: Run, initializer: str) -> None:
    """Imported, the library loaded, its version asked: a child that is forked then is a process like any other."""
    lines = clean(run_script(HEAD + f"""
slipway.library.load()
context = multiprocessing.get_context("fork")
with concurrent.futures.ProcessPoolExecutor(2, mp_context=context, initializer={initializer}) as pool:
    print(sum(project == PROJECT for _, _, project in pool.map(stats, range(12))))
print(stats(0)[2] == PROJECT)
"""))
    assert lines == ["12", "True"]


@forks
def test_forks_before_the_first_use(run_script: Run) -> None:
    """Children, and children of theirs, each at work at the same time as all the others."""
    lines = clean(run_script(HEAD + """
def be_child(depth):
    if depth and os.fork() == 0: be_child(depth - 1)
    with make_client() as client:
        good = all(client.project_stats(PROJECT).project_id == PROJECT for _ in range(3))
    if depth: good = good and os.waitstatus_to_exitcode(os.wait()[1]) == 11
    sys.exit(11 if good else 12)
children = []
for _ in range(2):
    children.append(os.fork())
    if children[-1] == 0: be_child(1)
with make_client() as client: print(client.project_stats(PROJECT).project_id == PROJECT)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""))
    assert lines == ["True", "[11, 11]"]


@forks
def test_forks_after_use(customer: Customer, run_script: Run) -> None:
    """While threads of the parent are inside the library: in each child, and in a child of its own, everything is refused at once; the
    parent goes on, and each of its operations completes once."""
    count = 100 if LONG else 8
    lines = clean(run_script(HEAD + """
client = make_client()
slipway.set_log(logging.getLogger("slipway.forks"), logging.DEBUG)
completed = []
operation = client.wait_for_build(project_id=PROJECT, upload_id=os.environ["UPLOAD_ID"], interval=0.01, max_interval=0.01, wait=False)
operation.add_done_callback(completed.append)
busy = Busy([client, client, make_client()])
slowest = 0.0
for number in range(int(os.environ["FORKS"])):
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        told = refusals(client, operation)
        grandchild = os.fork() if number % 4 == 0 else None
        if grandchild == 0: os._exit(0 if refusals(client, operation) == REFUSED else 1)
        if grandchild: told += [] if os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]) == 0 else ["the grandchild's are others"]
        if told != REFUSED: print(told, flush=True)
        if number % 2: os._exit(9)
        sys.exit(9)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != 9: print("a child ended with", code, flush=True)
    slowest = max(slowest, time.monotonic() - start)
before = busy.answers[0]
while busy.answers[0] < before + 2: time.sleep(0.001)
answers = busy.stop()
print(operation.done(), len(completed), answers > 3)
client.close()
print(operation.done(), len(completed), type(operation.exception()).__name__)
print(f"{slowest:.2f}")
""", UPLOAD_ID=customer.add_build("pending"), FORKS=str(count), timeout=120.0))
    assert lines[:-1] == ["False 0 True", "True 1 CancelledError"]
    print(f"\n{count} forks of a busy Python; the slowest child took {lines[-1]} s")


@forks
def test_forked_workers_after_use(run_script: Run) -> None:
    """multiprocessing carries the refusal to the parent as the exception that it is; spawn and forkserver work all the same."""
    lines = clean(run_script(HEAD + """
client = make_client()
print(client.project_stats(PROJECT).project_id == PROJECT)
for method in ("fork", "spawn", "forkserver"):
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        try: print(method, pool.submit(stats, 1).result(20)[2] == PROJECT)
        except slipway.ForkedError as error: print(method, error.status.name, "forked from" in str(error))
print(client.project_stats(PROJECT).project_id == PROJECT)
"""))
    assert lines == ["True", "fork FORKED True", "spawn True", "forkserver True", "True"]


@forks
@pytest.mark.parametrize("use", ["slipway.set_log(logging.getLogger('slipway.only'))", "make_client().close()"], ids=["log", "client"])
def test_each_use_is_one(run_script: Run, use: str) -> None:
    lines = clean(run_script(HEAD + f"""
{use}
if os.fork() == 0:
    try: make_client()
    except slipway.ForkedError as error: os._exit(21)
    os._exit(22)
print(os.waitstatus_to_exitcode(os.wait()[1]))
with make_client() as client: print(client.project_stats(PROJECT).project_id == PROJECT)
"""))
    assert lines == ["21", "True"]


# Ends


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
@pytest.mark.parametrize("way, code", [("return", 0), ("exit", 5), ("exception", 1), ("terminated", -15)])
def test_children_that_end_with_work_in_flight(customer: Customer, run_script: Run, method: str, way: str, code: int) -> None:
    start = time.monotonic()
    done = run_script(HEAD + f"""
context = multiprocessing.get_context("{method}")
pipe, childs_end = context.Pipe()
child = context.Process(target=leave_in_flight, args=("{way}", childs_end))
child.start()
print(pipe.poll(20) and pipe.recv())
if "{way}" == "terminated": child.terminate()
child.join(20)
print(child.exitcode)
""", UPLOAD_ID=customer.add_build("pending"))
    assert done.returncode == 0 and done.stdout.splitlines() == ["busy", str(code)], f"{done.stdout}{done.stderr}"
    if way == "exception":
        assert done.stderr.strip().endswith("RuntimeError: the end")
    else:
        assert done.stderr == ""
    assert time.monotonic() - start < 15


ENDS: Any = {
    "an exception in a thread": ("""
def fail():
    client.project_stats(PROJECT, wait=False)
    raise RuntimeError("the end of a thread")
thread = threading.Thread(target=fail)
thread.start()
""", 0, "RuntimeError: the end of a thread"),
    "sys.exit in a task": ("""
async def main():
    waiting = asyncio.gather(*operations, return_exceptions=True)
    await operations[0]
    sys.exit(6)
asyncio.run(main())
""", 6, ""),
    "an exception in a task": ("""
async def main():
    await operations[0]
    raise RuntimeError("the end of a task")
asyncio.run(main())
""", 1, "RuntimeError: the end of a task"),
    "Ctrl-C": ("""
threading.Timer(0.02, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
operations[-1].result()
""", -2, "KeyboardInterrupt"),
    "both sides of a fork": ("""
child = os.fork()
if child == 0: sys.exit(7)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""", 7, ""),
}  # fmt: skip


@pytest.mark.parametrize("way", ENDS)
def test_end_with_operations_in_flight(customer: Customer, run_script: Run, way: str) -> None:
    source, code, stderr = ENDS[way]
    start = time.monotonic()
    done = run_script(HEAD + """
clients = [make_client() for _ in range(2)]
client = clients[0]
operations = [client.project_stats(PROJECT, wait=False) for client in clients for _ in range(10)]
operations.append(client.wait_for_build(project_id=PROJECT, upload_id=os.environ["UPLOAD_ID"], interval=0.01, wait=False))
for operation in operations: operation.add_done_callback(lambda _: time.sleep(0))
""" + source, UPLOAD_ID=customer.add_build("pending"))
    assert done.returncode == code, f"{done.returncode}\n{done.stderr}"
    assert done.stderr.strip().endswith(stderr) if stderr else done.stderr == "", done.stderr
    assert "Fatal" not in done.stderr and "Exception ignored" not in done.stderr
    assert time.monotonic() - start < 10
