"""The fault matrix: every operation, with every fault of the emulator at its first, middle and last request, once and from there on.

Which requests an operation makes is found by running it undisturbed. What must come of a cell is computed (matrix_rules.py) before it is
played, and so must this, whatever the cell:

- the operation ends, once, within a time that is known beforehand;
- a failure has a message, a hint, and the HTTP status of the answer that decided;
- `attempts` is the number of requests that the servers have seen;
- what it is for has been done when it says so, never twice, and not before the request that does it was let through;
- the same client then does the same operation as if nothing had been.
"""

from __future__ import annotations

import collections
import concurrent.futures
import ctypes
import dataclasses
import gc
import os
import queue
import time
from typing import Dict, Iterable, List, Optional, Tuple

from slipway import abi, delivery
from slipway.status import Status

import slipway
from matrix_cells import Cell
from matrix_operations import Play, Row
from matrix_rules import ATTEMPTS, Expectation
from matrix_sites import LONG, Seen, Site

SHORT = 0.7
"""Seconds: the deadline of what goes on until then; more when it does not suffice to come to the fault."""


# Completions, as they come from the library


@dataclasses.dataclass(frozen=True)
class Completion:
    status: int
    http: int
    attempts: int


_completions: Dict[int, List[Completion]] = collections.defaultdict(list)


def _note(result: int, key: int) -> None:
    fields = delivery._RESULT.unpack(delivery._string_at(result, delivery._RESULT.size))
    _completions[fields[2]].append(Completion(fields[1], fields[3], fields[4]))
    delivery._on_complete(result, key)


noting = abi.CompleteFunction(_note)
"""Kept for ever: what came twice would come when nobody expects it."""


# Playing


class Player:
    """Plays cells, each on a site that nobody else uses meanwhile."""

    def __init__(self, sites: List[Site]) -> None:
        self._sites: "queue.SimpleQueue[Site]" = queue.SimpleQueue()
        for site in sites:
            self._sites.put(site)
        self._count = len(sites)
        self._requests: Dict[str, List[Seen]] = {}
        self.played: Dict[Tuple[str, str, int, bool], bool] = {}
        self.wrong: Dict[str, List[str]] = collections.defaultdict(list)
        """By the name of the operation."""
        self.before: Optional[Left] = None

    def explore(self, rows: Iterable[Row]) -> None:
        """Finds out which requests they make, undisturbed."""
        for row in rows:
            site = self._sites.get()
            self._requests[row.name] = self._undisturbed(site, row)
            self._sites.put(site)

    @staticmethod
    def _undisturbed(site: Site, row: Row) -> List[Seen]:
        site.begin()
        play = row.prepare(site)
        with site.client(**play.client) as client:
            error = play.start(client).exception(60)
        assert error is None, f"{row.name}: {error!r}"
        assert play.done is None or play.done() == 1, f"{row.name} says that it was done"
        seen: List[Seen] = []
        for one in site.requests(row.server):
            # Polls count as one.
            if not (seen and one == seen[-1] and one.is_of_a_project):
                seen.append(one)
        assert len(seen) == len(row.kinds), f"{row.name} makes the requests {seen}, not {[kind.name for kind in row.kinds]}"
        return seen

    def play(self, cells: Iterable[Cell]) -> None:
        """Those that take long first: the others go on beside them."""
        with concurrent.futures.ThreadPoolExecutor(self._count) as pool:
            list(pool.map(self._play, sorted(cells, key=lambda cell: not cell.form.stalls)))

    def _play(self, cell: Cell) -> None:
        site = self._sites.get()
        wrong = None
        try:
            deadline = SHORT if cell.expectation().status == Status.DEADLINE_EXCEEDED else LONG
            while not self._play_on(site, cell, deadline):
                deadline *= 3
        except Exception as error:
            wrong = f"{cell}: {error if isinstance(error, AssertionError) else repr(error)}"
            self.wrong[cell.row.name].append(wrong)
        finally:
            self.played[cell.key] = wrong is None
            self._sites.put(site)

    def _play_on(self, site: Site, cell: Cell, deadline: float) -> bool:
        """False: the deadline has come before the fault has."""
        row, expected = cell.row, cell.expectation()
        site.begin()
        play = row.prepare(site)
        site.deadline = deadline
        with site.client(**play.client) as client:
            site.strike(row, cell.form, self._requests[row.name], cell.position, cell.stays)
            start = time.monotonic()
            operation = play.start(client)
            error = operation.exception(cell.bound(expected) + 30)
            seconds = time.monotonic() - start
            if deadline < LONG and site.hits() == 0 and isinstance(error, slipway.DeadlineExceededError):
                return False
            self._judge(site, cell, expected, play, operation, error)
            assert seconds < cell.bound(expected), f"{seconds:.1f} s"
            site.heal()
            after = row.prepare(site).start(client)
            problem = after.exception(30)
            assert problem is None, f"the next one fails: {problem!r}"
        # Nothing can come any more: the client is closed.
        for ended in (operation, after):
            assert len(_completions.pop(ended.id)) == 1, "it has completed more than once"
        return True

    @staticmethod
    def _judge(site: Site, cell: Cell, expected: Expectation, play: Play, operation: "slipway.Operation[object]",
               error: Optional[Exception]) -> None:  # fmt: skip
        completion = _completions[operation.id][0]
        told = Status(completion.status).name + (f": {error} (HTTP {completion.http})" if error else "")
        assert completion.status == expected.status, f"{expected.status.name} expected, not {told}"
        assert (site.hits() > 0) is cell.row.asks, "the fault has struck nothing" if cell.row.asks else "it has asked something"
        if error is not None:
            assert isinstance(error, slipway.SlipwayError) and error.message and error.hint, told
            assert "\n" not in error.message and len(error.message) < 2000, told
            assert expected.http is None or completion.http == expected.http, f"HTTP {expected.http} expected, not {told}"
        seen = len(site.requests("emulator")) + len(site.requests("storage"))
        # On a connection that was kept libcurl asks again by itself; a deadline may end a request that is on its way.
        least = seen - len(cell.row.kinds) - ATTEMPTS if cell.form.action == "close" else seen
        most = seen + (expected.status == Status.DEADLINE_EXCEEDED)
        assert least <= completion.attempts <= most, f"{completion.attempts} attempts, but {seen} requests; {told}"
        if cell.row.is_many:
            result = operation.result()
            assert isinstance(result, slipway.DistributionsCreated)
            failed = [failure.status for failure in result.failures]
            assert failed == [status.name for status in cell.failures()], f"{cell.failures()} expected, not {failed}"
        done, wanted = play.done() if play.done else None, cell.done(expected)
        assert done == wanted, f"done {done} times, not {wanted}; {told}"


# What is left


@dataclasses.dataclass(frozen=True)
class Left:
    """What this process holds."""

    threads: int
    descriptors: int

    @classmethod
    def now(cls) -> "Left":
        return cls(len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd")))


def resident() -> int:
    """Bytes, when the allocator has given back what it does not need."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
