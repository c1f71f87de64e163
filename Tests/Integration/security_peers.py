"""Servers that keep every byte that they are told, and certificates of all kinds: for the tests of what nobody else may get to know.

    with Peer(lambda request: answer(200, b"{}")) as peer:
        ... peer.url ...
        assert [request.target for request in peer.requests] == ["/a"] and b"a-key" not in peer.heard

A `Relay` passes connections on to another server, and keeps what a client has sent. A `Proxy` is one that clients are told of.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import email.utils
import pathlib
import re
import select
import socket
import ssl
import subprocess
import threading
from typing import Callable, Dict, Iterable, List, Optional, Tuple, TypeVar, Union

P = TypeVar("P", bound="Listener")


@dataclasses.dataclass(frozen=True)
class Heard:
    """A request, as it came: its head without the empty line, and its body."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode("latin-1")

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @property
    def headers(self) -> Dict[str, str]:
        """By their names in small letters."""
        lines = (line.partition(b":") for line in self.head.split(b"\r\n")[1:])
        return {name.decode("latin-1").lower(): value.strip().decode("latin-1") for name, _, value in lines}


Answer = Union[bytes, Iterable[bytes]]
Answerer = Callable[[Heard], Answer]


def answer(status: int, body: bytes = b"", length: Optional[int] = None, **headers: str) -> bytes:
    """`length`: what is announced; default: that of `body`. In the names of `headers` a _ stands for a -."""
    fields = {"Date": email.utils.formatdate(usegmt=True), "Content-Length": str(len(body) if length is None else length)}
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode("latin-1") + body


def split(stream: bytes) -> "Tuple[List[Heard], bytes]":
    """The requests of a connection's bytes, one behind the other, and what is left: one that is not whole."""
    found: List[Heard] = []
    while True:
        head, end, rest = stream.partition(b"\r\n\r\n")
        if not end:
            return found, stream
        size = length_of(head + end) - len(head) - 4
        if len(rest) < size:
            return found, stream
        found.append(Heard(head, rest[:size]))
        stream = rest[size:]


def length_of(stream: bytes) -> int:
    """How many bytes the first request has, with its head; 0 while that is not known."""
    head, end, _ = stream.partition(b"\r\n\r\n")
    if not end:
        return 0
    assert b"chunked" not in head.lower(), head
    length = re.search(rb"(?im)^content-length: *(\d+)\r?$", head + b"\r\n")
    return len(head) + 4 + (int(length[1]) if length else 0)


