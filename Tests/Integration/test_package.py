"""slipway_check_package through the front door: what it reads in real archives, what it objects to, and what it cannot read."""

from __future__ import annotations

import io
import os
import pathlib
import socket
import struct
import zipfile
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Union

import pytest

import slipway
from emulator import Emulator, make_build

Contents = Dict[str, bytes]

GOOD: Contents = {
    "MyGame.exe": b"MZ" + bytes(1022),
    "MyGame/Binaries/Win64/MyGame-Win64-Shipping.exe": b"MZ" + bytes(4094),
    "MyGame/Content/Paks/MyGame-Windows.pak": bytes(range(256)) * 64,
    "Engine/Binaries/ThirdParty/PhysX3/Win64/PhysX3_x64.dll": b"MZ" + bytes(510),
}


@pytest.fixture
def client() -> Iterator[slipway.Client]:
    """No service is needed for it, and no key."""
    with slipway.Client(streampixel=slipway.Streampixel(base_url="https://nobody.invalid/pixelStripeApi")) as client:
        yield client


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "MyGame.zip"


def archive(contents: Contents, **changes: Any) -> bytes:
    """`changes` are attributes of each entry, such as its compression."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name)
            for attribute, value in changes.items():
                setattr(entry, attribute, value)
            target.writestr(entry, content)
    return stream.getvalue()


def findings(package: slipway.Package) -> List[Tuple[str, str]]:
    return [(finding.severity, finding.code) for finding in package.findings]


def only(package: slipway.Package, code: str) -> str:
    """The message of the one finding, which is an error."""
    assert findings(package) == [("error", code)]
    return package.findings[0].message


# Good ones


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_good_one(client: slipway.Client, path: pathlib.Path, compression: int) -> None:
    path.write_bytes(archive(GOOD, compress_type=compression))
    news: List[slipway.Progress] = []
    package = client.check_package(path, on_progress=news.append)
    assert (package.file_path, package.size, package.entries) == (str(path), path.stat().st_size, len(GOOD))
    assert package.uncompressed_size == sum(map(len, GOOD.values()))
    assert (package.executable, package.zip64, package.findings) == ("MyGame.exe", False, ())
    assert {progress.release_stage for progress in news} <= {None}


@pytest.mark.parametrize("members", [{"iostore": True}, {"folder": "Windows"}, {"extra": {"MyGame/": b"", "Manifest.txt": b"x"}}])
def test_good_ones_of_other_shapes(client: slipway.Client, path: pathlib.Path, members: Dict[str, Any]) -> None:
    package = client.check_package(make_build(path, **members))
    folder = members.get("folder")
    assert package.executable == ("Windows/MyGame.exe" if folder else "MyGame.exe") and package.findings == ()


def test_relative_path_and_unicode(client: slipway.Client, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_build("Größe 最終.zip", name="Größe 最終")
    package = client.check_package("Größe 最終.zip")
    assert (package.file_path, package.executable, package.findings) == ("Größe 最終.zip", "Größe 最終.exe", ())


def test_comment_at_the_end(client: slipway.Client, path: pathlib.Path) -> None:
    """As long as it can be, and with the signature of an end in it."""
    path.write_bytes(archive(GOOD))
    with zipfile.ZipFile(path, "a") as target:
        target.comment = b"PK\x05\x06" * 10 + b"." * 65_495
    package = client.check_package(path)
    assert (package.entries, package.findings) == (len(GOOD), ())


# Findings


def test_no_executable(client: slipway.Client, path: pathlib.Path) -> None:
    message = only(client.check_package(make_build(path, without=["exe"])), "no_executable")
    assert "MyGame/Binaries/Win64/MyGame-Win64-Shipping.exe is too deep" in message


def test_executable_two_folders_down(client: slipway.Client, path: pathlib.Path) -> None:
    package = client.check_package(make_build(path, folder="Builds/Windows"))
    assert package.executable is None and "Builds/Windows/MyGame.exe is too deep" in only(package, "no_executable")


def test_executables_of_the_engine_are_none(client: slipway.Client, path: pathlib.Path) -> None:
    contents = {name: content for name, content in GOOD.items() if name != "MyGame.exe"}
    path.write_bytes(archive({"CrashReportClient.exe": b"MZ", "UEPrereqSetup_x64.exe": b"MZ", **contents}))
    package = client.check_package(path)
    assert package.executable is None and findings(package) == [("error", "no_executable")]


def test_sources_of_a_project(client: slipway.Client, path: pathlib.Path) -> None:
    path.write_bytes(archive({"MyGame/MyGame.uproject": b"{}", "MyGame/Content/Map.umap": b"x", "MyGame/Source/Main.cs": b"x"}))
    package = client.check_package(path)
    assert findings(package) == [("error", "not_a_package"), ("error", "no_executable"), ("warning", "no_content")]
    assert "MyGame/MyGame.uproject" in package.findings[0].message and "package it for Windows" in package.findings[0].message


def test_no_content(client: slipway.Client, path: pathlib.Path) -> None:
    package = client.check_package(make_build(path, without=["engine", "paks"]))
    assert findings(package) == [("warning", "no_content")] and package.executable == "MyGame.exe"


@pytest.mark.parametrize("name", ["../evil.dll", "/etc/evil", "C:/evil.dll", "a/../../b.dll", "..\\evil.dll", "line\nbreak.txt"])
def test_unsafe_path(client: slipway.Client, path: pathlib.Path, name: str) -> None:
    message = only(client.check_package(make_build(path, extra={name: b"x"})), "unsafe_path")
    assert message.isprintable() and (name in message or not name.isprintable())


def test_symbolic_link(client: slipway.Client, path: pathlib.Path) -> None:
    path.write_bytes(archive(GOOD))
    with zipfile.ZipFile(path, "a") as target:
        entry = zipfile.ZipInfo("Link.dll")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        target.writestr(entry, "/etc/passwd")
    assert "Link.dll is a symbolic link" in only(client.check_package(path), "unsafe_path")


def test_encrypted(client: slipway.Client, path: pathlib.Path) -> None:
    """Two of four have the flag; one of them is named."""
    data = bytearray(archive(GOOD))
    at = -1
    for _ in range(2):
        at = data.index(b"PK\x01\x02", at + 1)
        data[at + 8] |= 1
    path.write_bytes(data)
    message = only(client.check_package(path), "encrypted")
    assert "MyGame.exe is encrypted" in message and "first of 2" in message and "password" in message


# zip64


def local_header(name: str, size: int) -> bytes:
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(name), 20)
    return head + name.encode() + struct.pack("<2H2Q", 1, 16, size, size)


def directory_entry(name: str, size: int, offset: int) -> bytes:
    full = 0xFFFFFFFF
    head = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 45, 45, 0, 0, 0, 0, 0, full, full, len(name), 28, 0, 0, 0, 0, full)
    return head + name.encode() + struct.pack("<2H3Q", 1, 24, size, size, offset)


def zip64_end(count: int, size: int, offset: int) -> bytes:
    end = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    end += struct.pack("<4sIQI", b"PK\x06\x07", 0, offset + size, 1)
    return end + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


def write_zip64(path: pathlib.Path, entries: List[Tuple[str, int]]) -> None:
    """Names and sizes; what they hold is a hole in the file, which the disk has not."""
    directory: List[bytes] = []
    with path.open("wb") as file:
        for name, size in entries:
            directory.append(directory_entry(name, size, file.tell()))
            file.write(local_header(name, size))
            file.seek(size, os.SEEK_CUR)
        offset = file.tell()
        file.write(b"".join(directory))
        file.write(zip64_end(len(entries), file.tell() - offset, offset))


def test_zip64(client: slipway.Client, path: pathlib.Path) -> None:
    """More entries than the old format can count."""
    names = [*GOOD, *(f"Engine/{number}" for number in range(70_000 - len(GOOD)))]
    write_zip64(path, [(name, 10) for name in names])
    assert zipfile.ZipFile(path).namelist() == names, "others can read it"
    package = client.check_package(path)
    assert (package.entries, package.uncompressed_size, package.zip64) == (70_000, 700_000, True)
    assert (package.executable, package.findings) == ("MyGame.exe", ())


def test_large_file(client: slipway.Client, path: pathlib.Path) -> None:
    """25 GB: what lies between the entries is never read."""
    write_zip64(path, [("MyGame.exe", 1024), ("Engine/a.dll", 0), ("MyGame/Content/Paks/MyGame.pak", 25_000_000_000)])
    assert path.stat().st_blocks * 512 < 1 << 20
    package = client.check_package(path)
    assert (package.size, package.uncompressed_size, package.zip64) == (path.stat().st_size, 25_000_001_024, True)
    assert findings(package) == [("warning", "too_large")] and "25.1 GB" in package.findings[0].message


# What cannot be read


def refused(client: slipway.Client, path: Union[str, pathlib.Path]) -> slipway.FileError:
    with pytest.raises(slipway.FileError) as caught:
        client.check_package(path)
    error = caught.value
    assert str(path) in error.message and error.hint and error.result is None and not error.retriable
    return error


def truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def without_its_last_byte(data: bytes) -> bytes:
    return data[:-1]


def with_a_damaged_entry(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[changed.rindex(b"PK\x01\x02")] ^= 0xFF
    return bytes(changed)


def behind_foreign_bytes(data: bytes) -> bytes:
    return b"PK\x03\x04" + bytes(96) + data


def with_one_entry_less_than_announced(data: bytes) -> bytes:
    changed = bytearray(data)
    end = changed.rindex(b"PK\x05\x06")
    struct.pack_into("<2H", changed, end + 8, len(GOOD) + 1, len(GOOD) + 1)
    return bytes(changed)


@pytest.mark.parametrize(
    "damage, mentioned",
    [
        (truncated, "damaged"),
        (without_its_last_byte, "damaged"),
        (with_a_damaged_entry, "damaged"),
        (behind_foreign_bytes, "do not belong"),
        (with_one_entry_less_than_announced, "entries"),
    ],
)
def test_damaged(client: slipway.Client, path: pathlib.Path, damage: Callable[[bytes], bytes], mentioned: str) -> None:
    path.write_bytes(damage(archive(GOOD)))
    assert mentioned in refused(client, path).message


@pytest.mark.parametrize(
    "content, mentioned",
    [
        (b"", "is empty"),
        (b"not a zip at all, but long enough for one to be", "is not a .zip"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), ".7z"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(100), ".rar"),
        (b"MZ" + bytes(100), "program"),
        (archive({}), "without files"),
        (b"PK\x03\x04", "damaged"),
    ],
)
def test_no_zip(client: slipway.Client, path: pathlib.Path, content: bytes, mentioned: str) -> None:
    path.write_bytes(content)
    assert mentioned in refused(client, path).message


def test_what_is_no_file(client: slipway.Client, tmp_path: pathlib.Path) -> None:
    """A pipe that nobody writes to blocks nothing."""
    os.mkfifo(tmp_path / "pipe.zip")
    (tmp_path / "folder.zip").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.zip"))
        for name, what in (("pipe.zip", "a pipe"), ("folder.zip", "a folder"), ("s.zip", "a socket"), ("missing.zip", "No such file")):
            assert what in refused(client, tmp_path / name).message
    assert "a device" in refused(client, "/dev/null").message


def test_missing_argument(client: slipway.Client) -> None:
    with pytest.raises(slipway.InvalidArgumentError, match="file_path"):
        client.check_package("")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_not_readable(client: slipway.Client, path: pathlib.Path) -> None:
    make_build(path).chmod(0)
    assert "Permission denied" in refused(client, path).message


# The service has the last word, and it is the same


@pytest.mark.parametrize(
    "members, objection",
    [
        ({}, None),
        ({"folder": "Windows", "iostore": True}, None),
        ({"without": ["exe"]}, "Missing executable"),
        ({"folder": "Builds/Windows"}, "Missing executable"),
        ({"extra": {"../evil.dll": b"x"}}, "Malformed package"),
    ],
)
def test_it_agrees_with_the_service(
    client: slipway.Client, emulator: Emulator, files: pathlib.Path, members: Dict[str, Any], objection: Optional[str]
) -> None:
    path = make_build(files / "agreed.zip", **members)
    upload_id = emulator.upload(emulator.file_url("agreed.zip"))
    build = emulator.wait_for_build(upload_id, "Reject" if objection else "Approved")
    errors = [finding for finding in client.check_package(path).findings if finding.severity == "error"]
    assert bool(errors) is (objection is not None)
    assert objection is None or build["objection"].startswith(objection)
