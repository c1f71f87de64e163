"""The names of objects, and their metadata: whatever S3 has is stored, and read back by boto3 and through the link; the rest is refused."""

from __future__ import annotations

import email.header
import unicodedata
from typing import Dict, List, Tuple

import pytest

import slipway
from s3_fixtures import S3, s3, s3_servers, swift
from storage_fixtures import PART, NewFile, client, content, holds, home, new_file, read, settings, store_parts, unfinished

E_IN_ONE = unicodedata.normalize("NFC", "é")
E_IN_TWO = unicodedata.normalize("NFD", "é")

KEYS: Dict[str, str] = {
    "spaces": "a b  c .bin",
    "a space in front": " a/ b.bin",
    "plus": "a+b++c.bin",
    "percent": "100%.bin",
    "what looks encoded": "%41%2Fb%20c%.bin",
    "ampersand and equals": "a&b=c&uploads&partNumber=1.bin",
    "quotes": "it's \"so\" `it` is.bin",
    "brackets": "MyGame (1) [2] {3} <4>.bin",
    "a query and a fragment": "a?b#c;d.bin",
    "what needs no encoding": "a-b_c.d~e.bin",
    "what might": "a!b*c'd,e:f@g$h|i^j.bin",
    "a backslash": "a\\b.bin",
    "XML": "<Key>&amp;&#10;]]>.bin",
    "Unicode": "Grüße-日本語-Ω-\U0001f680.bin",
    "é in one": f"{E_IN_ONE}.bin",
    "é in two": f"{E_IN_TWO}.bin",
    "from right to left": "\u202eשלום.bin",
    "folders": "a/b.c/d e/f.bin",
    "dots": "...a/..b/c../d...bin",
    "no ending": "MyGame",
    "1,024 bytes": "/".join(["k" * 204] * 5),
    "1,024 bytes of Unicode": "/".join(["ü" * 102] * 5),
}
# What rclone, whose objects are files, says of them.
ONLY_NAMES: Dict[str, Tuple[str, int]] = {
    "an empty step": ("a//b.bin", 400), "a slash at the end": ("a/b/", 200), "300 bytes in one step": ("n" * 300, 500),
}  # fmt: skip


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_keys(s3: S3, client: slipway.Client, new_file: NewFile, key: str) -> None:
    file = new_file()
    stored = client.store(file, settings(s3), key=key)
    assert stored.key == key and s3.keys() == [key] and s3.read(key) == file.read_bytes() == read(stored.url)
    assert client.store(file, settings(s3), key=key).skipped
    assert client.storage_delete(settings(s3), key).key == key and s3.keys() == []


@pytest.mark.parametrize("key, status", ONLY_NAMES.values(), ids=ONLY_NAMES)
def test_keys_that_are_no_paths(s3: S3, client: slipway.Client, new_file: NewFile, key: str, status: int) -> None:
    if s3.traits.names_are_paths and status != 200:
        with pytest.raises(slipway.SlipwayError) as refused:
            client.store(new_file(), settings(s3), key=key)
        assert refused.value.http_status == status and refused.value.hint
    else:
        stored = client.store(new_file(), settings(s3), key=key)
        # rclone takes the slash at the end for none.
        assert s3.keys() == [key.rstrip("/") if s3.traits.names_are_paths else key]
        assert s3.read(key) == content(70_000) == read(stored.url)


EVERYTHING = "a b+c/100%41&d=e?f#g/it's \"so\" (1)/<h>&amp;/é-日本.bin"


