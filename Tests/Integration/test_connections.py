"""Connections: as many at a time as max_connections says, and each is used again."""

from __future__ import annotations

import threading

import pytest

import slipway
from security_peers import Heard, Peer, answer


@pytest.mark.parametrize(("connections", "rounds", "requests"), [(3, 4, 3), (300, 4, 300), (5, 1, 50)])
def test_each_is_used_again(connections: int, rounds: int, requests: int) -> None:
    """Nobody is answered until as many as there may be have asked."""
    crowd = threading.Barrier(connections, timeout=20)

    def together(request: Heard) -> bytes:
        crowd.wait()
        return answer(404, b"{}")

    with Peer(together) as peer:
        settings = slipway.Streampixel(base_url=peer.url, api_key="a-key-that-nobody-asks-for", user_id="u")
        with slipway.Client(streampixel=settings, max_connections=connections, max_attempts=1, proxy="") as client:
            for _ in range(rounds):
                operations = [client.project_stats("p", wait=False) for _ in range(requests)]
                assert {type(operation.exception(30)) for operation in operations} == {slipway.NotFoundError}
        assert peer.connections == connections
