"""What the tests of faults have in common: a case is what goes wrong on the way to a storage, and all that must come of it.

    CASES = [Case("cut before create", [Trouble(Cut(), CREATE)], requests={CREATE: 2})]

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_faults(case, line, table):
        table.append(case.play(line))

Whatever the case: the call ends, once, within a bounded time; when it worked, the object has the file's bytes; when it failed, status,
message and hint say why; as much is left unfinished as the case says; and the same call again, when nothing goes wrong any more, makes the
object, and leaves nothing unfinished. A file of such tests closes with a table of its cases.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import math
import os
import pathlib
import re
import threading
import time
from typing import Any, Callable, Collection, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Type, Union

import pytest

import slipway
from fault_proxy import FaultProxy
from http_message import Request
from s3_fixtures import S3, s3_of
from s3_server import KINDS, S3Server
from slipway import abi, delivery
from storage_fixtures import PART, NewFile, holds, settings
from wire_faults import Action, Delay

botocore = pytest.importorskip("botocore.exceptions")

HEAD, PUT, CREATE, COMPLETE, ABORT = "HeadObject", "PutObject", "CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload"
PART_PUT, PARTS, UPLOADS, READ, DELETE = "UploadPart", "ListParts", "ListMultipartUploads", "GetObject", "DeleteObject"

KEY = "builds/MyGame.bin"


# Completions, as they come from the library

_completions: Dict[int, int] = collections.Counter()
_counting = threading.Lock()


def _count(result: int, key: int) -> None:
    with _counting:
        _completions[key] += 1
    delivery._on_complete(result, key)


_counted = abi.CompleteFunction(_count)
"""Kept for ever: what came twice would come when nobody expects it."""


@pytest.fixture
def completions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dict[int, int]]:
    """How often each operation of this test has completed."""
    monkeypatch.setattr(delivery, "on_complete", _counted)
    _completions.clear()
    yield _completions
    assert set(_completions.values()) <= {1}, "an operation has completed more than once"


# The line


@dataclasses.dataclass
class Line:
    """A storage of a test's own, and the way to it."""

    s3: S3
    proxy: FaultProxy
    file: pathlib.Path
    """Of two parts; or one, when a part may be as large."""
    completions: Dict[int, int]

    def storage(self, **changes: Any) -> slipway.S3:
        return settings(self.s3, self.proxy, **{"part_size": PART, "link": slipway.Link.NONE, **changes})

    def start(self, client: slipway.Client, **changes: Any) -> "slipway.Operation[slipway.StoredObject]":
        return client.store(self.file, self.storage(**changes), key=KEY, wait=False)

    def requests(self) -> Dict[str, int]:
        return dict(collections.Counter(request.operation for request in self.proxy.requests()))

    def unfinished(self) -> int:
        """How many uploads there are. Rclone says that there is no such upload when there are none."""
        try:
            return len(self.s3.unfinished())
        except botocore.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchUpload":
                raise
            return 0

    def beside(self) -> "Line":
        """Another one, for what goes on at the same time."""
        s3 = dataclasses.replace(self.s3, bucket=self.s3.new_bucket())
        return dataclasses.replace(self, s3=s3, proxy=s3.proxy())

    def abort_at(self, operation: str, times: Optional[int] = 1) -> None:
        """When such a request comes, somebody else has just aborted its upload."""
        seen: List[Request] = []

        def abort(request: Request) -> bool:
            if request.operation == operation and (times is None or len(seen) < times):
                seen.append(request)
                with contextlib.suppress(botocore.ClientError):  # by the request of another part it has been aborted before
                    self.s3.server.client.abort_multipart_upload(Bucket=self.s3.bucket, Key=KEY, UploadId=request.query["uploadId"])
            return False

        self.proxy.fault(Delay(0), where=abort)


@dataclasses.dataclass
class PutLine(Line):
    """A presigned URL that takes a PUT."""

    def start(self, client: slipway.Client, **changes: Any) -> "slipway.Operation[slipway.StoredObject]":
        place = {"Bucket": self.s3.bucket, "Key": KEY}
        url = self.s3.boto(endpoint=self.proxy.endpoint).generate_presigned_url("put_object", Params=place)
        return client.store(self.file, slipway.PutURL(url, link=slipway.Link.NONE), wait=False)


@pytest.fixture
def line(s3: S3, new_file: NewFile, completions: Dict[int, int]) -> Line:
    return Line(s3, s3.proxy(), new_file(PART + 100_000), completions)


@pytest.fixture(params=list(KINDS) if os.environ.get("SLIPWAY_TEST_LONG") else ["swift"])
def any_line(
    request: pytest.FixtureRequest, s3_servers: Callable[[str], S3Server], new_file: NewFile, completions: Dict[int, int]
) -> Iterator[Line]:
    """For what the proxy answers in the server's place. With SLIPWAY_TEST_LONG set there is one with each server all the same."""
    for s3 in s3_of(s3_servers(request.param)):
        yield Line(s3, s3.proxy(), new_file(PART + 100_000), completions)


# The table


@dataclasses.dataclass
class Row:
    fault: str
    storage: str
    end: str
    message: str
    requests: str
    unfinished: str
    again: str
    seconds: str


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[List[Row]]:
    rows: List[Row] = []
    yield rows
    head = Row("what goes wrong", "storage", "end", "message", "requests", "left", "again", "s")
    widths = [max(len(getattr(row, field.name)) for row in [head, *rows]) for field in dataclasses.fields(Row)]
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print()
        for row in [head, *rows]:
            print("  ".join(text.ljust(width) for text, width in zip(dataclasses.astuple(row), widths)).rstrip())


