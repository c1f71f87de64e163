"""The end of a Python process that uses Slipway, and its forks: whatever way it takes, with everything in flight."""

from __future__ import annotations

import concurrent.futures
import os
import signal
import subprocess
import time
from typing import Any, Callable, Dict

import pytest

from conftest import Customer

Run = Callable[..., "subprocess.CompletedProcess[str]"]


IN_FLIGHT = """
from slipway import shutdown
shutdown.PATIENCE = 1.0
logger = logging.getLogger("slipway.exits")
logger.addHandler(logging.NullHandler())
logger.setLevel(logging.DEBUG)
logger.propagate = False
slipway.set_log(logger)
def callback(*_):
    time.sleep(0)
    "x".encode().decode()
clients = [make_client() for _ in range(3)]
operations = []
for client in clients:
    for number in range(10):
        operations.append(client.projects(wait=False, on_progress=callback))
        operations.append(client.project_stats(PROJECT, wait=False, on_progress=callback))
        operations.append(client.wait_for_build(project_id=PROJECT, upload_id=os.environ["UPLOAD_ID"], interval=0.01, max_interval=0.01,
            on_progress=callback, wait=False))
for operation in operations:
    operation.add_done_callback(callback)
time.sleep(float(os.environ["PAUSE"]))
"""

EXITS: Dict[str, Any] = {
    "return": ("", 0, ""),
    "sys.exit": ("sys.exit(3)", 3, ""),
    "exception": ("raise RuntimeError('the end')", 1, "RuntimeError: the end"),
    "os._exit": ("os._exit(4)", 4, ""),
    "signal": ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)", -signal.SIGTERM, ""),
    "daemon threads that wait": ("""
for operation in operations[::3]: threading.Thread(target=operation.exception, daemon=True).start()
""", 0, ""),
    "daemon threads that start more": ("""
def start():
    try:
        while True: clients[0].projects(wait=False).add_done_callback(callback)
    except slipway.ClosedError: pass
for _ in range(3): threading.Thread(target=start, daemon=True).start()
time.sleep(0.02)
""", 0, ""),
    "a thread that goes on": ("""
def later():
    time.sleep(0.05)
    clients[0].project(PROJECT)
    print("later", flush=True)
threading.Thread(target=later).start()
""", 0, ""),
    "callbacks that start more": ("""
def more(_):
    try: clients[1].projects(wait=False).add_done_callback(more)
    except slipway.ClosedError: pass
for operation in operations: operation.add_done_callback(more)
""", 0, ""),
    "a callback that does not return": ("""
shutdown.PATIENCE = 0.2
clients[0].project(PROJECT, wait=False).add_done_callback(lambda done: time.sleep(60))
time.sleep(0.02)
""", 0, ""),
    "sys.exit in a callback": ("""
logging.getLogger("slipway").addHandler(logging.NullHandler())
logging.getLogger("slipway").propagate = False
operations[0].add_done_callback(lambda done: sys.exit(9))
""", 0, ""),
    "asyncio": ("""
async def main():
    await asyncio.gather(*operations[::2], return_exceptions=True)
async def stop():
    task = asyncio.ensure_future(main())
    await asyncio.sleep(0.01)
    loop.stop()
loop = asyncio.new_event_loop()
waiting = loop.create_task(main())
loop.run_until_complete(asyncio.sleep(0.01))
waiting.cancel()
""", 0, None),
    "atexit of others": ("""
@atexit.register
def use():
    print(len(clients[0].projects()))
""", 0, ""),
    "a logger that is slow": ("""
class Slow(logging.Handler):
    def emit(self, record): time.sleep(0.002)
logger.addHandler(Slow())
""", 0, ""),
    "cycles and finalizers": ("""
class Holder:
    def __init__(self): self.me, self.client = self, make_client()
    def __del__(self):
        try: self.client.projects(wait=False)
        except slipway.SlipwayError: pass
holders = [Holder() for _ in range(3)]
""", 0, ""),
    "modules that go away": ("sys.modules.clear()", 0, None),
}


@pytest.mark.parametrize("way", EXITS)
def test_exit_with_operations_in_flight(customer: Customer, run_script: Run, way: str) -> None:
    source, code, stderr = EXITS[way]
    build = customer.add_build("Downloading Files")
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda pause: run_script(IN_FLIGHT + source, UPLOAD_ID=build, PAUSE=pause), ("0", "0.004", "0.05")))
    for done in runs:
        assert done.returncode == code, done.stderr
        assert "Fatal" not in done.stderr and "Exception ignored" not in done.stderr
        if stderr is not None:
            assert done.stderr.strip().endswith(stderr) if stderr else done.stderr == "", done.stderr
        if way == "a thread that goes on":
            assert done.stdout == "later\n", "threads that are not daemons may use clients until they end"
    assert time.monotonic() - start < 10


def test_nothing_new_after_the_end(run_script: Run) -> None:
    """Handlers that were registered before slipway was imported run after its own."""
    done = run_script("""
for name in [name for name in sys.modules if name.startswith("slipway")]: del sys.modules[name]
def late():
    for call in (slipway.Client, client.projects, lambda: slipway.set_log(logging.getLogger())):
        try: call()
        except slipway.ClosedError as error: print("closed:", error)
    client.close()
atexit.register(late)
import slipway
client = make_client()
""")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("closed:") == 3 and done.stderr == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.parametrize("exit", ["os._exit(7)", "sys.exit(7)"])
def test_fork(customer: Customer, run_script: Run, exit: str) -> None:
    done = run_script(f"""
import warnings
warnings.simplefilter("ignore")
slipway.set_log(logging.getLogger("slipway.fork"), logging.DEBUG)
client = make_client()
operation = client.wait_for_build(project_id=PROJECT, upload_id=os.environ["UPLOAD_ID"], interval=60, wait=False)
child = os.fork()
if child == 0:
    for call in (client.projects, operation.result, client.close, operation.cancel):
        try: print("child", call(), flush=True)
        except slipway.ForkedError as error: print("child forked", flush=True)
    try: make_client()
    except slipway.ForkedError as error: print("child", error.message, flush=True)
    try: slipway.set_log(logging.getLogger())
    except slipway.ForkedError as error: print("child has no log", flush=True)
    del client, operation
    gc.collect()
    {exit}
_, status = os.waitpid(child, 0)
print("parent", os.WEXITSTATUS(status), len(client.projects()), operation.done(), flush=True)
""", UPLOAD_ID=customer.add_build("pending"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "child forked", "child forked", "child None", "child None",
        "child this process was forked from one that was using Slipway. Fork before its first use, or exec", "child has no log",
        "parent 7 1 False"]  # fmt: skip
