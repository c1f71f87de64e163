"""The library's log lines, handed to `logging`."""

from __future__ import annotations

import logging
from typing import Optional

from . import abi
from .errors import FORK_HINT, error_for
from .library import load
from .status import Status

# SLIPWAY_LOG_OFF, _ERROR, _WARNING, _INFO, _DEBUG and what logging calls them.
_LEVELS = (logging.CRITICAL + 1, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)

_logger: Optional[logging.Logger] = None


def _log(level: int, message: bytes, _: Optional[int]) -> None:
    logger = _logger
    if logger is not None:
        try:
            logger.log(_LEVELS[level] if 0 <= level < len(_LEVELS) else logging.ERROR, "%s", message.decode("utf-8", "replace"))
        except BaseException:
            logging.getLogger("slipway").error("slipway: a log handler failed", exc_info=True)


# This is the one callback that comes on a thread of the library's own. `shutdown` takes it away before the interpreter ends.
_on_line = abi.LogFunction(_log)
_NOTHING = abi.LogFunction()  # NULL


def set_log(logger: Optional[logging.Logger], level: Optional[int] = None) -> None:
    """Sends the library's log lines to `logger`; None: nowhere, as at the start. One log for the whole process.

    level  the least serious one that is wanted, such as logging.DEBUG: each request and each response, without secrets.
           Default: what the logger has as its effective level now.

    Blocks until the lines so far have been handed over. Lines come on a thread of the library's own. WouldDeadlockError: called from
    inside a log handler.
    """
    from .shutdown import check  # it needs this module, for the end

    check()
    global _logger
    if logger is None:
        take_away()
        return
    if level is None:
        level = logger.getEffectiveLevel()
    before, _logger = _logger, logger
    talkative = max((number for number, name in enumerate(_LEVELS) if name >= level), default=0)
    try:
        _check(load().set_log(talkative, _on_line, None))
    except BaseException:
        _logger = before
        raise


def take_away() -> None:
    """After this the library never calls Python for its log again. Does nothing when there is no hook."""
    global _logger
    if _logger is not None:
        _check(load().set_log(0, _NOTHING, None))
        _logger = None


def forget() -> None:
    """In the child of a fork, where the thread that would have to be waited for does not exist."""
    global _logger
    _logger = None


def _check(status: int) -> None:
    if status != Status.OK:
        forked = status == Status.FORKED
        raise error_for(status, "The log could not be changed.", hint=FORK_HINT if forked else "Do it outside of log handlers.")
