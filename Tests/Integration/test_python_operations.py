"""The Python binding's operations: blocking and Ctrl-C, callbacks, asyncio, lifetimes."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import subprocess
import sys
import threading
import time
import weakref
from typing import Any, Callable, List

import pytest

import slipway
from conftest import SCRIPT_HEAD, Customer
from emulator import Emulator, wait_until
from recorder import Recorder
from slipway import delivery

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def slow(customer: Customer, emulator: Emulator) -> None:
    """The service takes its time: what is started does not end by itself."""
    emulator.fault("delay", path="/pixelStripeApi/*", count=0, delayMs=60_000)


# Blocking


def test_timeout_of_result_ends_the_wait_only(client: slipway.Client, slow: None, customer: Customer) -> None:
    operation = client.project(customer.project_id, wait=False)
    start = time.monotonic()
    with pytest.raises(TimeoutError) as caught:
        operation.result(0.1)
    assert type(caught.value) is TimeoutError and 0.09 < time.monotonic() - start < 2
    with pytest.raises(TimeoutError):
        operation.result(0)
    with pytest.raises(TimeoutError):
        operation.exception(-1)
    assert not operation.done() and operation._wakers == []
    assert "running" in repr(operation)
    operation.cancel()
    assert isinstance(operation.exception(5), slipway.CancelledError)
    assert operation.done() and "failed" in repr(operation)
    operation.cancel()
    with pytest.raises(slipway.CancelledError):
        operation.result()


def test_result_may_be_asked_for_by_many(client: slipway.Client, customer: Customer, emulator: Emulator) -> None:
    emulator.fault("delay", path="/pixelStripeApi/*", delayMs=100)
    operation = client.project(customer.project_id, wait=False)
    answers: List[slipway.Project] = []
    threads = [threading.Thread(target=lambda: answers.append(operation.result(10))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16 and len({id(answer) for answer in answers}) == 1, "the answer is read once"
    assert operation.exception() is None and operation.result() is answers[0]


INTERRUPTED = """
client = make_client()
def started(progress):
    if progress.stage == slipway.Stage.WAITING_BUILD:
        print("waiting", flush=True)
try:
    client.wait_for_build(project_id=PROJECT, upload_id=os.environ["UPLOAD_ID"], interval=600, max_interval=600, on_progress=started)
except KeyboardInterrupt:
    from slipway import delivery
    client.close(5)
    print("interrupted", len(delivery._operations), flush=True)
"""
INTERRUPTED_IN_A_BLOCK = """
with make_client() as client:
    operation = client.wait_for_build(project_id=PROJECT, upload_id=os.environ["UPLOAD_ID"], interval=600, max_interval=600,
        on_progress=lambda progress: print("waiting", flush=True), wait=False)
    try:
        operation.result()
    except KeyboardInterrupt:
        print("not done" if not operation.done() else "done", flush=True)
print(type(operation.exception()).__name__, flush=True)
print("interrupted", 0, flush=True)
"""


@pytest.mark.parametrize("source", [INTERRUPTED, INTERRUPTED_IN_A_BLOCK])
def test_ctrl_c_works_at_once(customer: Customer, recorder: Recorder, source: str) -> None:
    build = customer.add_build("Downloading Files")
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT_HEAD + source], env=customer.environment(UPLOAD_ID=build),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    recorder.note("script", out, err)
    assert (process.returncode, err) == (0, "")
    assert time.monotonic() - start < 1.5
    assert out.splitlines()[-1] == "interrupted 0", out
    if source is INTERRUPTED_IN_A_BLOCK:
        assert out.splitlines()[-3:-1] == ["not done", "CancelledError"]


def test_unhandled_ctrl_c_ends_the_program(customer: Customer) -> None:
    build = customer.add_build("Downloading Files")
    source = """
client = make_client()
client.wait_for_build(
    project_id=PROJECT, upload_id=os.environ["UPLOAD_ID"], interval=600, on_progress=lambda progress: print("waiting", flush=True))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT_HEAD + source], env=customer.environment(UPLOAD_ID=build),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == -signal.SIGINT
    assert err.rstrip().endswith("KeyboardInterrupt")


# Callbacks


def test_callbacks_come_once_and_on_the_clients_thread(client: slipway.Client, customer: Customer) -> None:
    calls: List[Any] = []
    operation = client.project(
        customer.project_id, on_progress=lambda progress: calls.append(("progress", threading.current_thread())), wait=False)
    operation.add_done_callback(lambda done: calls.append(("done", threading.current_thread(), done)))
    operation.result(5)
    wait_until(lambda: any(call[0] == "done" for call in calls), what="the callback")
    kinds = [call[0] for call in calls]
    assert kinds == ["progress"] * (len(kinds) - 1) + ["done"], "news never comes after the end"
    assert {call[1].name for call in calls} == {"slipway"} and calls[-1][2] is operation
    operation.add_done_callback(lambda done: calls.append(("late", threading.current_thread())))
    assert calls[-1] == ("late", threading.main_thread()), "here and now, since it has ended"