class Listener:
    """Takes connections on a port of its own, each on a thread. All of them are broken off at the end."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._socket.getsockname()[1]
        self._lock = threading.Lock()
        self._open: List[socket.socket] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def _accept(self) -> None:
        while True:
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.append(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self.serve(connection)

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def __enter__(self: P) -> P:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Peer(Listener):
    """A server. With `tls` it speaks that; a handshake that fails is no request."""

    def __init__(self, answerer: Optional[Answerer] = None, tls: Optional[ssl.SSLContext] = None) -> None:
        super().__init__()
        self._answerer = answerer or (lambda request: answer(200, b"{}"))
        self._tls = tls
        self.requests: List[Heard] = []
        self.openings: List[bytes] = []
        """The first byte of each connection: 0x16 for TLS, a letter for plain HTTP."""
        self._streams: List[bytearray] = []
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def heard(self) -> bytes:
        """All that it was told, TLS taken off."""
        with self._lock:
            return b"\n--\n".join(bytes(stream) for stream in self._streams)

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        first = connection.recv(1, socket.MSG_PEEK)
        stream = bytearray()
        with self._lock:
            self.openings.append(first)
            self._streams.append(stream)
        if self._tls is None and first == b"\x16":
            # As web servers do it.
            stream += connection.recv(1 << 16)
            connection.sendall(answer(400, b"plain HTTP is spoken here", Connection="close"))
            return
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self._open.append(connection)
        done, whole = 0, 0
        while True:
            some = connection.recv(1 << 20)
            if not some:
                return
            stream += some
            if len(stream) - done < whole:
                continue  # A large body: it is looked at when it is there.
            requests, rest = split(bytes(stream[done:]))
            whole = length_of(rest)
            if not requests and re.search(rb"(?i)\r\nexpect: 100-continue\r\n", rest) and whole:
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            for request in requests:
                with self._lock:
                    self.requests.append(request)
                given = self._answerer(request)
                for piece in [given] if isinstance(given, bytes) else given:
                    connection.sendall(piece)
                if isinstance(given, bytes) and b"\r\nConnection: close\r\n" in given:
                    return
            done = len(stream) - len(rest)


class Relay(Listener):
    """Passes connections on to another server, and keeps what came from the client."""

    def __init__(self, server: str) -> None:
        super().__init__()
        host, port = server.partition("://")[2].partition("/")[0].split(":")
        self._server = (host, int(port))
        self.streams: List[bytearray] = []
        self.url = f"http://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        stream = bytearray()
        with self._lock:
            self.streams.append(stream)
        with socket.create_connection(self._server, 10) as server:
            pump(connection, server, stream)


class Proxy(Listener):
    """A proxy of a company: for plain http it hears all, for https it opens a tunnel. Every name leads to this machine."""

    def __init__(self, credentials: Optional[str] = None) -> None:
        super().__init__()
        self._wanted = credentials
        self.heads: List[bytes] = []
        self._streams: List[bytearray] = []
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def heard(self) -> bytes:
        """Everything, what went through tunnels included."""
        with self._lock:
            return b"\n--\n".join(bytes(stream) for stream in self._streams)

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        stream = bytearray()
        with self._lock:
            self._streams.append(stream)
        while b"\r\n\r\n" not in stream:
            some = connection.recv(1 << 16)
            if not some:
                return
            stream += some
        head = bytes(stream).partition(b"\r\n\r\n")[0]
        with self._lock:
            self.heads.append(head)
        if self._wanted is not None and f"\r\nProxy-Authorization: {self._wanted}\r\n".encode() not in head + b"\r\n":
            connection.sendall(answer(407, Proxy_Authenticate='Basic realm="a"', Connection="close"))
            return
        method, target, _ = head.split(b"\r\n")[0].split(b" ")
        port = re.search(rb":(\d+)", target.partition(b"://")[2] or target)
        assert port is not None
        with socket.create_connection(("127.0.0.1", int(port[1])), 10) as server:
            if method == b"CONNECT":
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                # One request on a connection is enough, and what is for the proxy alone stays here.
                lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"proxy-")]
                path = target.partition(b"://")[2].partition(b"/")
                lines[0] = b"%b /%b HTTP/1.1" % (method, path[2])
                server.sendall(b"\r\n".join([*lines, b"Connection: close"]) + bytes(stream)[len(head) :])
            pump(connection, server, stream)


def pump(client: socket.socket, server: socket.socket, stream: bytearray) -> None:
    """Both ways, until one of them ends."""
    client.settimeout(None)
    server.settimeout(None)
    while True:
        ready: List[socket.socket] = select.select([client, server], [], [], 30)[0]
        if not ready:
            return
        for one in ready:
            some = one.recv(1 << 18)
            if not some:
                return
            if one is client:
                stream += some
            (server if one is client else client).sendall(some)


# Certificates


class Authority:
    """A certificate authority, and servers that show what it has signed. `bundle` is what a client is to trust."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self.bundle = str(folder / "ca.pem")
        (folder / "index.txt").write_text("")
        (folder / "ca.conf").write_text(CONFIGURATION.format(folder=folder))
        self._openssl("req", "-x509", *EC, "-nodes", "-days", "30", "-subj", "/CN=An authority of the tests",
                      "-keyout", f"{folder}/ca.key", "-out", self.bundle)  # fmt: skip

    def certificate(self, name: str, alternatives: str, start: int = -1, end: int = 30) -> "Tuple[str, str]":
        """The files of a certificate and its key; good from `start` days from now to `end` days from now."""
        certificate, key, request = (str(self._folder / f"{name}.{kind}") for kind in ("pem", "key", "csr"))
        self._openssl("req", *EC, "-new", "-nodes", "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternatives}",
                      "-keyout", key, "-out", request)  # fmt: skip
        self._openssl("ca", "-batch", "-notext", "-config", f"{self._folder}/ca.conf", "-startdate", _day(start), "-enddate", _day(end),
                      "-in", request, "-out", certificate)  # fmt: skip
        return certificate, key

    def self_signed(self) -> "Tuple[str, str]":
        certificate, key = (str(self._folder / f"self.{kind}") for kind in ("pem", "key"))
        self._openssl("req", "-x509", *EC, "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                      "-keyout", key, "-out", certificate)  # fmt: skip
        return certificate, key

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def server_tls(certificate: "Tuple[str, str]") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
CONFIGURATION = """\
[ca]
default_ca = one
[one]
database = {folder}/index.txt
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""


def _day(days: int) -> str:
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")
