"""Storing a file in a bucket of each S3 server: boto3 reads back what was stored, whatever its size, and all that was said of it."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from typing import Any, Dict, List

import pytest

import slipway
from s3_fixtures import S3, s3, s3_certificate, s3_servers, s3_tls, swift
from storage_fixtures import (
    PART, MiB, NewFile, bytes_sent, client, content, failure, holds, home, new_file, parts_sent, read, settings, unfinished,
)  # fmt: skip
from wire_faults import Delay

SIZES: Dict[str, int] = {
    "empty": 0, "a byte": 1, "small": 70_000, "one part": PART, "one part and a byte": PART + 1, "three parts": 2 * PART + 123,
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_files_of_all_sizes(s3: S3, client: slipway.Client, new_file: NewFile, size: int) -> None:
    proxy = s3.proxy()
    file = new_file(size)
    stored = client.store(file, settings(s3, proxy, part_size=PART))
    parts = -(-size // PART) if size > PART else 0
    assert (stored.key, stored.bucket, stored.path, stored.size) == ("MyGame.bin", s3.bucket, None, size)
    assert (stored.parts, stored.parts_reused, stored.skipped) == (parts, 0, False)
    assert stored.bytes_sent == bytes_sent(proxy) == size
    assert holds(s3, "MyGame.bin", file) and unfinished(s3) == {}
    assert stored.etag is not None and stored.etag.strip('"') == s3.head("MyGame.bin")["ETag"].strip('"')
    assert read(stored.url) == file.read_bytes()

    asked = [request.operation for request in proxy.requests()]
    assert asked.count("PutObject") == (0 if parts else 1)
    assert asked.count("CreateMultipartUpload") == asked.count("CompleteMultipartUpload") == (1 if parts else 0)
    assert parts_sent(proxy) == list(range(1, parts + 1))


@pytest.mark.parametrize("parallel", [1, 3])
def test_parts_in_parallel(s3: S3, client: slipway.Client, new_file: NewFile, parallel: int) -> None:
    proxy = s3.proxy()
    # So long does each take at least: long enough to be seen beside another.
    proxy.fault(Delay(0.1), on="UploadPart", times=None)
    file = new_file(4 * PART - 1)
    stored = client.store(file, settings(s3, proxy, part_size=PART, parallel_parts=parallel))
    assert stored.parts == 4 and parts_sent(proxy) == [1, 2, 3, 4] and holds(s3, "MyGame.bin", file)
    spans = [(part.started, part.ended or 0.0) for part in proxy.requests("UploadPart")]
    most = max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)
    assert most == parallel


def test_the_part_size_that_is_not_said(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    assert client.store(new_file(16 * MiB), settings(swift)).parts == 0
    file = new_file(16 * MiB + 1)
    assert client.store(file, settings(swift)).parts == 2 and holds(swift, "MyGame.bin", file)


# What is said of an object

WHOLE = PART
IN_PARTS = PART + 1


@pytest.mark.parametrize("size", [WHOLE, IN_PARTS], ids=["whole", "in parts"])
def test_headers_and_metadata(s3: S3, client: slipway.Client, new_file: NewFile, size: int) -> None:
    said = {"project": "MyGame", "Build-Number": "0042", "branch": "release/1.0 (x+y)=100% & 'more' \"still\""}
    storage = settings(s3, part_size=PART, content_type="application/x-game", content_disposition='attachment; filename="My Game.zip"')
    client.store(new_file(size), storage, metadata=said)
    head = s3.head("MyGame.bin")
    assert (head["ContentType"], head["ContentDisposition"]) == ("application/x-game", 'attachment; filename="My Game.zip"')
    assert {name.lower(): value for name, value in head["Metadata"].items()} == {name.lower(): value for name, value in said.items()}


@pytest.mark.parametrize("name", ["MyGame.zip", "MyGame.ZIP", "zip", "MyGame.zip.bin"])
def test_content_types(s3: S3, client: slipway.Client, new_file: NewFile, name: str) -> None:
    client.store(new_file(name=name), settings(s3, link=slipway.Link.NONE))
    assert s3.head(name)["ContentType"] == ("application/zip" if name.lower().endswith(".zip") else "application/octet-stream")


EXTRAS: Dict[str, Any] = {
    "acl": ("x-amz-acl", "private"), "storage_class": ("x-amz-storage-class", "STANDARD"),
    "encryption": ("x-amz-server-side-encryption", "AES256"),
    "encryption_key_id": ("x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:a/b"),
}  # fmt: skip


@pytest.mark.parametrize("size", [WHOLE, IN_PARTS], ids=["whole", "in parts"])
@pytest.mark.parametrize("setting", EXTRAS)
def test_headers_of_amazon_arrive(swift: S3, client: slipway.Client, new_file: NewFile, setting: str, size: int) -> None:
    header, value = EXTRAS[setting]
    proxy = swift.proxy()
    try:
        client.store(new_file(size), settings(swift, proxy, part_size=PART, **{setting: value}))
    except slipway.RejectedError as refused:
        assert setting.startswith("encryption") and refused.http_status == 501, "Swift encrypts nothing, and says so"
    (making,) = proxy.requests("PutObject", "CreateMultipartUpload")
    assert making.headers[header] == value
    assert f";{header}" in making.headers["authorization"], "it is signed"
    others = proxy.requests("UploadPart", "CompleteMultipartUpload", "HeadObject", "GetObject")
    assert all(header not in request.headers for request in others)


# What is not set is not sent: some storages refuse what they do not know.
PLAIN = {"authorization", "content-length", "content-type", "expect", "host", "user-agent", "accept", "x-amz-content-sha256", "x-amz-date"}


def test_nothing_is_sent_that_was_not_asked_for(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    proxy = s3.proxy()
    for size in (WHOLE, IN_PARTS):
        client.store(new_file(size), settings(s3, proxy, part_size=PART), always_send=True)
    requests = proxy.requests("PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "HeadObject")
    assert len(requests) >= 7 and set().union(*(request.headers for request in requests)) <= PLAIN


REFUSED: Dict[str, Dict[str, Any]] = {
    "ACL": {"acl": "nonsense"}, "storage class": {"storage_class": "NONSENSE"}, "encryption": {"encryption": "AES256"},
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("size", [WHOLE, IN_PARTS], ids=["whole", "in parts"])
def test_settings_that_a_storage_refuses(s3: S3, client: slipway.Client, new_file: NewFile, what: str, size: int) -> None:
    storage = settings(s3, part_size=PART, **REFUSED[what])
    if not s3.traits.checks_headers:
        assert client.store(new_file(size), storage).size == size
        return
    kind = slipway.RejectedError if what == "encryption" else slipway.InvalidArgumentError
    refused, stored = failure(kind, lambda: client.store(new_file(size), storage))
    assert refused.http_status == (501 if what == "encryption" else 400) and not refused.retriable
    assert re.search(r"^S3, (PUT|POST) bucket-\w+/MyGame\.bin.*: .+ \(\w+, HTTP \d{3}, request \S+\)$", refused.message), refused.message
    assert refused.hint and stored.etag is None and stored.key == "MyGame.bin"
    assert s3.keys() == [] and unfinished(s3) == {}


# Checksums


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


SUMS = {slipway.Checksum.CRC32: ("crc32", crc32), slipway.Checksum.SHA256: ("sha256", sha256)}


@pytest.mark.parametrize("kind", SUMS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("size", [0, WHOLE, IN_PARTS], ids=["empty", "whole", "in parts"])
def test_checksums(s3: S3, client: slipway.Client, new_file: NewFile, kind: slipway.Checksum, size: int) -> None:
    name, compute = SUMS[kind]
    proxy = s3.proxy()
    file = new_file(size)
    client.store(file, settings(s3, proxy, part_size=PART, checksum=kind))
    assert holds(s3, "MyGame.bin", file)
    sent = proxy.requests("PutObject", "UploadPart")
    sums = {int(request.query.get("partNumber", 1)): request.headers[f"x-amz-checksum-{name}"] for request in sent}
    data = content(size)
    expected = [compute(data[start : start + PART]) for start in range(0, max(size, 1), PART)]
    assert [sums[number] for number in sorted(sums)] == expected
    for request in proxy.requests("CreateMultipartUpload"):
        assert request.headers["x-amz-checksum-algorithm"] == name.upper()
    for request in proxy.requests("CompleteMultipartUpload"):
        assert re.findall(rb"<Checksum\w+>([^<]+)</", request.body) == [value.encode() for value in expected]


# Over TLS


def test_over_tls(s3_tls: S3, new_file: NewFile) -> None:
    with slipway.Client(ca_bundle=s3_tls.ca_bundle, deadline=30.0) as client:
        for size in (70_000, IN_PARTS):
            for signed in (False, True):
                proxy = s3_tls.proxy()
                file = new_file(size)
                storage = settings(s3_tls, proxy, part_size=PART, sign_payload=signed)
                stored = client.store(file, storage, always_send=True)
                assert holds(s3_tls, "MyGame.bin", file) and stored.url is not None and stored.url.startswith("https://")
                hashes = [request.headers["x-amz-content-sha256"] for request in proxy.requests("PutObject", "UploadPart")]
                data = content(size)
                expected = [hashlib.sha256(data[start : start + PART]).hexdigest() for start in range(0, size, PART)]
                assert sorted(hashes) == (sorted(expected) if signed else ["UNSIGNED-PAYLOAD"] * len(expected))


def test_a_certificate_that_nobody_trusts(s3_tls: S3, client: slipway.Client, new_file: NewFile) -> None:
    proxy = s3_tls.proxy()
    refused, _ = failure(slipway.TLSError, lambda: client.store(new_file(), settings(s3_tls, proxy)))
    assert "certificate" in refused.message and proxy.requests() == []


def test_over_plain_http_the_signature_covers_the_content(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    proxy = s3.proxy()
    client.store(new_file(IN_PARTS), settings(s3, proxy, part_size=PART))
    data = content(IN_PARTS)
    hashes: List[str] = [request.headers["x-amz-content-sha256"] for request in proxy.requests("UploadPart")]
    assert sorted(hashes) == sorted(hashlib.sha256(part).hexdigest() for part in (data[:PART], data[PART:]))


# Deletion


def test_deletion(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    storage = settings(s3, key_prefix="builds")
    client.store(new_file(), storage, key="a b/(c)+ü.bin")
    client.store(new_file(), storage, key="stays.bin")
    for _ in range(2):  # that there is none is as good
        deletion = client.storage_delete(storage, "a b/(c)+ü.bin")
        assert (deletion.key, deletion.bucket, deletion.path, deletion.deleted) == ("builds/a b/(c)+ü.bin", s3.bucket, None, True)
    assert s3.keys() == ["builds/stays.bin"]
    with pytest.raises(slipway.NotFoundError, match="NoSuchBucket"):
        client.storage_delete(settings(s3, bucket="there-is-none"), "stays.bin")
