"""What the processes of test_python_processes.py do: functions that multiprocessing's children can import."""

from __future__ import annotations

import os
import threading
import time
from multiprocessing.connection import Connection
from typing import Any, Dict, List, Optional, Tuple

import slipway

PROJECT = os.environ["PROJECT_ID"]

_client: Optional[slipway.Client] = None


def make_client(**options: Any) -> slipway.Client:
    settings = slipway.Streampixel(base_url=os.environ["STREAMPIXEL_BASE_URL"], rate_window=0.001)
    return slipway.Client(streampixel=settings, **options)


def initialise() -> None:
    """Gives this process its client, once."""
    global _client
    _client = make_client()


def stats(number: int) -> Tuple[int, int, str]:
    """One question of a pool's worker: by the client that it was given, or by one of its own."""
    if _client is not None:
        return number, os.getpid(), _client.project_stats(PROJECT).project_id
    with make_client() as client:
        return number, os.getpid(), client.project_stats(PROJECT).project_id


def leave_in_flight(way: str, pipe: Connection) -> None:
    """A process that ends with everything running, in a way of its own or because it is told to."""
    client = make_client()
    operations: "List[slipway.Operation[Any]]" = [client.project_stats(PROJECT, wait=False) for _ in range(10)]
    operations.append(client.wait_for_build(project_id=PROJECT, upload_id=os.environ["UPLOAD_ID"], interval=0.01, wait=False))
    # Their callbacks let other threads run, so that the end comes in the middle of one.
    for operation in operations:
        operation.add_done_callback(lambda _: time.sleep(0))
    operations[0].result(20)
    pipe.send("busy")
    if way == "exception":
        raise RuntimeError("the end")
    if way == "exit":
        raise SystemExit(5)
    if way == "terminated":
        threading.Event().wait()


class Busy:
    """Threads that are inside the library and inside Python all the time."""

    def __init__(self, clients: List[slipway.Client]) -> None:
        self._is_over = threading.Event()
        self.answers: Dict[int, int] = {}
        self._threads = [threading.Thread(target=self._work, args=(number, client)) for number, client in enumerate(clients)]
        for thread in self._threads:
            thread.start()

    def _work(self, number: int, client: slipway.Client) -> None:
        self.answers[number] = 0
        while not self._is_over.is_set():
            assert client.project_stats(PROJECT).project_id == PROJECT
            self.answers[number] += 1

    def stop(self) -> int:
        """How many answers came in all."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        return sum(self.answers.values())


def refusals(client: slipway.Client, operation: "slipway.Operation[Any]") -> List[str]:
    """What a forked child gets from each way to use what its parent has, or anything new."""
    import asyncio
    import logging

    async def wait() -> None:
        await operation

    calls = {
        "project": lambda: client.project(PROJECT),
        "start": lambda: client.project_stats(PROJECT, wait=False),
        "result": lambda: operation.result(20),
        "await": lambda: asyncio.run(wait()),
        "new client": make_client,
        "log": lambda: slipway.set_log(logging.getLogger("slipway.forked")),
    }
    told = []
    for name, call in calls.items():
        start = time.monotonic()
        try:
            call()  # type: ignore[no-untyped-call]
            told.append(f"{name}: nothing")
        except BaseException as error:
            told.append(f"{name}: {type(error).__name__} {int(getattr(error, 'status', 0))}")
        if time.monotonic() - start > 5:
            told.append(f"{name}: slow")
    # What ends things is harmless: the child owns none of it.
    operation.cancel()
    client.close(wait=False)
    client.close()
    return told


REFUSED = [f"{name}: ForkedError -7" for name in ("project", "start", "result", "await", "new client", "log")]
