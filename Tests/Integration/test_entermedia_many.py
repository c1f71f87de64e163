"""Whole collections: exact counts, each of them once, whatever goes wrong with some; and an end in the middle."""

from __future__ import annotations

import collections
import json
import re
import threading
import time
from typing import Any, Dict, List, Tuple, Union

import pytest

import slipway
from emulator import wait_until
from entermedia_facts import fact
from entermedia_server import (
    Server, certificate, conformance_table, media, process, real,
)  # fmt: skip

Answer = Union[slipway.Distribution, slipway.SlipwayError]
CREATE = "distribution/create/create"
COUNT = 2000


class Items:
    """What on_item was told."""

    def __init__(self) -> None:
        self.answers: Dict[int, Answer] = {}
        self.calls: List[int] = []

    def __call__(self, index: int, answer: Answer) -> None:
        self.calls.append(index)
        self.answers[index] = answer

    @property
    def made(self) -> List[int]:
        return [index for index, answer in self.answers.items() if isinstance(answer, slipway.Distribution)]

    @property
    def failed(self) -> List[int]:
        return [index for index, answer in self.answers.items() if isinstance(answer, slipway.SlipwayError)]


def assets(media: Server, count: int = COUNT) -> List[str]:
    media.emulator.add_asset(id="many", name="many.zip", content="PK", count=count)
    return [f"many-{number}" for number in range(1, count + 1)]


def agree(created: slipway.DistributionsCreated, items: Items, total: int) -> None:
    """The counts, the items and the failures say the same."""
    assert sorted(items.calls) == list(range(total)), "each of them once"
    assert (created.total, created.succeeded, created.failed) == (total, len(items.made), len(items.failed))
    assert [failure.index for failure in created.failures] == [index for index in items.calls if index in set(items.failed)]
    for failure in created.failures:
        error = items.answers[failure.index]
        assert isinstance(error, slipway.SlipwayError) and slipway.Status[failure.status] == error.status
        assert (failure.message, failure.hint) == (error.message, error.hint) and failure.hint


#: What goes wrong with one in fifty, in turn, and what it is told as.
KINDS: List[Tuple[str, Dict[str, Any], str]] = [
    ("status", {"status": 500, "body": ""}, "SERVER"), ("close", {}, "NETWORK"), ("html", {}, "PROTOCOL"), ("broken-json", {}, "PROTOCOL"),
    ("truncate", {"bytes": 3}, "NETWORK"), ("empty", {}, "PROTOCOL"), ("status", {"status": 403, "body": ""}, "UNAUTHORIZED"),
    ("status", {"status": 429, "body": ""}, "RATE_LIMITED"), ("redirect", {"location": "http://127.0.0.1:9/"}, "PROTOCOL"),
]  # fmt: skip


@fact("dist-07", "of many: NOT_FOUND for each of them, and no record; the others are made")
def test_one_in_fifty_fails(media: Server) -> None:
    """As a whole: looked for, made, looked at. What fails, fails for good, and nothing but that."""
    ids, expected = assets(media), {}
    for number, index in enumerate(range(7, COUNT, 50)):
        if number % 10 == 9:
            ids[index], expected[index] = f"unknown-{index}", "NOT_FOUND"
        else:
            action, members, expected[index] = KINDS[number % 10]
            media.fault(action, f"module/asset/data/{ids[index]}", count=0, **members)
    items = Items()
    news: List[slipway.Progress] = []
    created = media.client(max_attempts=2).entermedia_distribution_create_many(
        ids, allow_original=True, on_item=items, on_progress=news.append, max_parallel=8)
    agree(created, items, COUNT)
    assert (created.succeeded, created.failed) == (COUNT - 40, 40)
    assert {failure.index: failure.status for failure in created.failures} == expected
    # The id that it was to have is told also when it failed: what an answer that was lost has made can be found by it.
    assert all(failure.asset_id == ids[failure.index] and re.fullmatch("[0-9a-f-]{36}", failure.id or "") for failure in created.failures)
    for index in items.made:
        made = items.answers[index]
        assert isinstance(made, slipway.Distribution) and (made.asset_id, made.verified) == (ids[index], True)
    records = media.emulator.media()["distributions"]
    made_of = collections.Counter(record["assetId"] for record in records if str(record["assetId"]).startswith("many"))
    assert set(made_of.values()) == {1} and len(made_of) == COUNT - 40
    assert not any(str(record["assetId"]).startswith("unknown") for record in records)

    assert [one.items_done for one in news] == sorted(one.items_done for one in news)
    for one in news:
        assert one.stage is slipway.Stage.MANY and one.items_total == COUNT
        assert one.items_failed <= one.items_done <= COUNT and one.items_failed <= 40


