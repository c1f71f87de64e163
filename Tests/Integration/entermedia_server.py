"""The EnterMedia server that the tests of the library ask: the emulator, in each of its forms, or, with SLIPWAY_TEST_ENTERMEDIA, a real
one (see test_emulator_entermedia.py for the variables). And what may stand on the way to it: a stranger, who must not get to know the key;
a proxy that refuses files; a valve, which holds or breaks connections at a byte that a test chooses.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import socket
import socketserver
import subprocess
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, TypeVar

import pytest

import slipway
from emulator import Answer, Emulator, request
from entermedia_facts import Table
from recorder import Secrets
from entermedia_target import FILES, REAL, Target, fresh, target_of, with_assets

# A connection that has brought so many bytes brings a file.
UPLOAD = 256 << 10
PASSWORD = "a-password-of-the-tests-0123456789"


def upload(target: Target, id: str, name: str, content: bytes) -> str:
    """Makes an asset, beside the library."""
    form = {"jsonrequest": {"id": id, "sourcepath": f"conformance/{id}/", "assettitle": "Sample"}}
    answer = target.send(
        {"method": "POST", "path": "module/asset/create", "form": form, "files": [("file", name, content)], "document": None})
    assert answer.status == 200 and answer.json["response"] == {"status": "ok", "id": id}, answer.body
    return id


class Server:
    """A server with three assets: `image` and `text` (which has no renditions), and `zip`. What tests make of it is removed at the end."""

    def __init__(self, target: Target, secrets: Secrets, stack: contextlib.ExitStack) -> None:
        self._target, self._secrets, self._stack = target, secrets, stack
        self._ids: List[str] = []
        self.base_url = target.base
        self.path: str = target.names["path"]
        self.user, self.password, self.key = (target.names[name] for name in ("user", "password", "key"))
        self.limited: Optional[str] = target.names.get("limited")
        self.image, self.text, self.zip = (target.names[name] for name in ("image", "text", "zip"))
        for secret in (self.password, self.key, self.limited):
            if secret and len(secret) >= Secrets.LENGTH:
                secrets.add(secret)

    @property
    def emulator(self) -> Emulator:
        if self._target.emulator is None:
            pytest.skip("a real server cannot be asked for that")
        return self._target.emulator

    @property
    def is_real(self) -> bool:
        return self._target.emulator is None

    def settings(self, **changes: Any) -> slipway.EnterMedia:
        """The key of the user who may do everything, unless `changes` say otherwise."""
        return slipway.EnterMedia(**{"base_url": self.base_url, "key": self.key, **changes})

    def login(self, **changes: Any) -> slipway.EnterMedia:
        """User and password instead of a key."""
        return self.settings(**{"key": None, "user": self.user, "password": self.password, **changes})

    def client(self, settings: Optional[slipway.EnterMedia] = None, **options: Any) -> slipway.Client:
        """A client that is closed when the test ends. Nothing is slow, unless `options` say otherwise."""
        quick: Dict[str, Any] = {} if self.is_real else {"retry_delay": 0.005, "deadline": 20.0}
        client = slipway.Client(entermedia=settings or self.settings(), **{**quick, **options})
        return self._stack.enter_context(client)

    def secret(self, value: str) -> str:
        return self._secrets.add(value)

    def new_id(self, end: str = "") -> str:
        """An id that nothing has yet. What comes to have it is removed when the test is over."""
        return self.note(fresh() + end)

    def note(self, id: str) -> str:
        """Whatever has this id when the test is over is removed."""
        self._ids.append(id)
        return id

    # By plain HTTP, beside the library

    def ask(self, method: str, path: str, document: Any = None, **more: Any) -> Answer:
        """Asks below services/, as the user who may do everything."""
        return self._target.send({"method": method, "path": path, "document": document, **more})

    def records(self, field: str, value: str) -> List[str]:
        """The ids of the distributions whose `field` is `value`."""
        query = {"page": "1", "hitsperpage": "500", "query": {"terms": [{"field": field, "operation": "matches", "value": value}]}}
        return [hit["id"] for hit in self.ask("POST", "distribution/search/search", query).json["results"]]

    def new_record(self, asset: str, end: str = "", allow_original: bool = True) -> str:
        """A distribution of a test's own, of whose links none has been asked for."""
        id = self.new_id(end)
        self.ask("POST", "distribution/create/create", {"assetid": asset, "id": id, "alloworiginal": allow_original})
        return id

    def has_asset(self, id: str) -> bool:
        return bool(self.ask("GET", f"module/asset/data/{id}").json["response"]["status"] == "ok")

    def published(self, path: str) -> Answer:
        """A link, as everybody asks for it."""
        return request("GET", f"{self.base_url}/services/distribution/published/{path}")

    def new_asset(self, kind: str, name: str) -> str:
        """An asset of a test's own: one of FILES under the name `name`."""
        return upload(self._target, self.new_id(), name, FILES[kind])

    # What the emulator saw

    def journal(self, method: str = "*", call: str = "*") -> List[Dict[str, Any]]:
        """Requests to services/CALL, `call` may end in a star."""
        filters = {} if method == "*" else {"method": method}
        return self.emulator.journal(path=f"{self.path}/services/{call}", **filters)

    def fault(self, action: str, call: str = "*", **members: Any) -> int:
        return self.emulator.fault(action, path=f"{self.path}/services/{call}", **members)

    def logins(self) -> int:
        return len(self.journal("POST", "authentication/login"))

    # A real server is left as it was

    def remove_ids(self) -> None:
        for id in self._ids:
            for record in [id, *self.records("assetid", id)]:
                self.ask("DELETE", f"distribution/delete/{record}")
            self.ask("DELETE", f"module/asset/data/{id}")

    def remove_all(self) -> None:
        for asset in (self.image, self.text, self.zip):
            for id in self.records("assetid", asset):
                self.ask("DELETE", f"distribution/delete/{id}")
        self._target.clean_up()


