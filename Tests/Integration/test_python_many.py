"""Client.entermedia_distribution_create_many: each of many is told, and nothing that is told stops the others."""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any, Dict, List, Union

import pytest

import slipway
from emulator import Emulator, wait_until
from media_fixtures import Media, client, media, picture
from slipway import delivery

Answer = Union[slipway.Distribution, slipway.SlipwayError]


def many(emulator: Emulator, count: int) -> List[str]:
    """Assets, of which every tenth does not exist."""
    emulator.add_asset(id="many", name="many.png", content="one of many", count=count)
    return [f"missing-{number}" if number % 10 == 0 else f"many-{number}" for number in range(1, count + 1)]


def test_create_many(client: slipway.Client, emulator: Emulator, media: Media) -> None:
    assets = many(emulator, 60)
    told: Dict[int, Answer] = {}
    news: List[slipway.Progress] = []

    def on_item(index: int, answer: Answer) -> None:
        assert threading.current_thread().name == "slipway" and index not in told
        told[index] = answer

    created = client.entermedia_distribution_create_many(
        iter(assets), distribution_ids=(None if number % 2 else f"d-{number}" for number in range(60)), on_item=on_item,
        on_progress=news.append, max_parallel=4)

    assert (created.total, created.succeeded, created.failed) == (60, 54, 6)
    assert sorted(told) == list(range(60)), "all of them, before the end"
    for index, answer in told.items():
        if assets[index].startswith("missing"):
            assert isinstance(answer, slipway.NotFoundError) and answer.hint and answer.status == slipway.Status.NOT_FOUND
        else:
            assert isinstance(answer, slipway.Distribution) and answer.asset_id == assets[index] and answer.links
            assert answer.id == f"d-{index}" if index % 2 == 0 else len(answer.id) == 36
    assert sorted(failure.index for failure in created.failures) == list(range(9, 60, 10))
    for failure in created.failures:
        error = told[failure.index]
        assert isinstance(error, slipway.NotFoundError)
        assert (failure.asset_id, failure.message, failure.hint) == (assets[failure.index], error.message, error.hint)
        assert slipway.Status[failure.status] == slipway.Status.NOT_FOUND
    assert [progress.items_done for progress in news] == sorted(progress.items_done for progress in news)
    last = news[-1]
    assert (last.stage, last.items_done, last.items_failed, last.items_total) == (slipway.Stage.MANY, 60, 6, 60), "the last news always"
    assert len(media.distributions()) == 54


def test_create_many_without_on_item(client: slipway.Client, emulator: Emulator) -> None:
    created = client.entermedia_distribution_create_many(many(emulator, 10), allow_original=True, verify=False)
    assert created.total == created.succeeded + created.failed == 10
    assert all(one["allowOrigin"] for one in client.entermedia_distribution_search().raw[0]["results"])


def test_on_item_that_fails_is_logged(client: slipway.Client, emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    def fail(index: int, _: Answer) -> None:
        raise SystemExit(f"not even that: {index}")

    created = client.entermedia_distribution_create_many(many(emulator, 10), on_item=fail)
    assert (created.succeeded, created.failed) == (9, 1)
    errors = [record for record in caplog.records if record.name == "slipway" and "on_item" in record.getMessage()]
    assert len(errors) == 10 and all(record.exc_info and record.exc_info[0] is SystemExit for record in errors)
    assert client.entermedia_login().logged_in is False, "the client's thread goes on"


def test_on_item_that_blocks_would_deadlock(client: slipway.Client, emulator: Emulator, picture: str) -> None:
    answers: List[object] = []

    def on_item(index: int, _: Answer) -> None:
        with pytest.raises(slipway.WouldDeadlockError):
            client.entermedia_asset_get(picture)
        client.entermedia_asset_get(picture, wait=False).add_done_callback(lambda done: answers.append(done.result().id))

    client.entermedia_distribution_create_many([picture], on_item=on_item)
    wait_until(lambda: answers == [picture], what="the answer")


def test_create_many_cancelled(client: slipway.Client, emulator: Emulator, media: Media) -> None:
    emulator.add_asset(id="many", name="many.png", content="one of many", count=40)
    assets = [f"many-{number}" for number in range(1, 41)]
    emulator.fault("delay", path=f"{media.path}/services/distribution/create/*", skip=8, count=0, delayMs=60_000)
    told: List[int] = []
    operation = client.entermedia_distribution_create_many(
        assets, on_item=lambda index, _: told.append(index), verify=False, max_parallel=4, wait=False)
    wait_until(lambda: len(told) == 8, what="eight items")
    operation.cancel()
    error = operation.exception(10)
    assert isinstance(error, slipway.CancelledError)
    so_far = error.result
    assert isinstance(so_far, slipway.DistributionsCreated)
    assert (so_far.total, so_far.succeeded, so_far.failed) == (40, 8, 0) and len(told) == 8


def test_items_that_wait_are_bounded(client: slipway.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """While on_item is slow, others wait in the library, which stops for them, and not in Python without a limit."""
    ids = [f"no id: {number}" for number in range(20_000)]
    told: List[int] = []
    batches: List[int] = []
    hand_on = delivery.Delivery._hand_on

    def counted(self: delivery.Delivery) -> None:
        batches.append(len(self._news))
        hand_on(self)

    def on_item(index: int, answer: Answer) -> None:
        if not told:
            time.sleep(0.2)  # so that the others wait
        assert isinstance(answer, slipway.InvalidArgumentError)
        told.append(index)

    monkeypatch.setattr(delivery, "_BURST", 500)
    monkeypatch.setattr(delivery.Delivery, "_hand_on", counted)
    created = client.entermedia_distribution_create_many(ids, on_item=on_item)
    assert (created.failed, len(created.failures)) == (20_000, 1000)
    assert sorted(told) == list(range(20_000))
    assert max(batches) == 500 and sum(batches) >= 20_001


def test_create_many_arguments(client: slipway.Client) -> None:
    create_many: Any = client.entermedia_distribution_create_many
    for error, words, call in (
        (TypeError, "^asset_ids ", lambda: create_many("many-1")),
        (TypeError, "^asset_ids ", lambda: create_many(7)),
        (TypeError, r"^asset_ids\[1\] ", lambda: create_many(["a", None])),
        (ValueError, r"^asset_ids\[1\] ", lambda: create_many(["a", "b\0c"])),
        (TypeError, r"^distribution_ids\[0\] ", lambda: create_many(["a"], distribution_ids=[7])),
        (TypeError, "^distribution_ids ", lambda: create_many(["a"], distribution_ids="d")),
        (ValueError, "^distribution_ids must be as many as asset_ids, 2, not 1$", lambda: create_many(["a", "b"], distribution_ids=["d"])),
        (TypeError, "^on_item ", lambda: create_many(["a"], on_item="print")),
        (ValueError, "^max_parallel ", lambda: create_many(["a"], max_parallel=0)),
        (ValueError, "^asset_ids is empty$", lambda: create_many([])),
        (ValueError, "^asset_ids may have 1000000 at the most$", lambda: create_many(itertools.repeat("a"))),
    ):
        with pytest.raises(error, match=words):
            call()
