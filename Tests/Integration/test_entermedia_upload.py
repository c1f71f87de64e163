"""Files on their way to an EnterMedia server: all of them, or an error; told how far they are; sent again when the way breaks."""

from __future__ import annotations

import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
from typing import Any, Callable, Dict, List

import pytest

import slipway
from conftest import ROOT
from emulator import request, wait_until
from entermedia_facts import fact
from entermedia_server import (
    Server, Valve, Wire, certificate, conformance_table, media, process, real, server, wire,
)  # fmt: skip
from entermedia_target import FILES

UPLOAD = "module/asset/create"
MB = 1 << 20


def content_of(server: Server, asset: str) -> bytes:
    """What the server has got, byte for byte."""
    made = server.client().entermedia_distribution_create(asset_id=asset, allow_original=True)
    return request("GET", str(made.original_url)).body


@pytest.fixture
def large(tmp_path: pathlib.Path) -> pathlib.Path:
    """Larger than all that stands between a sender and a valve can hold."""
    path = tmp_path / "large.zip"
    path.write_bytes(random.Random(1).randbytes(MB) * 40)
    return path


# What arrives


@fact("upload-01", "OK: what was sent is what the link gives")
def test_upload(server: Server, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "MyGame.zip"
    file.write_bytes(FILES["zip"])
    id = server.new_id()
    upload = server.client().entermedia_asset_upload(file_path=file, asset_id=id, source_path=f"conformance/{id}", name="MyGame-1.0.zip")
    assert (upload.id, upload.name, upload.source_path, upload.size) == (id, "MyGame-1.0.zip", f"conformance/{id}", len(FILES["zip"]))
    assert isinstance(upload.raw, dict)
    asset = server.client().entermedia_asset_get(id)
    assert (asset.name, asset.source_path) == ("MyGame-1.0.zip", f"conformance/{id}")
    assert asset.size in (None, len(FILES["zip"])), "told some time after"
    assert content_of(server, id) == FILES["zip"]


@fact("upload-02", "never sent without: the folder is slipway/<asset id> unless the request says otherwise")
@fact("upload-16", "never sent so: the request is a plain field named jsonrequest,")
@fact("upload-18", "without a file name; the file is the one part that has one")
def test_the_form(server: Server, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"a text")
    for source_path, folder in ((None, None), ("builds/MyGame/", "builds/MyGame"), ("", None), ("größe und mehr", "größe und mehr")):
        id = server.new_id()
        upload = server.client().entermedia_asset_upload(file_path=file, asset_id=id, source_path=source_path)
        folder = folder or f"slipway/{id}"
        assert (upload.name, upload.source_path, upload.size) == ("notes.txt", folder, 6)
        if not server.is_real:
            (entry,) = server.journal("POST", UPLOAD)[-1:]
            boundary = re.fullmatch("multipart/form-data; boundary=(.+)", entry["headers"]["content-type"])
            assert boundary and int(entry["headers"]["content-length"]) == len(entry["body"].encode())
            head, first, second, tail = entry["body"].split("--" + boundary[1])
            assert (head, tail) == ("", "--\r\n")
            described, _, value = first.partition("\r\n\r\n")
            assert described == '\r\nContent-Disposition: form-data; name="jsonrequest"'
            assert json.loads(value) == {"id": id, "sourcepath": folder + "/"}
            described, _, value = second.partition("\r\n\r\n")
            assert described.split("\r\n")[1:] == [
                'Content-Disposition: form-data; name="file"; filename="notes.txt"', "Content-Type: application/octet-stream"]
            assert value == "a text\r\n"


@fact("upload-12", "OK: the asset is the new file; links to the original give it")
def test_the_same_id_replaces(server: Server, tmp_path: pathlib.Path) -> None:
    id, client = server.new_id(), server.client()
    for name, content in (("one.zip", b"PK one"), ("two.zip", b"PK two, and longer"), ("one.zip", b"PK")):
        (tmp_path / name).write_bytes(content)
        upload = client.entermedia_asset_upload(file_path=tmp_path / name, asset_id=id)
        assert (upload.id, upload.name, upload.size) == (id, name, len(content))
        assert client.entermedia_asset_get(id).name == name and content_of(server, id) == content


@fact("upload-13", "OK")
@pytest.mark.parametrize("name", ["my photo ü.png", "größer.zip", "a;b=c,d'e%20&+.zip", "日本語.zip", " .zip", "x" * 251 + ".zip"])
def test_names(media: Server, tmp_path: pathlib.Path, name: str) -> None:
    id = media.new_id()
    if len(name) < 200:
        (tmp_path / name).write_bytes(FILES["zip"])
        upload = media.client().entermedia_asset_upload(file_path=tmp_path / name, asset_id=id)
    else:
        (tmp_path / "a.zip").write_bytes(FILES["zip"])
        upload = media.client().entermedia_asset_upload(file_path=tmp_path / "a.zip", asset_id=id, name=name)
    assert upload.name == name and media.client().entermedia_asset_get(id).name == name
    assert content_of(media, id) == FILES["zip"]


@fact("upload-19", "OK, with a size of 0")
def test_empty_file(media: Server, tmp_path: pathlib.Path) -> None:
    (tmp_path / "empty.zip").touch()
    id = media.new_id()
    assert media.client().entermedia_asset_upload(file_path=tmp_path / "empty.zip", asset_id=id).size == 0
    assert content_of(media, id) == b""


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 524_287, 524_288, 524_289, 3 * 524_288, 5 * MB + 7])
def test_sizes(media: Server, tmp_path: pathlib.Path, size: int) -> None:
    content = random.Random(size).randbytes(size)
    (tmp_path / "a.zip").write_bytes(content)
    upload = media.client().entermedia_asset_upload(file_path=tmp_path / "a.zip")
    assert media.note(upload.id) and (len(upload.id), upload.size) == (36, size)
    assert content_of(media, upload.id) == content


