"""Secrets are never told: not in a log line at debug level, nor in a message, a hint, a result or an exception.

Here they are provoked. The search through all that the whole suite wrote down is in conftest.py.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import pickle
from typing import Any, Callable

import pytest

import slipway
from conftest import Customer
from emulator import Emulator, WebhookReceiver
from recorder import Recorder, Secrets

NewCustomer = Callable[..., Customer]


Told = Callable[[], "list[str]"]


@pytest.fixture
def told(recorder: Recorder, secrets: Secrets) -> Told:
    """Gives the places where a secret was told since the test began."""
    start = len(recorder.text().encode("utf-8"))

    def find() -> "list[str]":
        recorder.text()  # writes out what is still on its way
        return secrets.find([recorder.path], start)

    return find


def test_the_search_finds(secrets: Secrets, tmp_path: pathlib.Path) -> None:
    """Plain, encoded, half: in its own set, so that it does not find itself in the record."""
    own = Secrets()
    own.add('planted/"secret"+0123456789 ü')
    for number, text in enumerate((
        'line 1\nx planted/"secret"+0123456789 ü x\n', "planted%2F%22secret%22%2B0123456789%20%C3%BC",
        "planted%2F%22secret%22%2B0123456789+%C3%BC",
        '{"a":"planted/\\"secret\\"+0123456789 \\u00fc"}', '{"a":"planted/\\"secret\\"+0123456789 ü"}', 'cut off: planted/"sec',
    )):
        path = tmp_path / f"{number}.txt"
        path.write_text(text, encoding="utf-8")
        hits = own.find([path])
        assert hits, text
        assert not any("planted/" in hit for hit in hits), "a report of a leak is no leak"
    path.write_text("nothing of the kind: planted")
    assert own.find([path]) == []


def test_the_record_holds_what_is_searched(customer: Customer, client: slipway.Client, recorder: Recorder) -> None:
    client.project(customer.project_id, on_progress=lambda progress: None)
    with pytest.raises(slipway.NotFoundError):
        client.project("0123456789abcdef01234567")
    text = recorder.text()
    assert f"/projects/{customer.project_id}" in text and "log DEBUG: " in text and "log INFO: " in text
    assert "result: 0 | " in text and "result: -12 | " in text
    assert "exception: " in text and "Project not found" in text


AWKWARD = [
    "quote\"and\\backslash/slash-0123456789", "ünïcödé-kéy-€-0123456789", "percent%41%2B+plus&amp=0123456789",
    " spaces and\ttabs 0123456789",
]


@pytest.mark.parametrize("key", AWKWARD)
def test_keys_that_are_written_differently_when_they_are_encoded(
    new_customer: NewCustomer, told: Told, emulator: Emulator, key: str
) -> None:
    customer = new_customer(api_key=key)
    client = customer.client()
    assert client.project(customer.project_id).id == customer.project_id
    client.upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
    (post,) = customer.posts("upload-file")
    assert json.loads(post["body"])["apiKey"] == key, "it was sent as it is"
    assert told() == []


@pytest.mark.parametrize("status", [200, 400, 401, 500])
@pytest.mark.parametrize("form", ["message", "member", "page", "url", "deep"])
def test_service_that_repeats_the_key(
    customer: Customer, told: Told, emulator: Emulator, status: int, form: str
) -> None:
    key = customer.api_key
    document = {
        "message": {"message": f"No: {key} is not good"},
        "member": {"message": "No", "apiKey": key, "id": key, "request": {"apikey": key}},
        "page": f"<html>{key}</html>",
        "url": {"message": f"GET https://api.example.com/x?userId=1&apikey={key} failed"},
        "deep": {
            "message": "No", "id": customer.project_id,
            "files": [{"_id": "1", "url": f"https://x.example.com/a.zip?k={key}", "objection": key}],
        },
    }[form]
    body = document if isinstance(document, str) else json.dumps(document)
    emulator.fault("status", path="/pixelStripeApi/*", count=0, status=status, body=body)
    client = customer.client(max_attempts=1)
    for call in (client.project, client.project_stats, client.test_webhook):
        try:
            answer: Any = call(customer.project_id)
            assert key not in repr(answer) and key not in json.dumps(answer.raw)
        except slipway.SlipwayError as error:
            assert key not in str(error) and key not in error.hint
    assert told() == []


@pytest.mark.parametrize("before", range(2028, 2060, 4))
def test_key_where_a_long_text_is_cut(customer: Customer, told: Told, emulator: Emulator, before: int) -> None:
    """Half of a secret is one."""
    for filling, status in (("x" * before, 200), ("x" * (before % 100 + 470), 403)):
        body = json.dumps({"message": filling + customer.api_key + "y" * 5000})
        emulator.fault("status", path="/pixelStripeApi/*", status=status, body=body)
        with pytest.raises(slipway.SlipwayError):
            customer.client(max_attempts=1).project(customer.project_id)
    assert told() == []


def test_signed_links(customer: Customer, client: slipway.Client, told: Told, secrets: Secrets, emulator: Emulator) -> None:
    signature = secrets.add("signature-of-a-link-0123456789abcdef")
    url = f"{emulator.file_url('MyGame.zip')}?{signature}"
    upload = client.upload(project_id=customer.project_id, file_url=url, auto_release=False)
    assert customer.builds()[0]["fileUrl"] == url, "the service got all of it"
    verdict = client.wait_for_build(project_id=customer.project_id, upload_id=upload.upload_id, interval=0.01)
    project = client.project(customer.project_id)
    for value in (upload, upload.raw, verdict, verdict.raw, project, project.raw):
        assert signature not in repr(value)
    body = json.dumps({"event": "build.approved", "projectId": customer.project_id, "uploadId": upload.upload_id, "fileUrl": url,
                       "status": "Approved", "objection": None, "timestamp": "2025-01-01T00:00:00Z"}).encode()
    event = client.receive_webhook(body, confirm=True)
    assert signature not in repr(event) and signature not in repr(event.raw)
    with pytest.raises(slipway.FileError):
        client.upload(project_id=customer.project_id, file_url=f"{emulator.file_url('page.zip')}?{signature}")
    with pytest.raises(slipway.NetworkError):
        client.upload(project_id=customer.project_id, file_url=f"http://127.0.0.1:9/a.zip?{signature}")
    emulator.settings(fileUrlRule="clean")
    with pytest.raises(slipway.SlipwayError):
        client.upload(project_id=customer.project_id, file_url=url)
    assert told() == []


def test_links_that_are_refused(customer: Customer, client: slipway.Client, told: Told, secrets: Secrets) -> None:
    password = secrets.add("password-of-a-link-0123456789")
    for url in (f"http://user:{password}@127.0.0.1/a.zip", f"http://127.0.0.1/a.rar?{password}", f"ftp://127.0.0.1/a.zip?{password}",
                f"http://127.0.0.1:99999/a.zip?{password}", f"http://[::1/a.zip?{password}", f"nonsense?{password}"):
        with pytest.raises(slipway.InvalidArgumentError):
            client.upload(project_id=customer.project_id, file_url=url)
    assert told() == []


def test_webhook_urls(customer: Customer, client: slipway.Client, told: Told, secrets: Secrets, emulator: Emulator) -> None:
    token = secrets.add("webhook-token-0123456789abcdef")
    with WebhookReceiver() as receiver:
        emulator.set_project(customer.project_id, webhookUrl=f"{receiver.url}?token={token}")
        project = client.project(customer.project_id)
        assert project.webhook_url is not None and token not in repr(project) and token not in repr(project.raw)
        assert client.test_webhook(customer.project_id).delivered
    assert told() == []


def test_proxy_password(customer: Customer, told: Told, secrets: Secrets) -> None:
    password = secrets.add("proxy-password-0123456789")
    client = customer.client(proxy=f"http://user:{password}@127.0.0.1:9", max_attempts=2)
    with pytest.raises(slipway.NetworkError):
        client.project(customer.project_id)
    with contextlib.suppress(slipway.SlipwayError):
        with slipway.Client(proxy=f"http://user:{password}@[:9", streampixel=customer.streampixel(), max_attempts=1) as malformed:
            malformed.project(customer.project_id)
    with pytest.raises(slipway.SlipwayError):
        slipway.Client(streampixel=slipway.Streampixel(base_url=f"https://user:{password}@streampixel.example.com"))
    assert told() == []


def test_redirects(customer: Customer, told: Told, secrets: Secrets, emulator: Emulator) -> None:
    ticket = secrets.add("redirect-ticket-0123456789")
    base = "/pixelStripeApi/projects/x"
    for location in (f"http://localhost:9/x?ticket={ticket}", f"{base}?ticket={ticket}", f"http://u:{ticket}@127.0.0.1/"):
        emulator.fault("redirect", path="/pixelStripeApi/*", location=location, status=307)
        with pytest.raises(slipway.SlipwayError):
            customer.client(max_attempts=1).project(customer.project_id)
    assert told() == []


def test_repr_and_pickle(customer: Customer) -> None:
    settings = customer.streampixel()
    client = customer.client(settings)
    operation = client.projects(wait=False)
    for value in (settings, client, operation, client.projects()):
        assert customer.api_key not in repr(value) and customer.api_key not in str(value)
    with pytest.raises(slipway.NotFoundError) as caught:
        client.project("0123456789abcdef01234567")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), copy.hint, copy.http_status) == (slipway.NotFoundError, str(caught.value), caught.value.hint, 404)
    with pytest.raises(ValueError) as bad:
        slipway.Client(streampixel=slipway.Streampixel(api_key=customer.api_key + "\ud800"))
    assert customer.api_key not in str(bad.value) and bad.value.__suppress_context__
