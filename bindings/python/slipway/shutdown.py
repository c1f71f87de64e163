"""The end of the process, and its forks.

Clients are closed by `atexit`: after `threading` has joined the threads that are not daemons, which may use clients until their own
end, and before the interpreter begins to go away. Once the handler has run, the library has nothing left that could call Python:
operations have completed as cancelled, their callbacks have been called, the log hook is taken away.
"""

from __future__ import annotations

import atexit
import os
import time

from . import delivery, log
from .errors import ClosedError

#: Seconds for the callbacks of cancelled operations. A callback that never returns does not keep the process from ending.
PATIENCE = 5.0

_over = False


def check() -> None:
    """Refuses what would need the library at the very end of the process."""
    if _over:
        raise ClosedError("The interpreter is shutting down.", hint="Finish with Slipway before the program ends.")


def _at_exit() -> None:
    global _over
    _over = True
    clients = delivery.running()
    for client in clients:
        client.release()
    deadline = time.monotonic() + PATIENCE
    for client in clients:
        if not client.in_callback():
            client.finished.wait(max(0.0, deadline - time.monotonic()))
    log.take_away()


def _after_fork_in_child() -> None:
    delivery.orphan_all()
    log.forget()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
