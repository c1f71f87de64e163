"""Where callbacks come from: one Python thread for each client that polls it.

Python's own thread polls, rather than a thread of the library calling into Python, for three reasons. No thread that Python does not
know ever needs the interpreter, which is what makes exits safe: a thread that waits in `slipway_client_wait` when the interpreter
ends is stopped there, with no C frame of the library around it. User code does not run inside the library: the C callbacks below only
note what came, and it is handed on after `slipway_client_poll` has returned. And a burst of completions costs one change of threads.

There is one exception: a release makes nothing before its on_progress has returned from telling what to resume from. So that news, which
comes two or three times, is handed on inside the callback, behind all that came before it.
"""

from __future__ import annotations

import ctypes
import itertools
import logging
import struct
import threading
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple, Union

from . import abi
from .arguments import FOREVER
from .errors import FORK_HINT, ClosedError, ForkedError, InternalError, error_for
from .library import Library
from .outcome import Outcome
from .progress import RELEASE_STAGES, Progress, Stage
from .status import Status

if TYPE_CHECKING:
    from .operation import Operation

log = logging.getLogger("slipway")

# What the library is given as user_data: numbers, never addresses of Python objects. Whatever comes back with a number that is not
# here any more is ignored. The callbacks are module-level and live as long as the process does.
_keys = itertools.count(1)
_operations: Dict[int, "Operation[object]"] = {}
_deliveries: Dict[int, "Delivery"] = {}

_RESULT = struct.Struct("@IiQiIiIQPPP")
_PROGRESS = struct.Struct("@IiQQQPPPIiQQQQQQQP")
if (_RESULT.size, _PROGRESS.size) != (ctypes.sizeof(abi.ResultStruct), ctypes.sizeof(abi.ProgressStruct)):
    raise ImportError("slipway: this platform lays structs out in a way that slipway.abi does not know")

_string_at = ctypes.string_at

#: Callbacks at the most that one poll may bring: what waits here is then bounded, as what waits in the library is.
_BURST = 4096


class Item:
    """How one of many ended."""

    __slots__ = ("index", "outcome")

    def __init__(self, index: int, outcome: Outcome) -> None:
        self.index = index
        self.outcome = outcome


def _text(address: int) -> str:
    return _string_at(address).decode("utf-8", "replace")


def _on_complete(result: int, key: int) -> None:
    operation = _operations.pop(key, None)
    if operation is not None:
        delivery = operation._client._delivery
        delivery._news.append((operation, _outcome(result, delivery.library)))


def _on_item(index: int, result: int, key: int) -> None:
    operation = _operations.get(key)
    if operation is not None:
        delivery = operation._client._delivery
        delivery._news.append((operation, Item(index, _outcome(result, delivery.library))))


def _outcome(result: int, library: Library) -> Outcome:
    fields = _RESULT.unpack(_string_at(result, _RESULT.size))
    status = fields[1]
    outcome = Outcome(status, library.result_json(result, b"") or b"null")
    if status:
        outcome.http_status, outcome.attempts, outcome.retriable, outcome.retry_after_ms = fields[3], fields[4], fields[5], fields[7]
        outcome.message, outcome.hint = _text(fields[8]), _text(fields[9])
    return outcome


def _on_progress(progress: int, key: int) -> None:
    operation = _operations.get(key)
    if operation is None:
        return
    fields = _PROGRESS.unpack(_string_at(progress, _PROGRESS.size))
    _, stage, _, elapsed, wait, state, service_state, message, attempt, release = fields[:10]
    bytes_done, bytes_total, rate, left, items_done, items_failed, items_total, resume_from = fields[10:]
    try:
        stage = Stage(stage)
    except ValueError:
        pass  # a later library's: told as the number that it is
    news = Progress(
        stage, elapsed / 1000, wait / 1000, _text(state), _text(service_state), _text(message), attempt, _release_stage(release),
        bytes_done, bytes_total, rate or None, left / 1000 if left else None, items_done, items_failed, items_total,
        _text(resume_from) or None,
    )  # fmt: skip
    delivery = operation._client._delivery
    delivery._news.append((operation, news))
    if news.resume_from is not None and news.resume_from != operation._resume_from:
        operation._resume_from = news.resume_from
        delivery._hand_on()


def _release_stage(number: int) -> Optional[str]:
    if number <= 0:
        return None
    return RELEASE_STAGES[number - 1] if number <= len(RELEASE_STAGES) else str(number)


def _on_closed(key: int) -> None:
    delivery = _deliveries.get(key)
    if delivery is not None:
        delivery._closed = True


on_complete = abi.CompleteFunction(_on_complete)
on_progress = abi.ProgressFunction(_on_progress)
on_item = abi.ItemFunction(_on_item)
on_closed = abi.ClosedFunction(_on_closed)
NO_PROGRESS = abi.ProgressFunction()  # NULL
NO_ITEM = abi.ItemFunction()


