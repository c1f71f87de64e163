"""Waiting for the verdict on a build: the states come in any order, may be missed, and may be unknown."""

from __future__ import annotations

import json
import time
from typing import Any, List

import pytest

import slipway
from conftest import Customer
from emulator import Emulator, wait_until


def body(customer: Customer, build: str, event: str = "build.approved", status: str = "Approved") -> bytes:
    """A webhook as the service sends it."""
    return json.dumps({
        "event": event, "projectId": customer.project_id, "uploadId": build, "fileUrl": None, "status": status, "objection": None,
        "timestamp": "2025-01-01T00:00:00Z",
    }).encode()


def wait(client: slipway.Client, customer: Customer, build: str, **options: Any) -> slipway.BuildVerdict:
    settings = dict(interval=0.005, max_interval=0.005, settle=60.0, deadline=15.0, **options)
    return client.wait_for_build(project_id=customer.project_id, upload_id=build, **settings)  # type: ignore[no-any-return]


def reads(customer: Customer) -> int:
    return len(customer.emulator.journal(method="GET", path=f"/pixelStripeApi/projects/{customer.project_id}"))


@pytest.mark.parametrize("order", ["distribute-first", "approve-first"])
def test_released_by_itself(customer: Customer, client: slipway.Client, emulator: Emulator, order: str) -> None:
    emulator.settings(order=order, stateMs=60)
    upload = client.upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
    seen: List[slipway.Progress] = []
    verdict = wait(client, customer, upload.upload_id, until="live", on_progress=seen.append)
    assert (verdict.state, verdict.live, verdict.objection) == ("approved", True, None)
    assert verdict.project_id == customer.project_id and verdict.upload_id == upload.upload_id
    assert verdict.file_url == emulator.file_url("MyGame.zip") and verdict.date
    assert customer.live() == upload.upload_id
    states = [entry.state for entry in verdict.timeline]
    assert {"downloading", "extracting", "saving", "distributing", "approved"} <= set(states)
    assert states[-1] == "approved"
    assert (states.index("approved") < states.index("distributing")) is (order == "approve-first")
    after = [entry.after for entry in verdict.timeline]
    assert after == sorted(after) and after[-1] > 0.05
    told = [progress for progress in seen if progress.stage == slipway.Stage.WAITING_BUILD]
    assert {progress.state for progress in told} & {"downloading", "extracting", "saving", "distributing"}
    assert all(progress.message for progress in seen)
    assert seen[-1].state == "approved", "the last news always comes"


