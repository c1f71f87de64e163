"""A storage, or something in front of it, answers what it should not; a run of this file closes with a table of what came of it."""

from __future__ import annotations

import re
from typing import Any, Dict, List

import pytest

import slipway
from http_message import Response
from s3_fixtures import s3, s3_servers  # noqa: F401
from storage_cases import (  # noqa: F401
    ABORT, COMPLETE, CREATE, HEAD, KEY, PART_PUT, PARTS, PUT, UPLOADS, Case, Line, Row, Trouble, any_line, completions, line, table,
)  # fmt: skip
from storage_fixtures import home, new_file  # noqa: F401
from wire_faults import Answer, Cut, Edit

LOGIN = b"<!DOCTYPE html><html><head><title>Log in</title><body><form>Who are you?<br></form></html>"
PAGE = Answer(200, {"content-type": "text/html", "content-length": str(len(LOGIN))}, LOGIN)
PAGE_WITHOUT_LENGTH = Answer(200, {"content-type": "text/html"}, LOGIN)
"""What answers a HEAD then says nothing of a size."""
SLOW_DOWN = Answer.error(503, "SlowDown", "Please reduce your request rate.")
SLOW_DOWN_AND_WAIT = Answer.error(503, "SlowDown", "Please reduce your request rate.", headers={"retry-after": "1"})
INTERNAL = Answer.error(500, "InternalError", "We encountered an internal error. Please try again.")
TOO_MANY = Answer(429, {"content-type": "text/plain"}, b"too many")
BAD_GATEWAY = Answer(502, {"content-type": "text/html"}, b"<html><h1>502 Bad Gateway</h1></html>")
NO_UPLOAD = Answer.error(404, "NoSuchUpload", "The specified upload does not exist.")
HUGE = Answer(200, {"content-type": "application/xml"}, b"<a>" + b" " * (9 << 20) + b"</a>")

EACH = (HEAD, UPLOADS, CREATE, PART_PUT, COMPLETE)


def headers(**changes: str) -> Edit:
    return Edit(lambda response: response.headers.update(changes))


def body(old: bytes, new: bytes) -> Edit:
    def change(response: Response) -> None:
        assert old in response.body, response.body
        response.body = response.body[: response.body.index(old)] + new

    return Edit(change)


def say_no_upload(response: Response) -> None:
    response.status, response.body = 404, NO_UPLOAD.body


def etag(new: str) -> Edit:
    """In Complete's answer."""

    def change(response: Response) -> None:
        response.body, count = re.subn(rb"<ETag>[^<]*</ETag>", f"<ETag>{new}</ETag>".encode(), response.body)
        assert count == 1, response.body

    return Edit(change)


THREE: Dict[str, Any] = {"client": {"max_attempts": 3}}

def begin(line: Line) -> None:
    """An upload that is there already."""
    line.s3.server.client.create_multipart_upload(Bucket=line.s3.bucket, Key=KEY)


def was_not_sent(line: Line) -> None:
    refused, stored = line.proxy.requests(PUT)
    assert refused.waits and refused.body_bytes == 0 and stored.body_bytes == line.file.stat().st_size
    assert refused.connection == line.proxy.requests(HEAD)[0].connection


