"""Where keys go: to the server that they are for, over TLS or inside this machine; to nobody whom a URL, a redirect or a proxy names."""

from __future__ import annotations

import base64
import json
import pathlib
import ssl
from typing import Iterator

import pytest

import slipway
from emulator import Emulator
from recorder import Recorder, Secrets
from security_peers import Authority, Heard, Peer, Proxy, answer, server_tls
from security_services import SERVICES, Scene

KEYED = [service for service in SERVICES if service.sends_key]


@pytest.fixture
def scene(tmp_path: pathlib.Path, emulator: Emulator, secrets: Secrets) -> Scene:
    file = tmp_path / "MyGame.zip"
    file.write_bytes(b"PK\x03\x04 and so on")
    return Scene(file, emulator, secrets)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> ssl.SSLContext:
    return server_tls(authority.certificate("good", "IP:127.0.0.1,DNS:localhost"))


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


# Plain http: inside this machine only. The port is that of a server that listens there.

HERE = [
    "127.0.0.1", "localhost", "LocalHost", "127.1", "127.0.1", "2130706433", "0x7f000001", "0X7F.1", "0177.0.0.1", "127.0.0.2",
    "loc%61lhost", "127%2e0.0.1",
]  # fmt: skip
# In parentheses: what is between the host and the port of that server.
ELSEWHERE = [
    "example.invalid", "127.0.0.1.example.invalid", "localhost.example.invalid", "notlocalhost", "10.0.0.1", "169.254.169.254",
    "128.0.0.1", "126.255.255.255", "0.0.0.0", "0", "[::]", "[::ffff:10.0.0.1]", "[::2]", "[fe80::1]", "0127.0.0.1", "167772161",
    "0x0a000001", "127.0.0.256", "127.0.0.1.1", "4294967297", "localhost%2eexample.invalid", "127.0.0.1%2eexample.invalid",
    "127.0.0.1%00.example.invalid", "127.0.0.1@example.invalid", "localhost:80@example.invalid", "127.0.0.1:80%40example.invalid",
    "example.invalid/@127.0.0.1", "example.invalid?@127.0.0.1", "example.invalid#@127.0.0.1", "example.invalid\\@127.0.0.1",
    "127.0.0.1\\.example.invalid", "127.0.0.1\u3002example.invalid", "localhost\uff0eexample.invalid", "localh\u043est",
    "\u217cocalhost.example.invalid", "localhost\u2024example.invalid", "example.invalid;127.0.0.1", "[::1].example.invalid",
    "[::1]@example.invalid", "127.0.0.1 .example.invalid", "127.0.0.1\t.example.invalid", "127.0.0.1\r\n.example.invalid",
]  # fmt: skip
# May be taken for this machine or not, but what is sent arrives here.
EITHER = [
    "127.0.0.1.", "localhost.", "[::1]", "[0:0::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "\uff11\uff12\uff17.0.0.1",
    "\u2460\u2461\u2466.0.0.1", "loca\u217chost", "127\u30020\u30020\u30021", "a.localhost", "LOCALHOST\u3002",
]  # fmt: skip


@pytest.mark.parametrize("host", HERE)
def test_this_machine_however_it_is_written(peer: Peer, scene: Scene, host: str) -> None:
    for service in KEYED:
        before = len(peer.requests)
        try:
            service.call(f"http://{host}:{peer.port}", scene)
        except slipway.SlipwayError as error:
            # 127.0.0.2 is this machine, and nobody listens there.
            assert not isinstance(error, (slipway.InsecureError, slipway.InvalidArgumentError)), error
        assert len(peer.requests) > before or host == "127.0.0.2"


@pytest.mark.parametrize("host", ELSEWHERE)
def test_another_machine_however_it_is_written(peer: Peer, scene: Scene, host: str) -> None:
    for service in KEYED:
        with pytest.raises((slipway.InsecureError, slipway.InvalidArgumentError)) as refused:
            service.call(f"http://{host}:{peer.port}", scene)
        assert refused.value.attempts == 0 and scene.secret not in f"{refused.value} {refused.value.hint}"
    assert peer.connections == 0


