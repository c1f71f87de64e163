"""Faults: what each one does on the wire, and whether the request had its effect."""

from __future__ import annotations

import http.client
import json
import socket
import time
import urllib.parse
from typing import Any

import pytest

from emulator import Answer, request, wait_until
from emulator_fixtures import Served, emulator, process

UPLOAD = "/pixelStripeApi/projects/upload-file"
LIST = "/pixelStripeApi/projects/projects-status"
FILE = "http://127.0.0.1:9/never.zip"
NO_ANSWER = (http.client.RemoteDisconnected, ConnectionResetError)


def upload(emulator: Served) -> Answer:
    document = {
        "apiKey": emulator.api_key, "userId": emulator.user_id, "projectId": emulator.project_id, "fileUrl": FILE,
    }  # fmt: skip
    return request("POST", emulator.base_url + "/projects/upload-file", json.dumps(document), {"Content-Type": "application/json"})


def listing(emulator: Served) -> Answer:
    members = urllib.parse.urlencode({"userId": emulator.user_id, "apikey": emulator.api_key})
    return request("GET", f"{emulator.base_url}/projects/projects-status?{members}")


def raw(emulator: Served, path: str = LIST, timeout: float = 5) -> bytes:
    """All bytes that come for a request, until the connection is closed."""
    address = urllib.parse.urlsplit(emulator.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=timeout) as connection:
        members = urllib.parse.urlencode({"userId": emulator.user_id, "apikey": emulator.api_key})
        connection.sendall(f"GET {path}?{members} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while some := connection.recv(65536):
            received += some
        return received


def head_and_body(data: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}, body


# Before and after the effect


def test_an_answer_that_is_lost_after_the_effect(emulator: Served) -> None:
    emulator.fault("close", path=UPLOAD, after="processing")
    with pytest.raises(NO_ANSWER):
        upload(emulator)
    assert [build["fileUrl"] for build in emulator.builds()] == [FILE], "it was registered"
    assert [entry["status"] for entry in emulator.journal()] == [None]
    assert upload(emulator).status == 200 and len(emulator.builds()) == 2


def test_a_request_that_is_lost(emulator: Served) -> None:
    emulator.fault("close", path=UPLOAD, after="arrival")
    with pytest.raises(NO_ANSWER):
        upload(emulator)
    assert emulator.builds() == []
    assert upload(emulator).status == 200 and len(emulator.builds()) == 1


@pytest.mark.parametrize("after, builds", [(None, 0), ("arrival", 0), ("processing", 1)])
@pytest.mark.parametrize("action", ["status", "html", "broken-json", "redirect", "oversized", "empty", "close"])
def test_what_takes_the_answers_place_can_come_before_or_after(
    emulator: Served, action: str, after: str | None, builds: int
) -> None:
    members: dict[str, Any] = {
        "status": {"status": 503}, "redirect": {"location": "/elsewhere"}, "oversized": {"bytes": 100},
    }.get(action, {})  # fmt: skip
    if after:
        members["after"] = after
    emulator.fault(action, path=UPLOAD, **members)
    try:
        upload(emulator)
    except NO_ANSWER:
        assert action == "close"
    assert len(emulator.builds()) == builds


# Each action


def test_status(emulator: Served) -> None:
    emulator.fault("status", path=UPLOAD, status=503, headers={"Retry-After": "7", "X-Thing": "a b"}, body='{"message":"Busy"}')
    answer = upload(emulator)
    assert (answer.status, answer.json) == (503, {"message": "Busy"})
    assert answer.headers["retry-after"] == "7" and answer.headers["x-thing"] == "a b"
    assert answer.headers["content-type"] == "application/json"
    emulator.fault("status", status=502, headers={"Content-Type": "text/html"}, body="<html>")
    answer = upload(emulator)
    assert (answer.status, answer.headers["content-type"], answer.body) == (502, "text/html", b"<html>")


def test_html_broken_and_empty(emulator: Served) -> None:
    emulator.fault("html")
    answer = listing(emulator)
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html") and b"<html>" in answer.body
    emulator.fault("html", status=502)
    assert listing(emulator).status == 502
    emulator.fault("broken-json", status=500)
    answer = listing(emulator)
    assert answer.status == 500 and answer.headers["content-type"] == "application/json"
    with pytest.raises(json.JSONDecodeError):
        answer.json
    emulator.fault("empty", status=201)
    answer = listing(emulator)
    assert (answer.status, answer.body) == (201, b"")


@pytest.mark.parametrize("location", ["/files/other", "https://elsewhere.example.com/x?y=1"])
def test_redirect(emulator: Served, location: str) -> None:
    emulator.fault("redirect", location=location)
    answer = listing(emulator)
    assert (answer.status, answer.headers["location"], answer.body) == (302, location, b"")
    emulator.fault("redirect", location=location, status=308)
    assert listing(emulator).status == 308


def test_delay(emulator: Served) -> None:
    emulator.fault("delay", path=UPLOAD, delayMs=400)
    start = time.monotonic()
    assert upload(emulator).status == 200
    assert time.monotonic() - start >= 0.4
    start = time.monotonic()
    assert upload(emulator).status == 200
    assert time.monotonic() - start < 0.4, "one request only"


def test_a_delay_before_or_after_the_effect(emulator: Served) -> None:
    address = urllib.parse.urlsplit(emulator.base_url)
    for after, builds in (("arrival", 0), ("processing", 1)):
        emulator.reset()
        emulator.fault("delay", path=UPLOAD, delayMs=60_000, after=after)
        connection = http.client.HTTPConnection(address.hostname or "", address.port)
        document = {"apiKey": emulator.api_key, "userId": emulator.user_id, "projectId": emulator.project_id, "fileUrl": FILE}
        connection.request("POST", UPLOAD, json.dumps(document), {"Content-Type": "application/json"})
        wait_until(lambda: emulator.journal(path=UPLOAD))
        if builds:
            wait_until(emulator.builds)
        assert len(emulator.builds()) == builds
        connection.close()


def test_a_delay_with_another_action(emulator: Served) -> None:
    emulator.fault("status", status=500, delayMs=100)
    start = time.monotonic()
    assert listing(emulator).status == 500
    assert time.monotonic() - start >= 0.1


def test_truncate(emulator: Served) -> None:
    whole = listing(emulator).body
    for count, members in ((len(whole) // 2, {}), (5, {"bytes": 5}), (0, {"bytes": 0})):
        emulator.fault("truncate", **members)
        headers, body = head_and_body(raw(emulator))
        assert headers["content-length"] == str(len(whole)) and body == whole[:count]
    emulator.fault("truncate", bytes=5)
    with pytest.raises(http.client.IncompleteRead):
        listing(emulator)


def test_wrong_length(emulator: Served) -> None:
    whole = listing(emulator).body
    emulator.fault("length", by=100)
    headers, body = head_and_body(raw(emulator))
    assert headers["content-length"] == str(len(whole) + 100) and body == whole
    emulator.fault("length", by=-7)
    headers, body = head_and_body(raw(emulator))
    assert headers["content-length"] == str(len(whole) - 7) and body == whole
    emulator.fault("length", by=-7)
    assert listing(emulator).body == whole[:-7]


def test_drip(emulator: Served) -> None:
    whole = listing(emulator).body
    emulator.fault("drip", bytes=len(whole) // 4 + 1, intervalMs=50)
    start = time.monotonic()
    assert listing(emulator).body == whole
    assert time.monotonic() - start >= 0.15, "four pieces, three waits"


def test_oversized(emulator: Served) -> None:
    for size in (1, 12, 13, 14, 1000, 3 << 20):
        emulator.fault("oversized", bytes=size)
        answer = listing(emulator)
        assert answer.status == 200 and len(answer.body) == size and answer.headers["content-length"] == str(size)
        if size >= 14:
            assert answer.json == {"padding": "x" * (size - 14)}


def test_endless(emulator: Served) -> None:
    emulator.fault("oversized", endless=True)
    address = urllib.parse.urlsplit(emulator.base_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    connection.request("GET", LIST)
    response = connection.getresponse()
    assert response.headers["transfer-encoding"] == "chunked"
    start = response.read(8 << 20)
    assert len(start) == 8 << 20 and start.startswith(b'{"padding":"xxx')
    connection.close()
    assert listing(emulator).status == 200


# Which requests


def test_skip_and_count(emulator: Served) -> None:
    fault = emulator.fault("status", status=500, skip=2, count=2)
    assert [listing(emulator).status for _ in range(6)] == [200, 200, 500, 500, 200, 200]
    shown = emulator.faults()
    assert [(entry["id"], entry["hits"], entry["isUsedUp"]) for entry in shown] == [(fault, 2, True)]
    assert shown[0]["fault"]["action"] == "status" and shown[0]["fault"]["skip"] == 2


def test_count_zero_is_for_ever_until_removed(emulator: Served) -> None:
    first = emulator.fault("status", status=500, count=0)
    emulator.fault("status", status=501, count=0)
    assert [listing(emulator).status for _ in range(5)] == [500] * 5
    emulator.admin("DELETE", f"faults/{first}")
    assert listing(emulator).status == 501
    emulator.clear_faults()
    assert emulator.faults() == [] and listing(emulator).status == 200


def test_matching(emulator: Served) -> None:
    emulator.fault("status", status=500, path=UPLOAD, count=0)
    emulator.fault("status", status=501, method="get", path="/pixelStripeApi/*", count=0)
    emulator.fault("status", status=502, method="PUT", count=0)
    assert (upload(emulator).status, listing(emulator).status) == (500, 501)
    assert request("GET", emulator.files_url + "/missing").status == 404
    assert request("PUT", emulator.files_url + "/missing").status == 502
    assert request("POST", emulator.base_url + "/projects/upload-files").status == 405


def test_faults_strike_in_their_order(emulator: Served) -> None:
    emulator.fault("status", status=500)
    emulator.fault("status", status=501)
    assert [listing(emulator).status for _ in range(3)] == [500, 501, 200]


def test_the_admin_endpoints_are_spared(emulator: Served) -> None:
    emulator.fault("close", count=0)
    assert emulator.state()["users"] and len(emulator.faults()) == 1
    with pytest.raises(NO_ANSWER):
        listing(emulator)


def test_faults_strike_files_too(emulator: Served) -> None:
    (emulator.folder / "file.bin").write_bytes(bytes(range(256)) * 100)
    emulator.fault("truncate", path="/files/file.bin", bytes=300)
    _, body = head_and_body(raw(emulator, "/files/file.bin"))
    assert body == (bytes(range(256)) * 2)[:300]
    emulator.fault("drip", path="/files/file.bin", bytes=10_000, intervalMs=1)
    assert request("GET", emulator.files_url + "/file.bin").body == bytes(range(256)) * 100


@pytest.mark.parametrize(
    "document, text",
    [
        ({}, "action is missing"),
        ({"action": "explode"}, "action must be one of"),
        ({"action": "status"}, "status is missing"),
        ({"action": "status", "status": 99}, "status must be an integer from 200 to 599"),
        ({"action": "status", "status": "500"}, "status must be an integer"),
        ({"action": "status", "status": 500, "stauts": 1}, "Unknown: stauts"),
        ({"action": "status", "status": 500, "headers": {"A b": "c"}}, "headers: A b is not a possible header"),
        ({"action": "status", "status": 500, "headers": {"A": "c\r\nd"}}, "headers: A is not a possible header"),
        ({"action": "status", "status": 500, "headers": {"Content-Length": "5"}}, "headers: Content-Length is the server's"),
        ({"action": "redirect", "location": "a\r\nb"}, "location is not a possible header"),
        ({"action": "redirect"}, "location is missing"),
        ({"action": "delay"}, "delayMs is missing"),
        ({"action": "length", "by": 0}, "by is missing"),
        ({"action": "oversized"}, "bytes is missing"),
        ({"action": "drip", "bytes": 0}, "bytes must be an integer from 1"),
        ({"action": "close", "after": "lunch"}, "after must be one of arrival, processing"),
        ({"action": "truncate", "after": "arrival"}, "truncate is about the delivery"),
        ({"action": "close", "path": "projects"}, "path must begin with /"),
        ({"action": "close", "count": -1}, "count must be an integer from 0"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_a_fault_that_cannot_be_is_refused(emulator: Served, document: dict[str, Any], text: str) -> None:
    answer = request("POST", emulator.admin_url + "/faults", json.dumps(document))
    assert answer.status == 400 and answer.json["message"].startswith(text), answer.json
    assert emulator.faults() == []
