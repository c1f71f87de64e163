"""What all operations have in common: the beginning of each request, starting, and waiting for the end."""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Dict, Optional, Tuple, TypeVar, Union

from .. import abi
from ..arguments import milliseconds, optional_callable
from ..delivery import NO_PROGRESS, Delivery, on_progress as progress_callback
from ..errors import WouldDeadlockError
from ..operation import Operation, OnOutcome
from ..progress import OnProgress
from ..storage import Storage

T = TypeVar("T")

_SIZES = {kind: ctypes.sizeof(kind) for kind in abi.STRUCTS.values()}


class Starter:
    """The part of a Client that starts operations."""

    _delivery: Delivery

    @staticmethod
    def _header(kind: type, deadline: Optional[float], on_progress: Optional[OnProgress]) -> Tuple[int, int, Any]:
        callback = NO_PROGRESS if optional_callable("on_progress", on_progress) is None else progress_callback
        return _SIZES[kind], milliseconds("deadline", deadline, endless=True), callback

    @staticmethod
    def _storage(storage: Storage) -> "ctypes._Pointer[abi.Storage]":
        """A pointer that keeps its struct alive, and so does a request that it is put into."""
        if not isinstance(storage, Storage):
            raise TypeError(f"storage must be an S3, a PutURL or a Directory, not {type(storage).__name__}")
        return ctypes.pointer(storage._struct())

    def _start(
        self,
        function: str,
        request: Any,
        parse: Callable[[Dict[str, Any]], T],
        on_progress: Optional[OnProgress],
        wait: bool,
        on_item: Optional[OnOutcome] = None,
    ) -> Union[T, Operation[T]]:
        operation: Operation[T] = Operation(self, parse, on_progress, on_item)
        if not wait:
            self._delivery.start(function, request, operation)
            return operation
        if self._delivery.in_callback():
            raise WouldDeadlockError(
                "A call that blocks was made inside a callback of the same client.", hint="Pass wait=False there and add a callback."
            )
        try:
            self._delivery.start(function, request, operation)
            return operation.result()
        except BaseException:
            # Ctrl-C, or something else that was thrown into this thread: nobody waits for it any more. Harmless when it has ended.
            if operation.id:
                operation.cancel()
            raise
