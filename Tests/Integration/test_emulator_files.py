"""The file host: whole files, ranges, HEAD, types, and nothing from outside its folder."""

from __future__ import annotations

import http.client
import os
import urllib.parse
from typing import Optional

import pytest

from emulator import Emulator, request
from emulator_fixtures import Served, emulator, process

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def url(emulator: Served) -> str:
    (emulator.folder / "file.zip").write_bytes(CONTENT)
    return f"{emulator.files_url}/file.zip"


def test_a_file(url: str) -> None:
    answer = request("GET", url)
    assert answer.status == 200 and answer.body == CONTENT
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["accept-ranges"] == "bytes"


def test_head(url: str) -> None:
    answer = request("HEAD", url)
    assert answer.status == 200 and answer.body == b""
    assert answer.headers["content-length"] == str(len(CONTENT)) and answer.headers["accept-ranges"] == "bytes"
    assert request("HEAD", url + "x").status == 404


@pytest.mark.parametrize(
    "header, first, last",
    [
        ("bytes=0-3", 0, 3),
        ("bytes=0-0", 0, 0),
        ("bytes=1000-1999", 1000, 1999),
        ("bytes=255000-", 255_000, 255_999),
        ("bytes=-10", 255_990, 255_999),
        ("bytes=-999999", 0, 255_999),
        ("bytes=255990-999999999999", 255_990, 255_999),
        ("Bytes=5-6", 5, 6),
    ],
)
def test_a_range(url: str, header: str, first: int, last: int) -> None:
    answer = request("GET", url, headers={"Range": header})
    assert answer.status == 206 and answer.body == CONTENT[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/256000"
    assert answer.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("header", ["bytes=256000-", "bytes=256000-256001", "bytes=-0", "bytes=9223372036854775807-"])
def test_a_range_beyond_the_end(url: str, header: str) -> None:
    answer = request("GET", url, headers={"Range": header})
    assert answer.status == 416 and answer.headers["content-range"] == "bytes */256000"


@pytest.mark.parametrize(
    "header", ["bytes=5-4", "bytes=a-b", "bytes=-", "bytes=", "lines=1-2", "bytes=1-2,4-5", "bytes=99999999999999999999-", "bytes=+1-2"]
)
def test_what_is_no_range_gets_the_whole_file(url: str, header: str) -> None:
    answer = request("GET", url, headers={"Range": header})
    assert answer.status == 200 and answer.body == CONTENT and "content-range" not in answer.headers


def test_an_empty_file(emulator: Served) -> None:
    (emulator.folder / "empty.txt").write_bytes(b"")
    answer = request("GET", emulator.file_url("empty.txt"))
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")
    assert answer.headers["content-type"].startswith("text/plain")
    assert request("GET", emulator.file_url("empty.txt"), headers={"Range": "bytes=0-3"}).status == 416


@pytest.mark.parametrize("name", ["a b.bin", "Ümläut.bin", "100%.bin", "a+b.bin", "a?b.bin", "sub/folder/file.bin", "noending"])
def test_names(emulator: Served, name: str) -> None:
    path = emulator.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(name.encode())
    answer = request("GET", emulator.file_url(name))
    assert answer.status == 200 and answer.body == name.encode()
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_query_is_not_part_of_the_name(url: str) -> None:
    assert request("GET", url + "?signature=abc").body == CONTENT


def test_nothing_from_outside_the_folder(emulator: Served) -> None:
    secret = emulator.folder.parent / "secret.txt"
    secret.write_text("secret")
    try:
        for path in (
            "../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt", "..%5csecret.txt", "./../secret.txt",
            "sub/../../secret.txt", "/etc/passwd", "%2fetc%2fpasswd", "", ".", "..", "%00", "file.zip%00.txt", "sub//x",
            "....//secret.txt", "..;/secret.txt", "%252e%252e/secret.txt",
        ):  # fmt: skip
            answer = request("GET", f"{emulator.files_url}/{path}")
            assert answer.status == 404 and b"secret" not in answer.body, path
        assert request("GET", f"{emulator.files_url}").status == 404
    finally:
        secret.unlink()


def test_only_plain_files(emulator: Served) -> None:
    (emulator.folder / "sub").mkdir(exist_ok=True)
    pipe = emulator.folder / "pipe"
    os.mkfifo(pipe)
    try:
        for name in ("sub", "sub/", "pipe", "missing.zip"):
            assert request("GET", f"{emulator.files_url}/{name}").status == 404, name
    finally:
        pipe.unlink()


def test_only_reading(url: str) -> None:
    for method in ("PUT", "POST", "DELETE"):
        answer = request(method, url, b"x")
        assert answer.status == 405 and answer.headers["allow"] == "GET"
    assert request("GET", url).body == CONTENT


def test_a_connection_is_kept(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    socket: Optional[object] = None
    for header in ("bytes=0-9", "bytes=10-19", "bytes=20-29"):
        connection.request("GET", parts.path, headers={"Range": header})
        response = connection.getresponse()
        assert response.status == 206 and len(response.read()) == 10
        assert socket in (None, connection.sock)
        socket = connection.sock
    connection.close()


def test_without_a_folder_there_are_no_files() -> None:
    with Emulator() as emulator:
        assert emulator.files_url is None
        assert request("GET", emulator.admin_url.replace("_emulator", "files") + "/emulator.py").status == 404
