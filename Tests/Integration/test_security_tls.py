"""Whom the library believes to be the server: the one with a good certificate for that name, over TLS 1.2 or newer, and nobody else.

One table for all that it talks to: services, storages, and links.
"""

from __future__ import annotations

import json
import os
import pathlib
import ssl
import subprocess
import sys
import warnings
from typing import Callable, Dict, Iterator, List

import pytest

import slipway
from conftest import ROOT
from emulator import Emulator
from recorder import Secrets
from security_peers import Authority, Heard, Peer, answer, server_tls
from security_services import SERVICES, Scene, Service


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("other-authority"))


@pytest.fixture
def scene(tmp_path: pathlib.Path, emulator: Emulator, secrets: Secrets) -> Scene:
    file = tmp_path / "MyGame.zip"
    file.write_bytes(b"PK\x03\x04 and so on")
    return Scene(file, emulator, secrets)


HERE = "IP:127.0.0.1,DNS:localhost"


def _old(version: ssl.TLSVersion) -> Callable[[Authority], ssl.SSLContext]:
    def make(authority: Authority) -> ssl.SSLContext:
        context = server_tls(authority.certificate(f"old-{int(version)}", HERE))
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            # That nobody should speak it is what is tested here.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        return context

    return make


# What a server shows, made by an authority that the client trusts.
BAD: Dict[str, Callable[[Authority], ssl.SSLContext]] = {
    "another name": lambda authority: server_tls(authority.certificate("other-name", "DNS:other.example.com")),
    "another address": lambda authority: server_tls(authority.certificate("other-address", "IP:127.0.0.2")),
    "the name of a name below it": lambda authority: server_tls(authority.certificate("below", "DNS:127.0.0.1.example.com")),
    "expired": lambda authority: server_tls(authority.certificate("expired", HERE, start=-20, end=-10)),
    "not yet valid": lambda authority: server_tls(authority.certificate("future", HERE, start=10, end=20)),
    "self-signed": lambda authority: server_tls(authority.self_signed()),
    "TLS 1.0 only": _old(ssl.TLSVersion.TLSv1),
    "TLS 1.1 only": _old(ssl.TLSVersion.TLSv1_1),
}  # fmt: skip


@pytest.fixture(scope="module")
def contexts(authority: Authority, other_authority: Authority) -> Dict[str, ssl.SSLContext]:
    made = {name: make(authority) for name, make in BAD.items()}
    made["an unknown authority"] = server_tls(other_authority.certificate("unknown", HERE))
    made["good"] = server_tls(authority.certificate("good", HERE))
    return made


@pytest.fixture
def speaking(contexts: Dict[str, ssl.SSLContext]) -> Iterator[Callable[[str], Peer]]:
    """A server that shows what the table calls so."""
    peers = []

    def make(name: str) -> Peer:
        peers.append(Peer(tls=contexts[name]).__enter__())
        return peers[-1]

    yield make
    for peer in peers:
        peer.__exit__()


@pytest.mark.parametrize("bad", [*BAD, "an unknown authority"])
@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_server_that_is_not_believed(
    service: Service, bad: str, speaking: Callable[[str], Peer], authority: Authority, scene: Scene
) -> None:
    peer = speaking(bad)
    with pytest.raises(slipway.TLSError) as refused:
        service.call(peer.url, scene, ca_bundle=authority.bundle)
    error = refused.value
    assert type(error) is slipway.TLSError and error.message and error.hint and error.http_status is None
    assert "127.0.0.1" in error.message or service.name.partition(",")[0] in error.message, "it says who that is"
    assert scene.secret not in f"{error} {error.hint}"
    # Nothing was said before the handshake, nor, on another connection, without one.
    assert peer.heard == b"" and peer.requests == []
    assert peer.openings and set(peer.openings) == {b"\x16"}
    if service.name == "a link":
        assert not scene.emulator.journal(method="POST"), "nor was the build registered"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_server_that_is_believed(service: Service, speaking: Callable[[str], Peer], authority: Authority, scene: Scene) -> None:
    """With the bundle of its authority. Without, it is a stranger: the bundle is not added to what a machine trusts."""
    peer = speaking("good")
    try:
        service.call(peer.url, scene, ca_bundle=authority.bundle)
    except slipway.SlipwayError as error:
        assert not isinstance(error, (slipway.TLSError, slipway.NetworkError)), error
    count = len(peer.requests)
    assert count > 0 and (not service.sends_key or scene.secret.encode() in peer.heard)
    with pytest.raises(slipway.TLSError):
        service.call(peer.url, scene)
    assert len(peer.requests) == count


