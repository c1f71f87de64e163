"""Settings that cannot be right are refused before anything is sent, with the setting's name and what to do."""

from __future__ import annotations

import ctypes
import pathlib
from typing import Any, Dict, List, Tuple

import pytest

import slipway
from recorder import Recorder
from s3_fixtures import S3, s3, s3_servers, swift
from slipway import abi
from storage_fixtures import PART, NewFile, Raw, client, holds, home, new_file, settings

GB = 1 << 30

# What is set beside a bucket that is right, and the word of it in the message.
MEMBERS: Dict[str, Tuple[Dict[str, Any], str]] = {
    "no kind": ({"bucket": None}, "no bucket"),
    "no bucket": ({"bucket": b""}, "no bucket"),
    "a bucket and a put_url": ({"put_url": b"http://127.0.0.1:9/a"}, "bucket and put_url"),
    "a bucket and a directory": ({"directory": b"/tmp"}, "bucket and directory"),
    "all three": ({"put_url": b"http://127.0.0.1:9/a", "directory": b"/tmp"}, "bucket and put_url and directory"),
    "a part of a byte": ({"part_size": 1}, "part_size is 1"),
    "parts of less than 5 MiB": ({"part_size": PART - 1}, "part_size is 5242879"),
    "parts of more than 5 GiB": ({"part_size": 5 * GB + 1}, "part_size"),
    "parts of 2^64 - 1": ({"part_size": 2**64 - 1}, "part_size"),
    "65 parts at a time": ({"parallel_parts": 65}, "parallel_parts is 65"),
    "2^32 - 1 parts at a time": ({"parallel_parts": 2**32 - 1}, "parallel_parts"),
    "a link for 169 hours": ({"link_hours": 169}, "link_hours is 169"),
    "a link for 2^32 - 1 hours": ({"link_hours": 2**32 - 1}, "link_hours"),
}


@pytest.mark.parametrize("members, words", MEMBERS.values(), ids=MEMBERS)
def test_members_of_the_struct(swift: S3, client: slipway.Client, new_file: NewFile, members: Dict[str, Any], words: str) -> None:
    proxy = swift.proxy()
    with pytest.raises(slipway.InvalidArgumentError) as refused:
        client.store(new_file(PART + 1), Raw(settings(swift, proxy), **members))
    assert words in refused.value.message and refused.value.hint and not refused.value.retriable
    assert proxy.requests() == []


@pytest.mark.parametrize("member", ["addressing", "link", "checksum"])
@pytest.mark.parametrize("value", [-1, 9, 2**31 - 1])
def test_constants_that_are_none(
    swift: S3, client: slipway.Client, new_file: NewFile, recorder: Recorder, member: str, value: int
) -> None:
    proxy = swift.proxy()
    with pytest.raises(slipway.UnsupportedOptionError):
        client.store(new_file(), Raw(settings(swift, proxy), **{member: value}))
    # What does not start has no result: the log says why.
    assert f"{member} is {value}" in recorder.text() and proxy.requests() == []


