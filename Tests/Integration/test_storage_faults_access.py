"""Who asks may not, or no longer, or asks at the wrong place or time; a run of this file closes with a table of what came of it."""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import secrets as random_secrets
import time
from typing import Any, Collection, Dict, Iterator, List, Union

import pytest

import slipway
from recorder import Secrets
from s3_fixtures import S3, s3, s3_servers  # noqa: F401
from s3_server import S3Server
from storage_cases import (  # noqa: F401
    COMPLETE, CREATE, HEAD, KEY, PART_PUT, PARTS, PUT, READ, UPLOADS, Case, Line, Row, Trouble, any_line, completions, line, table,
)  # fmt: skip
from storage_fixtures import PART, NewFile, holds, home, new_file  # noqa: F401
from wire_faults import Answer, Cut

botocore_auth = pytest.importorskip("botocore.auth")

DENIED = Answer.error(403, "AccessDenied", "Access Denied")
EXPIRED = Answer.error(400, "ExpiredToken", "The provided token has expired.")
MOVED = Answer.error(
    301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.",
    headers={"x-amz-bucket-region": "eu-west-1"}, Endpoint="somewhere.s3.eu-west-1.amazonaws.com")  # fmt: skip
MALFORMED = Answer.error(400, "AuthorizationHeaderMalformed", "The region 'us-east-1' is wrong; expecting 'eu-west-1'", Region="eu-west-1")
HOUR = 3600.0
LOOKS = (HEAD, UPLOADS, PARTS, READ)


def denied(label: str, at: str, left: int = 0, **more: Any) -> Case:
    return Case(
        f"access denied at {label}", [Trouble(DENIED, at, times=None)], slipway.ForbiddenError, "Access Denied \\(AccessDenied, HTTP 403",
        "s3:PutObject", 403, False, unfinished=left, **more)  # fmt: skip


def expired(label: str, at: Union[str, Collection[str]], left: int = 0, **more: Any) -> Case:
    return Case(
        f"the token expires before {label}", [Trouble(EXPIRED, at, times=None)], slipway.UnauthorizedError, "token has expired",
        "get new temporary credentials", 400, False, unfinished=left, **more)  # fmt: skip


ACCESS = [
    Case("access denied at the list", [Trouble(DENIED, UPLOADS, times=None)], requests={UPLOADS: 1, CREATE: 1, COMPLETE: 1}),
    Case("access denied at each look", [Trouble(DENIED, HEAD, times=None)], requests={HEAD: 2, COMPLETE: 1}),
    Case("may write only", [Trouble(DENIED, LOOKS, times=None)], requests={CREATE: 1, PART_PUT: 2, COMPLETE: 1}),
    Case("may write only, one put", [Trouble(DENIED, LOOKS, times=None)], whole=True, requests={PUT: 1}),
    # The lost one cannot be looked for.
    Case("may write only, and the answer to create is lost", [Trouble(DENIED, LOOKS, times=None), Trouble(Cut("response"), CREATE)],
         requests={CREATE: 2, COMPLETE: 1}, unfinished=1, stays=1),
    denied("create", CREATE, requests={CREATE: 1}),
    denied("a part", PART_PUT, left=1),
    denied("complete", COMPLETE, left=1, requests={COMPLETE: 1}, reused=2),
    denied("a put", PUT, whole=True, requests={PUT: 1}),
    expired("the first request", (HEAD, UPLOADS, CREATE, PUT)),
    expired("a part", PART_PUT, left=1),
    expired("complete", COMPLETE, left=1, requests={COMPLETE: 1}, reused=2),
]  # fmt: skip

REFUSALS = [
    # It may be made, and nobody can tell: the same again can do no harm. Where that is answered as the first time, all is well.
    Case("may write only, and the answer to complete is lost", [Trouble(DENIED, LOOKS, times=None), Trouble(Cut("response"), COMPLETE)],
         requests={CREATE: 1, PART_PUT: 2, COMPLETE: 2},
         rclone={"error": slipway.NetworkError, "message": r"POST \S*\?uploadId", "hint": "may be there all the same"}),
    # Swift calls that a wrong signature.
    Case("the access key is not known", [], slipway.UnauthorizedError, "SignatureDoesNotMatch", "", 403, False,
         storage={"access_key_id": "nobody:at-all"}, rclone={"message": "InvalidAccessKeyId", "hint": "does not know this access key id"}),
    Case("the secret is another", [], slipway.UnauthorizedError, "SignatureDoesNotMatch", "secret access key", 403, False,
         storage={"secret_access_key": "of-somebody-else"}),
    Case("the bucket is not there", [], slipway.NotFoundError, "NoSuchBucket", "Check the bucket's name", 404, False,
         storage={"bucket": "there-is-none"}),
    Case("the bucket is not there, one put", [], slipway.NotFoundError, "NoSuchBucket", "Check the bucket's name", 404, False,
         storage={"bucket": "there-is-none"}, whole=True),
]  # fmt: skip

