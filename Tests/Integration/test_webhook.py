"""Webhooks are not signed: whatever comes is judged, nothing is believed, nothing crashes."""

from __future__ import annotations

import json
import random
from typing import Any, Dict

import pytest

import slipway
from conftest import Customer
from emulator import Emulator, WebhookReceiver, wait_until


def event(customer: Customer, **members: Any) -> Dict[str, Any]:
    return {
        "event": "build.approved", "projectId": customer.project_id, "uploadId": "665a1c2e9b1d4f0012ab34cd",
        "fileUrl": "http://127.0.0.1/MyGame.zip", "status": "Approved", "objection": None, "timestamp": "2025-06-01T12:00:00.000Z",
        **members,
    }


def encoded(document: object) -> bytes:
    return json.dumps(document).encode()


def test_event(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    document = event(customer)
    answer = client.receive_webhook(encoded(document))
    assert answer == slipway.WebhookEvent(
        event="build.approved", project_id=customer.project_id, upload_id="665a1c2e9b1d4f0012ab34cd",
        file_url="http://127.0.0.1/MyGame.zip", state="approved", service_state="Approved", objection=None,
        timestamp="2025-06-01T12:00:00.000Z", confirmed=None, confirmed_state=None, raw=document)
    assert emulator.journal() == [], "reading an event asks nobody"


@pytest.mark.parametrize(("name", "status", "state"), [
    ("build.uploaded", "pending", "pending"), ("build.downloading", "Downloading Files", "downloading"),
    ("build.extracting", "Extracting & Scanning", "extracting"), ("build.saving", "Saving to Repository", "saving"),
    ("build.distributing", "Distribute", "distributing"), ("build.approved", "Approved", "approved"),
    ("build.rejected", "Reject", "rejected"),
])
def test_every_event_of_a_build(customer: Customer, client: slipway.Client, name: str, status: str, state: str) -> None:
    answer = client.receive_webhook(encoded(event(customer, event=name, status=status)))
    assert (answer.event, answer.state, answer.service_state) == (name, state, status)


def test_rejection(customer: Customer, client: slipway.Client) -> None:
    answer = client.receive_webhook(encoded(event(customer, event="build.rejected", status="Reject", objection="No .exe")))
    assert (answer.state, answer.objection) == ("rejected", "No .exe")


def test_the_test_event_as_the_service_sends_it(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    with WebhookReceiver() as receiver:
        emulator.set_project(customer.project_id, webhookUrl=receiver.url)
        client.test_webhook(customer.project_id)
        answer = client.receive_webhook(receiver.bodies[0], confirm=True)
    assert (answer.event, answer.project_id, answer.upload_id) == ("webhook.test", customer.project_id, None)
    assert answer.confirmed is not True, "there is no build that could be in that state"


def test_unknown_event_is_kept_as_text(customer: Customer, client: slipway.Client) -> None:
    answer = client.receive_webhook(encoded(event(customer, event="build.exploded", status="Exploded", uploadId=None, fileUrl=None)))
    assert (answer.event, answer.state, answer.service_state, answer.upload_id) == ("build.exploded", "unknown", "Exploded", None)


def test_all_types_of_bytes(customer: Customer, client: slipway.Client) -> None:
    body = encoded(event(customer))
    for form in (body, bytearray(body), memoryview(body)):
        assert client.receive_webhook(form).event == "build.approved"
    with pytest.raises(TypeError, match="body"):
        client.receive_webhook(body.decode())  # type: ignore[call-overload]


# confirm


def test_confirmed(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    build = customer.add_build("Approved")
    answer = client.receive_webhook(encoded(event(customer, uploadId=build)), confirm=True)
    assert (answer.confirmed, answer.confirmed_state) == (True, "approved")


@pytest.mark.parametrize("status", ["Reject", "Extracting & Scanning", "Something new"])
def test_not_confirmed(customer: Customer, client: slipway.Client, status: str) -> None:
    build = customer.add_build(status)
    answer = client.receive_webhook(encoded(event(customer, uploadId=build)), confirm=True)
    assert answer.confirmed is False
    assert answer.confirmed_state == {"Reject": "rejected", "Extracting & Scanning": "extracting", "Something new": "unknown"}[status]


def test_not_confirmed_by_a_build_that_is_not_there(customer: Customer, client: slipway.Client) -> None:
    answer = client.receive_webhook(encoded(event(customer)), confirm=True)
    assert (answer.confirmed, answer.confirmed_state) == (False, None)


def test_event_of_somebody_elses_project(customer: Customer, new_customer: Any, client: slipway.Client) -> None:
    stranger = new_customer()
    forged = encoded(event(stranger, uploadId=stranger.add_build("Approved")))
    try:
        assert client.receive_webhook(forged, confirm=True).confirmed is False
    except slipway.SlipwayError as error:
        assert isinstance(error, (slipway.ForbiddenError, slipway.NotFoundError))


def test_service_that_cannot_be_asked(customer: Customer, emulator: Emulator) -> None:
    build = customer.add_build("Approved")
    emulator.fault("status", path="/pixelStripeApi/*", count=0, status=500, body="")
    with pytest.raises(slipway.ServerError):
        customer.client(max_attempts=1).receive_webhook(encoded(event(customer, uploadId=build)), confirm=True)


@pytest.mark.parametrize("bad", ["../../admin", "a/b", "?apikey=x", "x" * 5000, "ü", "a\u0000b", ".."])
def test_ids_that_are_tricks(customer: Customer, client: slipway.Client, emulator: Emulator, bad: str) -> None:
    for members in ({"projectId": bad}, {"uploadId": bad}):
        try:
            assert client.receive_webhook(encoded(event(customer, **members)), confirm=True).confirmed is not True
        except slipway.SlipwayError as error:
            assert type(error) is slipway.ProtocolError, repr(error)
    paths = {entry["path"] for entry in emulator.journal()}
    assert paths <= {f"/pixelStripeApi/projects/{customer.project_id}"}


# What is no event


@pytest.mark.parametrize("document", [
    None, True, 7, "build.approved", [], {}, {"event": None}, {"event": 7}, {"event": []}, {"projectId": "p"},
    [{"event": "build.approved"}], {"event": ""}, {"event": {"event": "build.approved"}},
])
def test_documents_that_are_no_events(client: slipway.Client, document: object) -> None:
    with pytest.raises(slipway.ProtocolError) as caught:
        client.receive_webhook(encoded(document), confirm=True)
    assert caught.value.message and caught.value.hint
    assert not caught.value.retriable


@pytest.mark.parametrize("body", [
    b"\0", b"{", b"\xff\xfe{\0}\0", b"{}" * 3, b"<html></html>", b"event=build.approved", b'{"event":"build.approved"', b"[" * 60_000,
    b'{"event":"\xff\xff"}', b'{"event":"\\ud800"}', b'{"event":1e999}', b'{"a":' * 10_000, b" " * 65_536,
])
def test_bodies_that_are_no_documents(client: slipway.Client, body: bytes) -> None:
    with pytest.raises(slipway.ProtocolError):
        client.receive_webhook(body)


def test_sizes(customer: Customer, client: slipway.Client) -> None:
    document = encoded(event(customer))
    assert client.receive_webhook(document + b" " * (65_536 - len(document))).event == "build.approved"
    for body in (b"", document + b" " * (65_537 - len(document)), bytes(10 << 20)):
        with pytest.raises(slipway.SlipwayError) as caught:
            client.receive_webhook(body)
        assert isinstance(caught.value, (slipway.InvalidArgumentError, slipway.ProtocolError))


@pytest.mark.parametrize("member", ["projectId", "uploadId", "fileUrl", "status", "objection", "timestamp"])
@pytest.mark.parametrize(
    "value", [None, True, -1, 2**70, 1.5, "", "\u0000", "x" * 30_000, [], {}, [[]], {"a": {}}], ids=lambda value: repr(value)[:12])
def test_wrong_types(customer: Customer, client: slipway.Client, member: str, value: object) -> None:
    try:
        answer = client.receive_webhook(encoded(event(customer, **{member: value})))
    except slipway.SlipwayError as error:
        assert type(error) is slipway.ProtocolError, repr(error)
    else:
        assert answer.event == "build.approved" and answer.confirmed is None


def test_random_bytes(customer: Customer, client: slipway.Client) -> None:
    """Bytes from nowhere, and events with a few of their bytes changed, cut out or doubled. The seed is fixed: a failure comes again."""
    chance = random.Random(20250601)
    original = encoded(event(customer))
    operations = []
    for number in range(3000):
        if number % 3 == 0:
            body = chance.randbytes(chance.randrange(1, 300))
        else:
            changed = bytearray(original)
            for _ in range(chance.randrange(1, 8)):
                place = chance.randrange(len(changed))
                kind = chance.randrange(4)
                if kind == 0:
                    changed[place] = chance.randrange(256)
                elif kind == 1:
                    del changed[place : place + chance.randrange(1, 20)]
                elif kind == 2:
                    changed[place:place] = changed[place : place + chance.randrange(1, 20)]
                else:
                    changed[place:place] = chance.choice([b'"', b"\\u0000", b"{", b"]", b"\\", b"\xc3", b"1e9999", b",,", b"null"])
                if not changed:
                    changed = bytearray(b"x")
            body = bytes(changed)
        operations.append((body, client.receive_webhook(body, wait=False)))
    understood = 0
    for body, operation in operations:
        error = operation.exception(20)
        if error is None:
            understood += 1
            assert operation.result().event
        else:
            assert type(error) is slipway.ProtocolError, (body, error)
    assert 0 < understood < len(operations)


def test_flood_does_not_lead_to_a_flood(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    """Events without confirm, however many, ask the service for nothing but the waits that they wake."""
    build = customer.add_build("Downloading Files")
    waiting = client.wait_for_build(project_id=customer.project_id, upload_id=build, interval=60, wait=False)
    wait_until(lambda: len(emulator.journal()) == 1, what="the first question")
    operations = [client.receive_webhook(encoded(event(customer, uploadId=f"{number:024x}")), wait=False) for number in range(500)]
    for operation in operations:
        operation.result(10)
    assert len(emulator.journal()) == 1
    assert not waiting.done()
