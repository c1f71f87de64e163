"""Storing a file is ended by SIGKILL, at random moments of a throttled upload and at each of its requests, and begun again.

Whatever the moment: the run that is not killed ends with an object that has the file's bytes; it is there once; nothing is left unfinished;
and of what the storage had confirmed before, nothing is sent again. A run of this file closes with a table of all moments.

With SLIPWAY_TEST_LONG set it is a file of 1 GB and 20 random moments, which takes about two minutes; else a small file and a few moments.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
from typing import Dict, Iterator, List, Optional

import pytest

import slipway
from conftest import HERE, ROOT
from emulator import wait_until
from fault_proxy import FaultProxy
from http_message import Request
from s3_fixtures import S3, s3, s3_servers  # noqa: F401
from storage_cases import COMPLETE, CREATE, HEAD, KEY, PART_PUT, UPLOADS, Line, completions  # noqa: F401
from storage_fixtures import MiB, NewFile, home, new_file  # noqa: F401
from wire_faults import Stall

LONG = bool(os.environ.get("SLIPWAY_TEST_LONG"))
SEED = int(os.environ.get("SLIPWAY_TEST_SEED") or random.randrange(1 << 32))
"""SLIPWAY_TEST_SEED has the moments of an earlier run again; the table names it."""


@dataclasses.dataclass(frozen=True)
class Size:
    file: int
    part: int
    lanes: int
    rate: float
    """Bytes a second."""
    uploads: int
    kills: int
    """Of each upload."""


SIZES = {
    "swift": Size(1000 * 10**6, 16 * MiB, 4, 100e6, 2, 10) if LONG else Size(80 * 10**6, 5 * MiB, 4, 60e6, 2, 3),
    # Rclone takes no more of an upload of which a part was cut in its body: it begins anew after each kill.
    "rclone": Size(200 * 10**6, 16 * MiB, 4, 100e6, 1, 4) if LONG else Size(40 * 10**6, 5 * MiB, 2, 60e6, 1, 2),
}


# The table


@dataclasses.dataclass
class Row:
    storage: str
    killed: str
    by_then: str
    afterwards: str


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[List[Row]]:
    rows: List[Row] = []
    yield rows
    head = Row("storage", "killed", "by then", "afterwards")
    widths = [max(len(getattr(row, field.name)) for row in [head, *rows]) for field in dataclasses.fields(Row)]
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\nSLIPWAY_TEST_SEED={SEED}")
        for row in [head, *rows]:
            print("  ".join(text.ljust(width) for text, width in zip(dataclasses.astuple(row), widths)).rstrip())


# The process


class Child:
    """storage_child.py, under way."""

    def __init__(self, s3: S3, proxy: FaultProxy, file: pathlib.Path, *options: object) -> None:
        environment = {**os.environ, **s3.environment(), "PYTHONPATH": str(ROOT / "bindings" / "python")}
        command = [sys.executable, str(HERE / "storage_child.py"), str(file), s3.bucket, proxy.endpoint, KEY, *map(str, options)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def is_running(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.kill()
        out, err = self.process.communicate(timeout=10)
        assert (self.process.returncode, out, err) == (-signal.SIGKILL, "", "")

    def finish(self, timeout: float = 120.0) -> slipway.StoredObject:
        out, err = self.process.communicate(timeout=timeout)
        assert self.process.returncode == 0, err
        return slipway.StoredObject(**json.loads(out))


def sha256(s3: S3) -> str:
    """Of the object."""
    digest = hashlib.sha256()
    for piece in s3.server.client.get_object(Bucket=s3.bucket, Key=KEY)["Body"].iter_chunks(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def check(line: Line) -> None:
    """One object, with the file's bytes, and nothing else."""
    digest = hashlib.sha256()
    with open(line.file, "rb") as file:
        while piece := file.read(MiB):
            digest.update(piece)
    assert sha256(line.s3) == digest.hexdigest()
    assert line.s3.keys() == [KEY] and line.unfinished() == 0


@pytest.fixture
def line(s3: S3, completions: Dict[int, int], tmp_path: pathlib.Path) -> Line:
    return Line(s3, s3.proxy(), tmp_path / "MyGame.bin", completions)


# At random moments


def make_file(path: pathlib.Path, size: int) -> None:
    """Its parts differ, and so do their halves; but most of it takes no room."""
    source = random.Random(1)
    with open(path, "wb") as file:
        for offset in range(0, size, MiB):
            file.seek(offset)
            file.write(source.randbytes(4096))
        file.truncate(size)


def sent(requests: List[Request]) -> int:
    return sum(request.body_bytes for request in requests)