def one_in_fifty(media: Server, action: str, **members: Any) -> None:
    """Strikes the 50th, 100th, ... create: each fault counts those only that no older one has struck."""
    for number in range(COUNT // 50):
        media.fault(action, CREATE, skip=49 * (number + 1), **members)


@pytest.mark.parametrize("action", ["status", "truncate"])
def test_one_request_in_fifty_fails(media: Server, action: str) -> None:
    """Without looking, and without another attempt: the journal says which ones."""
    ids, items = assets(media), Items()
    one_in_fifty(media, action, **({"status": 503, "body": ""} if action == "status" else {}))
    media.emulator.clear_journal()
    created = media.client(max_attempts=1).entermedia_distribution_create_many(ids, allow_original=True, verify=False, on_item=items)
    agree(created, items, COUNT)
    assert created.failed == COUNT // 50
    asked = media.journal("POST", CREATE)
    struck = {json.loads(entry["body"])["assetid"] for entry in asked if entry["fault"] is not None}
    assert {failure.asset_id for failure in created.failures} == struck and len(asked) == COUNT


@pytest.mark.parametrize("after", ["arrival", "processing"])
def test_another_attempt_mends_all_of_it(media: Server, after: str) -> None:
    """Under the same id, so that what was made by the first one is not made twice."""
    ids, items = assets(media), Items()
    one_in_fifty(media, "close", after=after)
    created = media.client(max_attempts=3).entermedia_distribution_create_many(ids, allow_original=True, verify=False, on_item=items)
    agree(created, items, COUNT)
    assert created.failed == 0
    records = [record["id"] for record in media.emulator.media()["distributions"] if str(record["assetId"]).startswith("many")]
    assert len(set(records)) == len(records) == COUNT
    assert {made.id for made in items.answers.values() if isinstance(made, slipway.Distribution)} == set(records)


def test_ids_of_ones_own(media: Server) -> None:
    ids, items = assets(media, 100), Items()
    own = [None if index % 3 == 0 else f"own-{index}.zip" for index in range(100)]
    created = media.client().entermedia_distribution_create_many(ids, distribution_ids=own, allow_original=True, on_item=items)
    agree(created, items, 100)
    for index, made in items.answers.items():
        assert isinstance(made, slipway.Distribution) and made.asset_id == ids[index]
        assert made.id == own[index] if own[index] else len(made.id) == 36
        assert str(made.original_url).endswith("/" + made.id)
    records = {record["id"]: record["assetId"] for record in media.emulator.media()["distributions"]}
    assert all(records[name] == asset for name, asset in zip(own, ids) if name)
    again = media.client().entermedia_distribution_create_many(["unknown"], distribution_ids=["own-1.zip"])
    assert [(failure.id, failure.status) for failure in again.failures] == [("own-1.zip", "NOT_FOUND")]


@pytest.mark.parametrize(("options", "max_parallel", "lanes"), [({}, 3, 3), ({}, None, 16), ({"max_connections": 2}, 50, 2), ({}, 1, 1)])
def test_so_many_at_a_time(media: Server, options: Dict[str, Any], max_parallel: Any, lanes: int) -> None:
    count, delay = lanes * 5, 40
    ids = assets(media, count)
    media.fault("delay", CREATE, count=0, delayMs=delay)
    media.emulator.clear_journal()
    created = media.client(**options).entermedia_distribution_create_many(
        ids, allow_original=True, verify=False, max_parallel=max_parallel)
    assert created.succeeded == count
    asked = media.journal("POST", CREATE)
    assert len(asked) == count and len({entry["connection"] for entry in asked}) == lanes
    # No more than that between a request and its answer, which takes so long at least.
    arrivals = sorted(entry["at"] for entry in asked)
    for position, at in enumerate(arrivals):
        assert sum(at <= other < at + delay - 1 for other in arrivals[position:]) <= lanes


def test_more_failures_than_an_answer_holds(media: Server) -> None:
    items = Items()
    created = media.client().entermedia_distribution_create_many([f"unknown-{index}" for index in range(1500)], on_item=items)
    assert (created.succeeded, created.failed, len(created.failures)) == (0, 1500, 1000)
    assert [failure.index for failure in created.failures] == items.calls[:1000] and sorted(items.calls) == list(range(1500))
    assert media.emulator.journal(path=f"{media.path}/services/distribution/*", method="POST") == []


# An end in the middle


def so_far(error: Any, items: Items) -> slipway.DistributionsCreated:
    """What the exception brings along is what on_item was told."""
    result = error.result
    assert isinstance(result, slipway.DistributionsCreated)
    assert (result.succeeded, result.failed) == (len(items.made), len(items.failed))
    assert len(set(items.calls)) == len(items.calls) < result.total
    return result


@pytest.mark.parametrize("where", ["outside", "inside", "the client's end"])
def test_cancelled_in_the_middle(media: Server, where: str) -> None:
    ids, items, enough = assets(media), Items(), threading.Event()
    ids[10:300:50] = [f"unknown-{index}" for index in range(6)]
    started: "List[slipway.Operation[slipway.DistributionsCreated]]" = []
    ready = threading.Event()

    def on_item(index: int, answer: Answer) -> None:
        items(index, answer)
        if len(items.calls) == 200:
            ready.wait(10)
            if where == "inside":
                started[0].cancel()
            enough.set()

    client = media.client()
    started.append(client.entermedia_distribution_create_many(ids, allow_original=True, on_item=on_item, max_parallel=4, wait=False))
    ready.set()
    assert enough.wait(20)
    if where == "outside":
        started[0].cancel()
    elif where == "the client's end":
        client.close(20)
    error = started[0].exception(20)
    assert isinstance(error, slipway.CancelledError)
    result = so_far(error, items)
    assert result.total == COUNT and 200 <= len(items.calls)
    told = len(items.calls)
    made = [record for record in media.emulator.media()["distributions"] if str(record["assetId"]).startswith("many")]
    assert len(items.made) <= len(made) <= len(items.made) + 4, "those on their way may have been made"
    assert len(items.calls) == told, "none after the end"


def test_out_of_time_in_the_middle(media: Server) -> None:
    ids, items = assets(media, 200), Items()
    media.fault("delay", CREATE, count=0, delayMs=25)
    start = time.monotonic()
    with pytest.raises(slipway.DeadlineExceededError) as caught:
        media.client().entermedia_distribution_create_many(
            ids, allow_original=True, verify=False, on_item=items, max_parallel=2, deadline=0.4)
    assert 0.35 < time.monotonic() - start < 5
    assert 2 <= so_far(caught.value, items).succeeded <= 40 and items.failed == []


def test_the_clients_deadline_is_not_that_of_many(media: Server) -> None:
    """An hour's work is not ended by a default that is meant for one request."""
    ids, items = assets(media, 20), Items()
    media.fault("delay", CREATE, count=0, delayMs=50)
    created = media.client(deadline=0.2).entermedia_distribution_create_many(
        ids, allow_original=True, verify=False, on_item=items, max_parallel=2)
    agree(created, items, 20)
    assert created.failed == 0


def test_two_of_them_at_once(media: Server) -> None:
    ids, first, second = assets(media, 200), Items(), Items()
    client = media.client()
    operations = [client.entermedia_distribution_create_many(ids, allow_original=True, on_item=items, wait=False)
                  for items in (first, second)]
    others = [client.entermedia_asset_get(id, wait=False) for id in ids[:20]]
    for operation, items in zip(operations, (first, second)):
        agree(operation.result(20), items, 200)
    assert [other.result(20).id for other in others] == ids[:20]
    wait_until(lambda: len(media.emulator.media()["distributions"]) >= 400, what="all records")