STORMS = [
    Case("500 two times, at each request", [Trouble(INTERNAL, on, times=2) for on in EACH], client={"max_attempts": 3}),
    Case("503 SlowDown two times, at each request", [Trouble(SLOW_DOWN, on, times=2) for on in EACH], client={"max_attempts": 3}),
    Case("429 two times, at each request", [Trouble(TOO_MANY, on, times=2) for on in EACH], client={"max_attempts": 3}),
    Case("503 SlowDown, four times, at a put", [Trouble(SLOW_DOWN, PUT, times=4)], whole=True, requests={PUT: 5}),
    # A final answer to Expect: 100-continue, on the connection that the look before has left open.
    Case("503 SlowDown without the body, at a put", [Trouble(Answer.error(503, "SlowDown", reads_body=False), PUT)], whole=True,
         requests={PUT: 2}, check=was_not_sent),
    Case("403 without the body, at a put", [Trouble(Answer.error(403, "AccessDenied", "Access Denied", reads_body=False), PUT)],
         slipway.ForbiddenError, "Access Denied", "s3:PutObject", 403, False, whole=True, requests={PUT: 1}),
    Case("500 at each part", [Trouble(INTERNAL, PART_PUT, times=None)], slipway.ServerError, "internal error", "try again later", 500, True,
         unfinished=1, **THREE),
    Case("500 at each create", [Trouble(INTERNAL, CREATE, times=None)], slipway.ServerError, "internal error", "try again later", 500, True,
         requests={CREATE: 3}, **THREE),
    Case("500 at each complete", [Trouble(INTERNAL, COMPLETE, times=None)], slipway.ServerError, "internal error", "try again later", 500,
         True, requests={COMPLETE: 3}, unfinished=1, reused=2, **THREE),
    Case("500 at each look", [Trouble(INTERNAL, HEAD, times=None)], slipway.ServerError, r"HEAD \S*builds/MyGame.bin", "try again later",
         500, True, requests={HEAD: 3}, **THREE),
    Case("502 with a page, at each list", [Trouble(BAD_GATEWAY, UPLOADS, times=None)], slipway.ServerError, "HTTP 502", "try again later",
         502, True, requests={UPLOADS: 3}, **THREE),
    Case("503 SlowDown at each part", [Trouble(SLOW_DOWN, PART_PUT, times=None)], slipway.RateLimitedError, "reduce your request rate",
         "fewer parallel parts", 503, True, unfinished=1, **THREE),
    Case("503 SlowDown with Retry-After, at each part", [Trouble(SLOW_DOWN_AND_WAIT, PART_PUT, times=None)], slipway.RateLimitedError,
         "reduce", "fewer parallel", 503, True, 1.0, unfinished=1, client={"max_attempts": 2}),
    Case("429 at each create", [Trouble(TOO_MANY, CREATE, times=None)], slipway.RateLimitedError, "HTTP 429", "fewer", 429, True,
         requests={CREATE: 3}, **THREE),
    Case("503 SlowDown at each put", [Trouble(SLOW_DOWN, PUT, times=None)], slipway.RateLimitedError, "reduce", "fewer", 503, True,
         whole=True, requests={PUT: 3}, **THREE),
]  # fmt: skip

COMPLETIONS = [
    Case("complete says 200 and an error", [Trouble(Answer.error(200, "InternalError"), COMPLETE)], requests={COMPLETE: 2, PART_PUT: 2}),
    Case("complete says 200 and an error, each time", [Trouble(Answer.error(200, "InternalError"), COMPLETE, times=None)],
         slipway.ServerError, "InternalError", "try again", 200, True, requests={COMPLETE: 3}, unfinished=1, reused=2, **THREE),
    Case("complete's ETag is empty", [Trouble(etag(""), COMPLETE)], requests={COMPLETE: 1, PART_PUT: 2}),
    Case("complete's ETag is not that of parts",
         [Trouble(etag('"some-other-thing"'), COMPLETE), Trouble(headers(etag='"some-other-thing"'), HEAD, nth=2)], requests={COMPLETE: 1}),
    Case("complete's ETag is not the last look's", [Trouble(headers(etag='"' + "0" * 32 + '-2"'), HEAD, nth=2, times=None)],
         slipway.ProtocolError, "were stored, with the ETag", "something else store", requests={COMPLETE: 1}, **THREE),
    Case("the last look says another size", [Trouble(headers(**{"content-length": "7"}), HEAD, nth=2, times=None)], slipway.ProtocolError,
         "has 7 bytes", "something else store", requests={COMPLETE: 1}, **THREE),
    Case("the last look says another size, once", [Trouble(headers(**{"content-length": "7"}), HEAD, nth=2)],
         requests={COMPLETE: 1, HEAD: 3}),
    Case("the last look finds nothing, once", [Trouble(Answer(404), HEAD, nth=2)], requests={COMPLETE: 1, HEAD: 3}),
    Case("the last look finds nothing", [Trouble(Answer(404), HEAD, nth=2, times=None)], (slipway.NotFoundError, slipway.ProtocolError),
         requests={COMPLETE: 1, HEAD: 4}, **THREE),
    Case("a part has no ETag", [Trouble(Edit(lambda response: response.headers.pop("etag")), PART_PUT, times=None)], slipway.ProtocolError,
         "no ETag", "[Pp]roxy", 200, unfinished=1),
    Case("complete's answer is cut short", [Trouble(body(b"<ETag>", b""), COMPLETE)], requests={COMPLETE: 1, PART_PUT: 2}),
    Case("complete says NoSuchUpload and has made the object",
         [Trouble(Edit(say_no_upload), COMPLETE)],
         requests={COMPLETE: 1, PART_PUT: 2}),
    Case("a part says NoSuchUpload, and it is there", [Trouble(NO_UPLOAD, PART_PUT)], requests={CREATE: 2, COMPLETE: 1}),
    Case("somebody aborts the upload at a part", [], arm=lambda line: line.abort_at(PART_PUT), requests={CREATE: 2, COMPLETE: 1}),
    Case("somebody aborts the upload at complete", [], arm=lambda line: line.abort_at(COMPLETE),
         requests={CREATE: 2, PART_PUT: 4, COMPLETE: 2}),
    Case("somebody aborts each upload at a part", [], slipway.NotFoundError, "ended by somebody else", "abort unfinished", retriable=True,
         arm=lambda line: line.abort_at(PART_PUT, None), requests={CREATE: 2, COMPLETE: 0}),
    Case("somebody aborts each upload at complete", [], slipway.NotFoundError, "ended by somebody else", "abort unfinished", retriable=True,
         arm=lambda line: line.abort_at(COMPLETE, None), requests={CREATE: 2, COMPLETE: 2}),
    Case("complete says InvalidPart, once", [Trouble(Answer.error(400, "InvalidPart"), COMPLETE)],
         requests={CREATE: 2, PART_PUT: 4, COMPLETE: 2}),
    Case("complete says InvalidPart, each time", [Trouble(Answer.error(400, "InvalidPart"), COMPLETE, times=None)], slipway.RejectedError,
         "InvalidPart", "abort the unfinished", 400, requests={CREATE: 2, PART_PUT: 4, COMPLETE: 2, ABORT: 2}),
    Case("a part says BadDigest, once", [Trouble(Answer.error(400, "BadDigest"), PART_PUT)],
         requests={CREATE: 1, PART_PUT: 3, COMPLETE: 1}),
    Case("a part says BadDigest, each time", [Trouble(Answer.error(400, "BadDigest"), PART_PUT, times=None)], slipway.NetworkError,
         "BadDigest", "damages", 400, True, unfinished=1, **THREE),
    Case("a part says 507", [Trouble(Answer(507), PART_PUT, times=None)], slipway.RejectedError, "HTTP 507", "full", 507, unfinished=1),
]  # fmt: skip