def test_a_storage_of_another_version(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    size = ctypes.sizeof(abi.Storage)
    for struct_size in (0, 1, size - 1, size + 8, 2**32 - 1):
        with pytest.raises(slipway.SlipwayError) as refused:
            client.store(new_file(), Raw(settings(swift), struct_size=struct_size))
        assert isinstance(refused.value, (slipway.InvalidArgumentError, slipway.UnsupportedOptionError)), struct_size
    assert swift.keys() == []


# Texts. In the order of the header.
TEXTS: Dict[str, List[str]] = {
    "bucket": [
        "ab", "b" * 64, "Builds", "my_builds", "-builds", "builds-", ".builds", "my..builds", "127.0.0.1", "builds/a", "a b c", "büilds",
        "../builds", "builds?acl", "builds#", "a\r\nb",
    ],
    "endpoint": [
        "storage.example.com", "ftp://storage.example.com", "http://", "https://?a", "http://127.0.0.1:9/?a=b", "http://127.0.0.1:9/#a",
        "http://user:of-a-secret@127.0.0.1:9", "http://127.0.0.1:99999", "http://127.0.0.1:-1", "http://a b", "file:///tmp",
        "http://127.0.0.1:9\r\nX: y", "http://bücher.example",
    ],
    "region": ["eu central 1", "eu-central-1/..", "r" * 65, "régión", "a\r\nb", "us-east-1.example.com"],
    "content_type": ["text/plain\r\nX: y", "text/plän", "a\x7fb"],
    "content_disposition": ["attachment\r\nX: y", 'attachment; filename="ü.zip"', "a\tb"],
    "acl": ["public-read\r\nX: y", "öffentlich"],
    "storage_class": ["STANDARD\nX: y", "K\u00e4lte"],
    "encryption": ["AES256\nX: y"],
    "encryption_key_id": ["key\nX: y"],
    "access_key_id": ["id\n", "i d", "\tid"],
    "secret_access_key": ["line-break-of-a-secret\n", "tab\tof-a-secret"],
    "session_token": ["token\nof-a-secret", "to ken-of-a-secret"],
}  # fmt: skip
# What is wrong with these is all that there is to say.
SAID_BY_NAME = ("content_type", "acl", "storage_class", "encryption", "encryption_key_id")
# What the message calls it, where not by its own name.
WORDS = {"access_key_id": "access key id", "secret_access_key": "secret access key", "session_token": "session token"}


@pytest.mark.parametrize("setting", TEXTS)
def test_texts(swift: S3, client: slipway.Client, new_file: NewFile, setting: str) -> None:
    proxy = swift.proxy()
    for text in TEXTS[setting]:
        storage = settings(swift, proxy, **{setting: text})
        with pytest.raises(slipway.InvalidArgumentError) as refused:
            client.store(new_file(), storage)
        said = str(refused.value)
        assert WORDS.get(setting, setting) in refused.value.message, (text, said)
        assert "of-a-secret" not in said and "\n" not in said and (refused.value.hint or setting in SAID_BY_NAME)
    assert proxy.requests() == []


def test_texts_at_their_limits(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    """What is just right."""
    file = new_file()
    for changes in (
        {"part_size": PART}, {"part_size": 5 * GB}, {"parallel_parts": 64}, {"parallel_parts": 1}, {"link_hours": 168}, {"link_hours": 1},
        {"endpoint": f"{s3.endpoint}/"}, {"bytes_per_second": 2**64 - 1},
        {"content_type": "text/plain; charset=utf-8", "content_disposition": "attachment; filename*=UTF-8''%C3%BC.bin"},
        # Empty ones are not set.
        dict.fromkeys(("key_prefix", "public_url", "content_type", "content_disposition", "acl", "storage_class", "session_token"), ""),
    ):  # fmt: skip
        assert client.store(file, settings(s3, **changes), always_send=True).bytes_sent == 70_000
        assert holds(s3, "MyGame.bin", file)


def test_buckets_at_their_limits(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    for name in ("abc", "b" * 63, "0-b.c-9"):
        s3.boto().create_bucket(Bucket=name)
        assert client.store(new_file(), settings(s3, bucket=name, key_prefix=s3.bucket)).bucket == name


def test_a_bucket_that_is_not_there(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    for size in (70_000, PART + 1):
        with pytest.raises(slipway.NotFoundError) as refused:
            client.store(new_file(size), settings(s3, bucket="there-is-none", part_size=PART))
        assert "NoSuchBucket" in refused.value.message and "bucket" in refused.value.hint


def test_another_region(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    storage = settings(s3, region="eu-west-1")
    if not s3.traits.checks_region:
        assert client.store(new_file(), storage).size == 70_000
        return
    with pytest.raises(slipway.InvalidArgumentError) as refused:
        client.store(new_file(), storage)
    assert refused.value.http_status == 400 and "us-east-1" in refused.value.hint and "eu-west-1" in refused.value.hint


def test_a_host_in_front_of_an_address(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    with pytest.raises(slipway.InvalidArgumentError, match="127.0.0.1") as refused:
        client.store(new_file(), settings(swift, addressing=slipway.Addressing.VIRTUAL_HOST))
    assert "path" in refused.value.hint


# What goes with one kind of storage only


def test_what_a_directory_does_not_have(client: slipway.Client, new_file: NewFile, tmp_path: pathlib.Path) -> None:
    place = slipway.Directory(tmp_path / "home")
    for storage, metadata, words in (
        (place, {"a": "b"}, "metadata"),
        (Raw(place, link=slipway.Link.PRESIGNED), None, "presigned"),
        (Raw(place, link=slipway.Link.PUBLIC), None, "public_url"),
    ):
        with pytest.raises(slipway.InvalidArgumentError, match=words) as refused:
            client.store(new_file(), storage, metadata=metadata)
        assert refused.value.hint and list((tmp_path / "home").iterdir()) == []
