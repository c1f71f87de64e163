"""The file itself: what is no file is refused before anything is sent, and one that changes while it is sent makes no object."""

from __future__ import annotations

import os
import pathlib
import socket
import tempfile
from typing import Any, Callable, Dict, Iterator

import pytest

import slipway
from s3_fixtures import S3, s3, s3_servers, swift
from storage_fixtures import PART, MiB, NewFile, client, content, failure, holds, home, new_file, settings, unfinished
from wire_faults import Stall

KEY = "MyGame.bin"
LARGE = 16 * MiB
"""More than the kernel takes in at once: not all of it has left when the first bytes have arrived."""

# What happens to it


def rewrite(path: pathlib.Path) -> None:
    with open(path, "r+b") as file:
        file.seek(path.stat().st_size - 1000)
        file.write(b"something else")


def shrink(path: pathlib.Path) -> None:
    os.truncate(path, path.stat().st_size - 1000)


def empty(path: pathlib.Path) -> None:
    os.truncate(path, 0)


def grow(path: pathlib.Path) -> None:
    with open(path, "ab") as file:
        file.write(b"more")


def replace(path: pathlib.Path) -> None:
    """By one of the same size, as a build does that writes into another file and renames it."""
    new = path.with_name("new")
    new.write_bytes(content(path.stat().st_size, 2))
    os.replace(new, path)


def remove(path: pathlib.Path) -> None:
    path.unlink()


def remove_for_a_folder(path: pathlib.Path) -> None:
    path.unlink()
    path.mkdir()


CHANGES = [rewrite, shrink, empty, grow, replace, remove, remove_for_a_folder]


def name(function: Callable[..., Any]) -> str:
    return function.__name__.replace("_", " ")


@pytest.mark.parametrize("change", CHANGES, ids=name)
@pytest.mark.parametrize("parts", [1, 2], ids=["whole", "in parts"])
def test_a_file_that_changes(s3: S3, client: slipway.Client, new_file: NewFile, parts: int, change: Callable[[pathlib.Path], None]) -> None:
    proxy = s3.proxy()
    fault = proxy.fault(Stall(after=100_000), on=("PutObject", "UploadPart"), nth=parts)
    file = new_file(LARGE if parts == 1 else 2 * PART)
    operation = client.store(file, settings(s3, proxy, part_size=LARGE if parts == 1 else PART, parallel_parts=1), wait=False)
    fault.wait()
    change(file)
    fault.release()
    error, stored = failure(slipway.FileError, lambda: operation.result(20))
    assert str(file) in error.message and not error.retriable
    assert s3.keys() == [] and stored.etag is None and stored.url is None
    assert proxy.requests("CompleteMultipartUpload") == []
    if parts > 1:
        # The parts that have come are good for whoever stores the old file again.
        assert list(unfinished(s3)) == [stored.upload_id] and sorted(s3.parts(KEY, str(stored.upload_id))) == [1]


def test_a_part_that_was_sent_changes(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    """All that is read later is as it was: only the file as a whole is not."""
    proxy = s3.proxy()
    fault = proxy.fault(Stall("response"), on="UploadPart", nth=2)
    file = new_file(PART + 1)
    operation = client.store(file, settings(s3, proxy, part_size=PART, parallel_parts=1, abort_unfinished=True), wait=False)
    fault.wait()
    with open(file, "r+b") as changed:
        changed.write(b"something else")
    fault.release()
    error, _ = failure(slipway.FileError, lambda: operation.result(20))
    assert "changed" in error.message and s3.keys() == [] and unfinished(s3) == {}


def test_what_was_there_stays(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    client.store(new_file(1000), settings(s3))
    for part_size in (LARGE, PART):
        proxy = s3.proxy()
        fault = proxy.fault(Stall(after=100_000), on=("PutObject", "UploadPart"))
        file = new_file(LARGE)
        operation = client.store(file, settings(s3, proxy, part_size=part_size, abort_unfinished=True), wait=False)
        fault.wait()
        grow(file)
        fault.release()
        failure(slipway.FileError, lambda: operation.result(20))
        assert s3.read(KEY) == content(1000) and unfinished(s3) == {}


# What is no file


@pytest.fixture
def no_files(tmp_path: pathlib.Path) -> Iterator[Dict[str, pathlib.Path]]:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    # The address of a socket has room for 108 bytes only.
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{short}/socket")
        yield {
            "missing": tmp_path / "missing.bin", "a pipe": tmp_path / "fifo", "a folder": tmp_path / "folder",
            "a device": pathlib.Path("/dev/zero"),
            "a socket": pathlib.Path(short, "socket"), "below a file": tmp_path / "file" / "a.bin", "a loop": tmp_path / "loop",
            "a dangling link": tmp_path / "dangling", "a name that is too long": tmp_path / ("n" * 300), "the root": pathlib.Path("/"),
        }  # fmt: skip


def test_what_is_no_file(swift: S3, client: slipway.Client, no_files: Dict[str, pathlib.Path]) -> None:
    proxy = swift.proxy()
    for what, path in no_files.items():
        error, stored = failure(slipway.FileError, client.store, path, settings(swift, proxy), key=KEY)
        assert str(path) in error.message, what
        if what in ("a pipe", "a folder", "a device"):
            assert what in error.message
        assert not error.retriable and stored.bytes_sent == 0
    assert proxy.requests() == []


def test_no_path(swift: S3, client: slipway.Client) -> None:
    proxy = swift.proxy()
    with pytest.raises(slipway.InvalidArgumentError, match="file_path"):
        client.store("", settings(swift, proxy), key=KEY)
    assert proxy.requests() == []


def test_a_file_that_may_not_be_read(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file()
    file.chmod(0)
    if os.access(file, os.R_OK):
        # Root may. Then it is not root's word that counts, but whether the file can be read.
        assert client.store(file, settings(swift)).size == 70_000
        return
    error, _ = failure(slipway.FileError, lambda: client.store(file, settings(swift)))
    assert str(file) in error.message and swift.keys() == []


def test_ways_to_a_file(s3: S3, client: slipway.Client, new_file: NewFile, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = new_file(name="My Game (1)+ü.bin")
    (tmp_path / "link.bin").symlink_to(file)
    monkeypatch.chdir(tmp_path)
    for path, key in (("My Game (1)+ü.bin", "My Game (1)+ü.bin"), ("./home/../link.bin", "link.bin"), (os.path.relpath(file), file.name)):
        assert client.store(path, settings(s3)).key == key and holds(s3, key, file)


def test_a_file_that_another_writer_has_open(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file()
    with open(file, "r+b"):
        assert client.store(file, settings(s3)).size == 70_000
