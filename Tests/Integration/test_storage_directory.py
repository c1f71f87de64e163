"""A folder of this machine as a storage: files come into it whole or not at all, and are read through the web server that has it."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import threading
import unicodedata
from typing import Any, Callable, Dict, Iterator, List

import pytest

import slipway
from conftest import HERE, ROOT
from emulator import make_build, wait_until
from storage_fixtures import MiB, NewFile, client, content, failure, home, new_file, read, sha256
from web_server import WebServer

SIZE = 3 * MiB + 17


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "served"
    path.mkdir()
    return path


def tree(folder: pathlib.Path) -> List[str]:
    """All that is in it, hidden files and folders included."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# Storing


@pytest.mark.parametrize("size", [0, 1, SIZE])
def test_a_copy(client: slipway.Client, folder: pathlib.Path, new_file: NewFile, size: int) -> None:
    file = new_file(size)
    stored = client.store(file, slipway.Directory(folder))
    target = folder / "MyGame.bin"
    assert (stored.key, stored.path, stored.size, stored.bytes_sent, stored.skipped) == ("MyGame.bin", str(target), size, size, False)
    assert [stored.url, stored.url_expires_at, stored.bucket, stored.etag, stored.upload_id] == [None] * 5 and stored.parts == 0
    assert sha256(target.read_bytes()) == sha256(file.read_bytes()) and tree(folder) == ["MyGame.bin"]
    assert target.stat().st_ino != file.stat().st_ino, "it is a copy: the file may change"


def test_skip_and_replace(client: slipway.Client, folder: pathlib.Path, new_file: NewFile) -> None:
    storage = slipway.Directory(folder)
    target = folder / "MyGame.bin"
    client.store(new_file(SIZE), storage)
    before = target.stat()
    again = client.store(new_file(SIZE), storage)
    assert (again.skipped, again.bytes_sent, again.path) == (True, 0, str(target)) and target.stat() == before

    # Somebody is reading the old one.
    with open(target, "rb") as reader:
        other = new_file(SIZE, seed=2)
        replaced = client.store(other, storage)
        assert (replaced.skipped, replaced.bytes_sent) == (False, SIZE) and sha256(target.read_bytes()) == sha256(other.read_bytes())
        assert sha256(reader.read()) == sha256(content(SIZE)), "who reads it goes on with it"
    sent = client.store(other, storage, always_send=True)
    assert (sent.skipped, sent.bytes_sent) == (False, SIZE)
    for size in (SIZE - 1, 0, SIZE):
        assert not client.store(new_file(size), storage).skipped and target.stat().st_size == size
    assert tree(folder) == ["MyGame.bin"]


KEYS = [
    "a b+c/100%41&d=e?f#g/it's \"so\" (1)/<h>.bin", unicodedata.normalize("NFC", "é.bin"), unicodedata.normalize("NFD", "é.bin"),
    "...a/..b.bin", "\\", "n" * 213, "n" * 255, "/".join(["d"] * 500 + ["a.bin"]),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:20])
def test_keys(client: slipway.Client, folder: pathlib.Path, new_file: NewFile, key: str) -> None:
    storage = slipway.Directory(folder, key_prefix="builds")
    stored = client.store(new_file(), storage, key=key)
    assert (stored.key, stored.path) == (f"builds/{key}", f"{folder}/builds/{key}")
    assert (folder / "builds" / key).read_bytes() == content(70_000) and client.store(new_file(), storage, key=key).skipped
    deletion = client.storage_delete(storage, key)
    assert (deletion.key, deletion.path, deletion.bucket, deletion.deleted) == (f"builds/{key}", f"{folder}/builds/{key}", None, True)
    assert not (folder / "builds" / key).exists() and client.storage_delete(storage, key).deleted, "that there is none is as good"


REFUSED = ["../a.bin", "a/../../b.bin", "/a.bin", "a//b.bin", "a/", "a/./b.bin", "n" * 256, "a\nb", "k" * 1025]


@pytest.mark.parametrize("key", REFUSED, ids=lambda key: repr(key)[:20])
def test_keys_that_are_refused(client: slipway.Client, folder: pathlib.Path, new_file: NewFile, key: str) -> None:
    for storage in (slipway.Directory(folder), slipway.Directory(folder, key_prefix="builds")):
        if key == "/a.bin" and storage.key_prefix:
            continue  # An empty step, then; as the next one.
        with pytest.raises(slipway.InvalidArgumentError, match="key") as refused:
            client.store(new_file(), storage, key=key)
        assert refused.value.hint
        with pytest.raises(slipway.InvalidArgumentError):
            client.storage_delete(storage, key)
    assert tree(folder) == []


