"""What a path can lead to instead of a file: for every operation that takes one, for what is trusted and for where credentials stand.

None of it is waited for, read without end, or left open.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any, Callable, Dict, Iterator

import pytest

import slipway
from conftest import ROOT, Customer
from media_fixtures import Media, client, media  # noqa: F401
from security_peers import Authority, Peer, server_tls
from security_requests import Bucket

SECONDS = 5.0
"""What cannot be used is told at once; this is for a machine that has much else to do."""


@pytest.fixture
def paths(tmp_path: pathlib.Path) -> Iterator[Dict[str, str]]:
    os.mkfifo(tmp_path / "pipe.zip")
    os.mkfifo(tmp_path / "open-pipe.zip")
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "loop.zip").symlink_to("loop.zip")
    (tmp_path / "one.zip").symlink_to("two.zip")
    (tmp_path / "two.zip").symlink_to("one.zip")
    (tmp_path / "dangling.zip").symlink_to("nowhere")
    (tmp_path / "to-pipe.zip").symlink_to("pipe.zip")
    (tmp_path / "to-device.zip").symlink_to("/dev/zero")
    # Somebody has it open, and says nothing.
    writer = os.open(tmp_path / "open-pipe.zip", os.O_RDWR | os.O_NONBLOCK)
    # The address of a socket has room for 108 bytes only.
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{short}/socket.zip")
        listener.listen()
        yield {
            **{name: str(tmp_path / f"{name}.zip") for name in (
                "pipe", "open-pipe", "folder", "loop", "one", "dangling", "to-pipe", "to-device", "missing")},
            "socket": f"{short}/socket.zip", "below a file": str(tmp_path / "file" / "a.zip"), "too long": str(tmp_path / ("n" * 300)),
            "/dev/zero": "/dev/zero", "/dev/null": "/dev/null", "/dev/full": "/dev/full", "/dev/ptmx": "/dev/ptmx",
            "/proc": "/proc", "a line": str(tmp_path / "a\nb.zip"), "a slash behind": str(tmp_path / "file") + "/",
            "a slash behind a folder": str(tmp_path / "folder.zip") + "/", "long": "/".join(["a"] * 3000), "/": "/",
            "descriptor": "/dev/fd/0",
        }  # fmt: skip
    os.close(writer)


Operation = Callable[[slipway.Client, str], "slipway.Operation[Any]"]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer(Bucket()) as peer:
        yield peer


@pytest.fixture
def operations(customer: Customer, peer: Peer, tmp_path: pathlib.Path) -> Dict[str, Operation]:
    (tmp_path / "served").mkdir()
    bucket = slipway.S3(bucket="builds", endpoint=peer.url, access_key_id="AKIDEXAMPLE", secret_access_key="a-secret-of-no-bucket")
    put, folder = slipway.PutURL(f"{peer.url}/put.zip"), slipway.Directory(tmp_path / "served", public_url=peer.url)
    project = customer.project_id
    return {
        "asset_upload": lambda client, path: client.entermedia_asset_upload(file_path=path, wait=False),
        "check_package": lambda client, path: client.check_package(path, wait=False),
        "store, a bucket": lambda client, path: client.store(path, bucket, key="a.zip", wait=False),
        "store, a put_url": lambda client, path: client.store(path, put, wait=False),
        "store, a directory": lambda client, path: client.store(path, folder, key="a.zip", wait=False),
        "release": lambda client, path: client.release(project_id=project, file_path=path, wait=False),
        "release, a bucket": lambda client, path: client.release(project_id=project, file_path=path, storage=bucket, wait=False),
        "release, a put_url": lambda client, path: client.release(project_id=project, file_path=path, storage=put, wait=False),
        "release, a directory": lambda client, path: client.release(project_id=project, file_path=path, storage=folder, wait=False),
    }  # fmt: skip


def files_open() -> Dict[str, int]:
    """What this process has open, but for what is no file of a name."""
    found: Dict[str, int] = {}
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            name = os.readlink(f"/proc/self/fd/{descriptor}")
            if name.startswith("/") and not name.startswith("/proc/"):
                found[name] = found.get(name, 0) + 1
    return found


def test_every_operation_that_takes_a_file_is_here(operations: Dict[str, Operation]) -> None:
    from security_requests import OPERATIONS, texts_of

    taking = {name for name in OPERATIONS if ("file_path",) in texts_of(name)}
    names = {name.partition(",")[0] for name in operations}
    assert {name.replace("slipway_", "").replace("entermedia_", "") for name in taking} == names


def test_what_is_no_file(
    operations: Dict[str, Operation], paths: Dict[str, str], client: slipway.Client, peer: Peer, media: Media,  # noqa: F811
    customer: Customer,
) -> None:  # fmt: skip
    before = files_open()
    running = {(name, what): (operation(client, path), time.monotonic()) for name, operation in operations.items()
               for what, path in paths.items()}  # fmt: skip
    for (name, what), (operation, start) in running.items():
        error = operation.exception(SECONDS)
        if name == "asset_upload" and isinstance(error, slipway.InvalidArgumentError):
            # What the file is called there follows from the path: such a name cannot be, whatever is there.
            assert what in ("too long", "a line", "/", "a slash behind", "a slash behind a folder", "long"), (what, error)
        else:
            assert isinstance(error, slipway.FileError) and error.hint, (name, what, error)
            assert what in ("long", "too long", "a line") or os.path.basename(paths[what].rstrip("/")) in error.message, (name, what, error)
        assert not error.retriable and error.http_status is None, (name, what, error)
        assert time.monotonic() - start < SECONDS
    assert peer.requests == [] and media.posts("module/asset/create") == [] and customer.posts("upload-file") == []
    assert files_open() == before


def test_files_of_the_system_are_not_sent(
    operations: Dict[str, Operation], client: slipway.Client, peer: Peer, media: Media, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    """What says that it is empty, and is not: it is refused, or sent as what it says it is."""
    content = pathlib.Path("/proc/self/environ").read_bytes()
    assert len(content) > 20
    before = files_open()
    for path in ("/proc/self/environ", "/proc/self/maps", "/proc/self/cmdline", "/proc/self/pagemap", "/proc/self/mem"):
        for name, operation in operations.items():
            error = operation(client, path).exception(SECONDS)
            assert error is None or isinstance(error, (slipway.FileError, slipway.InvalidArgumentError)), (name, path, error)
    start = content[:20].decode()
    assert content[:20] not in peer.heard and all(start not in entry["body"] for entry in media.posts("module/asset/create"))
    assert all(request.body == b"" for request in peer.requests)
    assert files_open() == before


def test_a_file_with_a_line_in_its_name(
    operations: Dict[str, Operation], client: slipway.Client, peer: Peer, files: pathlib.Path, tmp_path: pathlib.Path  # noqa: F811
) -> None:
    path = tmp_path / 'My\r\nX-Evil: 1\r\n"Game.zip'
    path.write_bytes((files / "MyGame.zip").read_bytes())
    for name, operation in operations.items():
        if name.startswith("release"):
            continue
        error = operation(client, str(path)).exception(20)
        assert error is None or isinstance(error, (slipway.FileError, slipway.InvalidArgumentError)), (name, error)
        assert error is None or "\n" not in error.message, name
    assert b"x-evil" not in peer.heard.lower()


# Folders


def test_folders_that_are_none(paths: Dict[str, str], client: slipway.Client, files: pathlib.Path) -> None:  # noqa: F811
    before = files_open()
    for what, path in paths.items():
        if what in ("folder", "a slash behind a folder", "/", "/proc"):
            continue
        storage = slipway.Directory(path)
        for operation in (
            client.store(files / "MyGame.zip", storage, wait=False), client.storage_delete(storage, "a.zip", wait=False),
            client.storage_list_unfinished(storage, wait=False), client.storage_abort_unfinished(storage, wait=False),
        ):  # fmt: skip
            error = operation.exception(SECONDS)
            assert isinstance(error, (slipway.FileError, slipway.InvalidArgumentError)), (what, error)
            assert error.hint, (what, error)
    assert files_open() == before


def test_what_stands_where_a_file_should_go(
    paths: Dict[str, str], client: slipway.Client, files: pathlib.Path, tmp_path: pathlib.Path  # noqa: F811
) -> None:
    """Nothing is written through a pipe, a device or a link."""
    (tmp_path / "aim").write_bytes(b"mine")
    (tmp_path / "aimed.zip").symlink_to("aim")
    for name in ("pipe", "open-pipe", "folder", "loop", "dangling", "to-pipe", "to-device", "aimed"):
        error = client.store(files / "MyGame.zip", slipway.Directory(tmp_path), key=f"{name}.zip", wait=False).exception(SECONDS)
        assert isinstance(error, slipway.FileError), (name, error)
    assert (tmp_path / "aim").read_bytes() == b"mine" and not (tmp_path / "nowhere").exists()


# What is trusted, and where credentials stand

ODD = ["missing", "folder", "loop", "dangling", "/dev/zero", "/dev/null", "socket", "/proc", "pipe", "open-pipe", "to-pipe"]

# In a process of its own, which a test can end when it hangs.
SCRIPT = """\
import sys, slipway
url, *paths = sys.argv[1:]
settings = slipway.Streampixel(base_url=url, api_key="a-key-that-is-not-told", user_id="u")
for path in paths:
    try:
        with slipway.Client(proxy="", max_attempts=1, ca_bundle=path, streampixel=settings) as client:
            client.projects(deadline=2)
        print("OK", flush=True)
    except slipway.SlipwayError as error:
        print(type(error).__name__, flush=True)