@pytest.mark.parametrize("host", EITHER)
def test_what_may_be_this_machine(peer: Peer, scene: Scene, host: str) -> None:
    for service in KEYED:
        try:
            service.call(f"http://{host}:{peer.port}", scene)
        except (slipway.InsecureError, slipway.InvalidArgumentError) as refused:
            assert refused.attempts == 0
        except slipway.NetworkError as error:
            # Nobody listens there; but that was asked of this machine, not of a name server.
            assert "resolve" not in error.message, error
        except slipway.SlipwayError:
            assert peer.requests


def test_only_who_allows_it_sends_keys_in_the_clear(scene: Scene) -> None:
    for service in KEYED:
        address = "http://there.is.none.invalid:81"
        with pytest.raises(slipway.InsecureError) as refused:
            service.call(address, scene)
        assert "there.is.none.invalid" in refused.value.message and "https" in refused.value.hint
        with pytest.raises(slipway.NetworkError):
            service.call(address, scene, allow_insecure=True)


def test_a_proxy_elsewhere_is_another_machine(peer: Peer, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is for this machine and goes through a proxy of another one in the clear has left this one: it is refused, or goes straight."""
    for variable in ("http_proxy", "all_proxy", None):
        proxy = "http://proxy.there.is.none.invalid:3128"
        if variable is not None:
            monkeypatch.setenv(variable, proxy)
        for service in KEYED:
            before = len(peer.requests)
            try:
                service.call(peer.url, scene, proxy=None if variable else proxy)
            except slipway.InsecureError:
                continue
            except slipway.SlipwayError as error:
                assert not isinstance(error, slipway.NetworkError), f"{service.name}, {variable}: {error}"
            assert len(peer.requests) > before
        if variable is not None:
            monkeypatch.delenv(variable)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["another port", "another name", "another port, https", "https, another name"])
def test_redirects(status: int, where: str, scene: Scene, authority: Authority, tls: ssl.SSLContext) -> None:
    """The second server hears nothing at all: neither a key nor a file, not even that somebody asks."""
    with Peer(tls=tls if "https" in where else None) as second:
        target = second.url.replace("127.0.0.1", "localhost" if "name" in where else "127.0.0.1")

        def elsewhere(request: Heard) -> bytes:
            return answer(status, json.dumps({"message": "there"}).encode(), Location=f"{target}{request.target}")

        first_tls = tls if "https" in where else None
        with Peer(elsewhere, tls=first_tls) as first:
            for service in SERVICES:
                count = len(first.requests)
                with pytest.raises(slipway.SlipwayError) as refused:
                    service.call(first.url, scene, ca_bundle=authority.bundle)
                assert isinstance(refused.value, (slipway.ProtocolError, slipway.FileError, slipway.InvalidArgumentError)), refused.value
                assert refused.value.hint and scene.secret not in f"{refused.value} {refused.value.hint}"
                assert len(first.requests) > count
        assert second.connections == 0 and second.heard == b""


def test_redirects_of_a_storage_are_never_followed(scene: Scene) -> None:
    """Not even to itself: a signature is for one place."""

    def around(request: Heard) -> bytes:
        return answer(307, b"", Location=f"{request.path}/again?{request.query}")

    for service in SERVICES:
        if service.name.startswith("S3") or service.name in ("a PUT URL", "a link"):
            with Peer(around) as peer:
                with pytest.raises(slipway.SlipwayError):
                    service.call(peer.url, scene)
                assert peer.requests and not any("again" in request.target for request in peer.requests), service.name


# Proxies

USER, PASSWORD = "a-user", "a-password-of-a-proxy-0123456789"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@pytest.fixture
def told(secrets: Secrets, recorder: Recorder) -> Iterator[None]:
    """What is written down during the test has neither the password, nor what is made of it."""
    secrets.add(PASSWORD)
    secrets.add(BASIC.partition(" ")[2])
    start = len(recorder.text().encode())
    yield
    recorder.text()
    assert secrets.find([recorder.path], start) == []


@pytest.mark.parametrize("by", ["the option", "https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_a_proxy_of_https_learns_the_address_only(
    by: str, scene: Scene, authority: Authority, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, told: None
) -> None:
    with Peer(tls=tls) as peer, Proxy(BASIC) as proxy:
        url = proxy.url.replace("//", f"//{USER}:{PASSWORD}@")
        if by != "the option":
            monkeypatch.setenv(by, url)
        for service in SERVICES:
            if service.name == "a link" and by == "all_proxy":
                continue  # Its Streampixel is reached by http, which that variable is for, too.
            before = len(peer.requests)
            try:
                service.call(peer.url, scene, ca_bundle=authority.bundle, proxy=url if by == "the option" else None)
            except slipway.SlipwayError as error:
                assert not isinstance(error, (slipway.NetworkError, slipway.TLSError)), error
                assert PASSWORD not in f"{error} {error.hint}"
            if service.name != "a link" or by != "the option":
                assert len(peer.requests) > before, service.name
        tunnels = [head for head in proxy.heads if head.startswith(b"CONNECT ")]
        assert tunnels and all(f"\r\nProxy-Authorization: {BASIC}".encode() in head for head in tunnels)
        assert scene.secret.encode() not in b"".join(tunnels)
        assert scene.secret.encode() not in proxy.heard, "what goes through a tunnel is not readable"
        assert b"proxy-" not in peer.heard.lower() and PASSWORD.encode() not in peer.heard


def test_a_proxy_that_does_not_let_one_in(scene: Scene, authority: Authority, tls: ssl.SSLContext, told: None) -> None:
    with Peer(tls=tls) as peer, Proxy("Basic something-else") as proxy:
        for url in (proxy.url.replace("//", f"//{USER}:{PASSWORD}@"), proxy.url):
            for service in SERVICES:
                if service.name == "a link":
                    continue  # Its Streampixel would be asked through it first.
                with pytest.raises(slipway.SlipwayError) as refused:
                    service.call(peer.url, scene, ca_bundle=authority.bundle, proxy=url)
                said = f"{refused.value} {refused.value.hint}"
                assert PASSWORD not in said and scene.secret not in said and "407" in said, said
        assert peer.requests == [] and scene.secret.encode() not in proxy.heard


def test_a_server_that_asks_for_what_a_proxy_gets(scene: Scene, authority: Authority, tls: ssl.SSLContext, told: None) -> None:
    """Behind a tunnel, or straight: a 407 of a server that is no proxy gets nothing."""

    def asks(request: Heard) -> bytes:
        return answer(407, b"", Proxy_Authenticate='Basic realm="a"', WWW_Authenticate='Basic realm="a"')

    with Peer(asks, tls=tls) as peer, Proxy(BASIC) as proxy:
        for url in (proxy.url.replace("//", f"//{USER}:{PASSWORD}@"), ""):
            for service in SERVICES:
                if service.name == "a link":
                    continue
                with pytest.raises(slipway.SlipwayError):
                    service.call(peer.url, scene, ca_bundle=authority.bundle, proxy=url)
        assert peer.requests and b"proxy-authorization" not in peer.heard.lower() and BASIC.encode() not in peer.heard


def test_no_netrc(peer: Peer, scene: Scene, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other programs' passwords are not read."""
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
    (tmp_path / ".netrc").chmod(0o600)
    (tmp_path / ".curlrc").write_text('header = "X-Evil: 1"\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    for service in SERVICES:
        try:
            service.call(peer.url, scene)
        except slipway.SlipwayError:
            pass
    assert peer.requests and b"authorization: basic" not in peer.heard.lower() and b"x-evil" not in peer.heard.lower()
