"""Every operation, from end to end."""

from __future__ import annotations

import json
import pathlib
import time

import pytest

import slipway
from conftest import Customer
from emulator import Emulator, WebhookReceiver, make_build


def test_from_upload_to_live(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    url = emulator.file_url("MyGame.zip")
    upload = client.upload(project_id=customer.project_id, file_url=url, auto_release=False)

    (build,) = customer.builds()
    assert upload == slipway.Upload(
        upload_id=build["uploadId"], project_id=customer.project_id, file_url=url, message="Build queued for processing", recovered=False,
        raw={"message": "Build queued for processing", "uploadId": build["uploadId"]},
    )
    assert build["autoRelease"] is False
    (post,) = customer.posts("upload-file")
    assert json.loads(post["body"]) == {
        "apiKey": customer.api_key, "userId": customer.user_id, "projectId": customer.project_id, "fileUrl": url, "autoRelease": False,
    }

    verdict = client.wait_for_build(project_id=customer.project_id, upload_id=upload.upload_id, interval=0.01)
    assert (verdict.state, verdict.service_state) == ("approved", "Approved")
    assert customer.live() is None

    trigger = client.distribute(project_id=customer.project_id, upload_id=upload.upload_id)
    assert (trigger.upload_id, trigger.project_id, trigger.region) == (upload.upload_id, customer.project_id, "asia-pacific")
    assert trigger.message == "File distribution triggered successfully"

    verdict = client.wait_for_build(
        project_id=customer.project_id, upload_id=upload.upload_id, until="live", interval=0.005, max_interval=0.005, settle=0.3)
    assert verdict.live is True
    assert customer.live() == upload.upload_id


@pytest.mark.parametrize("status", [200, 201])
def test_both_statuses_of_a_registration(customer: Customer, client: slipway.Client, emulator: Emulator, status: int) -> None:
    emulator.settings(uploadStatus=status)
    assert client.upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip")).upload_id
    assert customer.builds()[0]["autoRelease"] is True, "released by itself unless told otherwise"


def test_link_is_read_before_it_is_registered(customer: Customer, client: slipway.Client, emulator: Emulator, files: pathlib.Path) -> None:
    # So that nobody else reads it: the service does not begin to download, nor is it still downloading for a test before this one.
    emulator.settings(stateMs=60_000)
    build = make_build(files / "ReadOnce.zip")
    url = emulator.file_url(build.name)
    path = url[url.index("/", 8) :]
    client.upload(project_id=customer.project_id, file_url=url, expected_size=build.stat().st_size)
    reads = emulator.journal(path=path)
    assert [entry["method"] for entry in reads] == ["HEAD", "GET"]
    assert reads[1]["headers"]["range"] == "bytes=0-3"
    assert reads[-1]["id"] < customer.posts("upload-file")[0]["id"]

    client.upload(project_id=customer.project_id, file_url=url, check_url=False)
    assert len(emulator.journal(path=path)) == 2


def test_progress_tells_what_is_being_done(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    # News is replaced by newer news: each step has to last for a moment to be told.
    emulator.fault("delay", path="/files/*", delayMs=200)
    emulator.fault("delay", path="/pixelStripeApi/projects/upload-file", delayMs=300)
    seen: list[slipway.Progress] = []
    client.upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"), on_progress=seen.append)
    stages = [progress.stage for progress in seen]
    assert stages[0] == slipway.Stage.CHECKING and slipway.Stage.REQUESTING in stages
    assert all(progress.message and progress.attempt == 1 for progress in seen)
    elapsed = [progress.elapsed for progress in seen]
    assert elapsed == sorted(elapsed) and elapsed[-1] < 10


def test_progress_is_told_at_most_ten_times_a_second(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    """A build whose state is another one at each question."""
    build = customer.add_build("state 0")
    seen: list[slipway.Progress] = []
    waiting = client.wait_for_build(
        project_id=customer.project_id, upload_id=build, interval=0.01, max_interval=0.01, on_progress=seen.append, wait=False)
    start = time.monotonic()
    number = 0
    while time.monotonic() - start < 1:
        number += 1
        emulator.set_build(build, status=f"state {number}")
    emulator.set_build(build, status="Approved")
    waiting.result(5)
    assert number > 20
    assert 5 <= len(seen) <= 12
    assert seen[-1].state == "approved"


@pytest.mark.parametrize(
    ("name", "words"),
    [("page.zip", "page"), ("text.zip", "zip"), ("empty.zip", "zip"), ("missing.zip", "not there"), ("MyGame.zip", "bytes")],
)
def test_links_that_are_no_builds(customer: Customer, client: slipway.Client, emulator: Emulator, name: str, words: str) -> None:
    expected_size = 12345 if name == "MyGame.zip" else None
    with pytest.raises(slipway.FileError) as caught:
        client.upload(project_id=customer.project_id, file_url=emulator.file_url(name), expected_size=expected_size)
    assert words in caught.value.message and name in caught.value.message
    assert caught.value.hint
    assert customer.posts("upload-file") == [] == customer.builds()


def test_link_that_redirects(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    emulator.fault("redirect", path="/files/*", count=0, location=emulator.file_url("Older.zip"))
    with pytest.raises(slipway.FileError, match="redirect"):
        client.upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
    assert customer.builds() == []


@pytest.mark.parametrize(
    "url", ["", "ftp://127.0.0.1/a.zip", "MyGame.zip", "http://127.0.0.1/MyGame.rar", "http://u:password@127.0.0.1/a.zip"])
def test_links_that_cannot_be(customer: Customer, client: slipway.Client, url: str) -> None:
    with pytest.raises(slipway.InvalidArgumentError, match="file_url"):
        client.upload(project_id=customer.project_id, file_url=url)
    assert customer.emulator.journal(method="POST") == []


@pytest.mark.parametrize("documents", ["new", "old"])
@pytest.mark.parametrize("number", [1, 45])
def test_projects(customer: Customer, client: slipway.Client, emulator: Emulator, documents: str, number: int) -> None:
    emulator.settings(documents=documents)
    emulator.set_project(customer.project_id, name="Grüße \"aus\" \\ 東京", enabled=False)
    ids = [customer.project_id] + [emulator.add_project(userId=customer.user_id) for _ in range(number - 1)]
    projects = client.projects()
    assert [project.id for project in projects] == ids
    assert (len(projects), projects.total) == (number, number)
    first = projects[0]
    assert (first.name, first.active) == ("Grüße \"aus\" \\ 東京", False)
    assert isinstance(first.status, str)
    if documents == "new":
        assert first.subscription_status == "active" and first.region is None
    else:
        assert first.region == "asia-pacific" and first.created_at
    assert isinstance(projects.raw, list) and sum(len(page["projects"]) for page in projects.raw) == number


def test_project(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    emulator.set_project(
        customer.project_id, name="My Game", region="europe", webhookUrl="http://127.0.0.1:9/hook", webhookEvents=["build.approved"],
        liveUsers=7, usersInQueue=2, customDomain="play.example.com")
    old = customer.add_build("Approved", fileUrl="http://127.0.0.1/old.zip")
    new = customer.add_build("Reject", fileUrl="http://127.0.0.1/new.zip?signature=0123456789abcdef", objection="No .exe")
    project = client.project(customer.project_id)
    assert (project.id, project.name, project.region, project.active, project.status) == (
        customer.project_id, "My Game", "europe", True, "active")
    assert (project.webhook_url, project.webhook_events) == ("http://127.0.0.1:9/hook", ("build.approved",))
    assert (project.live_users, project.users_in_queue, project.custom_domain) == (7, 2, "play.example.com")
    assert [build.upload_id for build in project.builds] == [old, new], "newest last"
    assert project.build(old) == project.builds[0]
    rejected = project.builds[1]
    assert (rejected.state, rejected.service_state, rejected.objection) == ("rejected", "Reject", "No .exe")
    assert rejected.file_url is not None and "0123456789abcdef" not in rejected.file_url
    assert rejected.date
    assert project.raw["subscriptionStatus"] == "active" and "0123456789abcdef" not in json.dumps(project.raw)


def test_project_stats(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    emulator.set_project(customer.project_id, liveUsers=7, usersInQueue=2)
    stats = client.project_stats(customer.project_id)
    assert stats == slipway.ProjectStats(customer.project_id, live_users=7, users_in_queue=2, raw={"liveUser": 7, "queueUser": 2})


@pytest.mark.parametrize(("status", "delivered"), [(200, True), (204, True), (500, False)])
def test_webhook_test(customer: Customer, client: slipway.Client, emulator: Emulator, status: int, delivered: bool) -> None:
    with WebhookReceiver(status=status) as receiver:
        emulator.set_project(customer.project_id, webhookUrl=receiver.url)
        answer = client.test_webhook(customer.project_id)
        assert (answer.project_id, answer.delivered, answer.status_code) == (customer.project_id, delivered, status)
        assert receiver.names == ["webhook.test"]
        assert answer.message == answer.raw["message"]


def test_webhook_test_that_nobody_answers(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    emulator.set_project(customer.project_id, webhookUrl="http://127.0.0.1:9/nobody")
    answer = client.test_webhook(customer.project_id)
    assert (answer.delivered, answer.status_code) == (False, None)


def test_ids_are_checked_before_anything_is_sent(customer: Customer, client: slipway.Client, emulator: Emulator) -> None:
    for bad in ("", ".", "..", "../admin", "a/b", "a b", "ä", "%2e%2e", "a?b", "a#b", "x" * 129):
        with pytest.raises(slipway.InvalidArgumentError, match="project_id"):
            client.project(bad)
        with pytest.raises(slipway.InvalidArgumentError, match="upload_id"):
            client.distribute(project_id=customer.project_id, upload_id=bad)
    assert emulator.journal() == []


def test_keys_come_from_the_environment(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMPIXEL_API_KEY", customer.api_key)
    monkeypatch.setenv("STREAMPIXEL_USER_ID", customer.user_id)
    with slipway.Client(streampixel=slipway.Streampixel(base_url=customer.base_url)) as client:
        monkeypatch.delenv("STREAMPIXEL_API_KEY")
        assert client.project(customer.project_id).id == customer.project_id, "read when the client was created"
    with slipway.Client(streampixel=slipway.Streampixel(base_url=customer.base_url)) as client:
        with pytest.raises(slipway.InvalidArgumentError, match="STREAMPIXEL_API_KEY|api_key"):
            client.project(customer.project_id)


def test_user_agent(customer: Customer, emulator: Emulator) -> None:
    customer.client(user_agent="release-bot/7").project(customer.project_id)
    (entry,) = emulator.journal(path=f"/pixelStripeApi/projects/{customer.project_id}")
    assert entry["headers"]["user-agent"] == f"Slipway/{slipway.library_version()} release-bot/7"


def test_base_url_with_a_slash_at_its_end(customer: Customer) -> None:
    client = customer.client(customer.streampixel(base_url=customer.base_url + "/"))
    assert client.project(customer.project_id).id == customer.project_id
