"""EnterMedia, of the emulator: what no other server can be asked. Its settings, faults, large uploads, and admin endpoints."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import urllib.parse
from typing import Any, Iterator, List

import pytest

from emulator import Answer, Emulator, binary, request, wait_until
from entermedia_target import FILES, REAL, Target, multipart, new_emulator, target_of

emulator_only = pytest.mark.skipif(bool(REAL), reason="is about the emulator")


@pytest.fixture(scope="module")
def process() -> Iterator[Emulator]:
    with new_emulator() as emulator:
        yield emulator


@pytest.fixture
def server(process: Emulator) -> Target:
    process.reset()
    return target_of(process)


def ask(server: Target, method: str, path: str, document: Any = None, **more: Any) -> Answer:
    return server.send({"method": method, "path": path, "document": document, **more})


def emulator_of(server: Target) -> Emulator:
    assert server.emulator is not None
    return server.emulator


@emulator_only
def test_the_newer_generation(server: Target) -> None:
    emulator_of(server).media_settings(generation="newer")
    id = emulator_of(server).add_asset()
    refused = ask(server, "POST", "distribution/create/create", {"assetid": id}, auth=None)
    assert (refused.status, refused.body) == (403, b"") and "location" not in refused.headers
    key = server.names["key"]
    assert ask(server, "POST", "distribution/create/create", {"assetid": id}, auth={"Cookie": f"entermedia.key={key}"}).status == 403
    assert ask(server, "POST", "distribution/create/create", {"assetid": id}, auth={"X-entermedia.key": key}).status == 200
    login = ask(server, "POST", "authentication/login", {"id": "admin", "password": "admin"}, auth=None).json
    assert login["entermediakey"] == key and "entermediakey" not in login["results"]


@emulator_only
def test_a_session_is_as_good_as_a_key(server: Target) -> None:
    login = ask(server, "POST", "authentication/login", {"id": "admin", "password": "admin"}, auth=None)
    session = next(cookie for cookie in login.cookies if cookie.startswith("JSESSIONID=")).split(";")[0]
    created = ask(server, "POST", "distribution/create/create", {"assetid": "x"}, auth={"Cookie": session})
    assert created.status == 200 and created.cookies == []
    emulator_of(server).admin("POST", "entermedia/restart")
    assert ask(server, "POST", "distribution/create/create", {"assetid": "x"}, auth={"Cookie": session}).status == 302


@emulator_only
def test_a_new_password_is_a_new_key(server: Target) -> None:
    changed = emulator_of(server).set_media_password("admin", "other")
    assert changed["key"] != server.names["key"]
    assert ask(server, "POST", "test/helloworld").status == 302
    assert ask(server, "POST", "test/helloworld", auth={"X-entermedia.key": changed["key"]}).status == 200
    assert "invalidlogin" in ask(server, "POST", "authentication/login", {"id": "admin", "password": "admin"}, auth=None).body.decode()


@emulator_only
def test_starting_up(server: Target) -> None:
    emulator_of(server).media_settings(starting=True)
    for answer in (ask(server, "POST", "authentication/login", {}), ask(server, "GET", "distribution/published/x")):
        assert answer.status == 200 and answer.headers["content-type"].startswith("text/html") and b"starting" in answer.body
    emulator_of(server).media_settings(starting=False)
    assert ask(server, "POST", "test/helloworld").json["response"]["status"] == "ok"


@emulator_only
def test_conversion_takes_its_time(server: Target) -> None:
    emulator_of(server).media_settings(conversionMs=400)
    fields = {"jsonrequest": {"id": "slow", "sourcepath": "x/"}}
    ask(server, "POST", "module/asset/create", form=fields, files=[("file", "a.png")])
    created = ask(server, "POST", "distribution/create/create", {"assetid": "slow", "id": "slow", "alloworiginal": True})
    assert len(created.json["presets"]) == 5
    assert ask(server, "GET", "distribution/published/slow/largeimage").status == 404
    assert ask(server, "GET", "module/asset/data/slow").json["data"]["previewstatus"]["id"] == "0"
    assert ask(server, "GET", "distribution/published/slow").body == FILES["image"]
    wait_until(lambda: ask(server, "GET", "distribution/published/slow/largeimage").status == 200, 5, "the conversion")
    data = ask(server, "GET", "module/asset/data/slow").json["data"]
    assert data["previewstatus"]["id"] == "2" and data["importstatus"]["id"] == "complete"


@emulator_only
def test_the_same_id_replaces_the_file(server: Target) -> None:
    for content in (b"one", b"two and more"):
        name = content.decode()[:3] + ".zip"
        ask(server, "POST", "module/asset/create", form={"jsonrequest": {"id": "a", "sourcepath": "x/"}}, files=[("file", name, content)])
        ask(server, "POST", "distribution/create/create", {"assetid": "a", "id": "a.zip", "alloworiginal": True})
        answer = ask(server, "GET", "distribution/published/a.zip")
        assert answer.body == content and f'filename="{name}"' in answer.headers["content-disposition"]
    assert ask(server, "GET", "module/asset/data/a").json["data"]["name"] == "two.zip"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@emulator_only
def test_http_is_redirected_to_https(certificate: pathlib.Path) -> None:
    options = ["--tls-cert", str(certificate / "cert.pem"), "--tls-key", str(certificate / "key.pem")]
    with Emulator(options=[*options, "--entermedia-redirect-status", "301"]) as emulator:
        server = target_of(emulator)
        for status in (301, 302, 307, 308):
            emulator.media_settings(redirectStatus=status)
            answer = ask(server, "POST", "distribution/create/create?a=b", {"assetid": "x"})
            assert answer.status == status
            assert answer.headers["location"] == f"{emulator.entermedia['tlsBaseUrl']}/services/distribution/create/create?a=b"
        assert emulator.media()["distributions"] == []
        trust = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
        body = json.dumps({"assetid": "x", "id": "over-tls", "alloworiginal": True})
        answer = request("POST", answer.headers["location"], body, {"X-entermedia.key": server.names["key"]}, tls=trust)
        assert answer.json["originalUrl"] == f"{emulator.entermedia['tlsBaseUrl']}/services/distribution/published/over-tls"
        assert request("GET", emulator.base_url + "/projects/projects-status").status == 401


@emulator_only
def test_without_tls_there_is_nothing_to_redirect_to(server: Target) -> None:
    with pytest.raises(AssertionError, match="no TLS to redirect to"):
        emulator_of(server).media_settings(redirectStatus=301)
    with pytest.raises(AssertionError, match="redirectStatus must be 301"):
        emulator_of(server).media_settings(redirectStatus=303)


@emulator_only
def test_faults_and_the_journal(server: Target) -> None:
    emulator = emulator_of(server)
    path = server.names["path"] + "/services/distribution/create/create"
    emulator.fault("status", path=path, status=503, body='{"reponse":{}}')
    emulator.fault("close", path=path, after="processing")
    emulator.fault("length", path=path, by=10)
    emulator.fault("truncate", path=path)
    assert ask(server, "POST", "distribution/create/create", {"assetid": "x", "id": "one"}).status == 503
    for number in range(2):
        with pytest.raises((http.client.RemoteDisconnected, http.client.IncompleteRead)):
            ask(server, "POST", "distribution/create/create", {"assetid": "x", "id": f"lost-{number}"})
    with pytest.raises(http.client.IncompleteRead):
        ask(server, "POST", "distribution/create/create", {"assetid": "x", "id": "cut"})
    assert [record["id"] for record in emulator.media()["distributions"]] == ["lost-0", "lost-1", "cut"]
    entries = emulator.journal(method="POST", path=path)
    assert [entry["status"] for entry in entries] == [503, None, 200, 200]
    assert json.loads(entries[0]["body"]) == {"assetid": "x", "id": "one"}
    assert entries[0]["headers"]["x-entermedia.key"] == server.names["key"]
    ask(server, "POST", "authentication/login", {"id": "admin", "password": "tell-it"}, auth=None)
    assert "tell-it" in emulator.journal()[-1]["body"]


def resident_peak(emulator: Emulator) -> int:
    text = pathlib.Path(f"/proc/{emulator.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    assert found
    return int(found[1]) * 1024


@emulator_only
def test_a_large_upload_is_not_kept_in_memory() -> None:
    size, block = 300 << 20, os.urandom(1 << 20)
    with new_emulator() as emulator:
        server = target_of(emulator)
        before = resident_peak(emulator)
        head = (
            b'--b\r\nContent-Disposition: form-data; name="jsonrequest"\r\n\r\n{"id":"big","sourcepath":"x/"}\r\n'
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="big.zip"\r\n\r\n'
        )
        tail = b"\r\n--b--\r\n"
        parts = urllib.parse.urlsplit(server.base)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        connection.putrequest("POST", parts.path + "/services/module/asset/create")
        connection.putheader("X-entermedia.key", server.names["key"])
        connection.putheader("Content-Type", "multipart/form-data; boundary=b")
        connection.putheader("Content-Length", str(len(head) + size + len(tail)))
        connection.endheaders(head)
        for _ in range(size >> 20):
            connection.send(block)
        connection.send(tail)
        assert json.loads(connection.getresponse().read())["response"] == {"status": "ok", "id": "big"}
        connection.close()
        ask(server, "POST", "distribution/create/create", {"assetid": "big", "id": "big.zip", "alloworiginal": True})
        link = f"{server.base}/services/distribution/published/big.zip"
        assert request("HEAD", link).headers["content-length"] == str(size)
        assert request("GET", link, headers={"Range": f"bytes={size - 1024}-"}).body == block[-1024:]
        assert resident_peak(emulator) - before < 16 << 20
        # Its room is given back with the asset, whatever the journal remembers.
        assert kept_files(emulator) == 1
        ask(server, "DELETE", "module/asset/data/big")
        assert kept_files(emulator) == 0


def kept_files(emulator: Emulator) -> int:
    """How many files the emulator keeps for assets: they have no name any more, and live as long as they are open."""
    count = 0
    for descriptor in pathlib.Path(f"/proc/{emulator.process.pid}/fd").iterdir():
        # Connections come and go meanwhile.
        with contextlib.suppress(FileNotFoundError):
            count += "slipway-emulator-" in os.readlink(descriptor)
    return count


@emulator_only
def test_a_form_in_pieces_of_any_size(server: Target) -> None:
    content = b"\r\n--b\r-\r\n--\r\n\r\n--bound\r\n" + bytes(range(256)) + b"\r\n--"
    kind, body = multipart({"jsonrequest": {"id": "pieces", "sourcepath": "x/"}}, [("file", "a.zip", content)])
    parts = urllib.parse.urlsplit(server.base)
    head = (
        f"POST {parts.path}/services/module/asset/create HTTP/1.1\r\nHost: {parts.netloc}\r\nX-entermedia.key: {server.names['key']}\r\n"
        f"Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ).encode()
    ask(server, "POST", "distribution/create/create", {"assetid": "pieces", "id": "pieces.zip", "alloworiginal": True})
    for size in (1, 2, 7, 61, 10_000):
        chunks = [body[start : start + size] for start in range(0, len(body), size)]
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as stream:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream.sendall(head)
            for chunk in chunks:
                stream.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            stream.sendall(b"0\r\n\r\n")
            answer = stream.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        assert ask(server, "GET", "distribution/published/pieces.zip").body == content
        ask(server, "DELETE", "module/asset/data/pieces")


@emulator_only
@pytest.mark.parametrize("cut", ["no end", "in the headers", "a strange boundary", "endless headers", "a large field"])
def test_forms_that_cannot_be(server: Target, cut: str) -> None:
    kind, body = multipart({"jsonrequest": {"id": "bad", "sourcepath": "x/"}}, [("file", "a.zip", b"content")])
    boundary = kind.split("=")[1].encode()
    body = {
        "no end": body[:-5],
        "in the headers": body[: body.index(b'filename="a')],
        "a strange boundary": body.replace(b"--" + boundary + b"\r\n", b"--" + boundary + b"xx", 1),
        "endless headers": b"--" + boundary + b"\r\nX: " + b"x" * 100_000,
        "a large field": b"--" + boundary + b'\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"x" * (3 << 20),
    }[cut]
    headers = {"Content-Type": kind, "X-entermedia.key": server.names["key"]}
    answer = request("POST", f"{server.base}/services/module/asset/create", body, headers)
    assert answer.status == 500 and answer.json["reponse"]["status"] == "error", answer.body
    assert emulator_of(server).media()["assets"] == []


@emulator_only
def test_admin(server: Target) -> None:
    emulator = emulator_of(server)
    assert emulator.add_asset(id="a", name="game.zip", content="PK", title="Game") == "a"
    assert emulator.add_asset(id="big", bytes=5 << 30, name="big.zip") == "big"
    assert emulator.add_asset(id="many", count=3) == "many-1"
    ask(server, "POST", "distribution/create/create", {"assetid": "big", "id": "big.zip", "alloworiginal": True})
    ask(server, "POST", "distribution/create/create", {"id": "junk"})
    known = emulator.media()
    assert [asset["id"] for asset in known["assets"]] == ["a", "big", "many-1", "many-2", "many-3"]
    assert known["assets"][0] == {
        "id": "a", "title": "Game", "name": "game.zip", "sourcePath": "emulator/a", "bytes": 2, "importStatus": "complete",
        "converted": True,
    }  # fmt: skip
    assert known["distributions"] == [
        {"id": "big.zip", "assetId": "big", "allowOriginal": True, "assetExists": True},
        {"id": "junk", "assetId": None, "allowOriginal": False, "assetExists": False},
    ]
    assert [user["user"] for user in known["users"]] == ["admin", "limited"]
    assert request("HEAD", f"{server.base}/services/distribution/published/big.zip").headers["content-length"] == str(5 << 30)
    emulator.admin("DELETE", "entermedia/assets/big")
    emulator.admin("DELETE", "entermedia/distributions/junk")
    for path in ("entermedia/assets/big", "entermedia/distributions/junk"):
        with pytest.raises(AssertionError, match="There is no (asset big|distribution junk)"):
            emulator.admin("DELETE", path)
    for members in ({"bytes": -1}, {"bytes": 1, "content": ""}, {"count": 0}, {"nonsense": 1}):
        with pytest.raises(AssertionError, match="400"):
            emulator.admin("POST", "entermedia/assets", members)
    emulator.reset()
    known = emulator.media()
    assert known["assets"] == [] and known["distributions"] == [] and known["settings"]["generation"] == "current"


@emulator_only
def test_many_records(server: Target) -> None:
    emulator = emulator_of(server)
    emulator.add_asset(id="a", count=100_000)
    count, threads = 2000, 4

    def create(number: int) -> None:
        parts = urllib.parse.urlsplit(server.base)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        for index in range(number, count, threads):
            body = json.dumps({"assetid": f"a-{index + 1}", "id": f"d-{index}"})
            connection.request("POST", parts.path + "/services/distribution/create/create", body, {"X-entermedia.key": server.names["key"]})
            response = connection.getresponse()
            assert json.loads(response.read())["response"]["id"] == f"d-{index}"
        connection.close()

    workers = [threading.Thread(target=create, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found: List[str] = []
    for page in range(1, 6):
        document = {"page": str(page), "hitsperpage": "500", "query": {"terms": []}}
        answer = ask(server, "POST", "distribution/search/search", document).json
        assert answer["response"]["totalhits"] == count and answer["response"]["pages"] == 4
        found += [hit["id"] for hit in answer["results"]]
    assert sorted(found) == sorted(f"d-{index}" for index in range(count))
    for index in range(0, count, 2):
        ask(server, "DELETE", f"distribution/delete/d-{index}")
    assert len(emulator.media()["distributions"]) == count // 2


@emulator_only
def test_options() -> None:
    options = {
        "--entermedia-path": "/media/emshare2", "--entermedia-user": "me", "--entermedia-password": "secret",
        "--entermedia-generation": "newer", "--entermedia-shape": "documented", "--entermedia-conversion-ms": "7",
        "--entermedia-cdn-prefix": "https://cdn.example.test",
    }  # fmt: skip
    with Emulator(options=sum(map(list, options.items()), [])) as emulator:
        media = emulator.entermedia
        assert media["baseUrl"].endswith("/media/emshare2") and (media["user"], media["password"]) == ("me", "secret")
        settings = {
            "generation": "newer", "shape": "documented", "conversionMs": 7, "starting": False, "redirectStatus": 0,
            "cdnPrefix": "https://cdn.example.test",
        }  # fmt: skip
        assert emulator.media_settings() == settings
        emulator.media_settings(shape="current", starting=True)
        emulator.reset()
        assert emulator.media_settings() == settings
        answer = ask(target_of(emulator), "POST", "distribution/create/create", {"assetid": "x", "id": "d"})
        assert answer.json["urls"]["baseurl"] == "https://cdn.example.test/media/emshare2/services/distribution/published/d/"
        assert any(cookie.startswith("entermedia.keymedia=") for cookie in answer.cookies)


@emulator_only
@pytest.mark.parametrize(
    "options, text",
    [
        (["--entermedia-path", "assets"], "--entermedia-path must begin with /"),
        (["--entermedia-path", "/files/x"], "--entermedia-path must begin with /"),
        (["--entermedia-path", "/a/"], "--entermedia-path must begin with /"),
        (["--entermedia-user", "limited"], "limited is another user"),
        (["--entermedia-password", ""], "neither can be empty"),
        (["--entermedia-conversion-ms", "-1"], "--entermedia-conversion-ms"),
        (["--entermedia-redirect-status", "303"], "must be 301, 302, 307, 308, or 0"),
        (["--entermedia-redirect-status", "301"], "there is no TLS to redirect to"),
        (["--entermedia-shape", "round"], "--entermedia-shape"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_options_that_cannot_be(options: List[str], text: str) -> None:
    done = subprocess.run([str(binary()), *options], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    assert done.returncode != 0 and done.stdout == "" and text in done.stderr, done.stderr
