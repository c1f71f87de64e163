"""What goes wrong with a URL that takes a PUT, with a folder, and with what is removed and listed; closes with a table of the first."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import subprocess
from typing import Any, Callable, Dict, Iterator, List

import pytest

import slipway
from emulator import wait_until
from fault_proxy import FaultProxy
from s3_fixtures import S3, s3, s3_servers, swift  # noqa: F401
from storage_cases import (  # noqa: F401
    ABORT, DELETE, KEY, PUT, UPLOADS, Case, PutLine, Row, Trouble, completions, table,
)  # fmt: skip
from storage_fixtures import MiB, NewFile, client, failure, home, new_file, settings  # noqa: F401
from wire_faults import Action, Answer, Cut

SLOW_DOWN = Answer.error(503, "SlowDown", "Please reduce your request rate.", headers={"retry-after": "1"})
INTERNAL = Answer.error(500, "InternalError", "We encountered an internal error. Please try again.")

# A URL that takes a PUT

PUTS = [
    Case("cut before the put", [Trouble(Cut(), PUT)], requests={PUT: 2}),
    Case("cut in the body", [Trouble(Cut(after=2 * MiB), PUT)], requests={PUT: 2}),
    Case("reset in the body", [Trouble(Cut(after=2 * MiB, reset=True), PUT)], requests={PUT: 2}),
    Case("the answer is lost", [Trouble(Cut("response"), PUT)], requests={PUT: 2}),
    Case("cut each time", [Trouble(Cut(after=2 * MiB), PUT, times=None)], slipway.NetworkError, "^PUT http://127.0.0.1:[^?]*MyGame.bin",
         "connection",
         None, True, requests={PUT: 3}, client={"max_attempts": 3}),
    Case("500 four times", [Trouble(INTERNAL, PUT, times=4)], requests={PUT: 5}),
    Case("500 each time", [Trouble(INTERNAL, PUT, times=None)], slipway.ServerError, "internal error", "try again later", 500, True,
         requests={PUT: 3}, client={"max_attempts": 3}),
    Case("503 SlowDown each time", [Trouble(SLOW_DOWN, PUT, times=None)], slipway.RateLimitedError, "reduce your request rate", "", 503,
         True,
         1.0, requests={PUT: 2}, client={"max_attempts": 2}),
    Case("429 without the body", [Trouble(Answer(429, reads_body=False), PUT)], requests={PUT: 2}),
    Case("403 without the body", [Trouble(Answer.error(403, "AccessDenied", "Access Denied", reads_body=False), PUT)],
         slipway.ForbiddenError,
         "Access Denied", "", 403, False, requests={PUT: 1}),
    Case("the URL is too old", [Trouble(Answer.error(403, "AccessDenied", "Request has expired"), PUT)], slipway.UnauthorizedError,
         "Request has expired", "is it still good", 403, False, requests={PUT: 1}),
    Case("413", [Trouble(Answer(413, reads_body=False), PUT)], slipway.RejectedError, "HTTP 413", "larger than this storage takes", 413,
         False,
         requests={PUT: 1}),
    Case("a redirect", [Trouble(Answer(302, {"location": "http://127.0.0.1:9/"}), PUT)], slipway.ProtocolError, "HTTP 302",
         "Give the URL that this one leads to", 302,
         False, requests={PUT: 1}),
]  # fmt: skip


@pytest.mark.parametrize("case", PUTS, ids=str)
def test_put_url(case: Case, s3: S3, new_file: NewFile, completions: Dict[int, int], table: List[Row]) -> None:
    table.append(case.play(PutLine(s3, s3.proxy(), new_file(5 * MiB), completions)))


# Removing and listing


@pytest.fixture
def proxy(s3: S3) -> FaultProxy:
    return s3.proxy()


FAULTS: List[Action] = [Cut(), Cut("response"), INTERNAL]
FAULT_NAMES = ["cut before", "answer lost", "500"]


@pytest.mark.parametrize("fault", FAULTS, ids=FAULT_NAMES)
def test_a_removal_is_tried_again(fault: Action, s3: S3, proxy: FaultProxy, client: slipway.Client) -> None:
    s3.put(KEY, b"content")
    proxy.fault(fault, DELETE)
    assert client.storage_delete(settings(s3, proxy), KEY).deleted and s3.keys() == []
    assert len(proxy.requests(DELETE)) == 2


def begin(s3: S3) -> str:
    upload: str = s3.boto().create_multipart_upload(Bucket=s3.bucket, Key=KEY)["UploadId"]
    return upload


@pytest.mark.parametrize("fault", FAULTS, ids=FAULT_NAMES)
def test_a_list_is_tried_again(fault: Action, s3: S3, proxy: FaultProxy, client: slipway.Client) -> None:
    upload = begin(s3)
    proxy.fault(fault, UPLOADS)
    assert [entry.upload_id for entry in client.storage_list_unfinished(settings(s3, proxy))] == [upload]
    assert len(proxy.requests(UPLOADS)) == 2


@pytest.mark.parametrize("one", [False, True], ids=["all", "one"])
@pytest.mark.parametrize("fault", FAULTS, ids=FAULT_NAMES)
def test_an_abortion_is_tried_again(fault: Action, one: bool, s3: S3, proxy: FaultProxy, client: slipway.Client) -> None:
    """When the answer is lost, the second attempt finds that there is no such upload: this call has aborted it all the same."""
    upload = begin(s3)
    proxy.fault(fault, ABORT)
    if one:
        aborted = client.storage_abort_unfinished(settings(s3, proxy), key=KEY, upload_id=upload)
    else:
        # Old enough is what the storage says: its clock is the answer's.
        proxy.fault(Answer(200, {"content-type": "application/xml", "date": "Fri, 01 Jan 2100 00:00:00 GMT"}, listing(s3, upload)), UPLOADS)
        aborted = client.storage_abort_unfinished(settings(s3, proxy), min_age=60)
    assert [entry.upload_id for entry in aborted.aborted] == [upload]
    assert len(proxy.requests(ABORT)) == 2


def listing(s3: S3, upload: str) -> bytes:
    inner = f"<Upload><Key>{KEY}</Key><UploadId>{upload}</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>"
    return f"<ListMultipartUploadsResult><Bucket>{s3.bucket}</Bucket>{inner}</ListMultipartUploadsResult>".encode()


CALLS: Dict[str, Callable[[slipway.Client, slipway.S3], object]] = {
    DELETE: lambda client, storage: client.storage_delete(storage, KEY),
    UPLOADS: lambda client, storage: client.storage_list_unfinished(storage),
    ABORT: lambda client, storage: client.storage_abort_unfinished(storage, key=KEY, upload_id="an-upload"),
}


@pytest.mark.parametrize("operation", CALLS)
def test_what_does_not_pass_is_told(operation: str, swift: S3) -> None:
    proxy = swift.proxy()
    page = Answer(200, {"content-type": "text/html"}, b"<html><body>Log in<br></html>")
    cases: List[Any] = [
        (Cut(), slipway.NetworkError, None, True), (INTERNAL, slipway.ServerError, 500, True),
        (SLOW_DOWN, slipway.RateLimitedError, 503, True),
        (Answer.error(403, "AccessDenied", "Access Denied"), slipway.ForbiddenError, 403, False),
        (Answer.error(404, "NoSuchBucket", "There is none"), slipway.NotFoundError, 404, False),
    ]  # fmt: skip
    if operation == UPLOADS:
        cases.append((page, slipway.ProtocolError, 200, False))
    for fault, error, status, retriable in cases:
        proxy.reset()
        proxy.fault(fault, operation, times=None)
        with slipway.Client(retry_delay=0.01, max_attempts=2, deadline=20) as client, pytest.raises(error) as caught:
            CALLS[operation](client, settings(swift, proxy))
        told = caught.value
        assert (type(told), told.http_status, told.retriable) == (error, status, retriable) and told.hint, told
        assert len(proxy.requests(operation)) == (2 if retriable else 1)
        assert error is not slipway.RateLimitedError or told.retry_after == 1.0


# A folder


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A file system of 8 MiB, in memory."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "slipway-test", str(path)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted: {mounted.stderr}")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def files(folder: pathlib.Path) -> List[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_disk_that_is_too_small(disk: pathlib.Path, new_file: NewFile, client: slipway.Client) -> None:
    (disk / "builds").mkdir()
    (disk / KEY).write_bytes(b"the old one")
    file = new_file(9 * MiB)
    error, left = failure(slipway.FileError, lambda: client.store(file, slipway.Directory(disk), key=KEY))
    assert f"{disk / KEY} cannot be written: it needs {9 * MiB} bytes, and" in error.message and "Make room on that disk" in error.hint
    assert (error.http_status, error.retriable, left.bytes_sent) == (None, False, 0)
    assert files(disk) == ["builds", KEY] and (disk / KEY).read_bytes() == b"the old one"


def test_a_disk_that_gets_full_meanwhile(disk: pathlib.Path, new_file: NewFile, client: slipway.Client) -> None:
    """The room is taken before anything is copied, so somebody else's files cannot take it. For the next one there is none."""
    file, other = new_file(6 * MiB), disk / "somebody else's"

    def fill() -> None:
        wait_until(lambda: any(path.stat().st_size for path in (disk / "builds").glob(".*")), what="the beginning of a copy")
        with open(other, "wb", buffering=0) as target, pytest.raises(OSError, match="No space left"):
            while True:
                target.write(b"x" * 4096)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        filling = pool.submit(fill)
        stored = client.store(file, slipway.Directory(disk, bytes_per_second=8 * MiB), key=KEY)
        filling.result(10)
    assert stored.path == str(disk / KEY) and (disk / KEY).read_bytes() == file.read_bytes()
    assert other.stat().st_size <= 2 * MiB

    error, _ = failure(slipway.FileError, lambda: client.store(new_file(MiB, "other.bin"), slipway.Directory(disk), key="builds/other.bin"))
    assert f"it needs {MiB} bytes, and 0 are free" in error.message and files(disk) == sorted(["builds", KEY, other.name])
    other.unlink()
    assert client.store(disk.parent / "other.bin", slipway.Directory(disk), key="builds/other.bin").bytes_sent == MiB


def test_a_disk_too_small_for_anything(new_file: NewFile, client: slipway.Client, tmp_path: pathlib.Path) -> None:
    """As everybody can see it, without a file system of one's own: four terabytes, of which nothing is there."""
    folder = tmp_path / "folder"
    folder.mkdir()
    file = new_file(0, "sparse.bin")
    os.truncate(file, 4 << 40)
    error, _ = failure(slipway.FileError, lambda: client.store(file, slipway.Directory(folder), key=KEY))
    assert f"it needs {4 << 40} bytes" in error.message and files(folder) == []


def test_a_folder_that_is_away(new_file: NewFile, client: slipway.Client, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "folder"
    with pytest.raises(slipway.FileError) as caught:
        client.store(new_file(), slipway.Directory(folder), key=KEY)
    assert str(folder) in caught.value.message and "Make the folder" in caught.value.hint
    folder.mkdir()
    assert client.store(tmp_path / "MyGame.bin", slipway.Directory(folder), key=KEY).path == str(folder / KEY)
