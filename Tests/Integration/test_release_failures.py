"""A release that fails, is cancelled or runs out of time, at each of its stages: what it says, and what there is then."""

from __future__ import annotations

import pathlib
import socket
from typing import Any, Dict, List, Type

import pytest

import slipway
from emulator import wait_until
from release_site import ASSET, ASSET_CREATE, CREATE, DELETE, PUBLISHED, Site, client, failure, file, reused, site, stages

# EnterMedia fails


def test_without_entermedia(site: Site, file: pathlib.Path) -> None:
    """Known before anything is read."""
    client = site.customer.client()
    error = failure(slipway.InvalidArgumentError, client, site.arguments(file_path=file))
    assert "entermedia_base_url" in error.message and "ENTERMEDIA_BASE_URL" in error.hint
    assert (error.result.timeline, error.resume_from) == ((), None) and site.requests() == []


def test_without_a_key(site: Site, file: pathlib.Path) -> None:
    error = failure(slipway.InvalidArgumentError, site.client(site.media(key=None)), site.arguments(file_path=file))
    assert "entermedia_key" in error.message and "ENTERMEDIA_KEY" in error.hint and site.requests() == []


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    "kind, mentioned, hint, changes",
    [
        (slipway.NetworkError, "EnterMediaDB", "connection", {"base_url": f"http://127.0.0.1:{closed_port()}/assets/mediadb"}),
        (slipway.UnauthorizedError, "EnterMediaDB", "key", {"key": "nobody-has-this-key-0123456789"}),
        (slipway.UnauthorizedError, "EnterMediaDB", "password", {"key": None, "user": "admin", "password": "wrong-0123456789"}),
    ],
    ids=["down", "key", "password"],
)
def test_entermedia_does_not_let_it_in(
    site: Site, file: pathlib.Path, kind: Type[slipway.SlipwayError], mentioned: str, hint: str, changes: Dict[str, Any]
) -> None:
    error = failure(kind, site.client(site.media(**changes), max_attempts=2), site.arguments(file_path=file))
    release = error.result
    assert error.message.startswith("host: ") and mentioned in error.message and hint in error.hint
    assert (release.stage, release.upload_id, release.state, release.live) == ("host", None, None, None)
    assert release.resume_from is not None and release.resume_from.endswith(f"/published/{release.asset_id}")
    assert site.is_empty()


@pytest.mark.parametrize(
    "call, method, kind, mentioned, fault",
    [
        (ASSET_CREATE, "POST", slipway.FileError, "413", {"action": "status", "status": 413}),
        (ASSET_CREATE, "POST", slipway.ServerError, "500", {"action": "status", "status": 500}),
        (ASSET_CREATE, "POST", slipway.ServerError, "502", {"action": "html", "status": 502}),
        (ASSET_CREATE, "POST", slipway.NetworkError, "EnterMediaDB", {"action": "close"}),
        (ASSET_CREATE, "POST", slipway.ProtocolError, "web page", {"action": "html", "status": 200}),
        (ASSET_CREATE, "POST", slipway.ProtocolError, "JSON", {"action": "broken-json", "status": 200}),
        (CREATE, "POST", slipway.UnauthorizedError, "EnterMediaDB", {"action": "status", "status": 403}),
        (CREATE, "POST", slipway.ServerError, "503", {"action": "status", "status": 503}),
        (CREATE, "POST", slipway.ProtocolError, "empty", {"action": "empty", "status": 200}),
    ],
)
def test_entermedia_fails(
    site: Site, file: pathlib.Path, call: str, method: str, kind: Type[slipway.SlipwayError], mentioned: str, fault: Dict[str, Any]
) -> None:
    """What there is then is told, and the same call goes on from there."""
    client = site.client(max_attempts=2)
    site.fault(**{"call": call, "method": method, "count": 0, **fault})
    error = failure(kind, client, site.arguments(file_path=file))
    release = error.result
    assert error.message.startswith("host: ") and mentioned in error.message and error.hint
    assert (release.stage, release.upload_id, stages(release)) == ("host", None, ["check", "host"])
    assert release.resume_from == site.link(str(release.asset_id)) and site.builds() == []
    assert site.assets() == ([] if call == ASSET_CREATE else [release.asset_id]) and site.distributions() == []

    site.emulator.clear_faults()
    done = client.release(**site.arguments(file_path=file, resume_from=error.resume_from))
    assert (done.live, done.file_url) == (True, release.resume_from)
    assert site.assets() == site.distributions() == [release.asset_id] and len(site.builds()) == 1