def test_failing_callbacks_are_logged(
    client: slipway.Client, customer: Customer, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise SystemExit("not even that")

    url = emulator.file_url("MyGame.zip")
    operation = client.upload(project_id=customer.project_id, file_url=url, on_progress=fail, wait=False)
    called: List[object] = []
    operation.add_done_callback(fail)
    operation.add_done_callback(called.append)
    assert operation.result(5).project_id == customer.project_id
    wait_until(lambda: called, what="the next callback")
    assert client.project(customer.project_id).id == customer.project_id, "the client's thread goes on"
    errors = [record for record in caplog.records if record.name == "slipway" and record.levelno == logging.ERROR]
    assert any("a done callback" in record.getMessage() for record in errors)
    assert any("on_progress" in record.getMessage() for record in errors)
    assert all(record.exc_info and record.exc_info[0] is SystemExit for record in errors)


def test_blocking_in_a_callback_would_deadlock(client: slipway.Client, customer: Customer) -> None:
    errors: List[BaseException] = []
    running = client.wait_for_build(project_id=customer.project_id, upload_id=customer.add_build("pending"), interval=60, wait=False)

    def callback(_: object) -> None:
        client.projects(wait=False).add_done_callback(lambda done: errors.append(RuntimeError("this is the way")))
        for call in (client.projects, running.result):
            try:
                call()
            except BaseException as error:
                errors.append(error)

    def close(_: object) -> None:
        for call in (client.close, client.__exit__):
            try:
                call()
            except BaseException as error:
                errors.append(error)

    client.projects(wait=False).add_done_callback(callback)
    wait_until(lambda: len(errors) == 3, what="three answers")
    assert [type(error) for error in errors] == [slipway.WouldDeadlockError, slipway.WouldDeadlockError, RuntimeError]
    client.projects(wait=False).add_done_callback(close)
    wait_until(lambda: len(errors) == 5, what="two more")
    assert {type(error) for error in errors[3:]} == {slipway.WouldDeadlockError}
    assert isinstance(running.exception(5), slipway.CancelledError), "close() released the client, although it could not wait"


def test_client_may_be_released_in_its_own_callback(customer: Customer) -> None:
    client = customer.client()
    client.projects(wait=False).add_done_callback(lambda done: client.close(wait=False))
    assert client._delivery.finished.wait(5)
    with pytest.raises(slipway.ClosedError):
        client.projects()


def test_each_operation_ends_exactly_once(customer: Customer, recorder: Recorder) -> None:
    """Eight threads start, cancel and forget operations while the client is closed."""
    before = len(delivery._operations)
    for round in range(5):
        client = customer.client(max_connections=4)
        ended: List[int] = []
        started: List[int] = []

        def storm() -> None:
            for number in range(200):
                try:
                    operation = client.project_stats(customer.project_id, wait=False)
                except slipway.ClosedError:
                    return
                started.append(operation.id)
                operation.add_done_callback(lambda done: ended.append(done.id))
                if number % 3 == 0:
                    operation.cancel()

        threads = [threading.Thread(target=storm) for _ in range(8)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(ended) > 20 * (round + 1), what="some ends")
        client.close(10)
        for thread in threads:
            thread.join(10)
        assert sorted(ended) == sorted(started) and len(set(started)) == len(started)
    assert len(delivery._operations) == before


# asyncio


def test_await(client: slipway.Client, customer: Customer) -> None:
    async def main() -> None:
        project, stats = await asyncio.gather(
            client.project(customer.project_id, wait=False), client.project_stats(customer.project_id, wait=False))
        assert (project.id, stats.project_id) == (customer.project_id, customer.project_id)
        with pytest.raises(slipway.NotFoundError):
            await client.project("0123456789abcdef01234567", wait=False)
        done = client.projects(wait=False)
        assert (await done) is (await done), "more than once, also when it has ended"
        answers = await asyncio.gather(*(client.project_stats(customer.project_id, wait=False) for _ in range(500)))
        assert len(answers) == 500

    asyncio.run(main())
    asyncio.run(main())  # another loop, the same client


def test_cancelling_the_task_cancels_the_operation(client: slipway.Client, slow: None, customer: Customer) -> None:
    async def main() -> None:
        ended: List[object] = []
        operation = client.project(customer.project_id, wait=False)
        operation.add_done_callback(ended.append)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(operation, 0.05)
        error = await asyncio.get_running_loop().run_in_executor(None, operation.exception, 5)
        assert isinstance(error, slipway.CancelledError)
        await asyncio.sleep(0)
        wait_until(lambda: ended, what="the callback")
        assert ended == [operation]

        shielded = client.project(customer.project_id, wait=False)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(shielded), 0.05)
        assert not shielded.done()
        task = asyncio.ensure_future(_await(shielded))
        await asyncio.sleep(0)
        shielded.cancel()
        with pytest.raises(slipway.CancelledError):
            await task

    asyncio.run(main())