PLACES = [
    Case("301, and the right region", [Trouble(MOVED, times=None)], slipway.InvalidArgumentError, "PermanentRedirect",
         "in the region eu-west-1, not us-east-1", 301, False),
    Case("301, and the right region, one put", [Trouble(MOVED, times=None)], slipway.InvalidArgumentError, "PermanentRedirect",
         "set the region to eu-west-1.* endpoint is somewhere.s3.eu-west-1.amazonaws.com", 301, False, whole=True),
    Case("400, and the right region", [Trouble(MALFORMED, times=None)], slipway.InvalidArgumentError, "expecting 'eu-west-1'",
         "set the region to eu-west-1", 400, False),
    Case("a region that is not the server's", [], slipway.InvalidArgumentError, "AuthorizationHeaderMalformed",
         "set the region to us-east-1",
         400, False, storage={"region": "eu-west-1"}, rclone={"error": None, "message": "", "hint": "", "http_status": None}),
]  # fmt: skip


@pytest.mark.parametrize("case", ACCESS, ids=str)
def test_access(case: Case, any_line: Line, table: List[Row]) -> None:
    table.append(case.play(any_line))


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refusals(case: Case, line: Line, table: List[Row]) -> None:
    table.append(case.play(line))


@pytest.mark.parametrize("case", PLACES, ids=str)
def test_places(case: Case, line: Line, table: List[Row]) -> None:
    table.append(case.play(line))


# Time


def skewed(seconds: float, code: str = "RequestTimeTooSkewed") -> Answer:
    words = "The difference between the request time and the current time is too large."
    return Answer.error(403, code, words, headers={"date": email.utils.formatdate(time.time() + seconds, usegmt=True)})


def signed(line: Line, operation: str) -> List[float]:
    """By how many seconds the signatures of such requests are ahead of now."""
    times = [datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ") for request in line.proxy.requests(operation)]
    return [moment.replace(tzinfo=datetime.timezone.utc).timestamp() - time.time() for moment in times]


@pytest.mark.parametrize("code", ["RequestTimeTooSkewed", "AccessDenied"])
@pytest.mark.parametrize("times", [1, None])
def test_a_clock_is_made_up_for_once(times: Any, code: str, line: Line, table: List[Row]) -> None:
    """The second signature has the time that the server told. When it is refused, too, there is no third."""

    def check(line: Line) -> None:
        first, second = signed(line, UPLOADS)
        assert abs(first) < 60 and abs(second - HOUR) < 60

    # What is an hour ahead the server itself refuses.
    table.append(Case(
        f"403 {code}, {'each time' if times is None else 'once'}", [Trouble(skewed(HOUR, code), UPLOADS, times=times)],
        slipway.UnauthorizedError, "difference between the request time", "set it right", 403, False, requests={UPLOADS: 2, CREATE: 0},
        check=check).play(line))  # fmt: skip


def test_a_clock_that_is_right_is_believed(line: Line, table: List[Row]) -> None:
    """The storage says that the time is wrong, and that it is just as late: signing again would be the same."""
    table.append(Case(
        "403 RequestTimeTooSkewed, and the time is right", [Trouble(skewed(0), UPLOADS)], slipway.UnauthorizedError, "difference",
        "set it right", 403, False, requests={UPLOADS: 1, CREATE: 0}).play(line))  # fmt: skip


@pytest.fixture(params=[HOUR, -HOUR], ids=["ahead", "behind"])
def elsewhen(request: pytest.FixtureRequest, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """A server whose clock is an hour off. boto3 knows that, and signs with its time."""
    ahead = datetime.timedelta(seconds=request.param)
    now = botocore_auth.get_current_datetime
    monkeypatch.setattr(botocore_auth, "get_current_datetime", lambda *given, **named: now(*given, **named) + ahead)
    secret = secrets.add(f"{random_secrets.token_hex(10)}/+")
    with S3Server("swift", secret, ahead=request.param) as server, contextlib.ExitStack() as stack:
        s3 = S3(server, server.endpoint, "", None, stack)
        s3.bucket = s3.new_bucket()
        yield s3


@pytest.mark.parametrize("whole", [False, True], ids=["in parts", "one put"])
def test_a_server_with_another_time(whole: bool, elsewhen: S3, new_file: NewFile, completions: Dict[int, int]) -> None:
    """The whole way: looks, parts, and the presigned link, which is read."""
    line = Line(elsewhen, elsewhen.proxy(), new_file(PART + 100_000), completions)
    settings = {"link": slipway.Link.PRESIGNED, "part_size": 16 << 20 if whole else PART}
    with slipway.Client(retry_delay=0.01) as client:
        stored = line.start(client, **settings).result(30)
        assert holds(elsewhen, KEY, line.file) and line.unfinished() == 0 and not stored.skipped
        # A HEAD's refusal says nothing, so the request that follows is the one that learns it. From then on all are right.
        refused = [entry.operation for entry in line.proxy.requests() if entry.status == 403 and "x-amz-date" in entry.headers]
        assert refused == [HEAD, PUT if whole else UPLOADS]
        assert stored.url_expires_at is not None
        expires = datetime.datetime.strptime(stored.url_expires_at, "%Y-%m-%dT%H:%M:%S%z").timestamp()
        assert abs(expires - time.time() - 12 * HOUR) < HOUR + 60
        line.proxy.reset()
        # Another call knows nothing of it, and learns it again.
        again = line.start(client, **settings).result(30)
    assert line.unfinished() == 0 and line.s3.keys() == [KEY], again