class Delivery:
    """A client's handle and the thread that polls it. Knows nothing of the Client, so that a forgotten one can be collected."""

    def __init__(self, library: Library, options: abi.ClientOptions) -> None:
        """Creates the client in the library. Raises what the library objects to."""
        self.library = library
        self.lock = threading.Lock()
        self.finished = threading.Event()
        self.thread_id: Optional[int] = None
        self._closed = False
        self._news: List[Tuple[Operation[object], Union[Progress, Item, Outcome]]] = []
        self._key = next(_keys)
        self.handle: Optional[int] = self._create(options)

        _deliveries[self._key] = self
        try:
            threading.Thread(target=self._run, name="slipway", daemon=True).start()
        except BaseException as error:
            # Nothing will ever poll it. A client without operations has nothing to deliver but its end.
            self.release()
            library.client_poll(self.handle, 0, None)
            self._closed = True
            self._end()
            if isinstance(error, RuntimeError):
                raise InternalError(f"No thread for the client's callbacks: {error}.") from None
            raise

    def _create(self, options: abi.ClientOptions) -> int:
        options.struct_size = ctypes.sizeof(options)
        options.delivery = abi.DELIVERY_POLLED
        options.on_closed, options.on_closed_user_data = on_closed, self._key
        handle = ctypes.c_void_p()
        message = ctypes.create_string_buffer(1024)
        status = self.library.client_create(ctypes.byref(options), ctypes.byref(handle), message, len(message))
        if status != Status.OK or handle.value is None:
            hint = FORK_HINT if status == Status.FORKED else ""
            raise error_for(status or Status.INTERNAL, message.value.decode("utf-8", "replace"), hint=hint)
        return handle.value

    def start(self, function: str, request: ctypes.Structure, operation: "Operation[object]") -> None:
        """Starts an operation, or raises and has started nothing."""
        handle = self.handle
        if handle is None:
            raise ClosedError("The client is closed.", hint="Make a new one.")
        key = next(_keys)
        _operations[key] = operation
        try:
            status = getattr(self.library, function)(
                handle, ctypes.byref(request), on_complete, key, ctypes.byref(operation._identifier)
            )
        except BaseException:
            # Ctrl-C, here or just after the call: nobody will ever know of the operation.
            _operations.pop(key, None)
            if operation.id:
                self.cancel(operation.id)
            raise
        if status:
            _operations.pop(key, None)
            raise self._refusal(function, status)

    @staticmethod
    def _refusal(function: str, status: int) -> Exception:
        if status == Status.FORKED:
            return ForkedError("The client belongs to the process that this one was forked from.", hint=FORK_HINT)
        if status == Status.CLOSED:
            return ClosedError("The client is closed.", hint="Make a new one.")
        if status == Status.INVALID_ARGUMENT:
            return error_for(status, f"slipway_{function} refused an argument.", hint="A text may have 64 KB at the most.")
        return error_for(status, f"slipway_{function} did not start.")

    def cancel(self, identifier: int) -> None:
        handle = self.handle
        if handle is not None:
            self.library.cancel(handle, identifier)

    def release(self) -> None:
        """Has the library cancel what runs, and then end. Never blocks and takes no lock: also for finalizers, on any thread."""
        handle = self.handle
        if handle is not None:
            self.library.client_release(handle)

    def in_callback(self) -> bool:
        return threading.get_ident() == self.thread_id

    # The thread

    def _run(self) -> None:
        self.thread_id = threading.get_ident()
        try:
            while not self._closed and self.handle is not None:
                status = self.library.client_wait(self.handle, FOREVER)
                if self.handle is None or status not in (Status.OK, Status.DEADLINE_EXCEEDED):
                    break
                self.library.client_poll(self.handle, _BURST, None)
                self._hand_on()
        finally:
            self._end()

    def _hand_on(self) -> None:
        # In a function of its own: a loop's variables would keep the last operation, and with it the client, until the next one.
        news, self._news = self._news, []
        for operation, item in news:
            if isinstance(item, Outcome):
                operation._finish(item)
            elif isinstance(item, Item):
                operation._tell_item(item.index, item.outcome)
            else:
                operation._tell(item)

    def _end(self) -> None:
        if not self._closed:
            self.release()
        self.handle = None
        _deliveries.pop(self._key, None)
        # After on_closed there are none. If the thread ended in any other way, nobody shall wait for ever.
        for key, operation in list(_operations.items()):
            if operation._client._delivery is self and _operations.pop(key, None) is not None:
                lost = Outcome(Status.INTERNAL, b"null")
                lost.message = "The client's thread ended before the operation did."
                operation._finish(lost)
        self.finished.set()

    # Shutdown and fork

    def orphan(self) -> None:
        """In the child of a fork, where neither the library's threads nor ours exist: there is nothing to wait for."""
        self.lock = threading.Lock()
        self.finished = threading.Event()
        self.finished.set()
        self._news = []


def running() -> List[Delivery]:
    """The clients that have not ended."""
    return list(_deliveries.values())


def orphan_all() -> None:
    """What `Delivery.orphan` is for, for all of them and for their operations, none of which will ever end by itself."""
    for delivery in running():
        delivery.orphan()
    _deliveries.clear()
    forked = Outcome(Status.FORKED, b"null")
    forked.message, forked.hint = "The operation belongs to the process that this one was forked from.", "Wait for it there."
    for operation in list(_operations.values()):
        operation._outcome = forked
    _operations.clear()
