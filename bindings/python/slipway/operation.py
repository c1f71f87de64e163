"""An operation that was started with wait=False."""

from __future__ import annotations

import ctypes
import functools
import logging
import threading
from typing import TYPE_CHECKING, Any, Callable, Dict, Generator, Generic, List, Optional, TypeVar

from .errors import WouldDeadlockError
from .loops import Mailbox
from .outcome import Outcome
from .progress import OnProgress, Progress

if TYPE_CHECKING:
    from .operations.starter import Starter

OnOutcome = Callable[[int, Outcome], object]

T = TypeVar("T", covariant=True)

log = logging.getLogger("slipway")


class Operation(Generic[T]):
    """Something that goes on. Ask for its `result()`, `await` it, or add a callback; all of them may be done, from any thread.

    It keeps its client alive until it has ended. Nothing has to be done to be rid of one: a forgotten operation goes on and ends.
    """

    __slots__ = (
        "_client", "_parse", "_on_progress", "_on_item", "_resume_from", "_identifier", "_outcome", "_value", "_wakers", "_callbacks",
        "__weakref__",
    )  # fmt: skip

    def __init__(
        self,
        client: "Starter",
        parse: Callable[[Dict[str, Any]], Any],
        on_progress: Optional[OnProgress],
        on_item: Optional[OnOutcome] = None,
    ) -> None:
        self._client = client
        self._parse = parse
        self._on_progress = on_progress
        self._on_item = on_item
        self._resume_from: Optional[str] = None  # the latest that on_progress was told
        self._identifier = ctypes.c_uint64()
        self._outcome: Optional[Outcome] = None
        self._value: Any = None
        self._wakers: Optional[List[Callable[[], None]]] = None  # ours: quick, and never fail
        self._callbacks: Optional[List[Callable[[Operation[Any]], object]]] = None

    @property
    def id(self) -> int:
        """The library's number for it, never used twice in a process."""
        return self._identifier.value

    def done(self) -> bool:
        """True once it has ended, in whatever way."""
        return self._outcome is not None

    def cancel(self) -> None:
        """Asks it to stop. It ends soon, with CancelledError unless it was faster. What the service already got is not undone."""
        if self._outcome is None:
            self._client._delivery.cancel(self.id)

    def result(self, timeout: Optional[float] = None) -> T:
        """Waits for the end, at most `timeout` seconds, and returns the answer or raises the SlipwayError that it ended with.

        TimeoutError: it has not ended in time, and goes on. Ctrl-C ends the wait at once, not the operation. WouldDeadlockError: called
        from inside a callback of the same client.
        """
        if self._outcome is None:
            self._wait(timeout)
        return self._take()

    def exception(self, timeout: Optional[float] = None) -> Optional[Exception]:
        """As `result`, but returns the error, or None when it worked."""
        if self._outcome is None:
            self._wait(timeout)
        assert self._outcome is not None
        return self._outcome.error(self._parse) if self._outcome.status else None

    def add_done_callback(self, callback: Callable[[Operation[Any]], object]) -> None:
        """Calls `callback(operation)` once it has ended: on the client's thread, or here and now if it has ended already.

        What a callback raises is logged. A slow callback delays other callbacks of its client and nothing else; one that blocks on
        an operation of its own client gets WouldDeadlockError.
        """
        with self._client._delivery.lock:
            if self._outcome is None:
                if self._callbacks is None:
                    self._callbacks = []
                self._callbacks.append(callback)
                return
        self._call(callback)

    def __await__(self) -> Generator[Any, None, T]:
        """Waits in an asyncio event loop, any one. Cancelling the task that waits cancels the operation (asyncio.shield prevents that)."""
        if self._outcome is None:
            mailbox = Mailbox.of_running_loop()
            future = mailbox.future()
            if self._add_waker(functools.partial(mailbox.put, future)):
                try:
                    yield from future
                except BaseException:  # CancelledError; GeneratorExit when the task is dropped
                    self.cancel()
                    raise
        return self._take()

    def __repr__(self) -> str:
        state = "running" if self._outcome is None else "failed" if self._outcome.status else "succeeded"
        return f"<slipway.Operation {self.id} {state}>"

    # Waiting

    def _wait(self, timeout: Optional[float]) -> None:
        if self._client._delivery.in_callback():
            raise WouldDeadlockError(
                "An operation was waited for inside a callback of its own client.",
                hint="Start it with wait=False and add a callback, or wait for it on another thread.",
            )
        # A lock in this thread, not a wait inside the library: that is what Ctrl-C interrupts.
        gate = threading.Lock()
        gate.acquire()
        waker = gate.release
        if not self._add_waker(waker):
            return
        try:
            if gate.acquire(timeout=-1 if timeout is None else min(max(timeout, 0), threading.TIMEOUT_MAX)):
                return
        finally:
            self._remove_waker(waker)
        if self._outcome is None:
            raise TimeoutError(f"The operation has not ended within {timeout} seconds. It goes on.")

    def _add_waker(self, waker: Callable[[], None]) -> bool:
        """False when it has ended already."""
        with self._client._delivery.lock:
            if self._outcome is not None:
                return False
            if self._wakers is None:
                self._wakers = []
            self._wakers.append(waker)
            return True

    def _remove_waker(self, waker: Callable[[], None]) -> None:
        with self._client._delivery.lock:
            if self._wakers is not None and waker in self._wakers:
                self._wakers.remove(waker)

    def _take(self) -> T:
        outcome = self._outcome
        assert outcome is not None
        if outcome.status:
            raise outcome.error(self._parse)
        if self._value is None:
            self._value = outcome.answer(self._parse)
        value: T = self._value
        return value

    # On the client's thread

    def _tell(self, progress: Progress) -> None:
        if self._on_progress is not None:
            try:
                self._on_progress(progress)
            except BaseException:
                log.error("slipway: on_progress of %r failed", self, exc_info=True)

    def _tell_item(self, index: int, outcome: Outcome) -> None:
        if self._on_item is not None:
            try:
                self._on_item(index, outcome)
            except BaseException:
                log.error("slipway: on_item of %r failed", self, exc_info=True)

    def _finish(self, outcome: Outcome) -> None:
        with self._client._delivery.lock:
            self._outcome = outcome
            wakers, self._wakers = self._wakers, None
            callbacks, self._callbacks = self._callbacks, None
        self._on_progress = self._on_item = None
        for waker in wakers or ():
            waker()
        for callback in callbacks or ():
            self._call(callback)

    def _call(self, callback: Callable[[Operation[Any]], object]) -> None:
        try:
            callback(self)
        except BaseException:
            log.error("slipway: a done callback of %r failed", self, exc_info=True)
