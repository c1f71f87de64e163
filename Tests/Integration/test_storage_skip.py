"""What is there already is not sent again, as far as the storage's word for an object's content tells; and what differs is sent."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any, Dict, List, Tuple

import pytest

import slipway
from fault_proxy import FaultProxy
from http_message import Response
from s3_fixtures import S3, s3, s3_servers, swift
from storage_fixtures import PART, NewFile, bytes_sent, client, content, holds, home, new_file, read, settings
from wire_faults import Answer, Edit

SIZES = {"empty": 0, "small": 70_000, "in parts": PART + 1}


def is_asked_only(proxy: FaultProxy, since: int = 0) -> bool:
    return all(request.operation in ("HeadObject", "GetObject") for request in proxy.requests(since=since))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_same_again(s3: S3, client: slipway.Client, new_file: NewFile, size: int) -> None:
    proxy = s3.proxy()
    file = new_file(size)
    first = client.store(file, settings(s3, proxy, part_size=PART))
    seen = len(proxy.requests())
    head = s3.head("MyGame.bin")
    again = client.store(file, settings(s3, proxy, part_size=PART))
    assert (again.skipped, again.bytes_sent, again.parts, again.parts_reused) == (True, 0, 0, 0)
    assert again.etag is not None and again.etag.strip('"') == head["ETag"].strip('"')
    assert (again.key, again.size, again.upload_id) == (first.key, size, None)
    assert is_asked_only(proxy, seen) and s3.head("MyGame.bin")["LastModified"] == head["LastModified"]
    # The link is a new one, and is read again.
    assert again.url_expires_at is not None and read(again.url) == file.read_bytes()


def test_the_words_of_the_servers(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    """That they differ in is what makes the tests of this file two tests each."""
    client.store(new_file(2 * PART), settings(s3, part_size=PART))
    data = content(2 * PART)
    whole = hashlib.md5(data).hexdigest()
    of_parts = hashlib.md5(b"".join(hashlib.md5(data[start : start + PART]).digest() for start in (0, PART))).hexdigest() + "-2"
    assert s3.head("MyGame.bin")["ETag"].strip('"') == (whole if s3.traits.whole_md5 else of_parts)


@pytest.mark.parametrize("size", [70_000, PART + 1], ids=["small", "in parts"])
def test_another_content_of_the_same_size(s3: S3, client: slipway.Client, new_file: NewFile, size: int) -> None:
    client.store(new_file(size), settings(s3, part_size=PART))
    other = new_file(size, seed=2)
    stored = client.store(other, settings(s3, part_size=PART))
    assert (stored.skipped, stored.bytes_sent) == (False, size) and holds(s3, "MyGame.bin", other)
    # The last byte only.
    changed = bytearray(other.read_bytes())
    changed[-1] ^= 1
    other.write_bytes(changed)
    stored = client.store(other, settings(s3, part_size=PART))
    assert (stored.skipped, stored.bytes_sent) == (False, size) and holds(s3, "MyGame.bin", other)


def test_another_size(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    for size in (70_000, 70_001, 69_999, 0, 1):
        file = new_file(size)
        stored = client.store(file, settings(s3))
        assert (stored.skipped, stored.bytes_sent) == (False, size) and holds(s3, "MyGame.bin", file)


@pytest.mark.parametrize("size", [70_000, PART + 1], ids=["small", "in parts"])
def test_always_send(s3: S3, client: slipway.Client, new_file: NewFile, size: int) -> None:
    proxy = s3.proxy()
    file = new_file(size)
    for _ in range(2):
        stored = client.store(file, settings(s3, proxy, part_size=PART), always_send=True)
        assert (stored.skipped, stored.bytes_sent) == (False, size)
    assert bytes_sent(proxy) == 2 * size and holds(s3, "MyGame.bin", file)


def test_what_another_tool_has_stored(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    s3.put("MyGame.bin", content(70_000), Metadata={"by": "boto3"})
    assert client.store(new_file(), settings(s3), metadata={"by": "slipway"}).skipped
    assert list(s3.head("MyGame.bin")["Metadata"].values()) == ["boto3"], "it is as it was"


def test_what_another_tool_has_stored_in_parts(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    data = content(3 * PART)
    boto = s3.boto()
    for size in (PART, 2 * PART):
        place = {"Bucket": s3.bucket, "Key": "MyGame.bin"}
        upload_id = boto.create_multipart_upload(**place)["UploadId"]
        parts: List[Dict[str, Any]] = []
        for number, start in enumerate(range(0, len(data), size), 1):
            etag = boto.upload_part(**place, UploadId=upload_id, PartNumber=number, Body=data[start : start + size])["ETag"]
            parts.append({"PartNumber": number, "ETag": etag})
        boto.complete_multipart_upload(**place, UploadId=upload_id, MultipartUpload={"Parts": parts})
        # The MD5 of MD5s can be computed only by who knows how large the parts were.
        stored = client.store(new_file(3 * PART), settings(s3, part_size=PART, link=slipway.Link.NONE))
        assert stored.skipped == (s3.traits.whole_md5 or size == PART)
        assert holds(s3, "MyGame.bin", new_file(3 * PART))


# Where the ETag says nothing

ETAGS = {
    "encrypted": '"0123456789abcdef0123456789abcdee"', "of another kind": '"a-word/of-its-own"', "empty": '""', "weak": 'W/"0123"',
    "of many parts": '"0123456789abcdef0123456789abcdef-10000"', "of no parts": '"0123456789abcdef0123456789abcdef-0"',
    "of too many": '"0123456789abcdef0123456789abcdef-99999999999999999999"',
}  # fmt: skip


@pytest.mark.parametrize("etag", [*ETAGS.values(), None], ids=[*ETAGS, "none"])
def test_etags_that_say_nothing_of_the_content(swift: S3, client: slipway.Client, new_file: NewFile, etag: str) -> None:
    """Of storages that encrypt, for one. What cannot be compared is sent."""
    file = new_file()
    client.store(file, settings(swift))
    proxy = swift.proxy()

    def change(response: Response) -> None:
        response.headers["etag"] = etag
        if etag is None:
            del response.headers["etag"]

    proxy.fault(Edit(change), on=("HeadObject", "PutObject"), times=None)
    stored = client.store(file, settings(swift, proxy, link=slipway.Link.NONE))
    assert not stored.skipped and bytes_sent(proxy) == 70_000 and holds(swift, "MyGame.bin", file)


def sums(data: bytes) -> Dict[str, Tuple[str, str]]:
    """Of each kind: the whole content's, and that of the sums of parts."""
    parts = [data[start : start + PART] for start in range(0, len(data), PART)]
    crcs = [zlib.crc32(part).to_bytes(4, "big") for part in parts]
    hashes = [hashlib.sha256(part).digest() for part in parts]
    encoded = [
        base64.b64encode(value).decode()
        for value in (
            zlib.crc32(data).to_bytes(4, "big"), zlib.crc32(b"".join(crcs)).to_bytes(4, "big"), hashlib.sha256(data).digest(),
            hashlib.sha256(b"".join(hashes)).digest(),
        )
    ]  # fmt: skip
    return {"crc32": (encoded[0], f"{encoded[1]}-{len(parts)}"), "sha256": (encoded[2], f"{encoded[3]}-{len(parts)}")}


