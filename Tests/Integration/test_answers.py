"""Answers that are not what the service documents: a clear error, bounded memory, no crash."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict, Tuple, Type

import pytest

import slipway
from conftest import Customer
from emulator import Emulator, WebhookReceiver, wait_until

BROKEN: Dict[str, Tuple[str, Dict[str, Any], Tuple[Type[slipway.SlipwayError], ...], str]] = {
    "html": ("html", {}, (slipway.ProtocolError,), "HTML"),
    "html with 502": ("html", {"status": 502}, (slipway.ServerError,), "502"),
    "html with 403": ("html", {"status": 403}, (slipway.ForbiddenError,), "403"),
    "empty": ("empty", {}, (slipway.ProtocolError,), "empty"),
    "no content": ("empty", {"status": 204}, (slipway.ProtocolError,), "204"),
    "broken JSON": ("broken-json", {}, (slipway.ProtocolError,), "JSON"),
    "another document": ("status", {"status": 200, "body": '{"hello":"world"}'}, (slipway.ProtocolError,), "answer"),
    "a number": ("status", {"status": 200, "body": "42"}, (slipway.ProtocolError,), "JSON"),
    "wrong types": (
        "status",
        {"status": 200, "body": '{"id":[],"projects":{},"uploadId":7,"message":{},"success":"x","liveUser":"y","queueUser":-1e400}'},
        (slipway.ProtocolError,), "answer"),
    "deep nesting": ("status", {"status": 200, "body": "[" * 200_000}, (slipway.ProtocolError,), "JSON"),
    "lone surrogate": ("status", {"status": 200, "body": '{"id":"\\ud800"}'}, (slipway.ProtocolError,), "JSON"),
    "64 MB": ("oversized", {"bytes": 64 << 20}, (slipway.ProtocolError,), "larger"),
    "endless": ("oversized", {"endless": True}, (slipway.ProtocolError,), "larger"),
    "closed": ("close", {}, (slipway.NetworkError,), "closed"),
    "cut": ("truncate", {}, (slipway.NetworkError,), "broke"),
    "too long a length": ("length", {"by": 1000}, (slipway.NetworkError,), "broke"),
    "too short a length": ("length", {"by": -10}, (slipway.ProtocolError,), "JSON"),
    "redirect to nowhere": ("redirect", {"location": "gopher://127.0.0.1/"}, (slipway.ProtocolError,), "redirect"),
    "redirect in a circle": (
        "redirect", {"location": "/pixelStripeApi/projects/again", "status": 307}, (slipway.ProtocolError,), "redirect"),
}

BUILD = "0123456789abcdef01234567"
CALLS: Dict[str, Callable[[slipway.Client, Customer], object]] = {
    "project": lambda client, customer: client.project(customer.project_id),
    "project_stats": lambda client, customer: client.project_stats(customer.project_id),
    "projects": lambda client, customer: client.projects(),
    "test_webhook": lambda client, customer: client.test_webhook(customer.project_id),
    "distribute": lambda client, customer: client.distribute(project_id=customer.project_id, upload_id=BUILD),
}

# Any 2xx document says that a distribution is triggered.
CASES = [(name, call) for name in BROKEN for call in CALLS if call != "distribute" or name not in ("another document", "wrong types")]


@pytest.mark.parametrize(("name", "call"), CASES)
def test_broken_answer(customer: Customer, emulator: Emulator, name: str, call: str) -> None:
    action, members, errors, word = BROKEN[name]
    # So that the true answer is a good one, whatever is asked.
    customer.add_build(uploadId=BUILD)
    emulator.set_project(customer.project_id, webhookUrl="http://127.0.0.1:9/nobody")
    emulator.fault(action, path="/pixelStripeApi/*", count=0, **members)
    with pytest.raises(slipway.SlipwayError) as caught:
        CALLS[call](customer.client(max_attempts=2), customer)
    error = caught.value
    assert isinstance(error, errors), repr(error)
    assert word.lower() in error.message.lower(), error.message
    assert error.hint
    assert "\n" not in error.message and len(error.message) < 1000

    emulator.clear_faults()
    assert customer.client().project(customer.project_id), "the next one is as good as ever"


def test_client_survives_all_of_it(customer: Customer, emulator: Emulator) -> None:
    """On one client, all at once."""
    client = customer.client(max_attempts=1)
    for action, members, _, _ in BROKEN.values():
        if not members.get("endless"):
            emulator.fault(action, path="/pixelStripeApi/*", count=4, **members)
    operations = [client.project(customer.project_id, wait=False) for _ in range(4 * len(BROKEN))]
    failures = [operation.exception() for operation in operations]
    assert all(failure is None or isinstance(failure, slipway.SlipwayError) for failure in failures)
    assert sum(failure is not None for failure in failures) >= 4 * (len(BROKEN) - 1) - 4  # a redirect in a circle uses up several
    emulator.clear_faults()
    assert client.project(customer.project_id).id == customer.project_id


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_on_the_same_server_is_followed(customer: Customer, emulator: Emulator, status: int) -> None:
    location = f"/pixelStripeApi/projects/{customer.project_id}?userId={customer.user_id}&apikey={customer.api_key}"
    emulator.fault("redirect", path=f"/pixelStripeApi/projects/{customer.project_id}", location=location, status=status)
    assert customer.client().project(customer.project_id).id == customer.project_id
    assert [entry["status"] for entry in emulator.journal(path="/pixelStripeApi/*")] == [status, 200]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("call", CALLS)
def test_key_goes_to_no_other_server(customer: Customer, emulator: Emulator, host: str, call: str) -> None:
    """Another name, or another port: another server."""
    with WebhookReceiver() as stranger:
        emulator.fault("redirect", path="/pixelStripeApi/*", count=0, location=stranger.url.replace("127.0.0.1", host), status=307)
        with pytest.raises(slipway.ProtocolError, match="redirect"):
            CALLS[call](customer.client(max_attempts=1), customer)
        assert stranger.bodies == []


def test_unfinished_answers_are_asked_for_again(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("close", path="/pixelStripeApi/*")
    emulator.fault("truncate", path="/pixelStripeApi/*")
    emulator.fault("length", path="/pixelStripeApi/*", by=100)
    client = customer.client(max_attempts=4)
    assert client.project(customer.project_id).id == customer.project_id
    assert len(emulator.journal()) == 4


def test_slow_answer_that_keeps_coming_is_waited_for(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("drip", path="/pixelStripeApi/*", bytes=100, intervalMs=20)
    assert customer.client(idle_timeout=1.0).project(customer.project_id).id == customer.project_id


def test_answer_that_stalls_is_given_up(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("drip", path="/pixelStripeApi/*", count=0, bytes=1, intervalMs=60_000)
    start = time.monotonic()
    with pytest.raises(slipway.NetworkError, match="no byte"):
        customer.client(idle_timeout=1.0, max_attempts=1).project(customer.project_id)
    assert 0.9 < time.monotonic() - start < 8


@pytest.mark.parametrize("name", ["html", "empty", "broken JSON", "another document", "64 MB", "endless", "wrong types"])
def test_upload_that_got_a_broken_answer(customer: Customer, emulator: Emulator, name: str) -> None:
    """The service has registered the build; what came back is rubbish. Whatever is told, there is one build."""
    action, members, _, _ = BROKEN[name]
    emulator.fault(action, path="/pixelStripeApi/projects/upload-file", count=0, after="processing", **members)
    client = customer.client()
    try:
        upload = client.upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
    except slipway.ProtocolError as error:
        assert error.hint
    else:
        assert upload.upload_id == customer.builds()[0]["uploadId"] and upload.recovered
    assert len(customer.builds()) == 1
    assert len(customer.posts("upload-file")) == 1


MEMORY = """
client = make_client(max_attempts=1, deadline=30)
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
client.project(PROJECT)
before = peak()
for _ in range(2):
    operations = [client.projects(wait=False) for _ in range(4)]
    kinds = {type(operation.exception()).__name__ for operation in operations}