# Fixtures. Each file of tests imports all of them.


@pytest.fixture(scope="session", autouse=True)
def conformance_table(request: pytest.FixtureRequest) -> None:
    """Behind the last test: what a server does, and what Slipway answers."""
    plugins = request.config.pluginmanager
    if not plugins.has_plugin("entermedia-facts"):
        plugins.register(Table(), "entermedia-facts")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with cert.pem and key.pem, for localhost and 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def process(certificate: pathlib.Path) -> Iterator[Optional[Emulator]]:
    """One emulator for each file of tests; none for a real server."""
    if REAL:
        yield None
        return
    options = ["--tls-cert", str(certificate / "cert.pem"), "--tls-key", str(certificate / "key.pem"),
               "--entermedia-conversion-ms", "0", "--entermedia-password", PASSWORD, "--state-ms", "10", "--rate-window-ms", "0"]
    with Emulator(options=options) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def real(secrets: Secrets) -> Iterator[Optional[Target]]:
    if not REAL:
        yield None
        return
    user, password = os.environ["SLIPWAY_TEST_ENTERMEDIA_USER"], os.environ["SLIPWAY_TEST_ENTERMEDIA_PASSWORD"]
    body = json.dumps({"id": user, "password": password})
    login = request("POST", f"{REAL}/services/authentication/login", body, {"Content-Type": "application/json"}).json
    key = login.get("entermediakey") or login["results"]["entermediakey"]
    target = Target(REAL, user, password, key, os.environ.get("SLIPWAY_TEST_ENTERMEDIA_LIMITED_KEY"))
    with_assets(target)
    with contextlib.ExitStack() as stack:
        yield target
        Server(target, secrets, stack).remove_all()


FORMS = {
    "current": {},
    "documented": {"shape": "documented"},
    "newer": {"generation": "newer"},
    "newer, documented": {"generation": "newer", "shape": "documented"},
}  # fmt: skip


@pytest.fixture(params=["real"] if REAL else FORMS)
def server(request: pytest.FixtureRequest, process: Optional[Emulator], real: Optional[Target], secrets: Secrets) -> Iterator[Server]:
    """A server in each of its forms: both shapes of answers, both generations."""
    yield from _server(process, real, secrets, FORMS.get(request.param, {}))


@pytest.fixture
def media(process: Optional[Emulator], real: Optional[Target], secrets: Secrets) -> Iterator[Server]:
    """A server in its current form: for what does not depend on it."""
    yield from _server(process, real, secrets, {})


def _server(process: Optional[Emulator], real: Optional[Target], secrets: Secrets, form: Dict[str, str]) -> Iterator[Server]:
    with contextlib.ExitStack() as stack:
        if process is None:
            assert real is not None
            server = Server(real, secrets, stack)
            yield server
            stack.close()
            server.remove_ids()
            return
        process.reset()
        target = target_of(process)
        for name, file in (("image", "sample.png"), ("text", "notes.txt"), ("zip", "MyGame.zip")):
            target.names[name] = id = fresh()
            upload(target, id, file, FILES.get(name, b"a text"))
        if form:
            process.media_settings(**form)
        process.clear_journal()
        yield Server(target, secrets, stack)


@pytest.fixture
def wire() -> Iterator["Wire"]:
    with contextlib.ExitStack() as stack:
        yield Wire(stack)