def test_released_by_hand(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    emulator.settings(stateMs=40)
    upload = client.upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"), auto_release=False)
    assert wait(client, customer, upload.upload_id).state == "approved"
    waiting = client.wait_for_build(
        project_id=customer.project_id, upload_id=upload.upload_id, until="live", interval=0.01, max_interval=0.01, settle=60, wait=False)
    reads_before = reads(customer)
    wait_until(lambda: reads(customer) > reads_before + 3, what="a few more questions")
    assert not waiting.done(), "approved is not live"
    client.distribute(project_id=customer.project_id, upload_id=upload.upload_id)
    assert waiting.result(10).live is True
    assert customer.live() == upload.upload_id


def test_rollback(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    emulator.settings(stateMs=40)
    old = customer.add_build(fileUrl=emulator.file_url("Older.zip"))
    new = customer.add_build(fileUrl=emulator.file_url("MyGame.zip"), live=True)
    history = client.project(customer.project_id).builds
    assert [build.upload_id for build in history] == [old, new]
    waiting = client.wait_for_build(
        project_id=customer.project_id, upload_id=old, until="live", interval=0.005, max_interval=0.005, settle=60, wait=False)
    client.distribute(project_id=customer.project_id, upload_id=old)
    assert waiting.result(10).live is True
    assert customer.live() == old


@pytest.mark.parametrize("name", ["NoExe.zip", "text.zip", "missing.zip"])
def test_rejection(customer: Customer, client: slipway.Client, emulator: Emulator, name: str) -> None:
    upload = client.upload(project_id=customer.project_id, file_url=emulator.file_url(name), check_url=False)
    with pytest.raises(slipway.RejectedError) as caught:
        wait(client, customer, upload.upload_id)
    objection = customer.builds()[0]["objection"]
    error = caught.value
    assert error.message == objection
    assert error.hint and not error.retriable
    verdict = error.result
    assert isinstance(verdict, slipway.BuildVerdict)
    assert (verdict.state, verdict.service_state, verdict.objection) == ("rejected", "Reject", objection)
    assert verdict.upload_id == upload.upload_id and verdict.live is not True
    assert verdict.timeline[-1].state == "rejected"


def test_rejection_without_a_reason(customer: Customer, client: slipway.Client) -> None:
    with pytest.raises(slipway.RejectedError) as caught:
        wait(client, customer, customer.add_build("Reject"))
    assert caught.value.message


def test_rejection_at_the_distribution(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    emulator.settings(distributionObjection="The build does not start on a worker", stateMs=20)
    build = customer.add_build()
    client.distribute(project_id=customer.project_id, upload_id=build)
    with pytest.raises(slipway.RejectedError, match="^The build does not start on a worker"):
        wait(client, customer, build, until="live")


def test_already_approved(customer: Customer, client: slipway.Client) -> None:
    verdict = wait(client, customer, customer.add_build())
    assert verdict.state == "approved" and verdict.live is None
    assert reads(customer) == 1


def test_live_when_the_distribution_was_missed(customer: Customer, client: slipway.Client) -> None:
    build = customer.add_build(live=True)
    start = time.monotonic()
    verdict = client.wait_for_build(
        project_id=customer.project_id, upload_id=build, until="live", interval=0.01, max_interval=0.02, settle=0.3)
    assert verdict.state == "approved" and verdict.live is True
    assert 0.29 <= time.monotonic() - start < 5


def test_unknown_state(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    build = customer.add_build("Quarantäne & Co.")
    seen: List[slipway.Progress] = []
    waiting = client.wait_for_build(
        project_id=customer.project_id, upload_id=build, interval=0.01, max_interval=0.01, on_progress=seen.append, wait=False)
    wait_until(lambda: any(progress.state == "unknown" for progress in seen), what="the unknown state")
    assert [progress.service_state for progress in seen if progress.state == "unknown"][0] == "Quarantäne & Co."
    emulator.set_build(build, status="Approved")
    verdict = waiting.result(10)
    timeline = [(entry.state, entry.service_state) for entry in verdict.timeline]
    assert timeline == [("unknown", "Quarantäne & Co."), ("approved", "Approved")]


def test_rejected_build_that_is_processed_again(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    """Swapped events: what counts is what the service says now."""
    build = customer.add_build("Approved")
    emulator.set_build(build, status="Extracting & Scanning")
    waiting = client.wait_for_build(project_id=customer.project_id, upload_id=build, interval=0.01, max_interval=0.01, wait=False)
    wait_until(lambda: reads(customer) >= 2, what="questions")
    assert not waiting.done()
    emulator.set_build(build, status="Approved")
    assert waiting.result(10).state == "approved"


def test_webhook_wakes_the_wait(customer: Customer, emulator: Emulator) -> None:
    client = customer.client()
    build = customer.add_build("Extracting & Scanning")
    other = customer.add_build("Extracting & Scanning")
    slow: "dict[str, Any]" = dict(interval=60, max_interval=60, wait=False)
    waiting = client.wait_for_build(project_id=customer.project_id, upload_id=build, **slow)
    sleeping = client.wait_for_build(project_id=customer.project_id, upload_id=other, **slow)
    wait_until(lambda: reads(customer) >= 2, what="the first questions")

    client.receive_webhook(body(customer, build))
    wait_until(lambda: reads(customer) >= 3, what="the question that the webhook led to")
    assert not waiting.done(), "what a webhook says is a hint: the service says that it is not approved"
    emulator.set_build(build, status="Approved")
    client.receive_webhook(body(customer, build))
    assert waiting.result(5).state == "approved"
    assert not sleeping.done() and reads(customer) == 4


def test_many_waits_for_one_build(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    build = customer.add_build("Downloading Files")
    waits = [client.wait_for_build(project_id=customer.project_id, upload_id=build, interval=60, wait=False) for _ in range(20)]
    wait_until(lambda: reads(customer) >= 20, what="the first questions")
    emulator.set_build(build, status="Approved")
    client.receive_webhook(body(customer, build))
    assert {operation.result(5).state for operation in waits} == {"approved"}


def test_failures_are_survived(customer: Customer, emulator: Emulator) -> None:
    client = customer.client(max_attempts=1)
    build = customer.add_build("Downloading Files")
    waiting = client.wait_for_build(project_id=customer.project_id, upload_id=build, interval=0.01, max_interval=0.02, wait=False)
    for action in ("close", "html", "broken-json", "empty", "truncate"):
        emulator.fault(action, path="/pixelStripeApi/*", count=2)
    emulator.fault("status", path="/pixelStripeApi/*", count=2, status=503, body="{}")
    wait_until(lambda: all(fault["isUsedUp"] for fault in emulator.faults()), what="all failures")
    assert not waiting.done()
    emulator.set_build(build, status="Approved")
    assert waiting.result(10).state == "approved"


def test_pointless_waits_end(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    with pytest.raises(slipway.NotFoundError, match="0123456789abcdef01234567"):
        wait(client, customer, "0123456789abcdef01234567")
    build = customer.add_build("Downloading Files")
    waiting = client.wait_for_build(project_id=customer.project_id, upload_id=build, interval=0.01, wait=False)
    wait_until(lambda: reads(customer) >= 2, what="a question")
    emulator.set_user(customer.user_id, apiKey="another-key-from-now-on")
    with pytest.raises(slipway.UnauthorizedError):
        waiting.result(5)


def test_deadline(customer: Customer, client: slipway.Client) -> None:
    build = customer.add_build("Downloading Files")
    start = time.monotonic()
    with pytest.raises(slipway.DeadlineExceededError) as caught:
        client.wait_for_build(project_id=customer.project_id, upload_id=build, interval=60, max_interval=60, deadline=0.2)
    assert 0.15 < time.monotonic() - start < 3
    assert "download" in caught.value.message, "how far it was is worth a word"


def test_interval_grows_while_nothing_moves(customer: Customer, client: slipway.Client) -> None:
    build = customer.add_build("Downloading Files")
    waiting = client.wait_for_build(project_id=customer.project_id, upload_id=build, interval=0.01, max_interval=10, wait=False)
    path = f"/pixelStripeApi/projects/{customer.project_id}"
    entries = wait_until(lambda: len(found := customer.emulator.journal(path=path)) >= 5 and found, what="five questions")
    waiting.cancel()
    gaps = [later["at"] - earlier["at"] for earlier, later in zip(entries, entries[1:])]
    assert gaps[-1] > gaps[0] and sum(gaps[:2]) < sum(gaps[-2:]), gaps


def test_bad_until(customer: Customer, client: slipway.Client) -> None:
    with pytest.raises(ValueError, match="until"):
        client.wait_for_build(project_id="p", upload_id="u", until="forever")  # type: ignore[call-overload]