def test_nothing_leads_out_of_it(client: slipway.Client, folder: pathlib.Path, new_file: NewFile, tmp_path: pathlib.Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.bin").write_bytes(b"mine")
    (folder / "link").symlink_to(outside)
    (folder / "b.bin").symlink_to(outside / "a.bin")
    for key in ("link/a.bin", "link/c.bin", "b.bin"):
        failure(slipway.FileError, client.store, new_file(), slipway.Directory(folder), key=key)
        with pytest.raises(slipway.FileError):
            client.storage_delete(slipway.Directory(folder), key)
    assert (outside / "a.bin").read_bytes() == b"mine" and tree(outside) == ["a.bin"]
    # The folder itself may be one: whoever serves it has named it.
    (tmp_path / "named").symlink_to(folder)
    assert client.store(new_file(), slipway.Directory(tmp_path / "named"), key="c.bin").path == str(tmp_path / "named" / "c.bin")


# Links


@pytest.fixture
def server(folder: pathlib.Path) -> Iterator[WebServer]:
    with WebServer(folder) as server:
        yield server


def test_links(client: slipway.Client, folder: pathlib.Path, server: WebServer, new_file: NewFile, tmp_path: pathlib.Path) -> None:
    storage = slipway.Directory(folder, public_url=server.url, key_prefix="ü b")
    build = make_build(tmp_path / "My Game+1.zip")
    stored = client.store(build, storage)
    assert (stored.url, stored.url_expires_at) == (f"{server.url}/%C3%BC%20b/My%20Game%2B1.zip", None)
    assert read(stored.url) == build.read_bytes()
    asked = len(server.requests())
    assert client.store(build, storage, check_url=False).url == stored.url
    assert client.store(build, slipway.Directory(folder, public_url=server.url, link=slipway.Link.NONE)).url is None
    assert client.store(build, slipway.Directory(folder)).url is None
    assert len(server.requests()) == asked

    elsewhere = slipway.Directory(folder, public_url=f"{server.url}/elsewhere")
    error, stored = failure(slipway.FileError, lambda: client.store(build, elsewhere))
    assert error.http_status == 404 and error.hint and stored.path == str(folder / build.name) and (folder / build.name).exists()


# What goes wrong


def test_folders_that_are_none(client: slipway.Client, folder: pathlib.Path, new_file: NewFile) -> None:
    (folder / "file").write_bytes(b"x")
    for path, words in ((folder / "missing", "missing"), (folder / "file", "not a folder"), (folder / "file" / "below", "file")):
        with pytest.raises(slipway.FileError) as refused:
            client.store(new_file(), slipway.Directory(path))
        assert str(folder) in refused.value.message and words in refused.value.message and refused.value.hint
    assert tree(folder) == ["file"]


def test_a_folder_where_the_file_should_be(client: slipway.Client, folder: pathlib.Path, new_file: NewFile) -> None:
    (folder / "a").mkdir()
    (folder / "file").write_bytes(b"x")
    for key in ("a", "file/below.bin"):
        error, _ = failure(slipway.FileError, client.store, new_file(), slipway.Directory(folder), key=key)
        assert str(folder / "a") in error.message or str(folder / "file") in error.message
    with pytest.raises(slipway.FileError):
        client.storage_delete(slipway.Directory(folder), "a")
    assert tree(folder) == ["a", "file"]


def begin(client: slipway.Client, file: pathlib.Path, folder: pathlib.Path, key: str) -> "slipway.Operation[slipway.StoredObject]":
    """A copy that takes longer than a test, and has begun."""
    begun = threading.Event()

    def on_progress(progress: slipway.Progress) -> None:
        if progress.bytes_done:
            begun.set()

    operation = client.store(file, slipway.Directory(folder, bytes_per_second=MiB // 4), key=key, wait=False, on_progress=on_progress)
    wait_until(lambda: begun.is_set() or operation.done(), what="the beginning of a copy")
    return operation


def is_hidden(path: str) -> bool:
    return path.rpartition("/")[2].startswith(".")


def test_cancelling_leaves_nothing(client: slipway.Client, folder: pathlib.Path, new_file: NewFile) -> None:
    operation = begin(client, new_file(SIZE), folder, "a/b/c.bin")
    assert [path for path in tree(folder) if "c.bin" in path] == [path for path in tree(folder) if is_hidden(path)] != []
    operation.cancel()
    _, stored = failure(slipway.CancelledError, lambda: operation.result(10))
    assert tree(folder) == [] and stored.path in (None, str(folder / "a/b/c.bin")) and 0 < stored.bytes_sent < SIZE


def test_a_deadline_leaves_what_was_there(client: slipway.Client, folder: pathlib.Path, new_file: NewFile) -> None:
    (folder / "a.bin").write_bytes(b"old")
    storage = slipway.Directory(folder, bytes_per_second=MiB // 4)
    failure(slipway.DeadlineExceededError, lambda: client.store(new_file(SIZE), storage, key="a.bin", deadline=0.3))
    assert tree(folder) == ["a.bin"] and (folder / "a.bin").read_bytes() == b"old"


CHANGES: Dict[str, Callable[[pathlib.Path], Any]] = {
    "rewritten": lambda path: path.write_bytes(content(SIZE, 2)), "shrunk": lambda path: os.truncate(path, 1000),
    "grown": lambda path: os.truncate(path, SIZE + 1), "replaced": lambda path: os.replace(path.with_name("other.bin"), path),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_changes(
    client: slipway.Client, folder: pathlib.Path, new_file: NewFile, change: Callable[[pathlib.Path], Any]
) -> None:
    (folder / "a.bin").write_bytes(b"old")
    new_file(2 * MiB, name="other.bin")
    file = new_file(2 * MiB)
    storage = slipway.Directory(folder, bytes_per_second=4 * MiB)
    changed = threading.Event()

    def on_progress(progress: slipway.Progress) -> None:
        if progress.bytes_done and not changed.is_set():
            changed.set()
            change(file)

    error, _ = failure(slipway.FileError, lambda: client.store(file, storage, key="a.bin", on_progress=on_progress))
    assert changed.is_set() and str(file) in error.message and "changed" in error.message
    assert tree(folder) == ["a.bin"] and (folder / "a.bin").read_bytes() == b"old"


# What a process that was killed has left

STORE = """
import sys
import slipway
with slipway.Client() as client:
    client.store(sys.argv[1], slipway.Directory(sys.argv[2], bytes_per_second=1 << 18), key=sys.argv[3])
"""


def leave(file: pathlib.Path, folder: pathlib.Path, key: str) -> None:
    """Kills a process in the middle of a copy."""
    path = os.pathsep.join([str(ROOT / "bindings" / "python"), str(HERE)])
    with subprocess.Popen([sys.executable, "-c", STORE, str(file), str(folder), key], env={**os.environ, "PYTHONPATH": path}) as process:
        try:
            wait_until(lambda: any(path.is_file() and path.stat().st_size for path in folder.rglob(".*")), what="a hidden file")
        finally:
            process.send_signal(signal.SIGKILL)


def test_what_was_left_is_listed_and_aborted(client: slipway.Client, folder: pathlib.Path, new_file: NewFile) -> None:
    storage = slipway.Directory(folder, key_prefix="builds")
    leave(new_file(SIZE), folder, "builds/a/MyGame.bin")
    found = client.storage_list_unfinished(storage)
    (one,) = found
    assert (one.key, found.bucket, found.prefix, found.complete) == ("builds/a/MyGame.bin", None, "builds/", True)
    assert one.started_at is not None and one.started_at.endswith("Z") and one.upload_id
    assert list(client.storage_list_unfinished(storage, key="a/MyGame.bin")) == [one]
    assert list(client.storage_list_unfinished(storage, key="MyGame.bin")) == []

    # One that is under way is none.
    operation = begin(client, new_file(SIZE), folder, "builds/b.bin")
    assert list(client.storage_list_unfinished(storage)) == [one]
    younger = client.storage_abort_unfinished(storage)
    assert (younger.aborted, younger.younger, younger.complete) == ((), 1, True)
    (hidden,) = [path for path in folder.rglob(".*") if "MyGame" in path.name]
    os.utime(hidden, (0, 0))
    aborted = client.storage_abort_unfinished(storage)
    assert [(upload.key, upload.upload_id) for upload in aborted.aborted] == [(one.key, one.upload_id)] and aborted.younger == 0
    assert not hidden.exists() and list(client.storage_list_unfinished(storage)) == []
    operation.cancel()
    failure(slipway.CancelledError, lambda: operation.result(10))


def test_what_was_left_is_aborted_by_its_id(client: slipway.Client, folder: pathlib.Path, new_file: NewFile) -> None:
    storage = slipway.Directory(folder)
    leave(new_file(SIZE), folder, "MyGame.bin")
    (one,) = client.storage_list_unfinished(storage)
    with pytest.raises(slipway.NotFoundError):
        client.storage_abort_unfinished(storage, key="MyGame.bin", upload_id="0" * 32)
    client.storage_abort_unfinished(storage, key="MyGame.bin", upload_id=one.upload_id)
    assert tree(folder) == []


def test_the_next_copy_clears_away_what_was_left(client: slipway.Client, folder: pathlib.Path, new_file: NewFile) -> None:
    file = new_file(SIZE)
    leave(file, folder, "MyGame.bin")
    assert client.store(file, slipway.Directory(folder)).bytes_sent == SIZE and tree(folder) == ["MyGame.bin"]


# Many at once


def test_many_at_once(client: slipway.Client, folder: pathlib.Path, new_file: NewFile) -> None:
    """Of one name, too: one of them is there in the end, whole."""
    files = [new_file(SIZE, name=f"{number}.bin", seed=number) for number in range(4)]
    storage = slipway.Directory(folder)
    operations = [client.store(file, storage, key=key, wait=False) for file in files for key in ("same.bin", f"a/{file.name}")]
    for operation in operations:
        operation.result(30)
    assert tree(folder) == ["a", *sorted(f"a/{file.name}" for file in files), "same.bin"]
    assert sha256((folder / "same.bin").read_bytes()) in [sha256(file.read_bytes()) for file in files]
