"""Uploads that end early are gone on with, by whoever stores the same file under the same key: what has arrived is not sent again."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
from typing import Any, Dict, Iterator, List

import pytest

import slipway
from conftest import HERE, ROOT
from s3_fixtures import S3, s3, s3_servers
from storage_fixtures import (
    PART, MiB, NewFile, bytes_sent, client, content, failure, holds, home, new_file, parts_sent, settings, store_parts, unfinished,
)  # fmt: skip
from wire_faults import Answer, Cut, Stall

KEY = "MyGame.bin"


def begin(s3: S3, data: bytes, numbers: List[int], part_size: int = PART) -> str:
    """An upload as another tool leaves it: with these parts of the data."""
    boto = s3.boto()
    upload_id: str = boto.create_multipart_upload(Bucket=s3.bucket, Key=KEY)["UploadId"]
    for number in numbers:
        body = data[(number - 1) * part_size : number * part_size]
        boto.upload_part(Bucket=s3.bucket, Key=KEY, UploadId=upload_id, PartNumber=number, Body=body)
    return upload_id


# Who goes on


def test_another_call_goes_on(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(3 * PART + 1)
    left = store_parts(s3, client, file, 2)
    assert unfinished(s3) == {left: KEY} and sorted(s3.parts(KEY, left)) == [1, 2] and s3.keys() == []
    proxy = s3.proxy()
    stored = client.store(file, settings(s3, proxy, part_size=PART))
    assert (stored.upload_id, stored.parts, stored.parts_reused, stored.bytes_sent) == (left, 4, 2, PART + 1)
    assert parts_sent(proxy) == [3, 4] and proxy.requests("CreateMultipartUpload") == []
    assert holds(s3, KEY, file) and unfinished(s3) == {}


def test_another_client_goes_on_and_again(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(3 * PART + 1)
    left = store_parts(s3, client, file, 1)
    with slipway.Client(retry_delay=0.01, deadline=30.0) as other:
        proxy = s3.proxy()
        fault = proxy.fault(Stall(), on="UploadPart", nth=2)
        operation = other.store(file, settings(s3, proxy, part_size=PART, parallel_parts=1), wait=False)
        fault.wait(20)
    assert failure(slipway.CancelledError, lambda: operation.result(20))[1].upload_id == left
    assert parts_sent(proxy) == [2]
    proxy = s3.proxy()
    stored = client.store(file, settings(s3, proxy, part_size=PART))
    assert (stored.upload_id, stored.parts_reused) == (left, 2) and parts_sent(proxy) == [3, 4] and holds(s3, KEY, file)


def test_after_a_deadline(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(3 * PART)
    proxy = s3.proxy()
    proxy.fault(Stall(), on="UploadPart", nth=2, times=None)
    storage = settings(s3, proxy, part_size=PART, parallel_parts=2)
    left = failure(slipway.DeadlineExceededError, lambda: client.store(file, storage, deadline=1.0))[1]
    there = s3.parts(KEY, left.upload_id) if left.upload_id else {}
    proxy.reset()
    stored = client.store(file, storage)
    assert left.upload_id in (None, stored.upload_id) and stored.parts_reused == len(there)
    assert parts_sent(proxy) == [number for number in (1, 2, 3) if number not in there] and holds(s3, KEY, file)


STORE = """
import json, os, sys
import slipway
from recorder import Recorder
Recorder().start()
with slipway.Client(retry_delay=0.01) as client:
    stored = client.store(sys.argv[1], slipway.S3(**json.loads(os.environ["SETTINGS"])))
