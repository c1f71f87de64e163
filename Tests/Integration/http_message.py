"""HTTP/1.1 messages as a proxy sees them: what their heads say, and where their bodies end."""

from __future__ import annotations

import dataclasses
import re
import socket
import urllib.parse
from typing import Dict, List, Optional, Tuple

CHUNK = 1 << 18
"""So much is read at a time."""
KEPT = 1 << 18
"""So much of a body is kept for tests to look at."""
MAX_HEAD = 1 << 17

REQUEST_LINE = re.compile(rb"[A-Z]{3,10} \S+ HTTP/1\.[01]\r\n")


class Stream:
    """A connection's incoming side: what was read ahead, and then what arrives."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.ahead = bytearray()
        self._chunk = memoryview(bytearray(CHUNK))

    def has_some(self) -> bool:
        """Without asking the kernel. TLS hands out records in pieces."""
        return bool(self.ahead) or bool(getattr(self.connection, "pending", int)())

    def read_ahead(self) -> bool:
        """Waits for some. False at the end."""
        count = self.connection.recv_into(self._chunk)
        self.ahead += self._chunk[:count]
        return count > 0

    def some(self, limit: int) -> memoryview:
        """What is there, up to `limit` bytes, valid until the next call. Waits for the first; empty at the end."""
        count = min(limit, CHUNK)
        if self.ahead:
            count = min(count, len(self.ahead))
            self._chunk[:count] = self.ahead[:count]
            del self.ahead[:count]
        else:
            count = self.connection.recv_into(self._chunk[:count])
        return self._chunk[:count]

    def until(self, end: bytes) -> bytes:
        """Everything to `end`, which is included. Empty when the connection ends before."""
        while (index := self.ahead.find(end)) < 0:
            if len(self.ahead) > MAX_HEAD:
                raise ValueError(f"no {end!r} in {len(self.ahead)} bytes")
            if not self.read_ahead():
                return b""
        found = bytes(self.ahead[: index + len(end)])
        del self.ahead[: len(found)]
        return found


class Body:
    """Where the bytes of a body end, on the wire: after a length, after the last chunk, or never."""

    def __init__(self, length: Optional[int], chunked: bool) -> None:
        self.is_chunked = chunked
        self._left: Optional[int] = 0 if chunked else length
        self._line = b""
        self._state = "size" if chunked else "data"

    @property
    def is_over(self) -> bool:
        return self._state == "over" or (not self.is_chunked and self._left == 0)

    @property
    def is_endless(self) -> bool:
        """Only the connection's end ends it."""
        return not self.is_chunked and self._left is None

    @property
    def limit(self) -> int:
        """So many of the next bytes are surely of the body. In a chunked one, framing is read byte by byte."""
        if self._state != "data":
            return 1
        return CHUNK if self._left is None else self._left

    def took(self, data: memoryview) -> memoryview:
        """`data` are the next bytes, no more than `limit`. Returns what is content in them: framing is none."""
        if self._state == "data":
            if self._left is not None:
                self._left -= len(data)
                if self.is_chunked and self._left == 0:
                    self._state = "end"
            return data
        self._line += bytes(data)
        if self._line.endswith(b"\n"):
            line, self._line = self._line.strip(), b""
            if self._state == "end":
                self._state = "size"
            elif self._state == "size":
                self._left = int(line.split(b";")[0], 16)
                self._state = "data" if self._left else "trailer"
            elif not line:
                self._state = "over"
        return data[:0]


def parse_headers(lines: List[bytes]) -> Dict[str, str]:
    """By their names in small letters; what came twice is joined by commas."""
    headers: Dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _length(headers: Dict[str, str]) -> Optional[int]:
    return int(headers["content-length"]) if "content-length" in headers else None


def _is_chunked(headers: Dict[str, str]) -> bool:
    return headers.get("transfer-encoding", "").lower().endswith("chunked")


