"""One exception class for each status, all of them a SlipwayError."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple, Type

from .status import Status


class LibraryError(ImportError):
    """libslipway was not found, cannot be loaded, or does not fit this package. The message says where it was looked for."""


def _sentences(message: str, hint: str) -> str:
    if hint and message and message[-1] not in ".!?":
        message += "."
    return f"{message} {hint}".strip()


class SlipwayError(Exception):
    """An operation or a call that failed. `str()` of it says what happened and what to do.

    status       why, a `Status`; a plain int when the library is newer than this package and knows more of them
    message      what happened, for a person
    hint         what to do about it, for a person, or ""
    http_status  of the answer that decided, or None when there was none
    retriable    True: the same call may work later as it is
    retry_after  seconds to wait, where the service said so, or None
    attempts     requests that were made, repeated ones included
    result       the answer, where there is one all the same, or None: of a rejected build its BuildVerdict, of a release that did not
                 get to its end its Release, of a store its StoredObject, of create_many that was cancelled its DistributionsCreated
    resume_from  of a release: what makes the same call go on from where it ended, or None
    """

    status: int = Status.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: Optional[int] = None,
        http_status: Optional[int] = None,
        retriable: bool = False,
        retry_after: Optional[float] = None,
        attempts: int = 0,
        result: Any = None,
    ) -> None:
        super().__init__(_sentences(message, hint))
        self.message = message
        self.hint = hint
        if status is not None:
            self.status = status
        self.http_status = http_status
        self.retriable = retriable
        self.retry_after = retry_after
        self.attempts = attempts
        self.result = result

    @property
    def resume_from(self) -> Optional[str]:
        value: Optional[str] = getattr(self.result, "resume_from", None)
        return value

    def __reduce__(self) -> Tuple[Any, ...]:
        # Exceptions are pickled by calling the class with `args`, which here would lose the keywords.
        return type(self), (self.message,), dict(self.__dict__, args=self.args)

    def __setstate__(self, state: Optional[Dict[str, Any]]) -> None:
        for name, value in (state or {}).items():
            setattr(self, name, value)


class InvalidArgumentError(SlipwayError, ValueError):
    """A malformed id or URL, or a missing setting. The message names it."""

    status = Status.INVALID_ARGUMENT


class UnsupportedOptionError(SlipwayError):
    """An option was set that this version of the library does not know."""

    status = Status.UNSUPPORTED_OPTION


class WouldDeadlockError(SlipwayError):
    """Something that blocks was called from inside a callback of the same client, which is what it would have waited for."""

    status = Status.WOULD_DEADLOCK


class ClosedError(SlipwayError):
    """The client was closed."""

    status = Status.CLOSED


class CancelledError(SlipwayError):
    """The operation was cancelled, or its client was closed while it ran."""

    status = Status.CANCELLED


class DeadlineExceededError(SlipwayError, TimeoutError):
    """The operation did not end before its deadline. (A `result(timeout)` that ran out raises a plain TimeoutError.)"""

    status = Status.DEADLINE_EXCEEDED


class ForkedError(SlipwayError):
    """This process was forked from one that was using Slipway: it works in the parent only."""

    status = Status.FORKED


#: What to do about it.
FORK_HINT = "Start processes before the first use of Slipway, or by multiprocessing's spawn or forkserver."


class UnauthorizedError(SlipwayError):
    """The key or the user is not accepted. EnterMedia does not tell that from a user who may not do this."""

    status = Status.UNAUTHORIZED


class ForbiddenError(SlipwayError):
    """The key is good but may not do this."""

    status = Status.FORBIDDEN


class NotFoundError(SlipwayError):
    """No such project, build, asset, distribution, bucket or operation."""

    status = Status.NOT_FOUND


class NotReadyError(SlipwayError):
    """The build is still being processed; the asset has nothing yet that a link could give."""

    status = Status.NOT_READY


class RateLimitedError(SlipwayError):
    """The service's limit leaves no turn before the deadline; `retry_after` says when there is one."""

    status = Status.RATE_LIMITED


class RejectedError(SlipwayError):
    """The service refused the build, and `message` is its objection; or it refused the content of a request, or the storage what it was
    sent."""

    status = Status.REJECTED


class ServerError(SlipwayError):
    """The service failed (5xx), after the retries that are safe."""

    status = Status.SERVER


class NetworkError(SlipwayError):
    """No connection, or it broke, or it stalled."""

    status = Status.NETWORK


class TLSError(SlipwayError):
    """The server's certificate or the TLS handshake failed."""

    status = Status.TLS


class ProtocolError(SlipwayError):
    """The answer is not what the service documents."""

    status = Status.PROTOCOL


class InsecureError(SlipwayError):
    """Refused: a key would have been sent over plain http to another machine."""

    status = Status.INSECURE


class FileError(SlipwayError):
    """A file cannot be used: not there, not readable, changed while it was sent, not a .zip; or a folder cannot be written; or what is
    behind a link is not the .zip, or cannot be downloaded directly."""

    status = Status.FILE


class MissingLibraryError(SlipwayError):
    """libcurl or jansson is not installed, or too old; for storage: libcrypto, expat or zlib. The message names the package."""

    status = Status.MISSING_LIBRARY


class InternalError(SlipwayError):
    """A defect of Slipway, or the system is out of threads, descriptors or memory. The message says which."""

    status = Status.INTERNAL


_CLASSES: Dict[int, Type[SlipwayError]] = {kind.status: kind for kind in SlipwayError.__subclasses__()}


def error_for(status: int, message: str, **details: Any) -> SlipwayError:
    """The exception for a status; a status that this package does not know becomes a plain SlipwayError that carries it."""
    kind = _CLASSES.get(status)
    if kind is None:
        return SlipwayError(message, status=status, **details)
    return kind(message, **details)
