"""A webhook's sender is anybody: with confirm nothing counts but what the service itself says. What is no event: test_webhook.py."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest

import slipway
from conftest import Customer
from emulator import Emulator, wait_until

EVENT = {"event": "build.approved", "fileUrl": None, "objection": None, "timestamp": "2026-01-01T00:00:00Z"}


def body(customer: Customer, upload_id: str, **members: Any) -> bytes:
    return json.dumps({**EVENT, "projectId": customer.project_id, "uploadId": upload_id, "status": "Approved", **members}).encode()


@pytest.mark.parametrize("state", ["Downloading Files", "Extracting & Scanning", "Reject"])
def test_a_forged_approval(customer: Customer, client: slipway.Client, state: str) -> None:
    """However often it comes, and whatever else it has in it."""
    build = customer.add_build(state)
    claims: List[Dict[str, Any]] = [
        {}, {"confirmed": True, "confirmedState": "approved"}, {"live": True, "state": "approved"}, {"raw": {"confirmed": True}},
    ]  # fmt: skip
    for members in claims:
        for _ in range(3):
            event = client.receive_webhook(body(customer, build, **members), confirm=True)
            assert event.confirmed is False and event.confirmed_state != "approved"
    assert customer.live() != build


def test_members_that_come_twice(customer: Customer, new_customer: Any, client: slipway.Client, emulator: Emulator) -> None:
    """Which of them counts may differ from parser to parser: what is confirmed is what is told."""
    approved, waiting, stranger = customer.add_build("Approved"), customer.add_build("Downloading Files"), new_customer()
    for first, second in ((approved, waiting), (waiting, approved)):
        text = body(customer, first).decode()
        for twice in (f'"uploadId": "{second}"', f'"\\u0075ploadId": "{second}"', f'"projectId": "{stranger.project_id}"',
                      '"event": "build.saving"', '"status": "Reject"', '"status": "Approved"'):  # fmt: skip
            try:
                event = client.receive_webhook(f"{text[:-1]}, {twice}}}".encode(), confirm=True)
            except slipway.SlipwayError as error:
                assert isinstance(error, (slipway.ProtocolError, slipway.ForbiddenError, slipway.NotFoundError)), error
                continue
            states: Dict[Any, Any] = {approved: "approved", waiting: "downloading"}
            assert event.project_id == customer.project_id and event.confirmed == (states[event.upload_id] == event.state), twice
    asked = {entry["path"] for entry in emulator.journal(method="GET")}
    assert asked <= {f"/pixelStripeApi/projects/{one.project_id}" for one in (customer, stranger)}


def test_a_wait_believes_the_service_only(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    """A forged event makes it ask, and no more."""
    build = customer.add_build("Downloading Files")
    waiting = client.wait_for_build(project_id=customer.project_id, upload_id=build, interval=60, wait=False)
    wait_until(lambda: len(emulator.journal()) >= 1, what="the first question")
    client.receive_webhook(body(customer, build))
    client.receive_webhook(body(customer, build, status="Reject", event="build.rejected", objection="no"))
    wait_until(lambda: len(emulator.journal()) > 1, what="another question")
    assert not waiting.done()
    emulator.set_build(build, status="Approved")
    client.receive_webhook(body(customer, build))
    assert waiting.result(10).state == "approved"


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "https://example.invalid/a.zip?token=x"])
def test_links_of_an_event_are_not_read(customer: Customer, client: slipway.Client, emulator: Emulator, url: str) -> None:
    build = customer.add_build("Approved")
    event = client.receive_webhook(body(customer, build, fileUrl=url), confirm=True, deadline=5)
    assert event.confirmed is True and "token" not in str(event.file_url)
    assert {entry["path"] for entry in emulator.journal()} == {f"/pixelStripeApi/projects/{customer.project_id}"}