# Cases


@dataclasses.dataclass(frozen=True)
class Trouble:
    """See `FaultProxy.fault`."""

    action: Action
    on: Union[str, Collection[str], None] = None
    nth: int = 1
    times: Optional[int] = 1
    where: Optional[Callable[[Request], bool]] = None


Expected = Union[int, Tuple[int, int], None]
"""So many, or at least and at most so many; None: that does not matter."""


@dataclasses.dataclass(frozen=True)
class Case:
    label: str
    troubles: Sequence[Trouble]
    error: Union[Type[slipway.SlipwayError], Tuple[Type[slipway.SlipwayError], ...], None] = None
    """None: it works all the same."""
    message: str = ""
    """What is found in the message: a regular expression."""
    hint: str = ""
    http_status: Optional[int] = None
    retriable: Optional[bool] = None
    retry_after: Optional[float] = None
    requests: Mapping[str, Expected] = dataclasses.field(default_factory=dict)
    """So many were made. Of an operation that is not here, any number."""
    rclone: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """In what it is another case with this server: fields of Case."""
    unfinished: int = 0
    """So many uploads are left."""
    stays: int = 0
    """So many of them nobody can find: they are there after the next call, too."""
    tells: bool = True
    """The result has the id of what is left."""
    reused: Expected = None
    """So many parts of them are not sent again by the next call."""
    whole: bool = False
    """The file goes by one PUT."""
    arm: Optional[Callable[[Line], object]] = None
    """What goes wrong besides."""
    storage: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    client: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    bound: float = 8.0
    """Seconds in which it must have ended. Most end at once."""
    check: Optional[Callable[[Line], object]] = None
    """Whatever else must be so, before the second call."""

    def __str__(self) -> str:
        return self.label

    def play(self, line: Line) -> Row:
        if self.rclone and line.s3.name == "rclone":
            return dataclasses.replace(self, **{**self.rclone, "rclone": {}}).play(line)
        for trouble in self.troubles:
            line.proxy.fault(trouble.action, trouble.on, trouble.nth, trouble.times, trouble.where)
        if self.arm is not None:
            self.arm(line)
        cut = {"part_size": 16 << 20} if self.whole else {}
        with slipway.Client(**{"retry_delay": 0.01, "idle_timeout": 20.0, "deadline": 60.0, **self.client}) as client:
            start = time.monotonic()
            operation = line.start(client, **{**cut, **self.storage})
            error = operation.exception(60)
            seconds = time.monotonic() - start
            requests = line.requests()
            message = re.sub("bucket-[0-9a-f]+/", "", getattr(error, "message", ""))
            if len(message) > 70:
                message = message[:67] + "..."
            row = Row(
                self.label, line.s3.name, type(error).__name__ if error else "stored", message, self._counts(requests),
                str(line.unfinished()), "", f"{seconds:.1f}")
            self._check(line, error, row)
            assert seconds < self.bound
            assert set(line.completions.values()) == {1}
            # What is held would arrive, late. And the connections that the client has kept are dead, which it finds out by itself.
            line.proxy.cut_all()
            line.proxy.reset()
            again = line.start(client, **cut).result(60)
        assert (line.unfinished(), line.s3.keys()) == (self.stays, [KEY]), (row, again)
        if error is None and not isinstance(line, PutLine):
            assert again.skipped, "it was not there already"
        else:
            assert holds(line.s3, KEY, line.file)
        _compare("reused", again.parts_reused, self.reused)
        reused = f", {again.parts_reused} of {again.parts} parts reused" if again.parts else ""
        row.again = "skipped" if again.skipped else f"stored{reused}"
        return row

    def _check(self, line: Line, error: Optional[Exception], row: Row) -> None:
        if self.error is None:
            assert error is None, (error, row)
            assert holds(line.s3, KEY, line.file)
        else:
            assert isinstance(error, self.error), (error, row)
            assert isinstance(error, slipway.SlipwayError) and isinstance(error.result, slipway.StoredObject)
            assert re.search(self.message, error.message), error.message
            assert error.hint and re.search(self.hint, error.hint), error.hint
            assert error.message[-1] not in ".?!" and error.hint[-1] in ".?", (error.message, error.hint)
            assert self.http_status is None or error.http_status == (self.http_status or None), error.http_status
            assert self.retriable is None or error.retriable is self.retriable
            if self.retry_after is not None:
                assert error.retry_after is not None and math.isclose(error.retry_after, self.retry_after, rel_tol=0.2), error.retry_after
            assert error.result.upload_id is not None or not self.unfinished or not self.tells, "it does not say what is left"
        assert int(row.unfinished) == self.unfinished, row
        for operation, expected in self.requests.items():
            _compare(operation, line.requests().get(operation, 0), expected)
        if self.check is not None:
            self.check(line)

    @staticmethod
    def _counts(requests: Mapping[str, int]) -> str:
        names = [(HEAD, "head"), (UPLOADS, "uploads"), (PARTS, "parts"), (CREATE, "create"), (PART_PUT, "part"), (PUT, "put"),
                 (COMPLETE, "complete"), (ABORT, "abort"), (READ, "read")]
        return " ".join(f"{word}:{requests[name]}" for name, word in names if requests.get(name))


def _compare(what: str, count: int, expected: Expected) -> None:
    least, most = expected if isinstance(expected, tuple) else (expected, expected)
    assert least is None or (most is not None and least <= count <= most), f"{what}: {count}, not {expected}"
