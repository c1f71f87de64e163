"""A build is never registered twice, and never lost silently."""

from __future__ import annotations

from typing import Any, Dict

import pytest

import slipway
from conftest import Customer
from emulator import Emulator, wait_until

UPLOAD = "/pixelStripeApi/projects/upload-file"


@pytest.mark.parametrize("action", ["close", "truncate", "drip"])
def test_answer_is_lost_after_the_build_was_registered(customer: Customer, emulator: Emulator, action: str) -> None:
    members: Dict[str, Any] = {"bytes": 1, "intervalMs": 60_000} if action == "drip" else {}
    emulator.fault(action, path=UPLOAD, after="processing", **members)
    url = emulator.file_url("MyGame.zip") + "?signature=0123456789abcdef"
    upload = customer.client(idle_timeout=1.0).upload(project_id=customer.project_id, file_url=url, auto_release=False)
    (build,) = customer.builds()
    assert (upload.upload_id, upload.recovered) == (build["uploadId"], True)
    assert upload.file_url is not None and upload.file_url.startswith(emulator.file_url("MyGame.zip"))
    assert len(customer.posts("upload-file")) == 1


def test_request_is_lost_before_the_build_was_registered(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("close", path=UPLOAD)
    upload = customer.client().upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
    (build,) = customer.builds()
    assert (upload.upload_id, upload.recovered) == (build["uploadId"], False)
    assert len(customer.posts("upload-file")) == 2


def test_lost_again_and_again(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("close", path=UPLOAD, count=2)
    emulator.fault("close", path=UPLOAD, after="processing")
    upload = customer.client().upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
    (build,) = customer.builds()
    assert (upload.upload_id, upload.recovered) == (build["uploadId"], True)


@pytest.mark.parametrize("lost_after", ["arrival", "processing"])
def test_older_build_from_the_same_link_is_not_mistaken_for_the_new_one(customer: Customer, emulator: Emulator, lost_after: str) -> None:
    """People put each build at the same address: MyGame-latest.zip."""
    url = emulator.file_url("MyGame.zip")
    old = customer.add_build("Approved", fileUrl=url, live=True)
    emulator.fault("close", path=UPLOAD, after=lost_after)
    try:
        upload = customer.client().upload(project_id=customer.project_id, file_url=url)
    except slipway.SlipwayError as error:
        assert not error.retriable and "regist" in error.message, "not knowing may be told, guessing may not"
    else:
        assert upload.upload_id != old
        assert [build["uploadId"] for build in customer.builds()] == [old, upload.upload_id]
    assert len(customer.builds()) <= 2


@pytest.mark.parametrize("action", ["close", "status"])
def test_what_became_of_it_cannot_be_told(customer: Customer, emulator: Emulator, action: str) -> None:
    members: Dict[str, Any] = {"status": 500} if action == "status" else {}
    emulator.fault("close", path=UPLOAD, after="processing")
    emulator.fault(action, path=f"/pixelStripeApi/projects/{customer.project_id}", count=0, **members)
    with pytest.raises(slipway.SlipwayError) as caught:
        customer.client(max_attempts=2).upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
    error = caught.value
    assert not error.retriable, "trying again could register it twice"
    assert "regist" in error.message, error.message
    assert "build" in error.hint.lower() or "dashboard" in error.hint.lower(), error.hint
    assert len(customer.builds()) == 1 == len(customer.posts("upload-file"))


def test_refusal_is_not_repeated(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("status", path=UPLOAD, count=0, status=403, body='{"message":"Access denied"}')
    with pytest.raises(slipway.ForbiddenError):
        customer.client().upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
    assert customer.builds() == []
    assert len(customer.posts("upload-file")) == 1


def test_service_that_fails_and_fails(customer: Customer, emulator: Emulator) -> None:
    """After each failure the project's builds say that nothing was registered, so trying again is safe; at some time it is enough."""
    emulator.fault("status", path=UPLOAD, count=0, status=500, body='{"message":"Oops"}')
    with pytest.raises(slipway.ServerError, match="Oops"):
        customer.client(max_attempts=3).upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
    assert customer.builds() == []
    assert len(customer.posts("upload-file")) == 3


def test_registration_that_arrives_late(customer: Customer, emulator: Emulator) -> None:
    """A gateway gave up, the service behind it did not: the build turns up after the first look at the project, before the next turn."""
    url = emulator.file_url("MyGame.zip")
    emulator.fault("html", path=UPLOAD, status=504)
    client = customer.client(customer.streampixel(rate_window=0.5))
    operation = client.upload(project_id=customer.project_id, file_url=url, wait=False)
    project = f"/pixelStripeApi/projects/{customer.project_id}"

    def looked() -> bool:
        entries = [entry["path"] for entry in emulator.journal() if entry["path"] in (UPLOAD, project) and entry["status"]]
        return UPLOAD in entries and project in entries[entries.index(UPLOAD) :]

    wait_until(looked, what="a look at the project")
    late = customer.add_build("pending", fileUrl=url)
    upload = operation.result(10)
    assert (upload.upload_id, upload.recovered) == (late, True)
    assert len(customer.builds()) == 1


def test_server_error_after_it_was_registered(customer: Customer, emulator: Emulator) -> None:
    """A gateway's 502 or 504 says nothing about what the service behind it has done."""
    emulator.fault("html", path=UPLOAD, count=0, status=504, after="processing")
    try:
        upload = customer.client().upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"))
        assert upload.upload_id == customer.builds()[0]["uploadId"]
    except slipway.ServerError as error:
        assert not error.retriable, "trying again would register it twice"
    assert len(customer.builds()) == 1 == len(customer.posts("upload-file"))


def test_cancelled_upload_is_not_sent_again(customer: Customer, emulator: Emulator) -> None:
    emulator.fault("delay", path=UPLOAD, after="processing", delayMs=5_000)
    client = customer.client()
    operation = client.upload(project_id=customer.project_id, file_url=emulator.file_url("MyGame.zip"), wait=False)
    wait_until(customer.builds, what="the registration")
    operation.cancel()
    with pytest.raises(slipway.CancelledError):
        operation.result(5)
    assert len(customer.builds()) == 1 == len(customer.posts("upload-file"))
