"""A way to a server on which things go wrong where a test wants it. It reads HTTP, so it knows each request, and keeps a journal of them.

    with FaultProxy(server.endpoint) as proxy:
        fault = proxy.fault(Cut("response"), on="CompleteMultipartUpload")
        ... use proxy.endpoint instead of server.endpoint ...
        assert fault.hits == 1
        assert [part.status for part in proxy.requests("UploadPart")] == [200, 200, 200]
        proxy.throttle(10 << 20)

See wire_faults.py for what can go wrong, http_message.py for what the journal has of a request. With a certificate the proxy is reached
over TLS: that is how the servers of the suite are. The header Host goes on as it is, so that signatures stay valid.

Each connection of a client has one of its own to the server, and a thread. Requests that are sent before the last one was answered are not
seen apart from it; no client of S3 does that.
"""

from __future__ import annotations

import contextlib
import pathlib
import socket
import ssl
import threading
import urllib.parse
from typing import Callable, Collection, List, Optional, Set, Union

from http_message import Request
from pace import Pace
from proxied_connection import Context, ProxiedConnection
from wire_faults import Action, Fault

RECEIVE_BUFFER = 1 << 18
"""Of each side. What a connection can hold on its way is little: a sender is soon as far as its receiver lets it be."""


class FaultProxy:
    """`endpoint` is its base URL. `certificate` is a folder with cert.pem and key.pem."""

    def __init__(self, endpoint: str, certificate: Optional[pathlib.Path] = None) -> None:
        parts = urllib.parse.urlsplit(endpoint)
        self._server = (parts.hostname or "", parts.port or 80)
        self._tls: Optional[ssl.SSLContext] = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(256)
        self.port: int = self._listener.getsockname()[1]
        self.endpoint = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        self._context = Context(self._note, self._connect, Pace(), Pace(), threading.Event())
        self._lock = threading.Lock()
        self._journal: List[Request] = []
        self._faults: List[Fault] = []
        self._connections: Set[ProxiedConnection] = set()
        self.accepted = 0
        """How many connections there have been."""
        self._thread = threading.Thread(target=self._accept, daemon=True)

    # Life

    def __enter__(self) -> "FaultProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all connections, and takes no more."""
        self._context.is_closed.set()
        self.throttle(None)
        with contextlib.suppress(OSError):
            # Closing alone does not end an accept that waits.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()
        if self._thread.ident is not None:
            self._thread.join(5)

    # What goes wrong

    def fault(
        self, action: Action, on: Union[str, Collection[str], None] = None, nth: int = 1, times: Optional[int] = 1,
        where: Optional[Callable[[Request], bool]] = None,
    ) -> Fault:  # fmt: skip
        """From the `nth` request on of those that are meant, `action` happens to so many; `times` None: to all. Meant are those of an
        operation, as "UploadPart", or of several, for which `where` is true if it is there. Counted from now on. When a request is met by
        several faults, the one that was set last happens."""
        operations = [on] if isinstance(on, str) else on

        def is_meant(request: Request) -> bool:
            return (operations is None or request.operation in operations) and (where is None or where(request))

        fault = Fault(action, is_meant, nth, times)
        with self._lock:
            self._faults.append(fault)
        return fault

    def throttle(self, upload: Optional[float], download: Optional[float] = None) -> None:
        """So many bytes a second for all connections together, to the server and from it. None: as fast as it goes."""
        self._context.upload.set(upload)
        self._context.download.set(download)

    def cut_all(self) -> None:
        """Ends all connections that there are now, whatever they are doing."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.cut()

    def reset(self) -> None:
        """No faults, no limits, an empty journal: for the next test."""
        with self._lock:
            faults, self._faults = self._faults, []
            self._journal = []
        for fault in faults:
            fault.release()
        self.throttle(None)

    # What was seen

    def requests(self, *operations: str, since: int = 0, where: Optional[Callable[[Request], bool]] = None) -> List[Request]:
        """In the order of their arrival, those under way included; of these operations, or of all."""
        with self._lock:
            entries = self._journal[since:]
        return [entry for entry in entries if (not operations or entry.operation in operations) and (where is None or where(entry))]

    @property
    def connections(self) -> int:
        """How many there are now."""
        with self._lock:
            return len(self._connections)

    # What connections need

    def _note(self, request: Request) -> Optional[Fault]:
        """Into the journal. Returns what happens to it."""
        with self._lock:
            self._journal.append(request)
            # Each of them counts, so all of them are asked.
            meeting = [fault for fault in self._faults if fault.meets(request)]
        return meeting[-1] if meeting else None

    def _connect(self) -> socket.socket:
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        server.connect(self._server)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return server

    def _accept(self) -> None:
        while not self._context.is_closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.accepted += 1
            connection = ProxiedConnection(self._context, client, self.accepted)
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: ProxiedConnection) -> None:
        try:
            connection.run(self._tls)
        finally:
            with self._lock:
                self._connections.discard(connection)