"""


def test_a_bundle_that_is_none(paths: Dict[str, str], tmp_path: pathlib.Path) -> None:
    (tmp_path / "authority").mkdir()
    authority = Authority(tmp_path / "authority")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "bindings" / "python")}
    with Peer(tls=server_tls(authority.certificate("good", "IP:127.0.0.1"))) as peer:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, peer.url, *(paths[name] for name in ODD)], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
        try:
            words, errors = process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            words, errors = process.communicate()
        found = dict(zip(ODD, [*words.split(), *["waits for it"] * len(ODD)]))
        assert peer.requests == [], "nobody is trusted by it"
    bad = {name: word for name, word in found.items() if word not in ("TLSError", "InvalidArgumentError", "FileError")}
    assert (bad, errors) == ({}, "")


def test_credentials_that_are_no_file(
    paths: Dict[str, str], client: slipway.Client, peer: Peer, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    before = files_open()
    for variable in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        for what in ODD:
            monkeypatch.setenv(variable, paths[what])
            operation = client.store(files / "MyGame.zip", slipway.S3(bucket="builds", endpoint=peer.url), key="a.zip", wait=False)
            assert isinstance(operation.exception(SECONDS), slipway.InvalidArgumentError), (variable, what, operation)
        monkeypatch.delenv(variable)
    assert peer.requests == [] and files_open() == before