async def _await(operation: "slipway.Operation[Any]") -> Any:
    return await operation


def test_loop_that_ends_before_the_operation(client: slipway.Client, customer: Customer, emulator: Emulator) -> None:
    emulator.fault("delay", path="/pixelStripeApi/*", count=0, delayMs=150)
    loop = asyncio.new_event_loop()
    operation = client.project(customer.project_id, wait=False)
    shield = loop.create_task(_shield(operation))
    loop.run_until_complete(asyncio.sleep(0.01))
    reference = weakref.ref(loop)
    assert not shield.done()
    shield.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    del loop, shield
    assert operation.exception(5) is None or isinstance(operation.exception(), slipway.CancelledError)
    emulator.clear_faults()
    assert asyncio.run(_await(client.project(customer.project_id, wait=False))).id == customer.project_id
    wait_until(lambda: gc.collect() is not None and reference() is None, what="the end of the loop")


async def _shield(operation: "slipway.Operation[Any]") -> Any:
    return await asyncio.shield(_await(operation))


def test_loops_in_many_threads(client: slipway.Client, customer: Customer) -> None:
    counts: List[int] = []

    async def many() -> None:
        answers = await asyncio.gather(*(client.project_stats(customer.project_id, wait=False) for _ in range(100)))
        counts.append(len(answers))

    threads = [threading.Thread(target=lambda: asyncio.run(many())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert counts == [100] * 4


# Lifetimes


def test_closed_client(customer: Customer, slow: None) -> None:
    with customer.client() as client:
        operation = client.projects(wait=False)
        assert "open" in repr(client)
    assert isinstance(operation.exception(0), slipway.CancelledError), "close() returns when all has ended"
    assert "closed" in repr(client)
    client.close()
    client.close(wait=False)
    operation.cancel()
    for call in (client.projects, lambda: client.projects(wait=False)):
        with pytest.raises(slipway.ClosedError):
            call()


def test_forgotten_client_ends_by_itself(customer: Customer) -> None:
    client = slipway.Client(streampixel=customer.streampixel())
    client.project(customer.project_id)
    handle, reference = client._delivery, weakref.ref(client)
    del client
    gc.collect()
    assert reference() is None and handle.finished.wait(5)
    assert handle not in delivery.running()


def test_running_operation_keeps_its_client(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("delay", path="/pixelStripeApi/*", count=0, delayMs=1500)
    ended: List[Any] = []
    client = slipway.Client(streampixel=customer.streampixel())
    client.project(customer.project_id, wait=False).add_done_callback(lambda done: ended.append(done.exception()))
    reference = weakref.ref(client)
    del client
    gc.collect()
    assert reference() is not None and not ended
    wait_until(lambda: ended, what="the end of an operation that nobody holds")
    assert ended == [None]
    wait_until(lambda: gc.collect() is not None and reference() is None, what="the end of its client")


def test_nothing_is_left_behind(customer: Customer) -> None:
    def threads() -> int:
        return sum(thread.name == "slipway" for thread in threading.enumerate())

    before = (threads(), len(delivery._operations), len(delivery.running()))
    for _ in range(20):
        client = slipway.Client(streampixel=customer.streampixel())
        operations = [client.project(customer.project_id, wait=False) for _ in range(5)]
        for operation in operations[:2]:
            operation.result(5)
        client.close(5)
    wait_until(lambda: (threads(), len(delivery._operations), len(delivery.running())) == before, what="as many as before")


def test_descriptors_and_memory_do_not_grow(customer: Customer, run_script: Run) -> None:
    done = run_script("""
def figures():
    gc.collect()
    with open("/proc/self/status") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")), resident
def work():
    with make_client() as client:
        for operation in [client.project(PROJECT, wait=False) for _ in range(20)]:
            operation.result()
for _ in range(20):
    work()
before = figures()
for _ in range(60):
    work()
time.sleep(0.2)  # threads that have said that they end, and end
after = figures()
print(*before, *after)
""")
    assert done.returncode == 0, done.stderr
    files, tasks, resident, files_after, tasks_after, resident_after = map(int, done.stdout.split())
    assert files_after <= files and tasks_after <= tasks
    assert resident_after - resident < 4_000, "kB, after 60 clients and 1200 operations"
