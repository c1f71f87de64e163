"""A connection is cut, or stalls, at every stage of storing a file; a run of this file closes with a table of what came of it.

With SLIPWAY_TEST_LONG set also what takes more than ten seconds, and cuts and stalls before each server.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import os
from typing import List

import pytest

import slipway
from http_message import Request
from s3_fixtures import s3, s3_servers  # noqa: F401
from storage_cases import (  # noqa: F401
    COMPLETE, CREATE, HEAD, PART_PUT, PUT, UPLOADS, Case, Line, PutLine, Row, Trouble, any_line, completions, line, table,
)  # fmt: skip
from storage_fixtures import MiB, NewFile, home, new_file  # noqa: F401
from wire_faults import Cut, Stall

HALF = 2 << 20
"""Somewhere in the body of what is large."""


def is_first(request: Request) -> bool:
    """The large part of the two."""
    return request.query.get("partNumber") == "1"


CUTS = [
    Case("cut before the first look", [Trouble(Cut(), HEAD)], requests={HEAD: 3, CREATE: 1, PART_PUT: 2, COMPLETE: 1}),
    Case("cut before the list of uploads", [Trouble(Cut(), UPLOADS)], requests={CREATE: 1, PART_PUT: 2, COMPLETE: 1}),
    Case("cut before create", [Trouble(Cut(), CREATE)], requests={CREATE: 2, PART_PUT: 2, COMPLETE: 1}),
    Case("the answer to create is lost", [Trouble(Cut("response"), CREATE)], requests={CREATE: 1, PART_PUT: 2, COMPLETE: 1}),
    Case("the answer to create is cut in half", [Trouble(Cut("response", after=200), CREATE)],
         requests={CREATE: 1, PART_PUT: 2, COMPLETE: 1}),
    Case("cut before a part", [Trouble(Cut(), PART_PUT)], requests={CREATE: 1, PART_PUT: 3, COMPLETE: 1}),
    Case("cut in the body of a part", [Trouble(Cut(after=HALF), PART_PUT, where=is_first)], requests={CREATE: 1, PART_PUT: 3, COMPLETE: 1}),
    Case("reset in the body of a part", [Trouble(Cut(after=HALF, reset=True), PART_PUT, where=is_first)],
         requests={CREATE: 1, PART_PUT: 3, COMPLETE: 1}),
    Case("the answer to a part is lost", [Trouble(Cut("response"), PART_PUT)], requests={CREATE: 1, PART_PUT: 3, COMPLETE: 1}),
    Case("cut before complete", [Trouble(Cut(), COMPLETE)], requests={PART_PUT: 2, COMPLETE: 2}),
    Case("the answer to complete is lost", [Trouble(Cut("response"), COMPLETE)], requests={CREATE: 1, PART_PUT: 2, COMPLETE: 1}),
    Case("the answer to complete is cut in half", [Trouble(Cut("response", after=150), COMPLETE)],
         requests={CREATE: 1, PART_PUT: 2, COMPLETE: 1}),
    Case("cut before the last look", [Trouble(Cut(), HEAD, nth=2)], requests={HEAD: 3, PART_PUT: 2, COMPLETE: 1}),
    Case("the answer to the last look is lost", [Trouble(Cut("response"), HEAD, nth=2)], requests={HEAD: 3, PART_PUT: 2, COMPLETE: 1}),
    Case("cut before a put", [Trouble(Cut(), PUT)], whole=True, requests={PUT: 2}),
    Case("cut in the body of a put", [Trouble(Cut(after=HALF), PUT)], whole=True, requests={PUT: 2}),
    Case("the answer to a put is lost", [Trouble(Cut("response"), PUT)], whole=True, requests={PUT: 2}),
    Case("cut in the body of each part", [Trouble(Cut(after=HALF), PART_PUT, times=None, where=is_first)], slipway.NetworkError,
         r"^S3, PUT part 1 of \S*/builds/MyGame.bin: ", "Check the connection", 0, True, unfinished=1,
         client={"max_attempts": 2}),
    Case("cut before each request", [Trouble(Cut(), times=None)], slipway.NetworkError, r"^S3, HEAD \S*/builds/MyGame.bin: ",
         "Check the connection", 0, True, client={"max_attempts": 3}),
    Case("cut before each create", [Trouble(Cut(), CREATE, times=None)], slipway.NetworkError,
         r"^S3, POST \S*/builds/MyGame.bin\?uploads: ", "Check the connection", 0, True, client={"max_attempts": 3}),
    Case("the answer to each create is lost", [Trouble(Cut("response"), CREATE, times=None)], client={"max_attempts": 3}),
    Case("cut before each complete", [Trouble(Cut(), COMPLETE, times=None)], slipway.NetworkError,
         r"^S3, POST \S*/builds/MyGame.bin\?uploadId: ", "Check the connection", 0, True, unfinished=1, reused=2,
         client={"max_attempts": 3}),
    Case("cut before each last look", [Trouble(Cut(), HEAD, nth=2, times=None)], slipway.NetworkError, r"^S3, HEAD \S*/builds/MyGame.bin: ",
         "Check the connection", 0, True, client={"max_attempts": 3}),
    Case("cut before each put", [Trouble(Cut(), PUT, times=None)], slipway.NetworkError, r"^S3, PUT \S*/builds/MyGame.bin: ",
         "Check the connection", 0, True, whole=True, client={"max_attempts": 3}),
]  # fmt: skip

MORE = (3, 6)
"""A machine that is busy with all of them at the same time may be silent for a second, too."""

STALLS = [
    # Rclone holds a part fast as long as anybody is about to send it; what is stuck in the proxy is, so it must not be much.
    Case("a part stalls", [Trouble(Stall(after=HALF), PART_PUT, where=is_first)], requests={CREATE: 1, PART_PUT: MORE, COMPLETE: 1},
         rclone={"troubles": [Trouble(Stall(after=1000), PART_PUT, where=lambda request: not is_first(request))]}),
    Case("the answer to a part stalls", [Trouble(Stall("response"), PART_PUT)], requests={CREATE: 1, PART_PUT: MORE, COMPLETE: 1}),
    Case("the answer to create stalls", [Trouble(Stall("response"), CREATE)], requests={CREATE: 1, COMPLETE: 1}),
    Case("the list of uploads stalls", [Trouble(Stall("response"), UPLOADS)], requests={UPLOADS: (2, 5), CREATE: 1, COMPLETE: 1}),
    Case("a put stalls", [Trouble(Stall(after=HALF), PUT)], whole=True, requests={PUT: (2, 5)}),
    Case("the answer to a put stalls", [Trouble(Stall("response"), PUT)], whole=True, requests={PUT: (2, 5)}),
    Case("each part stalls", [Trouble(Stall(after=HALF), PART_PUT, times=None, where=is_first)], slipway.NetworkError,
         "PUT part 1 of .*: no byte came or went for 1 s", "Check the connection", client={"max_attempts": 2}, unfinished=1),
]  # fmt: skip

# A storage may take its time to put gigabytes together, and to look at them: ten times the usual patience.
PATIENT = [
    Case("the answer to complete stalls", [Trouble(Stall("response"), COMPLETE)], requests={CREATE: 1, COMPLETE: 1}),
    Case("the answer to the last look stalls", [Trouble(Stall("response"), HEAD, nth=2)], requests={HEAD: 3, COMPLETE: 1}),
]

PUT_URL = Case("a put_url stalls", [Trouble(Stall(after=HALF), PUT)], requests={PUT: (2, 5)})


@pytest.mark.parametrize("case", CUTS, ids=str)
def test_cuts(case: Case, any_line: Line, table: List[Row]) -> None:
    table.append(case.play(any_line))


def test_stalls(any_line: Line, table: List[Row], new_file: NewFile) -> None:
    """All at the same time: what is to be seen is that each waits no longer than it should."""
    cases = [*STALLS, *(PATIENT if os.environ.get("SLIPWAY_TEST_LONG") else [])]
    lines = [any_line.beside() for _ in cases]
    # More than the kernel takes: when all of a file has gone, the server may take its time.
    large = any_line.beside()
    cases, lines = [*cases, PUT_URL], [*lines, PutLine(large.s3, large.proxy, new_file(24 * MiB, "large.bin"), any_line.completions)]
    with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
        table.extend(pool.map(lambda case, line: hasty(case).play(line), cases, lines))


def hasty(case: Case) -> Case:
    return dataclasses.replace(case, client={"idle_timeout": 1.0, **case.client}, bound=25.0)