@dataclasses.dataclass
class Response:
    """An answer, with the first KEPT bytes of its body, or all of it if a fault wanted to have it."""

    status: int
    reason: str
    headers: Dict[str, str]
    body: bytes = b""

    @classmethod
    def parse(cls, head: bytes) -> "Response":
        first, *lines = head.split(b"\r\n")
        words = first.decode("latin-1").split(" ", 2)
        return cls(int(words[1]), words[2] if len(words) > 2 else "", parse_headers(lines))

    def framing(self, method: str) -> Body:
        if method == "HEAD" or self.status in (204, 304) or self.status < 200:
            return Body(0, False)
        return Body(_length(self.headers), _is_chunked(self.headers))

    @property
    def closes(self) -> bool:
        """The connection ends with it."""
        return self.headers.get("connection", "").lower() == "close"

    def encode(self, method: str) -> bytes:
        """With its body, and a length that fits to it unless it answers HEAD. Chunks are put together."""
        headers = {name: value for name, value in self.headers.items() if name != "transfer-encoding"}
        if method != "HEAD" and self.status != 204:
            headers["content-length"] = str(len(self.body))
        head = f"HTTP/1.1 {self.status} {self.reason}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        return head.encode("latin-1") + (b"" if method == "HEAD" else self.body)


@dataclasses.dataclass
class Request:
    """A request, and what came of it."""

    method: str
    target: str
    """Path and query, as they were sent."""
    headers: Dict[str, str]
    connection: int
    """The number of its connection: those with the same one came on a connection that was kept."""
    started: float
    body: bytes = b""
    """Its first KEPT bytes."""
    body_bytes: int = 0
    """So many of it, as they are on the wire, have gone on to the server; of one that the proxy itself answers, so many were read."""
    is_forwarded: bool = False
    """Its head has gone on to the server."""
    response: Optional[Response] = None
    """The server's, or the fault's own. `response_bytes` of it have gone to the client: none, if a fault has cut them off."""
    response_bytes: int = 0
    ended: Optional[float] = None
    """By time.monotonic(), as `started` is. None: it is under way."""

    @classmethod
    def parse(cls, head: bytes, connection: int, now: float) -> "Request":
        first, *lines = head.split(b"\r\n")
        method, target, _ = first.decode("latin-1").split(" ")
        return cls(method, target, parse_headers(lines), connection, now)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> Dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def status(self) -> Optional[int]:
        return self.response.status if self.response else None

    @property
    def key(self) -> str:
        """Of the object, decoded; empty for a request of a bucket."""
        return urllib.parse.unquote(self._place[1])

    @property
    def operation(self) -> str:
        """What Amazon calls it."""
        kind = "object" if self._place[1] else "bucket"
        names = self.query.keys()
        for method, word, name in _WITH_QUERY[kind]:
            if self.method == method and word in names:
                return name
        if self.method == "PUT" and kind == "object" and "x-amz-copy-source" in self.headers:
            return "CopyObject"
        return _PLAIN[kind].get(self.method, self.method)

    @property
    def framing(self) -> Body:
        return Body(_length(self.headers) or 0, _is_chunked(self.headers))

    @property
    def waits(self) -> bool:
        """For an interim answer, before it sends its body."""
        return self.headers.get("expect", "").lower() == "100-continue"

    @property
    def _place(self) -> Tuple[str, str]:
        """Bucket and key. A host with a name in front of it is that of a bucket."""
        host = self.headers.get("host", "").partition(":")[0]
        path = self.path[1:]
        if host.endswith(".localhost"):
            return host.partition(".")[0], path
        bucket, _, key = path.partition("/")
        return bucket, key


_WITH_QUERY: Dict[str, List[Tuple[str, str, str]]] = {
    "object": [
        ("POST", "uploads", "CreateMultipartUpload"), ("PUT", "partNumber", "UploadPart"), ("GET", "uploadId", "ListParts"),
        ("POST", "uploadId", "CompleteMultipartUpload"), ("DELETE", "uploadId", "AbortMultipartUpload"),
    ],
    "bucket": [("GET", "uploads", "ListMultipartUploads"), ("POST", "delete", "DeleteObjects"), ("GET", "location", "GetBucketLocation")],
}  # fmt: skip
_PLAIN: Dict[str, Dict[str, str]] = {
    "object": {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"},
    "bucket": {"PUT": "CreateBucket", "GET": "ListObjects", "HEAD": "HeadBucket", "DELETE": "DeleteBucket"},
}
