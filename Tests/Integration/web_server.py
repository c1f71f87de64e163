"""A web server as people have them: it gives the files of a folder, and takes files into it by PUT.

    with WebServer(folder) as server:
        ... server.url + "/a%20b.zip" ...
        (request,) = server.requests("PUT")
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import pathlib
import re
import threading
import urllib.parse
from typing import Dict, List


@dataclasses.dataclass(frozen=True)
class Seen:
    """A request, as it came."""

    method: str
    target: str
    """Path and query."""
    headers: Dict[str, str]
    """By their names in small letters."""
    body: bytes = b""


class WebServer:
    """`url` is its base URL, without a slash. It asks nobody for a password."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._journal: List[Seen] = []
        self._lock = threading.Lock()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Its answers go out in several pieces, of which none is to wait for the one before.
            disable_nagle_algorithm = True

            def do_PUT(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                self.note(body)
                if len(body) < length:
                    # Its end has come before.
                    self.close_connection = True
                    return
                self.path_of().write_bytes(body)
                self.answer(201)

            def do_GET(self) -> None:
                self.note()
                path = self.path_of()
                if not path.is_file():
                    return self.answer(404)
                data = path.read_bytes()
                first = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
                if first is None:
                    return self.answer(200, data)
                start, end = int(first[1]), min(int(first[2]), len(data) - 1)
                self.answer(206, data[start : end + 1], {"Content-Range": f"bytes {start}-{end}/{len(data)}"})

            do_HEAD = do_GET

            def path_of(self) -> pathlib.Path:
                return folder / urllib.parse.unquote(self.path.partition("?")[0]).lstrip("/")

            def note(self, body: bytes = b"") -> None:
                seen = Seen(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                with server._lock:
                    server._journal.append(seen)

            def answer(self, status: int, body: bytes = b"", headers: Dict[str, str] = {}) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    # Who has seen enough of it goes.
                    with contextlib.suppress(ConnectionError):
                        self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def requests(self, *methods: str) -> List[Seen]:
        """In the order of their arrival; of these methods, or of all."""
        with self._lock:
            return [seen for seen in self._journal if not methods or seen.method in methods]

    def __enter__(self) -> "WebServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
