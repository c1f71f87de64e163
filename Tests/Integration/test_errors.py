"""Every error that the service documents arrives with its status, the service's own words, and a hint that says what to do."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Callable, Dict, Tuple, Type

import pytest

import slipway
from conftest import Customer
from emulator import Emulator

NewCustomer = Callable[[], Customer]


@dataclasses.dataclass
class Scene:
    """Who calls, on which project and build."""

    customer: Customer
    new_customer: NewCustomer
    user_id: str
    api_key: str
    project_id: str
    upload_id: str

    @property
    def emulator(self) -> Emulator:
        return self.customer.emulator


# What has to be the case for the service to say it.


def wrong_key(scene: Scene) -> None:
    scene.api_key = "an-old-key-that-was-replaced"


def rotated_key(scene: Scene) -> None:
    scene.emulator.set_user(scene.user_id, apiKey="the-new-key-that-nobody-told-us")


def wrong_user(scene: Scene) -> None:
    scene.user_id = scene.new_customer().user_id


def wrong_project(scene: Scene) -> None:
    scene.project_id = "0123456789abcdef01234567"


def project_of_another_user(scene: Scene) -> None:
    scene.project_id = scene.new_customer().project_id


def disabled_project(scene: Scene) -> None:
    scene.emulator.set_project(scene.project_id, enabled=False)


def wrong_build(scene: Scene) -> None:
    scene.upload_id = "0123456789abcdef01234567"


def build_of_another_project(scene: Scene) -> None:
    scene.upload_id = scene.new_customer().add_build()


def unfinished_build(scene: Scene) -> None:
    scene.upload_id = scene.customer.add_build("Extracting & Scanning")


def strict_about_links(scene: Scene) -> None:
    scene.emulator.settings(fileUrlRule="clean")


def hit_the_limit(scene: Scene) -> None:
    """Another process of this user was faster."""
    scene.emulator.settings(rateWindowMs=120_000)
    build = scene.customer.add_build()
    scene.emulator.post("distribute-file", apiKey=scene.api_key, userId=scene.user_id, projectId=scene.project_id, uploadId=build)
    scene.emulator.post(
        "upload-file", apiKey=scene.api_key, userId=scene.user_id, projectId=scene.project_id, fileUrl="http://127.0.0.1:9/a.zip")


def says(status: int, message: str, **headers: str) -> Callable[[Scene], None]:
    """For what the stand-in cannot be brought to say, since this library never asks for it."""

    def arrange(scene: Scene) -> None:
        scene.emulator.fault(
            "status", path="/pixelStripeApi/*", count=0, status=status, body=json.dumps({"message": message}),
            headers={"Content-Type": "application/json", **headers})

    return arrange


def upload(client: slipway.Client, scene: Scene) -> object:
    return client.upload(project_id=scene.project_id, file_url=scene.emulator.file_url("MyGame.zip") + "?sign=abc", deadline=5)


def distribute(client: slipway.Client, scene: Scene) -> object:
    return client.distribute(project_id=scene.project_id, upload_id=scene.upload_id, deadline=5)


def projects(client: slipway.Client, scene: Scene) -> object:
    return client.projects()


def project(client: slipway.Client, scene: Scene) -> object:
    return client.project(scene.project_id)


def stats(client: slipway.Client, scene: Scene) -> object:
    return client.project_stats(scene.project_id)


def webhook(client: slipway.Client, scene: Scene) -> object:
    return client.test_webhook(scene.project_id)


def wait(client: slipway.Client, scene: Scene) -> object:
    return client.wait_for_build(project_id=scene.project_id, upload_id=scene.upload_id, interval=0.01, deadline=5)


EVERYTHING = (upload, distribute, projects, project, stats, webhook, wait)
LIMITED = (upload, distribute)
OF_A_PROJECT = (upload, distribute, project, stats, webhook, wait)
CHANGING = (upload, distribute)


@dataclasses.dataclass
class Row:
    arrange: Callable[[Scene], None]
    calls: Tuple[Callable[[slipway.Client, Scene], object], ...]
    error: Type[slipway.SlipwayError]
    http_status: int
    message: str
    hint: Tuple[str, ...]
    """Words of the hint, each of them or one of several with | between."""
    retriable: bool = False


ROWS = [
    Row(wrong_key, EVERYTHING, slipway.UnauthorizedError, 401, "Unauthorized: Invalid API Key", ("key", "dashboard")),
    Row(rotated_key, EVERYTHING, slipway.UnauthorizedError, 401, "Unauthorized: Invalid API Key", ("new", "dashboard")),
    Row(wrong_user, EVERYTHING, slipway.UnauthorizedError, 401, "Invalid User", ("user", "key")),
    Row(wrong_project, OF_A_PROJECT, slipway.NotFoundError, 404, "Project not found", ("project id", "user")),
    Row(project_of_another_user, OF_A_PROJECT, slipway.ForbiddenError, 403, "Access denied", ("own", "disabled")),
    Row(disabled_project, CHANGING, slipway.ForbiddenError, 403, "Access denied", ("own", "disabled")),
    Row(says(403, "Forbidden"), OF_A_PROJECT, slipway.ForbiddenError, 403, "Forbidden", ("own", "disabled")),
    Row(wrong_build, (distribute,), slipway.NotFoundError, 404, "File not found in project", ("upload id", "project")),
    Row(build_of_another_project, (distribute,), slipway.NotFoundError, 404, "File not found in project", ("upload id", "project")),
    Row(unfinished_build, (distribute,), slipway.NotReadyError, 400, "File has no URL", ("process", "wait"), retriable=True),
    Row(hit_the_limit, LIMITED, slipway.RateLimitedError, 429, "Rate limit exceeded", ("two minutes", "user", "projects"), retriable=True),
    Row(strict_about_links, (upload,), slipway.InvalidArgumentError, 400, "Invalid fileUrl", ("query",)),
    Row(
        says(400, "Missing required field: fileUrl"), (upload,), slipway.InvalidArgumentError, 400, "Missing required field: fileUrl",
        ("link|fileUrl",)),
    Row(
        says(400, "projectId, userId and apikey are required"), (stats,), slipway.InvalidArgumentError, 400,
        "projectId, userId and apikey are required", ("id",)),
    Row(lambda scene: None, (webhook,), slipway.NotFoundError, 404, "No webhook URL configured", ("webhook", "dashboard")),
    Row(says(500, "Internal server error"), EVERYTHING[1:6], slipway.ServerError, 500, "Internal server error", ("later",), retriable=True),
    Row(says(503, "Maintenance"), EVERYTHING[1:6], slipway.ServerError, 503, "Maintenance", ("later",), retriable=True),
]

CASES = [pytest.param(row, call, id=f"{row.message.replace(' ', '-')}-{row.http_status}-{call.__name__}-{number}")
         for number, row in enumerate(ROWS) for call in row.calls]


@pytest.mark.parametrize(("row", "call"), CASES)
def test_error(customer: Customer, new_customer: NewCustomer, row: Row, call: Callable[[slipway.Client, Scene], object]) -> None:
    scene = Scene(customer, new_customer, customer.user_id, customer.api_key, customer.project_id, customer.add_build())
    row.arrange(scene)
    client = customer.client(customer.streampixel(api_key=scene.api_key, user_id=scene.user_id), max_attempts=2)

    with pytest.raises(slipway.SlipwayError) as caught:
        call(client, scene)

    error = caught.value
    assert type(error) is row.error, str(error)
    assert error.http_status == row.http_status
    assert row.message in error.message
    for words in row.hint:
        assert any(word in error.hint.lower() for word in words.lower().split("|")), f"{words!r} in {error.hint!r}"
    assert error.retriable is row.retriable
    assert error.attempts >= 1
    assert str(error).startswith(error.message) and str(error).endswith(error.hint)
    assert error.result is None


def test_the_table_is_complete() -> None:
    """Each row of the hints that the vendor's troubleshooting gives, and each class that an answer of the service can lead to."""
    said = " ".join(row.message for row in ROWS)
    for words in ("Invalid API Key", "Invalid User", "Access denied", "Forbidden", "Project not found", "File not found in project",
                  "File has no URL", "Rate limit exceeded"):
        assert words in said
    assert {row.error for row in ROWS} == {
        slipway.UnauthorizedError, slipway.ForbiddenError, slipway.NotFoundError, slipway.NotReadyError, slipway.RateLimitedError,
        slipway.InvalidArgumentError, slipway.ServerError}