@pytest.mark.timeout(600)
def test_killed_at_random_moments(line: Line, table: List[Row]) -> None:
    size, s3, proxy = SIZES[line.s3.name], line.s3, line.proxy
    make_file(line.file, size.file)
    options = ("--part-size", size.part, "--parallel", size.lanes)
    chance = random.Random(SEED)
    proxy.throttle(size.rate)
    for _ in range(size.uploads):
        start = begun = len(proxy.requests())
        in_flight = 0
        rows: List[Row] = []
        for moment in sorted(chance.random() for _ in range(size.kills)):
            # Of all bytes that go over the line for this upload: what is sent again makes them more, so the moment always comes.
            until, begun = int(moment * size.file), len(proxy.requests())
            child = Child(s3, proxy, line.file, *options)
            wait_until(lambda: not child.is_running() or has_come(proxy, start, begun, until), 60, f"{until} bytes")
            assert child.is_running(), child.finish()
            under_way = [part for part in proxy.requests(PART_PUT, since=begun) if not part.response_bytes]
            child.kill()
            lost = sum(int(part.headers["content-length"]) for part in under_way)
            assert lost <= size.lanes * size.part
            in_flight += lost
            rows.append(Row(s3.name, f"at {moment:.1%}", f"{lost / 1e6:.1f} MB in flight, {len(under_way)} parts", ""))
        stored = Child(s3, proxy, line.file, *options).finish()
        check(line)
        again = sent(proxy.requests(PART_PUT, since=start)) - size.file
        if s3.traits.replaces_parts:
            assert 0 <= again <= in_flight
            assert not sent_again(proxy.requests(PART_PUT, since=start)), "parts that had been confirmed"
            assert [len(proxy.requests(name, since=start)) for name in (CREATE, COMPLETE)] == [1, 1]
        assert not stored.skipped and len(proxy.requests(COMPLETE, since=start)) == 1
        there = f"{stored.parts_reused} of {stored.parts} parts were there"
        rows[-1].afterwards = f"{there}; {again / 1e6:.1f} MB of {in_flight / 1e6:.1f} MB sent again"
        table.extend(rows)
        s3.server.client.delete_object(Bucket=s3.bucket, Key=KEY)


def sent_again(parts: List[Request]) -> List[str]:
    """The numbers of those that went over the line when an answer had confirmed them to a client."""
    confirmed: Dict[str, float] = {}
    again: List[str] = []
    for part in parts:
        number = part.query["partNumber"]
        if number in confirmed and confirmed[number] < part.started and part.body_bytes:
            again.append(number)
        if part.status == 200 and part.response_bytes and part.ended is not None:
            confirmed[number] = part.ended
    return again


def has_come(proxy: FaultProxy, start: int, begun: int, until: int) -> bool:
    """So many bytes of this upload have passed, and some of them for the process that is to be killed."""
    own = proxy.requests(PART_PUT, since=begun)
    return sent(own) > 0 and sent(proxy.requests(PART_PUT, since=start)) >= until


# At each request


@dataclasses.dataclass(frozen=True)
class Moment:
    label: str
    stall: Stall
    operation: str
    nth: int = 1
    creates: int = 1
    """So many uploads are begun in both runs together."""
    reused: Optional[int] = 0
    """So many parts are there for the next run. None: one or two."""
    completes: int = 1
    skipped: bool = False

    def __str__(self) -> str:
        return self.label


MOMENTS = [
    Moment("the first look is on its way", Stall(), HEAD),
    Moment("the list of uploads is on its way", Stall(), UPLOADS),
    Moment("create is on its way", Stall(), CREATE, creates=2),
    Moment("the answer to create is on its way", Stall("response"), CREATE),
    Moment("the first part is on its way", Stall(), PART_PUT),
    Moment("the first part is half sent", Stall(after=2 * MiB), PART_PUT),
    Moment("the answer to the first part is on its way", Stall("response"), PART_PUT, reused=1),
    Moment("the second part is on its way", Stall(), PART_PUT, nth=2, reused=1),
    Moment("the answer to the second part is on its way", Stall("response"), PART_PUT, nth=2, reused=2),
    Moment("complete is on its way", Stall(), COMPLETE, reused=2, completes=2),
    Moment("the answer to complete is on its way", Stall("response"), COMPLETE, skipped=True),
    Moment("the last look is on its way", Stall(), HEAD, nth=2, skipped=True),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_killed_at(moment: Moment, line: Line, new_file: NewFile, table: List[Row]) -> None:
    s3, proxy = line.s3, line.proxy
    line.file = new_file(10 * MiB)
    options = ("--part-size", 5 * MiB, "--parallel", 1)
    fault = proxy.fault(moment.stall, moment.operation, moment.nth)
    child = Child(s3, proxy, line.file, *options)
    try:
        wait_until(lambda: fault.has_happened or not child.is_running(), what=moment.label)
    finally:
        child.kill()
    # What stalls does not see that its client has gone while there are bytes of it to be read.
    proxy.cut_all()
    by_then = f"{line.unfinished()} unfinished, {len(s3.keys())} objects"
    with slipway.Client(retry_delay=0.01) as client:
        stored = line.start(client, parallel_parts=1).result(30)
    check(line)
    afterwards = "was there already" if stored.skipped else f"{stored.parts_reused} of {stored.parts} parts were there"
    table.append(Row(s3.name, moment.label, by_then, afterwards))
    counts = {name: len(proxy.requests(name)) for name in (CREATE, COMPLETE)}
    assert stored.skipped == moment.skipped
    if s3.traits.replaces_parts or moment.stall.after is None:
        assert counts == {CREATE: moment.creates, COMPLETE: moment.completes}
        assert moment.skipped or stored.parts_reused == moment.reused
