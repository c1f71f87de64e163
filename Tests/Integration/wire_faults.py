"""What a `FaultProxy` can do to a request, and to which one.

    proxy.fault(Cut(), on="UploadPart", nth=3)                              the third part never reaches the server
    proxy.fault(Cut(after=1000), on="PutObject")                            the connection breaks in the body, a thousand bytes of it in
    proxy.fault(Cut("response"), on="CompleteMultipartUpload")              it is completed, and nobody is told
    proxy.fault(Stall(after=1000), on="UploadPart")                         ... and then no more bytes, but the connection stays
    proxy.fault(Answer.error(503, "SlowDown"), on="UploadPart", times=20)
    proxy.fault(Answer.error(301, "PermanentRedirect", headers={"x-amz-bucket-region": "eu-west-1"}, Region="eu-west-1"))
    proxy.fault(Edit(lambda response: response.headers.update(etag='""')), on="UploadPart")
"""

from __future__ import annotations

import dataclasses
import http.client
import threading
from typing import Any, Callable, Dict, Optional, Union
from xml.sax.saxutils import escape

from http_message import Request, Response


@dataclasses.dataclass(frozen=True)
class Cut:
    """Ends the connection.

    In the "request": before any of it goes on to the server, or with `after`, when its head and that many bytes of its body have.
    In the "response": when the server has answered, and that many bytes of its answer, head included, have gone to the client; none by
    default. `reset` ends it by RST instead of FIN.
    """

    where: str = "request"
    after: Optional[int] = None
    reset: bool = False


@dataclasses.dataclass(frozen=True)
class Stall:
    """At the same places, lets nothing pass any more. The connection stays until its client ends it, or the fault's `release`."""

    where: str = "request"
    after: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class Delay:
    """Waits before the request goes on to the server, or when the server has answered, before the answer does."""

    seconds: float
    where: str = "request"


@dataclasses.dataclass(frozen=True)
class Answer:
    """Answers in the server's place, which hears nothing of it.

    Reads the body first; unless `reads_body`: then it answers at once, also to Expect: 100-continue, and the connection stays open, so that
    the client may go on with the body or with its next request.
    """

    status: int
    headers: Dict[str, str] = dataclasses.field(default_factory=dict)
    body: bytes = b""
    reads_body: bool = True

    @classmethod
    def error(
        cls, status: int, code: str, message: str = "A fault of the tests.", headers: Optional[Dict[str, str]] = None,
        reads_body: bool = True, **members: str,
    ) -> "Answer":  # fmt: skip
        """S3's document for an error. `members` are further elements, such as Region."""
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in {"Code": code, "Message": message, **members}.items())
        document = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}<RequestId>fault</RequestId></Error>'
        return cls(status, {"content-type": "application/xml", **(headers or {})}, document.encode(), reads_body)

    @property
    def response(self) -> Response:
        return Response(self.status, http.client.responses.get(self.status, "Fault"), dict(self.headers), self.body)


@dataclasses.dataclass(frozen=True)
class Edit:
    """Changes the server's answer, which is read as a whole: status, headers (names in small letters) and body."""

    change: Callable[[Response], Any]


Action = Union[Cut, Stall, Delay, Answer, Edit]


class Fault:
    """An action and the requests that it meets. Made by `FaultProxy.fault`."""

    def __init__(self, action: Action, matches: Callable[[Request], bool], nth: int, times: Optional[int]) -> None:
        self.action = action
        self.hits = 0
        """How many requests it has met."""
        self._matches = matches
        self._first = nth
        self._last = None if times is None else nth + times - 1
        self._seen = 0
        self._hit = threading.Event()
        self.released = threading.Event()

    def meets(self, request: Request) -> bool:
        """Counts the request if it is one of those, and tells whether its turn has come."""
        if not self._matches(request):
            return False
        self._seen += 1
        if self._seen < self._first or (self._last is not None and self._seen > self._last):
            return False
        self.hits += 1
        return True

    def happens(self) -> None:
        """It takes effect now."""
        self._hit.set()

    @property
    def has_happened(self) -> bool:
        return self._hit.is_set()

    def wait(self, timeout: float = 10.0) -> None:
        """Returns when it has taken effect: what stalls, stalls."""
        if not self._hit.wait(timeout):
            raise TimeoutError(f"{self.action} has met nothing within {timeout} s; {self._seen} requests were of its kind")

    def release(self) -> None:
        """What it stalls goes on, and nothing is stalled by it again."""
        self.released.set()