def test_keys_of_uploads_in_parts(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    storage = settings(s3, key_prefix="build s/ü", part_size=PART)
    key = f"build s/ü/{EVERYTHING}"
    file = new_file(2 * PART)
    left = store_parts(s3, client, file, 1, key=EVERYTHING, key_prefix="build s/ü")
    assert unfinished(s3) == {left: key}
    (listed,) = client.storage_list_unfinished(storage, key=EVERYTHING)
    assert (listed.key, listed.upload_id) == (key, left)
    stored = client.store(file, storage, key=EVERYTHING)
    assert (stored.key, stored.upload_id, stored.parts_reused) == (key, left, 1)
    assert holds(s3, key, file) and read(stored.url) == file.read_bytes() and unfinished(s3) == {}


def test_names_that_look_alike_are_not_the_same(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    names = [f"{E_IN_ONE}.bin", f"{E_IN_TWO}.bin", "a b.bin", "a+b.bin", "a%20b.bin", "A b.bin"]
    for seed, name in enumerate(names):
        client.store(new_file(1000, seed=seed), settings(s3), key=name)
    assert sorted(s3.keys()) == sorted(names)
    assert [s3.read(name) for name in names] == [content(1000, seed) for seed in range(len(names))]


PREFIXES: List[List[str]] = [
    ["builds", "a.bin", "builds/a.bin"],
    ["builds/", "a.bin", "builds/a.bin"],
    ["", "a.bin", "a.bin"],
    ["b c/ü+%41", "d e/f.bin", "b c/ü+%41/d e/f.bin"],
    ["p" * 200, "k" * 200, "p" * 200 + "/" + "k" * 200],
    ["/".join(["p" * 204] * 4), "k" * 204, "/".join(["p" * 204] * 4) + "/" + "k" * 204],
]


@pytest.mark.parametrize("prefix, name, key", PREFIXES, ids=["plain", "with its slash", "none", "awkward", "long", "1,024 bytes"])
def test_prefixes(s3: S3, client: slipway.Client, new_file: NewFile, prefix: str, name: str, key: str) -> None:
    stored = client.store(new_file(), settings(s3, key_prefix=prefix), key=name)
    assert stored.key == key and s3.keys() == [key] and read(stored.url) == content(70_000)


def test_the_name_of_the_file(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    names = ["My Game (1)+ü.bin", ".hidden", "n" * 250]
    for name in names:
        assert client.store(new_file(name=name), settings(s3)).key == name
    assert sorted(s3.keys()) == sorted(names)


# The key with its prefix, and what the message says of it.
REFUSED: Dict[str, List[str]] = {
    "1,025 bytes": ["", "k" * 1025, "1025 bytes"],
    "1,025 bytes of Unicode": ["", "k" + "ü" * 512, "1025 bytes"],
    "1,025 bytes with the prefix": ["p" * 512, "k" * 512, "1025 bytes"],
    "a step out": ["", "../a.bin", ".."],
    "a step out inside": ["", "a/../b.bin", ".."],
    "a step out at the end": ["", "a/..", ".."],
    "a step that is none": ["", "a/./b.bin", '"." or ".."'],
    "a step out in the prefix": ["..", "a.bin", ".."],
    "a slash in front": ["", "/a.bin", "slash"],
    "a slash in front of the prefix": ["/builds", "a.bin", "slash"],
    "a line break": ["", "a\nb.bin", "control"],
    "a tab": ["", "a\tb.bin", "control"],
    "an escape": ["", "a\x1b[2Jb.bin", "control"],
    "DEL": ["", "a\x7fb.bin", "control"],
    "a line break in the prefix": ["a\r\nb", "c.bin", "control"],
}


@pytest.mark.parametrize("prefix, key, word", REFUSED.values(), ids=REFUSED)
def test_keys_that_are_refused(swift: S3, client: slipway.Client, new_file: NewFile, prefix: str, key: str, word: str) -> None:
    proxy = swift.proxy()
    storage = settings(swift, proxy, key_prefix=prefix)
    with pytest.raises(slipway.InvalidArgumentError) as refused:
        client.store(new_file(), storage, key=key)
    assert word in refused.value.message and refused.value.hint
    assert not any(ord(character) < 0x20 for character in str(refused.value))
    with pytest.raises(slipway.InvalidArgumentError, match="key"):
        client.storage_delete(storage, key)
    with pytest.raises(slipway.InvalidArgumentError, match="key"):
        client.storage_list_unfinished(storage, key=key)
    assert proxy.requests() == []


# Metadata

METADATA: Dict[str, str] = {
    "spaces": "a b  c",
    "spaces around": " a ",
    "quotes": "it's \"so\", \\o/",
    "signs": "100% + 1 & 2 = (3); <4>",
    "Unicode": "Grüße aus 東京 \U0001f680",
    "long": "ä" * 60,
    "what looks encoded": "=?UTF-8?Q?a_b?=",
    "empty": "",
    "a line break": "a\r\nX-Amz-Acl: public-read",
}


def decode(value: str) -> str:
    """As RFC 2047 says, where it is in its words."""
    return str(email.header.make_header(email.header.decode_header(value))) if "=?" in value else value


@pytest.mark.parametrize("size", [1000, PART + 1], ids=["whole", "in parts"])
def test_metadata(s3: S3, client: slipway.Client, new_file: NewFile, size: int) -> None:
    said = {f"Name-{number}": value for number, value in enumerate(METADATA.values())}
    proxy = s3.proxy()
    client.store(new_file(size), settings(s3, proxy, part_size=PART), metadata=said)
    (making,) = proxy.requests("PutObject", "CreateMultipartUpload")
    assert "x-amz-acl" not in making.headers
    kept = {name.lower(): value for name, value in s3.head("MyGame.bin")["Metadata"].items()}
    assert {name: decode(value) for name, value in kept.items()} == {name.lower(): value for name, value in said.items()}


@pytest.mark.parametrize("name", ["", "a b", "a_b", "a:b", "ü", "a\n"])
def test_names_of_metadata_that_are_refused(swift: S3, client: slipway.Client, new_file: NewFile, name: str) -> None:
    proxy = swift.proxy()
    with pytest.raises(slipway.InvalidArgumentError) as refused:
        client.store(new_file(), settings(swift, proxy), metadata={"good": "1", name: "2"})
    assert "metadata" in refused.value.message and refused.value.hint and proxy.requests() == []