print(kinds, peak() - before)
"""


@pytest.mark.parametrize("members", [{"bytes": 64 << 20}, {"endless": True}])
def test_memory_is_bounded(customer: Customer, emulator: Emulator, run_script: Callable[..., Any], members: Dict[str, Any]) -> None:
    emulator.fault("oversized", path="/pixelStripeApi/projects/projects-status", count=0, **members)
    done = run_script(MEMORY)
    assert done.returncode == 0, done.stderr
    kinds, kilobytes = done.stdout.strip().rsplit(" ", 1)
    assert kinds == "{'ProtocolError'}"
    # Four at once, 8 MB each at the most while they are read, and what growing an array costs.
    assert int(kilobytes) < 80_000
    # The emulator was not read to the end.
    wait_until(lambda: not any(entry["status"] is None for entry in emulator.journal()), what="the end of all answers")


def test_many_projects_and_builds(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    """A long history is no broken answer."""
    body = json.dumps({"id": customer.project_id, "files": [{"_id": f"{number:024x}", "status": "Approved"} for number in range(10_000)]})
    emulator.fault("status", path="/pixelStripeApi/*", status=200, body=body)
    project = client.project(customer.project_id)
    assert len(project.builds) == 10_000 and project.builds[-1].upload_id == f"{9_999:024x}"
