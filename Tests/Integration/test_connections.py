"""Connections: as many at a time as max_connections says, and each is used again."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import List, Optional, Tuple, Type

import pytest

import slipway

ANSWER = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Crowd:
    """A server that answers nobody until `size` requests wait for an answer."""

    def __init__(self, size: int) -> None:
        self.size, self.accepted, self.most, self._open = size, 0, 0, 0
        self._waiting: List[asyncio.StreamWriter] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Crowd:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        host, port = self._address
        return f"http://{host}:{port}"

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1024)
        self._address: Tuple[str, int] = server.sockets[0].getsockname()
        self._ready.set()
        await self._over.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self._waiting.append(writer)
                if len(self._waiting) == self.size:
                    waiting, self._waiting = self._waiting, []
                    for one in waiting:
                        one.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open -= 1
            writer.close()


@pytest.mark.parametrize("number", [3, 300])
def test_each_is_used_again(number: int) -> None:
    with Crowd(number) as crowd:
        settings = slipway.Streampixel(base_url=crowd.url, api_key="a-key-that-nobody-asks-for", user_id="u")
        with slipway.Client(streampixel=settings, max_connections=number, max_attempts=1, proxy="") as client:
            for _ in range(4):
                operations = [client.project_stats("p", wait=False) for _ in range(number)]
                assert {type(operation.exception(30)) for operation in operations} == {slipway.NotFoundError}
        assert (crowd.accepted, crowd.most) == (number, number)


def test_more_requests_wait_for_one() -> None:
    with Crowd(5) as crowd:
        settings = slipway.Streampixel(base_url=crowd.url, api_key="a-key-that-nobody-asks-for", user_id="u")
        with slipway.Client(streampixel=settings, max_connections=5, max_attempts=1, proxy="") as client:
            operations = [client.project_stats("p", wait=False) for _ in range(50)]
            assert {type(operation.exception(30)) for operation in operations} == {slipway.NotFoundError}
        assert (crowd.accepted, crowd.most) == (5, 5)