def test_tls_to_a_server_that_speaks_http(scene: Scene) -> None:
    """It hears a greeting that it does not understand, and no key."""
    with Peer() as peer:
        for service in SERVICES:
            with pytest.raises((slipway.TLSError, slipway.NetworkError)):
                service.call(peer.url.replace("http:", "https:"), scene)
        assert scene.secret.encode() not in peer.heard and set(peer.openings) <= {b"\x16"} and peer.requests == []


OPENSSL_CONF = """\
openssl_conf = one
[one]
ssl_conf = two
[two]
system_default = three
[three]
"""
LOOSE = "MinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n"
NO_PROVIDER = """\
openssl_conf = one
[one]
providers = two
[two]
base = three
[three]
activate = 1
"""
NOTHING_LEFT = "CipherString = aNULL:@SECLEVEL=2\nCiphersuites =\n"
ASKING = """\
import os, slipway
settings = slipway.Streampixel(base_url=os.environ["URL"], api_key="a-key-that-is-not-told", user_id="u")
with slipway.Client(streampixel=settings, ca_bundle=os.environ["BUNDLE"], max_attempts=1, proxy="") as client:
    try:
        client.projects()
    except slipway.SlipwayError as error:
        print(type(error).__name__)
        print(error.message, error.hint)
"""


def ask(peer: Peer, authority: Authority, openssl: pathlib.Path) -> List[str]:
    """Asks a peer on a machine with such settings of OpenSSL. The class of the error, and its words."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "bindings" / "python"), "OPENSSL_CONF": str(openssl),
                   "URL": peer.url, "BUNDLE": authority.bundle}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", ASKING], env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_it_is_the_library_that_wants_tls_1_2(speaking: Callable[[str], Peer], authority: Authority, tmp_path: pathlib.Path) -> None:
    """Also where the machine's own settings of OpenSSL would take less."""
    (tmp_path / "loose.cnf").write_text(OPENSSL_CONF + LOOSE)
    for name, words in (("TLS 1.0 only", "TLSError"), ("TLS 1.1 only", "TLSError"), ("good", "ProtocolError")):
        peer = speaking(name)
        assert ask(peer, authority, tmp_path / "loose.cnf")[0] == words, name
        assert bool(peer.requests) == (name == "good")


@pytest.mark.parametrize("settings", [OPENSSL_CONF + NOTHING_LEFT, NO_PROVIDER], ids=["no cipher", "no provider"])
def test_settings_of_openssl_that_leave_nothing(
    speaking: Callable[[str], Peer], authority: Authority, settings: str, tmp_path: pathlib.Path
) -> None:
    """No certificate helps there: the hint points to them. And who needs no TLS needs none of it."""
    (tmp_path / "openssl.cnf").write_text(settings)
    peer = speaking("good")
    kind, words = ask(peer, authority, tmp_path / "openssl.cnf")
    assert kind == "TLSError" and "openssl.cnf" in words and "ca_bundle" not in words, words
    assert peer.heard == b""
    with Peer() as plain:
        assert ask(plain, authority, tmp_path / "openssl.cnf")[0] == "ProtocolError"
        assert plain.requests


def test_a_link_of_an_object(speaking: Callable[[str], Peer], authority: Authority, scene: Scene, tmp_path: pathlib.Path) -> None:
    """What is read through a public_url."""
    (tmp_path / "served").mkdir()
    with scene.client(ca_bundle=authority.bundle) as client:
        for name in ("expired", "another name"):
            peer = speaking(name)
            with pytest.raises(slipway.TLSError):
                client.store(scene.file, slipway.Directory(tmp_path / "served", public_url=peer.url), always_send=True)
            assert peer.heard == b""


def test_https_to_http_on_the_way(authority: Authority, contexts: Dict[str, ssl.SSLContext], scene: Scene) -> None:
    """A server that is believed cannot send anybody to one that is not: all of them, and all redirects."""
    with Peer() as plain:
        for status in (301, 302, 303, 307, 308):

            def elsewhere(request: Heard) -> bytes:
                return answer(status, json.dumps({}).encode(), Location=f"http://127.0.0.1:{plain.port}{request.target}")

            with Peer(elsewhere, tls=contexts["good"]) as peer:
                for service in SERVICES:
                    with pytest.raises(slipway.SlipwayError) as refused:
                        service.call(peer.url, scene, ca_bundle=authority.bundle)
                    allowed = (slipway.ProtocolError, slipway.FileError, slipway.InvalidArgumentError)
                    assert isinstance(refused.value, allowed), refused.value
                assert peer.requests
        assert plain.connections == 0
