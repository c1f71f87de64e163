"""The way of a build: its states, what is rejected and why, release, distribution, roll-back, order."""

from __future__ import annotations

import pathlib
import struct
import time
import zipfile
from typing import Any, Callable

import pytest

from emulator import make_build, wait_until
from emulator_fixtures import Served, emulator, process

WAY = ["pending", "Downloading Files", "Extracting & Scanning", "Saving to Repository"]
PATH = "MyGame/Content/Paks/MyGame-Windows.pak"


def states(build: dict[str, Any]) -> list[str]:
    return [step["status"] for step in build["history"]]


def verdict(emulator: Served, url: str, **members: Any) -> dict[str, Any]:
    """Uploads, waits until the pipeline has nothing more to do with the build, and returns it."""
    status, answer = emulator.post("upload-file", projectId=emulator.project_id, fileUrl=url, **members)
    assert status in (200, 201), answer
    upload = answer["uploadId"]
    wait_until(lambda: not emulator.build(upload)["moving"], what=f"the end of {url}")
    return emulator.build(upload)


def rejected(emulator: Served, name: str) -> str:
    """Uploads a served file, expects a rejection, returns its objection."""
    build = verdict(emulator, emulator.file_url(name))
    assert build["status"] == "Reject", build
    assert states(build)[-1] == "Reject" and "Saving to Repository" not in states(build)
    assert emulator.project()["live"] is None
    files = emulator.get(f"projects/{emulator.project_id}")[1]["files"]
    assert files[-1]["objection"] == build["objection"]
    return str(build["objection"])


# States and release


def test_a_build_goes_live_by_itself(emulator: Served) -> None:
    make_build(emulator.folder / "good.zip")
    build = verdict(emulator, emulator.file_url("good.zip"))
    assert states(build) == WAY + ["Distribute", "Approved"]
    assert build["live"] and emulator.project()["live"] == build["uploadId"] and build["objection"] is None


def test_without_auto_release_it_waits_for_distribution(emulator: Served) -> None:
    make_build(emulator.folder / "good.zip")
    build = verdict(emulator, emulator.file_url("good.zip"), autoRelease=False)
    assert states(build) == WAY + ["Approved"]
    assert not build["live"] and emulator.project()["live"] is None
    assert emulator.post("distribute-file", projectId=emulator.project_id, uploadId=build["uploadId"])[0] == 200
    live = wait_until(lambda: emulator.build(build["uploadId"]) if emulator.project()["live"] else None)
    assert states(live) == WAY + ["Approved", "Distribute", "Approved"]


def test_approval_can_come_before_distribution(emulator: Served) -> None:
    emulator.settings(order="approve-first")
    make_build(emulator.folder / "good.zip")
    build = verdict(emulator, emulator.file_url("good.zip"))
    assert states(build) == WAY + ["Approved", "Distribute", "Approved"] and build["live"]


def test_each_state_lasts_as_long_as_it_is_told(emulator: Served) -> None:
    emulator.settings(stateMs=60)
    make_build(emulator.folder / "good.zip")
    history = verdict(emulator, emulator.file_url("good.zip"))["history"]
    times = [step["at"] for step in history]
    assert all(later - earlier >= 59 for earlier, later in zip(times, times[1:])), times


def test_roll_back(emulator: Served) -> None:
    make_build(emulator.folder / "one.zip", "One")
    make_build(emulator.folder / "two.zip", "Two")
    one = verdict(emulator, emulator.file_url("one.zip"))["uploadId"]
    two = verdict(emulator, emulator.file_url("two.zip"))["uploadId"]
    assert emulator.project()["live"] == two
    assert emulator.post("distribute-file", projectId=emulator.project_id, uploadId=one)[0] == 200
    wait_until(lambda: emulator.project()["live"] == one)
    assert [build["uploadId"] for build in emulator.builds()] == [one, two]


def test_not_while_it_is_processed(emulator: Served) -> None:
    emulator.settings(stateMs=60_000)
    upload = emulator.upload("http://127.0.0.1:9/never.zip")
    assert emulator.post("distribute-file", projectId=emulator.project_id, uploadId=upload) == (
        400,
        {"message": "File has no URL"},
    )


