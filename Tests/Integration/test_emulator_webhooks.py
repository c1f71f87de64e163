"""Webhooks: what they say, that there is one attempt only, and how they can be lost, doubled and swapped."""

from __future__ import annotations

import pathlib
import re

import pytest

from emulator import Emulator, WebhookReceiver, make_build, wait_until
from emulator_fixtures import Served, emulator, process

WAY = ["build.uploaded", "build.downloading", "build.extracting", "build.saving", "build.distributing", "build.approved"]


def run(emulator: Served, receiver: WebhookReceiver, count: int, **members: object) -> list[str]:
    """Sends a build through the pipeline and returns the names of the events, when there are `count` of them."""
    emulator.set_project(emulator.project_id, webhookUrl=receiver.url)
    make_build(emulator.folder / "good.zip")
    status, answer = emulator.post(
        "upload-file", projectId=emulator.project_id, fileUrl=emulator.file_url("good.zip"), **members
    )
    assert status == 200
    emulator.wait_for_build(answer["uploadId"], "Approved")
    wait_until(lambda: len(receiver.bodies) >= count, what=f"{count} webhooks, there are {receiver.names}")
    # Each webhook that was sent is noted after its answer: this one is the last.
    wait_until(lambda: sum(not webhook["lost"] for webhook in emulator.webhooks()) >= count)
    return receiver.names


def test_each_state_is_announced(emulator: Served) -> None:
    with WebhookReceiver() as receiver:
        assert run(emulator, receiver, 6) == WAY
        build = emulator.builds()[0]
        for event, step in zip(receiver.events, build["history"]):
            timestamp = event.pop("timestamp")
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", timestamp)
            del event["event"]
            assert event == {
                "projectId": emulator.project_id,
                "uploadId": build["uploadId"],
                "fileUrl": build["fileUrl"],
                "status": step["status"],
                "objection": None,
            }


def test_a_rejection_is_announced_with_its_objection(emulator: Served) -> None:
    with WebhookReceiver() as receiver:
        emulator.set_project(emulator.project_id, webhookUrl=receiver.url)
        emulator.wait_for_build(emulator.upload(emulator.file_url("missing.zip")), "Reject")
        wait_until(lambda: len(receiver.bodies) == 3)
        last = receiver.events[-1]
        assert last["event"] == "build.rejected" and last["status"] == "Reject"
        assert last["objection"] == "File not downloadable: the URL answers with HTTP 404"


def test_distribution_is_announced(emulator: Served) -> None:
    with WebhookReceiver() as receiver:
        assert run(emulator, receiver, 5, autoRelease=False) == WAY[:4] + ["build.approved"]
        upload = emulator.builds()[0]["uploadId"]
        emulator.post("distribute-file", projectId=emulator.project_id, uploadId=upload)
        wait_until(lambda: receiver.names[5:] == ["build.distributing", "build.approved"])


def test_with_approval_first_it_is_announced_once(emulator: Served) -> None:
    emulator.settings(order="approve-first")
    with WebhookReceiver() as receiver:
        assert run(emulator, receiver, 6) == WAY[:4] + ["build.approved", "build.distributing"]


def test_only_the_wanted_events(emulator: Served) -> None:
    emulator.set_project(emulator.project_id, webhookEvents=["build.approved", "build.rejected"])
    with WebhookReceiver() as receiver:
        assert run(emulator, receiver, 1) == ["build.approved"]


def test_lost(emulator: Served) -> None:
    emulator.settings(loseWebhooks=["build.saving", "build.uploaded"])
    with WebhookReceiver() as receiver:
        assert run(emulator, receiver, 4) == [event for event in WAY if event not in ("build.saving", "build.uploaded")]
    assert [webhook["event"] for webhook in emulator.webhooks() if webhook["lost"]] == ["build.uploaded", "build.saving"]


def test_all_lost(emulator: Served) -> None:
    emulator.settings(loseWebhooks=["*"])
    with WebhookReceiver() as receiver:
        run(emulator, receiver, 0)
        wait_until(lambda: len(emulator.webhooks()) == 6)
        assert receiver.bodies == []


def test_doubled(emulator: Served) -> None:
    emulator.settings(doubleWebhooks=["build.approved"])
    with WebhookReceiver() as receiver:
        assert run(emulator, receiver, 7) == WAY + ["build.approved"]
        assert receiver.bodies[-1] == receiver.bodies[-2]