# An upload is there already, without a part: the next one goes on with it.
GOING_ON = [
    Case("cut before the list of parts", [Trouble(Cut(), PARTS)], arm=begin, requests={PARTS: 2, CREATE: 0, COMPLETE: 1}),
    Case("the answer to the list of parts is lost", [Trouble(Cut("response"), PARTS)], arm=begin, requests={PARTS: 2, CREATE: 0}),
    Case("500 at the list of parts", [Trouble(INTERNAL, PARTS, times=2)], arm=begin, requests={PARTS: 3, CREATE: 0, COMPLETE: 1}),
    Case("500 at each list of parts", [Trouble(INTERNAL, PARTS, times=None)], slipway.ServerError, "internal error", "try again later", 500,
         True, arm=begin, requests={PARTS: 3, CREATE: 0, PART_PUT: 0}, unfinished=1, tells=False, **THREE),
    Case("a page at the list of parts", [Trouble(PAGE, PARTS)], slipway.ProtocolError, "ListPartsResult", "login page", 200, False,
         arm=begin,
         requests={CREATE: 0, PART_PUT: 0}, unfinished=1, tells=False),
    Case("access denied at the list of parts", [Trouble(Answer.error(403, "AccessDenied", "Access Denied"), PARTS)], arm=begin,
         requests={PARTS: 1, CREATE: 1, COMPLETE: 1}, unfinished=1, stays=1),
]  # fmt: skip

ABORTING: Dict[str, Any] = {"storage": {"abort_unfinished": True}, **THREE}

ABORTIONS = [
    Case("500 at each part, and it is to be aborted", [Trouble(INTERNAL, PART_PUT, times=None)], slipway.ServerError, "internal error", "",
         500, True, requests={ABORT: 1}, **ABORTING),
    Case("and the abortion is cut", [Trouble(INTERNAL, PART_PUT, times=None), Trouble(Cut(), ABORT)], slipway.ServerError, "internal error",
         "",
         500, True, requests={ABORT: 2}, **ABORTING),
    Case("and the answer to the abortion is lost", [Trouble(INTERNAL, PART_PUT, times=None), Trouble(Cut("response"), ABORT)],
         slipway.ServerError, "internal error", "", 500, True, requests={ABORT: 2}, **ABORTING),
    Case("and the abortion is refused", [Trouble(INTERNAL, PART_PUT, times=None), Trouble(Answer.error(403, "AccessDenied"), ABORT)],
         slipway.ServerError, "internal error", "", 500, True, requests={ABORT: 1}, unfinished=1, **ABORTING),
]  # fmt: skip