def test_limit_says_when_there_is_a_turn(customer: Customer, emulator: Emulator) -> None:
    emulator.settings(rateWindowMs=100_000, rateLimitText="seconds")
    build = customer.add_build()
    emulator.post("distribute-file", apiKey=customer.api_key, userId=customer.user_id, projectId=customer.project_id, uploadId=build)
    with pytest.raises(slipway.RateLimitedError) as caught:
        customer.client().distribute(project_id=customer.project_id, upload_id=build, deadline=5)
    assert caught.value.retry_after is not None and 95 <= caught.value.retry_after <= 101


def test_server_errors_are_asked_again(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("status", path="/pixelStripeApi/*", count=2, status=502, body="")
    assert customer.client(max_attempts=3).project(customer.project_id).id == customer.project_id
    assert [entry["status"] for entry in emulator.journal()] == [502, 502, 200]

    emulator.fault("status", path="/pixelStripeApi/*", count=0, status=502, body="")
    with pytest.raises(slipway.ServerError) as caught:
        customer.client(max_attempts=3).project(customer.project_id)
    assert (caught.value.attempts, caught.value.http_status) == (3, 502)


def test_refusals_are_not_asked_again(customer: Customer, emulator: Emulator) -> None:
    with pytest.raises(slipway.UnauthorizedError) as caught:
        customer.client(customer.streampixel(api_key="mistyped-key")).projects()
    assert caught.value.attempts == 1
    assert len(emulator.journal()) == 1


def test_trigger_that_got_a_server_error_is_not_repeated_blindly(customer: Customer, emulator: Emulator) -> None:
    """Only the limit and a lost answer allow it: what a 500 has done is not known."""
    build = customer.add_build()
    emulator.fault("status", path="/pixelStripeApi/projects/distribute-file", count=0, status=500, body=json.dumps({"message": "Oops"}))
    with pytest.raises(slipway.ServerError, match="Oops"):
        customer.client().distribute(project_id=customer.project_id, upload_id=build)
    assert len(customer.posts("distribute-file")) == 1


WORDLESS = ['{"message":""}', '{"message":null}', '{"message":{"a":1}}', "[]", "null", "0", '"text"', "{}", "", "<html>", "\x00"]


@pytest.mark.parametrize("body", WORDLESS)
@pytest.mark.parametrize(("status", "error"), [
    (400, slipway.InvalidArgumentError), (401, slipway.UnauthorizedError), (403, slipway.ForbiddenError), (404, slipway.NotFoundError),
    (418, slipway.ProtocolError), (500, slipway.ServerError),
])
def test_wordless_errors(customer: Customer, emulator: Emulator, body: str, status: int, error: Type[slipway.SlipwayError]) -> None:
    emulator.fault("status", path="/pixelStripeApi/*", count=0, status=status, body=body)
    with pytest.raises(error) as caught:
        customer.client(max_attempts=1).project(customer.project_id)
    assert caught.value.http_status == status
    assert str(status) in caught.value.message, "at least the number is told"
    assert caught.value.hint


def test_very_long_words_are_cut(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("status", path="/pixelStripeApi/*", status=403, body=json.dumps({"message": "no " * 100_000}))
    with pytest.raises(slipway.ForbiddenError) as caught:
        customer.client().project(customer.project_id)
    assert len(caught.value.message) < 2000


def test_proxy_that_is_not_there(customer: Customer) -> None:
    with pytest.raises(slipway.NetworkError) as caught:
        customer.client(proxy="http://127.0.0.1:9", max_attempts=1).project(customer.project_id)
    error = caught.value
    assert (error.http_status, error.retriable, error.attempts) == (None, True, 1)
    assert error.hint


def test_service_that_is_not_there(customer: Customer) -> None:
    with pytest.raises(slipway.NetworkError) as caught:
        customer.client(customer.streampixel(base_url="http://127.0.0.1:9/pixelStripeApi"), max_attempts=2).project(customer.project_id)
    assert caught.value.attempts == 2


def test_key_is_not_sent_in_the_clear(customer: Customer) -> None:
    client = customer.client(customer.streampixel(base_url="http://streampixel.example.com/pixelStripeApi"))
    calls: Dict[str, Callable[[], Any]] = {
        "projects": client.projects,
        "upload": lambda: client.upload(project_id="p", file_url=customer.emulator.file_url("MyGame.zip")),
        "wait": lambda: client.wait_for_build(project_id="p", upload_id="u"),
    }
    for name, call in calls.items():
        with pytest.raises(slipway.InsecureError) as caught:
            call()
        assert "streampixel.example.com" in caught.value.message, name
        assert caught.value.hint


@pytest.mark.parametrize(("options", "word"), [
    ({"ca_bundle": "/nowhere/ca.pem"}, "ca_bundle"), ({"proxy": "http://"}, "proxy"), ({"user_agent": "two\nlines"}, "user_agent"),
    ({"streampixel": slipway.Streampixel(base_url="streampixel.io")}, "base_url"),
    ({"streampixel": slipway.Streampixel(base_url="https://u:p@streampixel.io")}, "base_url"),
])
def test_options_that_cannot_be(options: Dict[str, Any], word: str) -> None:
    with pytest.raises(slipway.InvalidArgumentError, match=word):
        slipway.Client(**options)


def test_deadline(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("delay", path="/pixelStripeApi/*", count=0, delayMs=10_000)
    with pytest.raises(slipway.DeadlineExceededError) as caught:
        customer.client().project(customer.project_id, deadline=0.1)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.message
    with pytest.raises(slipway.DeadlineExceededError):
        customer.client(deadline=0.1).project(customer.project_id)