def test_entermedia_hiccups(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    """One failure of each request is nobody's concern; and nothing is there twice."""
    for call in (ASSET, ASSET_CREATE, CREATE, DELETE):
        site.fault("close", call)
        site.fault("status", call, status=503)
        site.fault("close", call, after="processing")
    site.fault("status", "project", status=502)
    site.fault("close", "upload-file", after="processing")
    release = client.release(**site.arguments(file_path=file, remove_when_done=True))
    assert (release.live, release.removed) == (True, True) and reused(release) in ([], ["register"])
    assert site.assets() == site.distributions() == [] and len(site.builds()) == 1


# The link gives something else


@pytest.mark.parametrize(
    "fault, mentioned",
    [
        ({"action": "html", "method": "GET", "status": 200}, "web page"),
        ({"action": "redirect", "location": "https://login.example.com/"}, "redirects"),
        ({"action": "status", "status": 403}, "login"),
        ({"action": "status", "status": 404}, "not there"),
        ({"action": "status", "status": 500}, "cannot be read"),
        ({"action": "status", "method": "GET", "status": 206, "body": "7z\xbc\xaf"}, "not a zip"),
        ({"action": "status", "method": "GET", "skip": 1, "status": 206, "body": "of somebody else"}, "not the file"),
        ({"action": "status", "method": "HEAD", "status": 200, "body": "so short"}, "bytes"),
    ],
)
def test_link_gives_something_else(site: Site, client: slipway.Client, file: pathlib.Path, fault: Dict[str, Any], mentioned: str) -> None:
    site.fault(**{"call": PUBLISHED, "count": 0, **fault})
    error = failure(slipway.FileError, client, site.arguments(file_path=file))
    assert error.message.startswith("host: ") and mentioned in error.message and error.hint
    assert error.result.stage == "host" and site.builds() == [], "the service never hears of it"
    assert error.resume_from == site.link(site.assets()[0])

    site.emulator.clear_faults()
    done = client.release(**site.arguments(file_path=file, resume_from=error.resume_from))
    assert done.live is True and len(site.asked(ASSET_CREATE)) == 1, "it was there all the time"


def test_link_that_breaks(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    site.fault("close", PUBLISHED, count=0)
    error = failure(slipway.NetworkError, client, site.arguments(file_path=file))
    assert error.message.startswith("host: ") and site.builds() == []


# Streampixel fails


def test_streampixel_is_asked_for_its_settings_first(site: Site, file: pathlib.Path) -> None:
    client = site.customer.client(site.customer.streampixel(api_key=None), entermedia=site.media())
    error = failure(slipway.InvalidArgumentError, client, site.arguments(file_path=file))
    assert "streampixel_api_key" in error.message and site.requests() == [] and error.resume_from is None
    error = failure(slipway.InvalidArgumentError, site.client(), site.arguments(file_path=file, project_id="a/b"))
    assert "project_id" in error.message and site.requests() == [] and error.resume_from is None


def unregistered(site: Site, error: slipway.SlipwayError) -> None:
    """It is hosted, and that is what to go on with."""
    release = error.result
    assert error.message.startswith("register: ") and error.hint
    assert (release.stage, release.upload_id, stages(release)) == ("register", None, ["check", "host", "register"])
    assert site.assets() == site.distributions() == [release.asset_id] and site.builds() == []
    assert release.resume_from == release.file_url == site.link(str(release.asset_id)) and release.removed is False


def test_streampixel_does_not_let_it_in(site: Site, file: pathlib.Path) -> None:
    client = site.customer.client(site.customer.streampixel(api_key="nobody-has-this-key"), entermedia=site.media())
    error = failure(slipway.UnauthorizedError, client, site.arguments(file_path=file, remove_when_done=True))
    unregistered(site, error)
    done = site.client().release(**site.arguments(file_path=file, resume_from=error.resume_from, remove_when_done=True))
    assert (done.live, done.removed, reused(done)) == (True, True, ["host"])
    assert len(site.asked(ASSET_CREATE)) == 1 and site.assets() == site.distributions() == []


def test_project_that_is_not_there(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    error = failure(slipway.NotFoundError, client, site.arguments(file_path=file, project_id="0123456789abcdef01234567"))
    unregistered(site, error)


def test_project_that_is_not_enabled(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    site.emulator.set_project(site.project_id, enabled=False)
    unregistered(site, failure(slipway.ForbiddenError, client, site.arguments(file_path=file)))


def test_no_turn_before_the_deadline(site: Site, file: pathlib.Path) -> None:
    """Somebody has had this user's turn."""
    site.emulator.settings(rateWindowMs=60_000, rateLimitText="seconds")
    other = site.emulator.add_project(userId=site.customer.user_id)
    url = site.emulator.file_url("MyGame.zip")
    status, _ = site.emulator.post(
        "upload-file", apiKey=site.customer.api_key, userId=site.customer.user_id, projectId=other, fileUrl=url)
    assert status == 200
    error = failure(slipway.RateLimitedError, site.client(), site.arguments(file_path=file, deadline=10.0))
    assert error.retry_after is not None and error.retry_after > 10
    unregistered(site, error)


def test_streampixel_is_down(site: Site, file: pathlib.Path) -> None:
    site.fault("status", "upload-file", count=0, status=503, body='{"message":"Maintenance"}')
    error = failure(slipway.ServerError, site.client(max_attempts=2), site.arguments(file_path=file))
    unregistered(site, error)
    assert "Maintenance" in error.message


def test_answer_to_the_registration_is_lost(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    site.fault("close", "upload-file", after="processing")
    release = client.release(**site.arguments(file_path=file))
    assert release.live is True and len(site.builds()) == 1 == len(site.asked("upload-file"))


def test_what_became_of_the_registration_cannot_be_told(site: Site, file: pathlib.Path) -> None:
    """The link is unguessable: a later run finds the build by it."""
    site.fault("close", "upload-file", after="processing")
    site.fault("status", "project", skip=1, count=0, status=500)
    error = failure(slipway.NetworkError, site.client(max_attempts=2), site.arguments(file_path=file))
    assert error.result.stage == "register" and len(site.builds()) == 1 and error.resume_from == site.builds()[0]["fileUrl"]
    site.emulator.clear_faults()
    done = site.client().release(**site.arguments(file_path=file, resume_from=error.resume_from))
    assert done.upload_id == site.builds()[0]["uploadId"] and reused(done) == ["host", "register"]
    assert len(site.builds()) == 1 == len(site.asked("upload-file"))


def test_distribution_is_refused(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    site.fault("status", "distribute-file", status=403, body='{"message":"Access denied"}')
    error = failure(slipway.ForbiddenError, client, site.arguments(file_path=file, auto_release=False))
    release = error.result
    assert error.message.startswith("distribute: ") and "Access denied" in error.message
    assert (release.stage, release.state, release.live, release.resume_from) == ("distribute", "approved", None, release.upload_id)
    done = client.release(**site.arguments(resume_from=error.resume_from, auto_release=False))
    assert (done.live, stages(done)) == (True, ["wait", "distribute", "live"])


def test_build_that_is_taken_away(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    error = failure(slipway.NotFoundError, client, site.arguments(resume_from="0123456789abcdef01234567"))
    assert error.message.startswith("wait: ") and error.resume_from == "0123456789abcdef01234567"


# The rest cannot be removed


def test_live_and_not_removed(site: Site, file: pathlib.Path) -> None:
    """It is live, and the same call goes on with what is left to do."""
    site.fault("status", DELETE, "DELETE", count=0, status=500)
    client = site.client(max_attempts=2)
    error = failure(slipway.ServerError, client, site.arguments(file_path=file, remove_when_done=True))
    release = error.result
    assert error.message.startswith("remove: ")
    assert (release.stage, release.live, release.removed, release.resume_from) == ("remove", True, False, release.upload_id)
    assert site.assets() == [] and site.distributions() == [release.asset_id]
    site.emulator.clear_faults()
    done = client.release(**site.arguments(resume_from=error.resume_from, remove_when_done=True))
    assert (done.live, done.removed) == (True, True) and site.distributions() == []


def test_somebody_else_has_removed_it(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    release = client.release(**site.arguments(file_path=file))
    client.entermedia_asset_delete(str(release.asset_id))
    client.entermedia_distribution_delete(str(release.asset_id))
    done = client.release(**site.arguments(resume_from=release.upload_id, remove_when_done=True))
    assert (done.live, done.removed) == (True, True)


# Ended early

HELD = {
    "host": (ASSET_CREATE, "POST", "file_url"),
    "register": ("upload-file", "POST", "file_url"),
    "wait": ("project", "GET", "upload_id"),
    "distribute": ("distribute-file", "POST", "upload_id"),
    "live": ("project", "GET", "upload_id"),
    "remove": (ASSET, "DELETE", "upload_id"),
}


def hold(site: Site, stage: str) -> int:
    """The service stands still at this stage."""
    call, method, _ = HELD[stage]
    if stage == "wait":
        return site.hold(call, method, skip=1, count=0)
    if stage == "live":
        # Nothing is known of how often the project is read before: only once the build was distributed it is held.
        return site.hold("distribute-file", "POST", after="processing")
    return site.hold(call, method)


def check_early_end(site: Site, stage: str, error: slipway.SlipwayError) -> None:
    release = error.result
    assert isinstance(release, slipway.Release)
    stage = "distribute" if stage == "live" else stage
    assert release.stage == stage == stages(release)[-1] and error.retriable
    assert release.removed is False and (release.live is True) == (stage == "remove")
    assert release.asset_id is not None and release.distribution_id == release.asset_id
    expected = site.link(release.asset_id) if HELD[stage][2] == "file_url" else site.builds()[0]["uploadId"]
    assert error.resume_from == expected

    # The same call goes on, and there is one of everything, or nothing any more.
    site.emulator.clear_faults()
    done = site.client().release(
        **site.arguments(file_path=release.file_path, auto_release=False, remove_when_done=True, resume_from=error.resume_from))
    assert (done.live, done.removed) == (True, True)
    assert site.assets() == site.distributions() == [] and len(site.builds()) == 1


@pytest.mark.parametrize("stage", list(HELD))
def test_cancelled(site: Site, client: slipway.Client, file: pathlib.Path, stage: str) -> None:
    fault = hold(site, stage)
    operation = client.release(**site.arguments(file_path=file, auto_release=False, remove_when_done=True, wait=False))
    site.wait_for_hit(fault)
    operation.cancel()
    error = operation.exception(10)
    assert isinstance(error, slipway.CancelledError) and "cancelled" in error.message
    check_early_end(site, stage, error)


@pytest.mark.parametrize("stage", list(HELD))
def test_out_of_time(site: Site, client: slipway.Client, file: pathlib.Path, stage: str) -> None:
    hold(site, stage)
    # Long enough to get there.
    arguments = site.arguments(file_path=file, auto_release=False, remove_when_done=True, deadline=1.0)
    error = failure(slipway.DeadlineExceededError, client, arguments)
    assert "deadline" in error.message and error.hint
    check_early_end(site, stage, error)


def test_cancelled_while_it_is_told_the_name(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    """Nothing is made of a name that was told and then was not wanted."""
    operations: List["slipway.Operation[slipway.Release]"] = []

    def on_progress(progress: slipway.Progress) -> None:
        if progress.resume_from is not None:
            wait_until(lambda: operations, what="the operation")
            operations[0].cancel()

    operations.append(client.release(**site.arguments(file_path=file, on_progress=on_progress, wait=False)))
    error = operations[0].exception(10)
    assert isinstance(error, slipway.CancelledError) and error.resume_from is not None
    assert site.is_empty() and site.changes() == []


def test_client_is_closed(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    fault = hold(site, "register")
    operation = client.release(**site.arguments(file_path=file, wait=False))
    site.wait_for_hit(fault)
    client.close(5)
    error = operation.exception(0)
    assert isinstance(error, slipway.CancelledError) and error.resume_from == site.link(site.assets()[0])