class Wire:
    """Makes what stands between a client and a server, and ends it with the test."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    def stranger(self, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}") -> "Stranger":
        return self._stack.enter_context(Stranger(answer))

    def valve(self, server: Server) -> "Valve":
        return self._stack.enter_context(Valve(server))

    def refuser(self) -> "Refuser":
        return Refuser()


L = TypeVar("L", bound="_Listener")


class _Listener:
    """A TCP server on a port of its own; `handle` is called on a thread for each connection."""

    def __init__(self, handle: Callable[[socket.socket], None]) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    handle(self.request)

        class Listener(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

            def server_bind(self) -> None:
                # What a connection can hold on its way is little: a sender is soon as far as its receiver lets it be.
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
                super().server_bind()

        self._listener = Listener(("127.0.0.1", 0), Handler)
        self.port: int = self._listener.server_address[1]
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self: L) -> L:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join(5)


class Stranger(_Listener):
    """Another server, which answers everything with the same bytes. `heard` is all that it was told."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.heard = b""
        super().__init__(self._listen)

    def _listen(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        while b"\r\n\r\n" not in self.heard:
            some = connection.recv(65536)
            if not some:
                return
            self.heard += some
        connection.sendall(self._answer)


class Refuser(_Listener):
    """A proxy that takes no files: 413 as soon as one is announced. Like nginx it reads on then, so that its answer arrives."""

    def __init__(self) -> None:
        self.refused = 0
        super().__init__(self._refuse)
        self.base_url = f"http://127.0.0.1:{self.port}/assets/mediadb"

    def _refuse(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1024)
        status, body = b"200 OK", b'{"response":{"status":"not found"}}'
        if head.startswith(b"POST"):
            self.refused += 1
            status, body = b"413 Request Entity Too Large", b"<html>413 Request Entity Too Large</html>"
        connection.sendall(b"HTTP/1.1 %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (status, len(body), body))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 16):
            pass


class Valve(_Listener):
    """Passes connections on to a server. Can be slow, and hold a connection, or break it, once so many bytes have come on it."""

    def __init__(self, server: Server) -> None:
        host, _, port = server.base_url.partition("://")[2].partition("/")[0].partition(":")
        self._server: Tuple[str, int] = (host, int(port))
        self._limit: Optional[int] = None
        self._cuts = 0
        self._holds = True
        self._rate: Optional[int] = None
        self._open = threading.Event()
        self._lock = threading.Lock()
        self.held = threading.Event()
        #: How many connections carry one now.
        self.uploads = 0
        super().__init__(self._pass_on)
        self.base_url = f"http://127.0.0.1:{self.port}{server.path}"

    def slow_down(self, bytes_per_second: int) -> None:
        self._rate = bytes_per_second

    def hold_after(self, count: int) -> None:
        """A connection that brings more than `count` bytes is held; `held` tells that, `open` lets all go on."""
        self._limit = count

    def cut_after(self, count: int, times: int = 1, then_hold: bool = False) -> None:
        """So many connections that bring more than `count` bytes are broken there; the next one passes, or is held."""
        self._limit, self._cuts, self._holds = count, times, then_hold

    def open(self) -> None:
        self._limit = None
        self._open.set()

    def __exit__(self, *error: object) -> None:
        self.open()
        super().__exit__(*error)

    def _pass_on(self, client: socket.socket) -> None:
        with socket.create_connection(self._server) as server:
            back = threading.Thread(target=self._give_back, args=(server, client), daemon=True)
            back.start()
            try:
                self._bring(client, server)
            finally:
                for end in (server, client):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                back.join(5)

    def _bring(self, client: socket.socket, server: socket.socket) -> None:
        count = 0
        try:
            while some := client.recv(1 << 16):
                self._count(count < UPLOAD <= count + len(some))
                count += len(some)
                if self._limit is not None and count > self._limit:
                    if self._cuts > 0:
                        self._cuts -= 1
                        return
                    if self._holds:
                        self.held.set()
                        assert self._open.wait(20), "nobody opens the valve"
                if self._rate:
                    time.sleep(len(some) / self._rate)
                server.sendall(some)
        finally:
            self._count(-(count >= UPLOAD))

    def _count(self, change: int) -> None:
        with self._lock:
            self.uploads += change

    @staticmethod
    def _give_back(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                some = server.recv(1 << 16)
                if not some:
                    break
                client.sendall(some)
            client.shutdown(socket.SHUT_WR)


# What can be asked for


Call = Callable[[slipway.Client], "slipway.Operation[Any]"]


def calls(server: Server, prepare: bool = True) -> Dict[str, Call]:
    """Each operation once, with arguments that make it succeed: on things of its own, which are there if `prepare` says so."""

    def record() -> str:
        return server.new_record(server.zip) if prepare else server.new_id()

    edited, read, found, deleted, made, stored = record(), record(), record(), record(), server.new_id(".zip"), server.new_id()
    asset = server.new_asset("zip", "MyGame.zip") if prepare else server.new_id()
    file = pathlib.Path(__file__)
    if not server.is_real:
        server.emulator.clear_journal()
    return {
        "login": lambda client: client.entermedia_login(wait=False),
        "create": lambda client: client.entermedia_distribution_create(
            asset_id=server.zip, distribution_id=made, allow_original=True, wait=False),
        "edit": lambda client: client.entermedia_distribution_edit(distribution_id=edited, asset_id=server.text, wait=False),
        "get": lambda client: client.entermedia_distribution_get(read, wait=False),
        "search": lambda client: client.entermedia_distribution_search({"id": found}, wait=False),
        "delete": lambda client: client.entermedia_distribution_delete(deleted, wait=False),
        "upload": lambda client: client.entermedia_asset_upload(file_path=file, asset_id=stored, wait=False),
        "asset_get": lambda client: client.entermedia_asset_get(server.zip, wait=False),
        "asset_delete": lambda client: client.entermedia_asset_delete(asset, wait=False),
        "create_many": lambda client: client.entermedia_distribution_create_many([server.zip], allow_original=True, wait=False),
    }