def test_many_uploads_at_once(media: Server, tmp_path: pathlib.Path) -> None:
    """None of them is forgotten while it waits for its file."""
    contents = {f"file-{number}.zip": random.Random(number).randbytes(number * 1013) for number in range(40)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    client = media.client()
    for turn in range(5):
        operations = {name: client.entermedia_asset_upload(file_path=tmp_path / name, asset_id=media.note(f"{name}-{turn}"), wait=False)
                      for name in contents}
        assert {name: operation.result(20).size for name, operation in operations.items()} == {
            name: len(content) for name, content in contents.items()}
    for name, content in list(contents.items())[::7]:
        assert content_of(media, f"{name}-4") == content


@pytest.mark.parametrize("redirect", [301, 308])
def test_redirect_to_https(media: Server, certificate: pathlib.Path, tmp_path: pathlib.Path, redirect: int) -> None:
    """The whole file goes there, after it was refused here."""
    content = random.Random(2).randbytes(3 * MB + 1)
    (tmp_path / "a.zip").write_bytes(content)
    media.emulator.media_settings(redirectStatus=redirect)
    id = media.new_id()
    client = media.client(ca_bundle=str(certificate / "cert.pem"))
    assert client.entermedia_asset_upload(file_path=tmp_path / "a.zip", asset_id=id).size == len(content)
    media.emulator.media_settings(redirectStatus=0)
    assert content_of(media, id) == content


# How far it is


def test_progress(media: Server, wire: Wire, large: pathlib.Path) -> None:
    size = large.stat().st_size
    news: List[slipway.Progress] = []
    valve = wire.valve(media)
    valve.slow_down(60 * MB)
    client = media.client(media.settings(base_url=valve.base_url))
    assert client.entermedia_asset_upload(file_path=large, asset_id=media.new_id(), on_progress=news.append).size == size
    sent = [one for one in news if one.stage is slipway.Stage.TRANSFERRING]
    done = [one.bytes_done for one in sent]
    assert done == sorted(done) and done[0] < size and done[-1] == size and len(set(done)) >= 4
    assert {one.bytes_total for one in sent} == {size} and all(one.attempt == 1 for one in sent)
    rates = [one.bytes_per_second for one in sent if one.bytes_per_second]
    assert rates and all(10 * MB < rate < 400 * MB for rate in rates)
    assert all(one.time_left is None or 0 <= one.time_left < 10 for one in sent)


# What cannot be sent


def _nothing(path: pathlib.Path) -> None:
    pass


def _listen(path: pathlib.Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.close()


NOT_FILES: Dict[str, "tuple[Callable[[pathlib.Path], object], str]"] = {
    "missing": (_nothing, "No such file"),
    "a folder": (lambda path: path.mkdir(), "a folder"),
    "a pipe": (os.mkfifo, "a pipe"),
    "a socket": (_listen, "cannot be opened"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "No such file"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "symbolic links"),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), "a device"),
}