def test_a_distribution_can_be_rejected(emulator: Served) -> None:
    emulator.settings(distributionObjection="Failed to start on a worker")
    make_build(emulator.folder / "good.zip")
    build = verdict(emulator, emulator.file_url("good.zip"))
    assert states(build) == WAY + ["Distribute", "Reject"]
    assert build["objection"] == "Failed to start on a worker" and emulator.project()["live"] is None


def test_one_upload_at_a_time_per_project(emulator: Served) -> None:
    emulator.settings(stateMs=80)
    make_build(emulator.folder / "good.zip")
    first = emulator.upload(emulator.file_url("good.zip"))
    second = emulator.upload(emulator.file_url("good.zip"))
    other = emulator.upload(emulator.file_url("good.zip"), project_id=emulator.project_ids[1])
    builds = [emulator.wait_for_build(upload, "Approved") for upload in (first, second, other)]
    ends = [build["history"][-1]["at"] for build in builds]
    downloads = [next(step["at"] for step in build["history"] if step["status"] == "Downloading Files") for build in builds]
    assert downloads[1] >= ends[0], "the second waits for the first"
    assert downloads[2] < ends[0], "another project does not"
    assert emulator.project()["live"] == second


def test_a_reset_ends_what_is_under_way(emulator: Served) -> None:
    emulator.settings(stateMs=60_000)
    emulator.upload("http://127.0.0.1:9/never.zip")
    emulator.reset()
    assert emulator.builds() == []
    make_build(emulator.folder / "good.zip")
    assert verdict(emulator, emulator.file_url("good.zip"))["live"], "new builds do not wait for those from before"


# Packages that are fine


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"iostore": True},
        {"folder": "Windows"},
        {"compression": zipfile.ZIP_DEFLATED},
        {"name": "Ümläut Spiel"},
        {"size": 3 << 20},
        {"extra": {"Engine/Extras/Redist/en-us/UEPrereqSetup_x64.exe": b"MZ", "a..b/c.txt": b""}},
    ],
    ids=lambda how: next(iter(how), "plain"),
)
def test_a_good_package_is_approved(emulator: Served, how: dict[str, Any]) -> None:
    make_build(emulator.folder / "good.zip", **how)
    build = verdict(emulator, emulator.file_url("good.zip"))
    assert build["status"] == "Approved", build["objection"]


def test_zip64_and_a_comment(emulator: Served) -> None:
    path = make_build(emulator.folder / "good.zip", extra={f"MyGame/Content/{number}": b"" for number in range(65_600)})
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"PK\x05\x06 a comment that looks like the end of an archive " * 20
    assert b"PK\x06\x06" in path.read_bytes()[-9000:], "the archive is meant to need zip64"
    build = verdict(emulator, emulator.file_url("good.zip"))
    assert build["status"] == "Approved", build["objection"]


def test_windows_habits(emulator: Served) -> None:
    path = emulator.folder / "good.zip"
    make_build(path)
    data = path.read_bytes().replace(b"MyGame/Content/Paks/", b"MyGame\\CONTENT\\Paks\\").replace(b"Engine/", b"ENGINE/")
    path.write_bytes(data)
    build = verdict(emulator, emulator.file_url("good.zip"))
    assert build["status"] == "Approved", build["objection"]


# Packages that are not