@pytest.mark.parametrize("name", ["crc32", "sha256"])
@pytest.mark.parametrize("kind", ["whole", "of parts"])
def test_checksums_that_a_storage_keeps(swift: S3, client: slipway.Client, new_file: NewFile, name: str, kind: str) -> None:
    """As AWS tells them of an object whose ETag is that of its encrypted content."""
    size = PART + 1
    client.store(new_file(size), settings(swift, part_size=PART))
    for seed, skips in ((1, True), (2, False)):
        proxy = swift.proxy()
        kept = sums(content(size, 1))[name][kind == "of parts"]

        def change(response: Response, kept: str = kept) -> None:
            response.headers.update({"etag": '"0123456789abcdef0123456789abcdef"', f"x-amz-checksum-{name}": kept})

        proxy.fault(Edit(change), on="HeadObject")
        storage = settings(swift, proxy, part_size=PART, checksum=slipway.Checksum[name.upper()], link=slipway.Link.NONE)
        file = new_file(size, seed=seed)
        stored = client.store(file, storage)
        assert stored.skipped == skips and bytes_sent(proxy) == (0 if skips else size)
        assert holds(swift, "MyGame.bin", file)
        first = proxy.requests("HeadObject")[0]
        assert first.headers["x-amz-checksum-mode"] == "ENABLED"


def test_who_may_write_need_not_be_allowed_to_read(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    for size in (70_000, PART + 1):
        proxy = s3.proxy()
        proxy.fault(Answer(403), on="HeadObject", times=None)
        file = new_file(size)
        for _ in range(2):
            stored = client.store(file, settings(s3, proxy, part_size=PART, link=slipway.Link.NONE))
            assert not stored.skipped and stored.etag is not None
        assert bytes_sent(proxy) == 2 * size and holds(s3, "MyGame.bin", file)