print(json.dumps([stored.upload_id, stored.parts_reused]))
"""


@contextlib.contextmanager
def started(file: pathlib.Path, storage: slipway.S3) -> "Iterator[subprocess.Popen[str]]":
    """A process of its own that stores it. It is killed if it has not ended by then."""
    given = {name: getattr(storage, name) for name in (
        "bucket", "endpoint", "region", "access_key_id", "secret_access_key", "part_size", "parallel_parts")}  # fmt: skip
    path = os.pathsep.join([str(ROOT / "bindings" / "python"), str(HERE)])
    environment = {**os.environ, "PYTHONPATH": path, "SETTINGS": json.dumps(given)}
    with subprocess.Popen([sys.executable, "-c", STORE, str(file)], stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def test_another_process_goes_on_after_a_kill(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(2 * PART + 1)
    proxy = s3.proxy()
    fault = proxy.fault(Stall(after=MiB), on="UploadPart", nth=2)
    with started(file, settings(s3, proxy, part_size=PART, parallel_parts=1)):
        fault.wait(20)
    # Its connection has bytes that nobody takes, behind which its end would come: rclone would wait for the rest of the part.
    proxy.cut_all()
    (left,) = unfinished(s3)
    assert sorted(s3.parts(KEY, left)) == [1]
    proxy = s3.proxy()
    with started(file, settings(s3, proxy, part_size=PART, parallel_parts=8)) as process:
        output, _ = process.communicate(timeout=30)
    assert json.loads(output) == [left, 1] and parts_sent(proxy) == [2, 3]
    assert holds(s3, KEY, file) and unfinished(s3) == {}


# What is there


def test_parts_with_gaps(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    if s3.traits.replaces_parts:
        there = [2, 4]
    else:
        there = [1]  # rclone streams: it waits for the parts in front.
    file = new_file(3 * PART + 1)
    left = begin(s3, file.read_bytes(), there)
    proxy = s3.proxy()
    stored = client.store(file, settings(s3, proxy, part_size=PART))
    assert (stored.upload_id, stored.parts_reused) == (left, len(there)) and holds(s3, KEY, file)
    assert parts_sent(proxy) == [number for number in range(1, 5) if number not in there]


def test_all_parts_are_there(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(2 * PART + 1)
    left = begin(s3, file.read_bytes(), [1, 2, 3])
    proxy = s3.proxy()
    stored = client.store(file, settings(s3, proxy, part_size=PART))
    assert (stored.upload_id, stored.parts_reused, stored.bytes_sent) == (left, 3, 0) and bytes_sent(proxy) == 0
    assert len(proxy.requests("CompleteMultipartUpload")) == 1 and holds(s3, KEY, file)


def test_an_upload_without_parts(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(PART + 1)
    left = begin(s3, b"", [])
    proxy = s3.proxy()
    stored = client.store(file, settings(s3, proxy, part_size=PART))
    assert (stored.upload_id, stored.parts_reused) == (left, 0) and parts_sent(proxy) == [1, 2] and holds(s3, KEY, file)


def test_the_fullest_of_several_is_gone_on_with(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(3 * PART)
    data = file.read_bytes()
    ids = [begin(s3, data, numbers) for numbers in ([1], [1, 2], [])]
    other = begin(s3, data, [1, 2, 3])
    s3.boto().abort_multipart_upload(Bucket=s3.bucket, Key=KEY, UploadId=other)
    proxy = s3.proxy()
    stored = client.store(file, settings(s3, proxy, part_size=PART))
    assert (stored.upload_id, stored.parts_reused) == (ids[1], 2) and parts_sent(proxy) == [3] and holds(s3, KEY, file)
    assert set(unfinished(s3)) == {ids[0], ids[2]}, "they may be somebody else's"


def test_uploads_of_keys_that_begin_alike_are_others(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(PART + 1)
    keys = [f"{KEY}.old", KEY[:-1], f"a/{KEY}", KEY.lower()]
    if not s3.traits.names_are_paths:
        keys.append(f"{KEY}/a")
    for key in keys:
        s3.boto().create_multipart_upload(Bucket=s3.bucket, Key=key)
    stored = client.store(file, settings(s3, part_size=PART))
    assert stored.upload_id is not None and sorted(unfinished(s3).values()) == sorted(keys) and holds(s3, KEY, file)


# The file is not what it was


def check_content(s3: S3, client: slipway.Client, file: pathlib.Path, sent: List[int], **changes: Any) -> slipway.StoredObject:
    """Stores the file, which has differing parts. Where a part that has come cannot be replaced, the library begins anew, once."""
    proxy = s3.proxy()
    stored = client.store(file, settings(s3, proxy, **{"part_size": PART, **changes}))
    assert holds(s3, KEY, file)
    if s3.traits.replaces_parts:
        assert parts_sent(proxy) == sent and proxy.requests("CreateMultipartUpload") == []
    else:
        assert set(sent) <= set(parts_sent(proxy)) and len(proxy.requests("CreateMultipartUpload")) <= 1
    assert len(proxy.requests("CompleteMultipartUpload")) == 1 and unfinished(s3) == {}
    return stored


def test_the_file_has_changed(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(3 * PART + 1)
    store_parts(s3, client, file, 3)
    changed = bytearray(file.read_bytes())
    changed[PART + 17] ^= 1
    file.write_bytes(changed)
    check_content(s3, client, file, [2, 4])


OTHER_SIZES = {"grown": (3 * PART + MiB, [3, 4]), "shrunk": (2 * PART + 1, [3]), "shrunk a lot": (PART + 1, [2])}


@pytest.mark.parametrize("size, sent", OTHER_SIZES.values(), ids=OTHER_SIZES)
def test_the_file_has_another_size(s3: S3, client: slipway.Client, new_file: NewFile, size: int, sent: List[int]) -> None:
    """Of 2 1/5 parts, all have arrived."""
    data = content(4 * PART)
    left = begin(s3, data[: 2 * PART + MiB], [1, 2, 3])
    file = new_file(4 * PART)
    file.write_bytes(data[:size])
    stored = check_content(s3, client, file, sent)
    assert stored.parts == -(-size // PART)
    assert stored.upload_id == left or not s3.traits.replaces_parts


def test_another_file_entirely(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    store_parts(s3, client, new_file(2 * PART + 1), 2)
    check_content(s3, client, new_file(2 * PART + 1, seed=2), [1, 2, 3])


def test_a_file_that_now_goes_in_one_piece(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    left = store_parts(s3, client, new_file(2 * PART + 1), 1)
    file = new_file(1000)
    stored = client.store(file, settings(s3, part_size=PART))
    assert (stored.upload_id, stored.parts) == (None, 0) and holds(s3, KEY, file) and set(unfinished(s3)) == {left}


# The settings are not what they were


def test_another_part_size(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(3 * PART + 1)
    store_parts(s3, client, file, 2)
    stored = check_content(s3, client, file, [1, 2], part_size=8 * MiB)
    assert (stored.parts, stored.parts_reused) == (2, 0)


def test_a_part_size_that_is_not_said_is_that_of_the_parts(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(17 * MiB)
    left = store_parts(s3, client, file, 2)
    proxy = s3.proxy()
    stored = client.store(file, settings(s3, proxy))
    assert (stored.upload_id, stored.parts, stored.parts_reused) == (left, 4, 2) and parts_sent(proxy) == [3, 4] and holds(s3, KEY, file)


def test_always_send_goes_on_too(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(2 * PART + 1)
    client.store(file, settings(s3, part_size=PART))
    left = begin(s3, file.read_bytes(), [1])
    stored = client.store(file, settings(s3, part_size=PART), always_send=True)
    assert (stored.upload_id, stored.parts_reused, stored.skipped) == (left, 1, False) and holds(s3, KEY, file)


@pytest.mark.parametrize("kind", [slipway.Checksum.CRC32, slipway.Checksum.SHA256], ids=lambda kind: kind.name)
def test_parts_with_checksums(s3: S3, client: slipway.Client, new_file: NewFile, kind: slipway.Checksum) -> None:
    file = new_file(2 * PART + 1)
    left = store_parts(s3, client, file, 1, checksum=kind)
    proxy = s3.proxy()
    stored = client.store(file, settings(s3, proxy, part_size=PART, checksum=kind))
    assert (stored.upload_id, stored.parts_reused) == (left, 1) and holds(s3, KEY, file)
    (completion,) = proxy.requests("CompleteMultipartUpload")
    assert completion.body.count(f"<Checksum{kind.name}>".encode()) == 3, "those of parts that were there are told, too"


# What is left


ENDS: Dict[str, bool] = {"stays": False, "is aborted": True}


@pytest.mark.parametrize("aborts", ENDS.values(), ids=ENDS)
def test_what_is_left_of_a_cancelled_upload(s3: S3, client: slipway.Client, new_file: NewFile, aborts: bool) -> None:
    proxy = s3.proxy()
    fault = proxy.fault(Stall(), on="UploadPart", nth=2)
    operation = client.store(new_file(3 * PART), settings(s3, proxy, part_size=PART, abort_unfinished=aborts), wait=False)
    fault.wait(20)
    operation.cancel()
    left = failure(slipway.CancelledError, lambda: operation.result(20))[1]
    assert list(unfinished(s3)) == ([] if aborts else [left.upload_id])
    assert (left.upload_id is None) == aborts and s3.keys() == []


@pytest.mark.parametrize("aborts", ENDS.values(), ids=ENDS)
def test_what_is_left_of_a_failure(s3: S3, new_file: NewFile, aborts: bool) -> None:
    proxy = s3.proxy()
    proxy.fault(Cut(), on="UploadPart", nth=2, times=None)
    with slipway.Client(retry_delay=0.01, max_attempts=2) as client:
        storage = settings(s3, proxy, part_size=PART, parallel_parts=1, abort_unfinished=aborts)
        error, left = failure(slipway.NetworkError, lambda: client.store(new_file(3 * PART), storage))
    assert error.retriable and list(unfinished(s3)) == ([] if aborts else [left.upload_id])
    assert (left.upload_id is None) == aborts and s3.keys() == []


def test_abort_ends_what_an_earlier_call_has_left(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    file = new_file(3 * PART)
    store_parts(s3, client, file, 1)
    proxy = s3.proxy()
    fault = proxy.fault(Stall(), on="UploadPart")
    operation = client.store(file, settings(s3, proxy, part_size=PART, abort_unfinished=True), wait=False)
    fault.wait(20)
    operation.cancel()
    failure(slipway.CancelledError, lambda: operation.result(20))
    assert unfinished(s3) == {} and s3.keys() == []


@pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
def test_an_upload_that_the_storage_cannot_go_on_with(s3: S3, client: slipway.Client, new_file: NewFile, operation: str) -> None:
    """AWS refuses parts with a checksum in an upload that was begun without one, and the like: then the file is sent anew, once."""
    file = new_file(3 * PART)
    left = store_parts(s3, client, file, 1)
    proxy = s3.proxy()
    proxy.fault(Answer.error(400, "InvalidRequest", Message="Checksum Type mismatch occurred"), on=operation)
    stored = client.store(file, settings(s3, proxy, part_size=PART, parallel_parts=1))
    assert (stored.parts, stored.parts_reused, stored.upload_id != left) == (3, 0, True)
    assert holds(s3, KEY, file) and unfinished(s3) == {}
    proxy = s3.proxy()
    proxy.fault(Answer.error(400, "InvalidRequest"), on=operation, times=10)
    error = failure(slipway.InvalidArgumentError, lambda: client.store(new_file(3 * PART, seed=2), settings(s3, proxy, part_size=PART)))[0]
    assert "InvalidRequest" in error.message, "an upload of its own is not begun anew"