PAGES = [
    Case("a page at the first look", [Trouble(PAGE, HEAD)], requests={COMPLETE: 1}),
    Case("a page at each look", [Trouble(PAGE, HEAD, times=None)], slipway.ProtocolError, "HEAD", "", **THREE),
    Case("a page at the list", [Trouble(PAGE, UPLOADS)], slipway.ProtocolError, "ListMultipartUploadsResult", "login page", 200),
    Case("a page at create", [Trouble(PAGE, CREATE)], slipway.ProtocolError, "InitiateMultipartUploadResult", "login page", 200),
    Case("a page at a part", [Trouble(PAGE, PART_PUT, times=None)], slipway.ProtocolError, "no ETag", "[Pp]roxy", 200, unfinished=1),
    Case("a page at complete", [Trouble(PAGE, COMPLETE)], requests={COMPLETE: 2, PART_PUT: 2}),
    Case("a page at each complete", [Trouble(PAGE, COMPLETE, times=None)], slipway.ProtocolError, "CompleteMultipartUploadResult", "proxy",
         200, requests={COMPLETE: 3}, unfinished=1, reused=2, **THREE),
    Case("a page at a put", [Trouble(PAGE, PUT)], (slipway.ProtocolError, slipway.NotFoundError), whole=True, **THREE),
    Case("a page at everything", [Trouble(PAGE, times=None)], slipway.ProtocolError, "ListMultipartUploadsResult", "login page"),
    Case("a page at everything, one put", [Trouble(PAGE, times=None)], slipway.ProtocolError, whole=True, **THREE),
    Case("a page without a length at everything, one put", [Trouble(PAGE_WITHOUT_LENGTH, times=None)], slipway.ProtocolError, whole=True,
         **THREE),
    Case("a list that is cut short", [Trouble(body(b"<Upload>", b"<Up"), UPLOADS)], slipway.ProtocolError, "ListMultipartUploadsResult",
         "login page", 200, arm=begin, unfinished=1, tells=False),
    # It may have begun one: it is looked for, as when the answer is lost.
    Case("create's answer is cut short", [Trouble(body(b"<UploadId>", b"<Up"), CREATE)], requests={CREATE: 1, PART_PUT: 2, COMPLETE: 1}),
    Case("create's answer has no id", [Trouble(body(b"<Key>", b"</InitiateMultipartUploadResult>"), CREATE)],
         requests={CREATE: 1, PART_PUT: 2}),
    Case("a huge answer at the list", [Trouble(HUGE, UPLOADS)], slipway.ProtocolError),
    Case("a huge answer at create", [Trouble(HUGE, CREATE, times=None)], slipway.ProtocolError, client={"max_attempts": 2}),
    Case("a huge answer at a part", [Trouble(HUGE, PART_PUT, times=None)], slipway.ProtocolError, unfinished=1, client={"max_attempts": 2}),
    Case("a huge answer at complete", [Trouble(HUGE, COMPLETE)], requests={COMPLETE: (1, 2)}),
    Case("a redirect at a part", [Trouble(Answer(302, {"location": "http://127.0.0.1:9/"}), PART_PUT, times=None)], slipway.ProtocolError,
         "redirected", "", 302, unfinished=1),
]  # fmt: skip


@pytest.mark.parametrize("case", STORMS, ids=str)
def test_storms(case: Case, any_line: Line, table: List[Row]) -> None:
    table.append(case.play(any_line))


@pytest.mark.parametrize("case", COMPLETIONS, ids=str)
def test_completions(case: Case, line: Line, table: List[Row]) -> None:
    table.append(case.play(line))


@pytest.mark.parametrize("case", [*GOING_ON, *ABORTIONS], ids=str)
def test_uploads_that_are_there(case: Case, line: Line, table: List[Row]) -> None:
    table.append(case.play(line))


@pytest.mark.parametrize("case", PAGES, ids=str)
def test_pages(case: Case, any_line: Line, table: List[Row]) -> None:
    table.append(case.play(any_line))