@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file(media: Server, tmp_path: pathlib.Path, kind: str) -> None:
    make, words = NOT_FILES[kind]
    path = tmp_path / "a.zip"
    make(path)
    refused(media, path, words)


def refused(media: Server, path: pathlib.Path, words: str) -> None:
    with pytest.raises(slipway.FileError) as caught:
        media.client(media.login()).entermedia_asset_upload(file_path=path)
    assert str(path) in caught.value.message and words in caught.value.message, caught.value.message
    assert caught.value.hint and caught.value.attempts == 0
    if not media.is_real:
        assert media.emulator.journal() == [], "not even a login"


def test_paths_that_lead_nowhere(media: Server, tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    refused(media, tmp_path / "file" / "a.zip", "Not a directory")
    refused(media, tmp_path / ("x" * 251 + ".zip") / "a.zip", "No such file")
    with pytest.raises(slipway.InvalidArgumentError, match="^file_path is missing"):
        media.client().entermedia_asset_upload(file_path="")


def test_file_that_may_not_be_read(media: Server, tmp_path: pathlib.Path) -> None:
    """Root may read everything: then somebody else tries, in a process of his own."""
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK")
    path.chmod(0)
    if os.geteuid() != 0:
        return refused(media, path, "Permission denied")
    source = """
import os, sys
sys.path.insert(0, sys.argv[1])
import slipway
client = slipway.Client()
os.setresuid(65534, 65534, 65534)  # the process's, its threads included
try:
    client.entermedia_asset_upload(file_path=sys.argv[2])
except slipway.FileError as error:
    print(error.message)
"""
    environment = {**os.environ, "ENTERMEDIA_BASE_URL": media.base_url, "ENTERMEDIA_KEY": media.key}
    done = subprocess.run(
        [sys.executable, "-c", source, str(ROOT / "bindings" / "python"), str(path)], env=environment, capture_output=True, text=True,
        timeout=20, stdin=subprocess.DEVNULL)
    assert done.stdout == f"{path} cannot be opened: Permission denied\n", done.stderr


def test_link_to_a_file_is_one(media: Server, tmp_path: pathlib.Path) -> None:
    (tmp_path / "MyGame-1.0.zip").write_bytes(FILES["zip"])
    (tmp_path / "latest.zip").symlink_to("MyGame-1.0.zip")
    upload = media.client().entermedia_asset_upload(file_path=tmp_path / "latest.zip", asset_id=media.new_id())
    assert (upload.name, upload.size) == ("latest.zip", len(FILES["zip"]))


# A file that changes


def _change(path: pathlib.Path) -> None:
    with open(path, "r+b") as file:
        file.write(b"another beginning")


def _change_end(path: pathlib.Path) -> None:
    with open(path, "r+b") as file:
        file.seek(-3, os.SEEK_END)
        file.write(b"end")


def _grow(path: pathlib.Path) -> None:
    with open(path, "ab") as file:
        file.write(b"more")


def _replace(path: pathlib.Path) -> None:
    """As a build tool does it."""
    other = path.with_name("other.zip")
    other.write_bytes(b"PK" * (path.stat().st_size // 2))
    os.replace(other, path)


CHANGES: "Dict[str, Callable[[pathlib.Path], object]]" = {
    "changed": _change, "changed at its end": _change_end, "grown": _grow, "cut": lambda path: os.truncate(path, 30 * MB),
    "emptied": lambda path: os.truncate(path, 0), "replaced": _replace, "removed": os.unlink,
}


@pytest.mark.parametrize("change", CHANGES)
def test_file_that_changes_while_it_is_sent(media: Server, wire: Wire, large: pathlib.Path, change: str) -> None:
    """An error, and no asset: neither half of it, nor one that is a bit of both."""
    valve = wire.valve(media)
    valve.hold_after(10 * MB)
    client = media.client(media.settings(base_url=valve.base_url))
    id = media.new_id()
    operation = client.entermedia_asset_upload(file_path=large, asset_id=id, wait=False)
    assert valve.held.wait(10)
    CHANGES[change](large)
    valve.open()
    error: Any = operation.exception(20)
    assert isinstance(error, slipway.FileError), repr(error)
    assert str(large) in error.message and error.hint and error.http_status is None and not error.retriable
    wait_until(lambda: valve.uploads == 0, what="the end of the connection")
    assert not media.has_asset(id)
    assert client.entermedia_login().logged_in is False, "the client goes on"


@pytest.mark.parametrize("change", ["changed", "grown", "replaced", "removed"])
def test_file_that_changes_before_it_is_sent_again(media: Server, wire: Wire, large: pathlib.Path, change: str) -> None:
    """A build that is newer than the one that was looked at is not what was asked for."""
    valve = wire.valve(media)
    valve.cut_after(5 * MB, then_hold=True)
    client = media.client(media.settings(base_url=valve.base_url))
    id = media.new_id()
    operation = client.entermedia_asset_upload(file_path=large, asset_id=id, wait=False)
    assert valve.held.wait(10)
    CHANGES[change](large)
    valve.open()
    error: Any = operation.exception(20)
    assert isinstance(error, slipway.FileError) and str(large) in error.message and not media.has_asset(id)


# A way that breaks


def test_cut_in_the_middle(media: Server, wire: Wire, large: pathlib.Path) -> None:
    """Sent again, all of it, under the same id: one asset."""
    valve = wire.valve(media)
    news: List[slipway.Progress] = []
    valve.cut_after(12 * MB, times=2)
    before = len(media.emulator.media()["assets"])
    id = media.new_id()
    client = media.client(media.settings(base_url=valve.base_url))
    upload = client.entermedia_asset_upload(file_path=large, asset_id=id, on_progress=news.append)
    assert (upload.id, upload.size) == (id, large.stat().st_size)
    assert len(media.emulator.media()["assets"]) == before + 1 and content_of(media, id) == large.read_bytes()
    done = [one.bytes_done for one in news if one.stage is slipway.Stage.TRANSFERRING]
    assert sum(later < earlier for earlier, later in zip(done, done[1:])) <= 2, "it begins anew with an attempt, and only grows in one"
    assert done[-1] == large.stat().st_size


def test_cut_too_often(media: Server, wire: Wire, large: pathlib.Path) -> None:
    valve = wire.valve(media)
    valve.cut_after(5 * MB, times=3)
    id = media.new_id()
    with pytest.raises(slipway.NetworkError) as caught:
        media.client(media.settings(base_url=valve.base_url), max_attempts=3).entermedia_asset_upload(file_path=large, asset_id=id)
    assert caught.value.retriable and caught.value.attempts == 4, "one to be let in, three with the file"
    assert not media.has_asset(id)


@pytest.mark.parametrize("action", ["close", "html", "empty", "status"])
@pytest.mark.parametrize("after", ["arrival", "processing"])
def test_answer_that_is_lost(media: Server, tmp_path: pathlib.Path, action: str, after: str) -> None:
    (tmp_path / "a.zip").write_bytes(FILES["zip"])
    media.fault(action, UPLOAD, after=after, count=2, **({"status": 502, "body": ""} if action == "status" else {}))
    before, id = len(media.emulator.media()["assets"]), media.new_id()
    assert media.client().entermedia_asset_upload(file_path=tmp_path / "a.zip", asset_id=id).id == id
    assert len(media.emulator.media()["assets"]) == before + 1 and content_of(media, id) == FILES["zip"]
    assert len(media.journal("POST", UPLOAD)) == 3


@fact("upload-02", "SERVER, in the server's own words, should it say so")
def test_server_that_only_says_so(media: Server, tmp_path: pathlib.Path) -> None:
    """OK means that the asset is there."""
    (tmp_path / "a.zip").write_bytes(FILES["zip"])
    id = media.new_id()
    for body, words in (
        ({"response": {"status": "ok", "id": id}}, "has no asset"), ({"response": {"status": "ok", "id": "another"}}, "another instead of"),
        ({"response": {"status": "ok"}, "data": {}}, "has no id"), ({"response": {"status": "error", "details": "Disk full"}}, "Disk full"),
    ):
        media.fault("status", UPLOAD, status=200, body=json.dumps(body))
        with pytest.raises(slipway.ProtocolError, match=words) as caught:
            media.client(max_attempts=1).entermedia_asset_upload(file_path=tmp_path / "a.zip", asset_id=id)
        assert caught.value.hint
    error = {"reponse": {"status": "error", "path": "/x", "details": "Required parameter not found sourcepath"}}
    media.fault("status", UPLOAD, status=500, body=json.dumps(error))
    with pytest.raises(slipway.ServerError, match="Required parameter not found"):
        media.client(max_attempts=1).entermedia_asset_upload(file_path=tmp_path / "a.zip", asset_id=id)


def test_file_that_is_too_large(media: Server, wire: Wire, large: pathlib.Path) -> None:
    """Told once it was sent, or before, as nginx does it; and not sent again."""
    media.fault("status", UPLOAD, count=0, status=413, body="<html>413 Request Entity Too Large</html>")
    with wire.refuser() as nginx:
        for base_url in (media.base_url, nginx.base_url):
            with pytest.raises(slipway.FileError, match="413") as caught:
                media.client(media.settings(base_url=base_url)).entermedia_asset_upload(file_path=large)
            assert "client_max_body_size" in caught.value.hint
            assert (caught.value.http_status, caught.value.attempts, caught.value.retriable) == (413, 2, False)
        assert nginx.refused == len(media.journal("POST", UPLOAD)) == 1


def threads_named(name: str) -> List[str]:
    found = []
    for task in pathlib.Path("/proc/self/task").iterdir():
        try:
            found += [task.name] if (task / "comm").read_text().strip() == name else []
        except OSError:
            pass  # It has just ended.
    return found


def has_open(path: pathlib.Path) -> bool:
    for descriptor in pathlib.Path("/proc/self/fd").iterdir():
        try:
            if os.readlink(descriptor) == str(path):
                return True
        except OSError:
            pass  # It has just been closed.
    return False


@pytest.mark.parametrize("end", ["cancel", "deadline", "close"])
def test_end_in_the_middle(media: Server, wire: Wire, large: pathlib.Path, end: str) -> None:
    """Nothing stays: no asset, no thread, no open file."""
    valve: Valve = wire.valve(media)
    valve.hold_after(10 * MB)
    client = media.client(media.settings(base_url=valve.base_url))
    id = media.new_id()
    operation = client.entermedia_asset_upload(file_path=large, asset_id=id, deadline=0.5 if end == "deadline" else None, wait=False)
    # What the page cache has is read without a thread: there may be none.
    assert valve.held.wait(10) and has_open(large)
    if end == "cancel":
        operation.cancel()
    elif end == "close":
        client.close(10)
    error = operation.exception(10)
    assert isinstance(error, slipway.DeadlineExceededError if end == "deadline" else slipway.CancelledError)
    wait_until(lambda: not has_open(large) and not threads_named("slipway-read"), what="the end of the reading thread")
    valve.open()
    assert not media.has_asset(id)