def test_swapped(emulator: Served) -> None:
    emulator.settings(swapWebhooks=True)
    with WebhookReceiver() as receiver:
        assert run(emulator, receiver, 6) == [WAY[1], WAY[0], WAY[3], WAY[2], WAY[5], WAY[4]]


def test_swapped_with_an_odd_number_none_is_kept(emulator: Served) -> None:
    emulator.settings(swapWebhooks=True)
    with WebhookReceiver() as receiver:
        assert run(emulator, receiver, 5, autoRelease=False) == [WAY[1], WAY[0], WAY[3], WAY[2], "build.approved"]


def test_a_refused_webhook_is_not_repeated(emulator: Served) -> None:
    with WebhookReceiver(status=500) as receiver:
        assert run(emulator, receiver, 6) == WAY
        assert [(webhook["statusCode"], webhook["delivered"]) for webhook in emulator.webhooks()] == [(500, False)] * 6


def test_a_slow_receiver_is_given_up_and_holds_no_build(emulator: Served) -> None:
    emulator.settings(webhookTimeoutMs=400)
    with WebhookReceiver(delay=2) as receiver:
        emulator.set_project(emulator.project_id, webhookUrl=receiver.url)
        emulator.wait_for_build(emulator.upload(emulator.file_url("missing.zip")), "Reject")
        assert len(emulator.webhooks()) < 3, "the build was done before its webhooks were"
        wait_until(lambda: len(emulator.webhooks()) == 3)
        assert [webhook["statusCode"] for webhook in emulator.webhooks()] == [0, 0, 0]


# test-webhook


def test_the_test_event(emulator: Served) -> None:
    call = {"projectId": emulator.project_id}
    assert emulator.post("test-webhook", **call) == (404, {"message": "No webhook URL configured"})
    with WebhookReceiver() as receiver:
        emulator.set_project(emulator.project_id, webhookUrl=receiver.url)
        assert emulator.post("test-webhook", **call) == (
            200,
            {"success": True, "message": "Test webhook delivered", "statusCode": 200},
        )
        event = receiver.events[0]
        assert event.pop("timestamp")
        assert event == {
            "event": "webhook.test", "projectId": emulator.project_id, "uploadId": None, "fileUrl": None, "status": "test",
            "objection": None,
        }  # fmt: skip
        receiver.status = 503
        status, answer = emulator.post("test-webhook", **call)
        assert (status, answer["success"], answer["statusCode"]) == (200, False, 503)
    status, answer = emulator.post("test-webhook", **call)
    assert (status, answer["success"], answer["statusCode"]) == (200, False, 0)


# By hand


def test_by_hand(emulator: Served) -> None:
    upload = emulator.add_build(projectId=emulator.project_id, fileUrl="http://127.0.0.1:9/MyGame.zip")
    with WebhookReceiver() as receiver:
        emulator.set_project(emulator.project_id, webhookUrl=receiver.url)
        sent = emulator.send_webhook(projectId=emulator.project_id, uploadId=upload, event="build.approved")
        assert sent == {"delivered": True, "statusCode": 200}
        emulator.send_webhook(projectId=emulator.project_id, uploadId="invented", event="build.flown", status="?", objection="!")
        emulator.send_webhook(projectId=emulator.project_id, body="not JSON")
        emulator.set_build(upload, status="Reject", objection="Virus found", notify=True)
        wait_until(lambda: len(receiver.bodies) == 4)
        assert receiver.bodies.pop(2) == b"not JSON"
        true, invented, rejection = receiver.events
        assert (true["uploadId"], true["fileUrl"], true["status"]) == (upload, "http://127.0.0.1:9/MyGame.zip", "Approved")
        assert (invented["uploadId"], invented["event"], invented["status"], invented["objection"]) == (
            "invented", "build.flown", "?", "!",
        )  # fmt: skip
        assert (rejection["event"], rejection["objection"]) == ("build.rejected", "Virus found")


@pytest.mark.parametrize("option, expected", [("--lose-webhook", WAY[:5]), ("--double-webhook", WAY + ["build.approved"])])
def test_the_options(option: str, expected: list[str], tmp_path: pathlib.Path) -> None:
    make_build(tmp_path / "good.zip")
    with WebhookReceiver() as receiver:
        options = ["--webhook-url", receiver.url, option, "build.approved", "--state-ms", "10"]
        with Emulator(options, files=tmp_path) as emulator:
            emulator.wait_for_build(emulator.upload(emulator.file_url("good.zip")), "Approved")
            wait_until(lambda: len(emulator.webhooks()) == (6 if expected == WAY[:5] else 7))
            assert receiver.names == expected
