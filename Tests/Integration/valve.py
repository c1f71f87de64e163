"""A way to a server that can be shut in the middle of a request."""

from __future__ import annotations

import socket
import threading
from typing import List, Optional


class Valve:
    """Forwards each connection to the server of a base URL, as it is. With a `limit`, what a connection has sent stops there."""

    def __init__(self, base_url: str) -> None:
        self.limit: Optional[int] = None
        self.is_shut = threading.Event()
        scheme, _, authority, path = base_url.split("/", 3)
        host, port = authority.split(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: List[socket.socket] = []
        self.base_url = f"{scheme}//127.0.0.1:{self._listener.getsockname()[1]}/{path}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._connections += [client, server]
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        passed = 0
        try:
            while data := source.recv(65_536):
                target.sendall(data)
                passed += len(data)
                if counts and self.limit is not None and passed >= self.limit:
                    self.is_shut.set()
                    return
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other direction has ended it

    def open(self) -> None:
        """What is stuck breaks off, and from now on everything passes."""
        self.limit = None
        for connection in self._connections:
            try:
                # Closing alone ends nothing while another thread reads from it.
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended by itself
            connection.close()
        self._connections.clear()

    def close(self) -> None:
        # Closing alone does not end an accept that waits.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.open()