@pytest.mark.parametrize(
    "how, objection",
    [
        ({"without": ["exe"]}, "Missing executable"),
        ({"without": ["engine"]}, "Malformed package: there is no Engine folder"),
        ({"without": ["paks"]}, "Malformed package: there is no .pak, .ucas or .utoc"),
        ({"folder": "one/two"}, "Missing executable"),
        ({"extra": {"../evil.dll": b""}}, "Malformed package: the path ../evil.dll leaves"),
        ({"extra": {"Engine/../../evil.dll": b""}}, "Malformed package: the path Engine/../../evil.dll leaves"),
        ({"extra": {"..\\evil.dll": b""}}, "Malformed package: the path ..\\evil.dll leaves"),
        ({"extra": {"/etc/passwd": b""}}, "Malformed package: the path /etc/passwd leaves"),
        ({"extra": {"\\evil.dll": b""}}, "Malformed package: the path \\evil.dll leaves"),
        ({"extra": {"C:\\evil.dll": b""}}, "Malformed package: the path C:\\evil.dll leaves"),
        ({"compression": zipfile.ZIP_LZMA}, "Unsupported file"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_bad_package_is_rejected(emulator: Served, how: dict[str, Any], objection: str) -> None:
    make_build(emulator.folder / "bad.zip", **how)
    assert rejected(emulator, "bad.zip").startswith(objection)


def test_a_symbolic_link_is_rejected(emulator: Served) -> None:
    path = make_build(emulator.folder / "bad.zip")
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("MyGame/link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc")
    assert rejected(emulator, "bad.zip") == "Malformed package: MyGame/link is a symbolic link"


def test_an_encrypted_entry_is_rejected(emulator: Served) -> None:
    path = make_build(emulator.folder / "bad.zip")
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    data[first + 8] |= 1
    path.write_bytes(data)
    assert rejected(emulator, "bad.zip") == "Unsupported file: MyGame.exe is encrypted"


def end(data: bytearray) -> int:
    return data.rindex(b"PK\x05\x06")


def directory(data: bytearray) -> int:
    return int(struct.unpack_from("<I", data, end(data) + 16)[0])


def put(data: bytearray, at: int, form: str, value: int) -> bytearray:
    struct.pack_into(form, data, at, value)
    return data


DAMAGES: dict[str, Callable[[bytearray], bytes]] = {
    "empty file": lambda data: b"",
    "three bytes": lambda data: data[:3],
    "cut in the middle": lambda data: data[: len(data) // 2],
    "cut before its last byte": lambda data: data[:-1],
    "only the end": lambda data: data[end(data) :],
    "another kind of file": lambda data: b"Rar!" + data[4:],
    "end record without archive": lambda data: b"PK\x03\x04" + data[end(data) :],
    "too many entries announced": lambda data: put(data, end(data) + 10, "<H", 500),
    "too few entries announced": lambda data: put(put(data, end(data) + 10, "<H", 1), end(data) + 8, "<H", 1),
    "directory beyond the end": lambda data: put(data, end(data) + 16, "<I", len(data) * 2),
    "directory is enormous": lambda data: put(data, end(data) + 12, "<I", 0xFFFFFFFE),
    "directory is shorter": lambda data: put(data, end(data) + 12, "<I", 20),
    "a split archive": lambda data: put(data, end(data) + 4, "<H", 1),
    "zip64 without its record": lambda data: put(data, end(data) + 16, "<I", 0xFFFFFFFF),
    "entry with a wrong signature": lambda data: put(data, directory(data), "<I", 0),
    "entry beyond the end": lambda data: put(data, directory(data) + 42, "<I", 0x7FFFFFFF),
    "entry larger than the file": lambda data: put(data, directory(data) + 20, "<I", 0x7FFFFFFF),
    "zip64 entry without its sizes": lambda data: put(data, directory(data) + 20, "<I", 0xFFFFFFFF),
    "name longer than the directory": lambda data: put(data, directory(data) + 28, "<H", 0xFFFF),
    "extra field longer than the directory": lambda data: put(data, directory(data) + 30, "<H", 0xFFFF),
    "comment longer than the directory": lambda data: put(data, directory(data) + 32, "<H", 0xFFFF),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_archive_is_rejected(emulator: Served, damage: str) -> None:
    path = make_build(emulator.folder / "bad.zip", size=4096)
    path.write_bytes(DAMAGES[damage](bytearray(path.read_bytes())))
    assert rejected(emulator, "bad.zip").startswith("Corrupt archive: ")


@pytest.mark.parametrize("offset", range(0, 56, 8))
def test_a_zip64_record_is_not_believed(emulator: Served, offset: int) -> None:
    """Each field of the zip64 end record (and the locator behind it) set to nonsense: a verdict, never a crash."""
    path = make_build(emulator.folder / "bad.zip", size=64)
    data = bytearray(path.read_bytes())
    at, count, size, start = end(data), *struct.unpack_from("<HII", data, end(data) + 10)
    record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<IIQI", 0x07064B50, 0, at, 1)
    put(data, at + 16, "<I", 0xFFFFFFFF)
    good = data[:at] + record + locator + data[at:]
    path.write_bytes(good)
    assert verdict(emulator, emulator.file_url("bad.zip"))["status"] == "Approved"
    for nonsense in (0xFFFFFFFFFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000):
        bad = bytearray(good)
        struct.pack_into("<Q", bad, at + 4 + offset, nonsense)
        path.write_bytes(bad)
        # The record's own size, versions and the signature's neighbours do not matter; everything else does.
        status = verdict(emulator, emulator.file_url("bad.zip"))["status"]
        assert status == "Reject" or offset in (0, 8), (offset, hex(nonsense))


# Downloads


def objection(emulator: Served, url: str) -> str:
    build = verdict(emulator, url)
    assert build["status"] == "Reject" and states(build) == ["pending", "Downloading Files", "Reject"], build
    return str(build["objection"])


def test_what_cannot_be_downloaded_is_rejected(emulator: Served) -> None:
    assert objection(emulator, emulator.file_url("missing.zip")) == "File not downloadable: the URL answers with HTTP 404"
    assert objection(emulator, "http://127.0.0.1:9/MyGame.zip").startswith("File not downloadable: ")
    (emulator.folder / "page.html").write_text("<html>Log in first</html>")
    assert objection(emulator, emulator.file_url("page.html")) == (
        "File not downloadable: the URL leads to an HTML page, not to a file"
    )


def test_redirects_are_not_followed(emulator: Served) -> None:
    make_build(emulator.folder / "good.zip")
    url = emulator.file_url("good.zip")
    for location in (url, "/files/good.zip"):
        emulator.fault("redirect", path="/files/good.zip", location=location)
        assert "redirect (HTTP 302)" in objection(emulator, url)
    assert len(emulator.journal(path="/files/good.zip")) == 2, "one request each"


def test_a_download_that_breaks_off_is_rejected(emulator: Served) -> None:
    make_build(emulator.folder / "good.zip")
    for fault in ({"action": "truncate", "bytes": 100}, {"action": "length", "by": 10}, {"action": "close"}):
        emulator.fault(path="/files/*", **fault)  # type: ignore[arg-type]
        assert objection(emulator, emulator.file_url("good.zip")).startswith("File not downloadable: ")


def test_a_build_can_be_too_large(emulator: Served) -> None:
    make_build(emulator.folder / "good.zip", size=300_000)
    size = (emulator.folder / "good.zip").stat().st_size
    emulator.settings(maximumBuildBytes=size - 1)
    assert objection(emulator, emulator.file_url("good.zip")) == f"File too large: it has more than {size - 1} bytes"
    emulator.settings(maximumBuildBytes=size)
    assert verdict(emulator, emulator.file_url("good.zip"))["status"] == "Approved"
    emulator.settings(maximumBuildBytes=10_000_000)
    emulator.fault("oversized", path="/files/*", endless=True)
    assert objection(emulator, emulator.file_url("good.zip")).startswith("File too large")


def test_a_large_build_needs_no_memory(emulator: Served) -> None:
    make_build(emulator.folder / "large.zip", size=400 << 20)
    build = verdict(emulator, emulator.file_url("large.zip"))
    (emulator.folder / "large.zip").unlink()
    assert build["status"] == "Approved", build["objection"]
    status = pathlib.Path(f"/proc/{emulator.process.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024
    assert peak < 300, f"{peak} MB"


# By hand


def test_a_build_set_by_hand_stays_so(emulator: Served) -> None:
    emulator.settings(stateMs=50)
    upload = emulator.upload("http://127.0.0.1:9/never.zip")
    build = emulator.set_build(upload, status="Quarantine", objection="Looked at by a person")
    assert (build["status"], build["objection"], build["moving"]) == ("Quarantine", "Looked at by a person", False)
    time.sleep(0.15)  # Three times as long as the pipeline would have needed to change it.
    assert emulator.build(upload)["status"] == "Quarantine"
    emulator.set_build(upload, live=True)
    assert emulator.project()["live"] == upload
    assert emulator.set_build(upload, status="Approved")["objection"] is None
    assert emulator.post("distribute-file", projectId=emulator.project_id, uploadId=upload)[0] == 200
