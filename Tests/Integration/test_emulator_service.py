"""Streampixel's endpoints: documents, errors with their exact texts, rate limits, both generations of the documents."""

from __future__ import annotations

import json
import re
import time
from typing import Any, Optional

import pytest

from emulator import make_build, request, wait_until
from emulator_fixtures import Served, emulator, process

ID = re.compile(r"[0-9a-f]{24}")
UNKNOWN = "0123456789abcdef01234567"
FILE = "http://127.0.0.1:9/never.zip"


def stored(emulator: Served, project: Optional[str] = None) -> str:
    """A build that can be distributed."""
    return emulator.add_build(projectId=project or emulator.project_id, fileUrl="http://127.0.0.1:9/MyGame.zip")


def foreign(emulator: Served) -> str:
    """A project of somebody else."""
    return emulator.users[1]["projectIds"][0]


# upload-file


@pytest.mark.parametrize("status", [200, 201])
def test_upload_is_accepted(emulator: Served, status: int) -> None:
    emulator.settings(uploadStatus=status)
    assert emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE)[0] == status
    answered, answer = emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE, autoRelease=False)
    assert answered == status
    assert set(answer) == {"message", "uploadId"} and answer["message"] == "Build queued for processing"
    assert ID.fullmatch(answer["uploadId"])
    builds = emulator.builds()
    assert [build["autoRelease"] for build in builds] == [True, False]
    assert builds[1]["uploadId"] == answer["uploadId"] and builds[1]["fileUrl"] == FILE


@pytest.mark.parametrize("call", ["upload-file", "distribute-file"])
@pytest.mark.parametrize("missing", ["apiKey", "userId", "projectId", "last"])
def test_missing_fields_are_named(emulator: Served, call: str, missing: str) -> None:
    last = {"upload-file": "fileUrl", "distribute-file": "uploadId"}[call]
    members: dict[str, Any] = {"projectId": emulator.project_id, last: FILE}
    name = last if missing == "last" else missing
    for nothing in (None, ""):
        status, answer = emulator.post(call, **{**members, name: nothing})
        assert (status, answer) == (400, {"message": f"Missing required field: {name}"})


@pytest.mark.parametrize(
    "url", ["MyGame.zip", "ftp://127.0.0.1/MyGame.zip", "http://", "https:///MyGame.zip", "http://127.0.0.1/My Game.zip", "http://a/\n.zip"]
)
def test_an_invalid_url_is_refused(emulator: Served, url: str) -> None:
    assert emulator.post("upload-file", projectId=emulator.project_id, fileUrl=url) == (400, {"message": "Invalid fileUrl"})
    assert emulator.builds() == []


def test_only_clean_urls_if_so_set(emulator: Served) -> None:
    emulator.settings(fileUrlRule="clean")
    for url in (FILE + "?signature=1", "http://127.0.0.1:9/never.tar"):
        status, answer = emulator.post("upload-file", projectId=emulator.project_id, fileUrl=url)
        assert status == 400 and ".zip" in answer["message"]
    assert emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE)[0] == 200
    emulator.settings(fileUrlRule="any")
    assert emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE + "?signature=1")[0] == 200


@pytest.mark.parametrize(
    "body, type, text",
    [
        (b"", "application/json", "The body must be a JSON object"),
        (b"[]", "application/json", "The body must be a JSON object"),
        (b'{"apiKey": "', "application/json", "The body must be a JSON object"),
        (b"\xff\xfe\x00", "application/json", "The body must be a JSON object"),
        (b"{}", "text/plain", "The Content-Type must be application/json"),
        (b'{"apiKey": 5}', "application/json", "apiKey must be a string"),
    ],
)
def test_bodies_that_are_no_request(emulator: Served, body: bytes, type: str, text: str) -> None:
    answer = request("POST", emulator.base_url + "/projects/upload-file", body, {"Content-Type": type})
    assert (answer.status, answer.json) == (400, {"message": text})


def test_auto_release_must_be_a_flag(emulator: Served) -> None:
    status, answer = emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE, autoRelease="yes")
    assert (status, answer) == (400, {"message": "autoRelease must be true or false"})


# Key, user, project: on every call that has them


CALLS = ["upload-file", "distribute-file", "test-webhook", "project", "userStats"]


def call(emulator: Served, name: str, project: str, api_key: Optional[str] = None, user: Optional[str] = None) -> tuple[int, Any]:
    api_key, user = api_key or emulator.api_key, user or emulator.user_id
    members = {"apiKey": api_key, "userId": user, "projectId": project}
    if name == "upload-file":
        return emulator.post(name, **members, fileUrl=FILE)
    if name == "distribute-file":
        return emulator.post(name, **members, uploadId=UNKNOWN)
    if name == "test-webhook":
        return emulator.post(name, **members)
    path = f"projects/{project}" if name == "project" else f"projects/userStats/{project}"
    return emulator.get(path, apikey=api_key, userId=user)


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_key_or_user_is_refused(emulator: Served, name: str) -> None:
    project = emulator.project_id
    assert call(emulator, name, project, api_key="wrong") == (401, {"message": "Unauthorized: Invalid API Key"})
    assert call(emulator, name, project, user=emulator.users[1]["userId"]) == (401, {"message": "Invalid User"})
    assert emulator.builds() == []


@pytest.mark.parametrize("name", CALLS)
def test_a_project_must_exist_and_be_ones_own(emulator: Served, name: str) -> None:
    assert call(emulator, name, UNKNOWN) == (404, {"message": "Project not found"})
    assert call(emulator, name, foreign(emulator)) == (403, {"message": "Access denied"})
    assert emulator.builds(foreign(emulator)) == []


def test_a_disabled_project_can_only_be_read(emulator: Served) -> None:
    emulator.set_project(emulator.project_id, enabled=False)
    assert call(emulator, "upload-file", emulator.project_id) == (403, {"message": "Access denied"})
    assert emulator.get(f"projects/{emulator.project_id}")[1]["status"] == "inactive"


def test_a_rotated_key_is_dead_at_once(emulator: Served) -> None:
    emulator.set_user(emulator.user_id, apiKey="the-new-one")
    assert emulator.get("projects/projects-status") == (401, {"message": "Unauthorized: Invalid API Key"})
    assert emulator.get("projects/projects-status", apikey="the-new-one")[0] == 200


# distribute-file


def test_distribute_answers(emulator: Served) -> None:
    upload = stored(emulator)
    emulator.set_project(emulator.project_id, region="europe")
    status, answer = emulator.post("distribute-file", projectId=emulator.project_id, uploadId=upload)
    assert (status, answer) == (
        200,
        {"success": True, "uploadId": upload, "region": "europe", "message": "File distribution triggered successfully"},
    )
    emulator.settings(documents="old")
    assert emulator.post("distribute-file", projectId=emulator.project_id, uploadId=upload) == (
        200,
        {"message": "Distribution triggered"},
    )


def test_distribute_refuses(emulator: Served) -> None:
    other = stored(emulator, emulator.project_ids[1])
    expected = (404, {"message": "File not found in project"})
    assert emulator.post("distribute-file", projectId=emulator.project_id, uploadId=UNKNOWN) == expected
    assert emulator.post("distribute-file", projectId=emulator.project_id, uploadId=other) == expected
    for status in ("pending", "Downloading Files", "Extracting & Scanning", "Saving to Repository", "Reject"):
        unfinished = emulator.add_build(projectId=emulator.project_id, status=status)
        answer = emulator.post("distribute-file", projectId=emulator.project_id, uploadId=unfinished)
        assert answer == (400, {"message": "File has no URL"}), status


# Reading


def test_the_new_list(emulator: Served) -> None:
    emulator.set_project(emulator.project_ids[1], name="Second", enabled=False, subscriptionStatus="canceled")
    status, answer = emulator.get("projects/projects-status")
    assert status == 200
    assert answer == {
        "totalProjects": 2,
        "projects": [
            {"_id": emulator.project_ids[0], "name": "Project 1", "status": True, "subscriptionStatus": "active"},
            {"_id": emulator.project_ids[1], "name": "Second", "status": False, "subscriptionStatus": "canceled"},
        ],
    }
    assert emulator.get("projects")[0] == 404
    assert emulator.get("projects/projects-status", apikey=None) == (401, {"message": "Unauthorized: Invalid API Key"})
    assert emulator.get("projects/projects-status", userId=None) == (401, {"message": "Invalid User"})


def test_the_old_list_comes_in_pages(emulator: Served) -> None:
    emulator.settings(documents="old")
    ids = emulator.project_ids + [emulator.add_project(name=f"More {number}") for number in range(43)]
    assert emulator.get("projects/projects-status") == (404, {"message": "Project not found"})
    assert emulator.get("projects", apikey="wrong") == (401, {"message": "Unauthorized: Invalid API Key"})
    seen = []
    for page, count in ((1, 20), (2, 20), (3, 5), (4, 0)):
        status, answer = emulator.get("projects", page=page, limit=20)
        assert status == 200
        assert (answer["page"], answer["totalPages"], answer["totalProjects"]) == (page, 3, 45)
        assert len(answer["projects"]) == count
        seen += answer["projects"]
    assert [project["id"] for project in seen] == ids
    assert set(seen[0]) == {"id", "name", "region", "status", "createdAt", "updatedAt"} and seen[0]["status"] == "active"
    assert len(emulator.get("projects")[1]["projects"]) == 20
    assert len(emulator.get("projects", page=2, limit=7)[1]["projects"]) == 7
    assert emulator.get("projects", page=9223372036854775807, limit=100)[1]["projects"] == []


def test_one_project(emulator: Served) -> None:
    emulator.set_project(
        emulator.project_id, name="Ümläut", region="us-east-1", webhookUrl="http://127.0.0.1:9/hook",
        webhookEvents=["build.approved"], customDomain="play.example.com", liveUsers=7, usersInQueue=2,
    )  # fmt: skip
    good = stored(emulator)
    bad = emulator.add_build(
        projectId=emulator.project_id, fileUrl="http://127.0.0.1:9/bad.zip", status="Reject", objection="Missing executable"
    )
    status, answer = emulator.get(f"projects/{emulator.project_id}")
    assert status == 200
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
    assert stamp.fullmatch(answer.pop("createdAt")) and stamp.fullmatch(answer.pop("updatedAt"))
    files = answer.pop("files")
    assert all(stamp.fullmatch(file.pop("date")) for file in files)
    assert files == [
        {"_id": good, "url": "http://127.0.0.1:9/MyGame.zip", "status": "Approved", "objection": None},
        {"_id": bad, "url": "http://127.0.0.1:9/bad.zip", "status": "Reject", "objection": "Missing executable"},
    ]
    assert answer == {
        "id": emulator.project_id, "name": "Ümläut", "region": "us-east-1", "status": "active",
        "webhookUrl": "http://127.0.0.1:9/hook", "webhookEvents": ["build.approved"], "customDomain": "play.example.com",
        "liveUsers": 7, "usersInQueue": 2, "subscriptionStatus": "active",
    }  # fmt: skip


def test_statistics(emulator: Served) -> None:
    emulator.set_project(emulator.project_id, liveUsers=7, usersInQueue=2)
    path = f"projects/userStats/{emulator.project_id}"
    assert emulator.get(path) == (200, {"liveUser": 7, "queueUser": 2})
    required = (400, {"message": "projectId, userId and apikey are required"})
    assert emulator.get(path, apikey=None) == required
    assert emulator.get(path, userId=None) == required


def test_ids_are_percent_decoded(emulator: Served) -> None:
    project = emulator.add_project(projectId="a/b c%")
    status, answer = emulator.get("projects/a%2Fb%20c%25")
    assert status == 200 and answer["id"] == project
    assert emulator.get("projects/userStats/a%2Fb%20c%25")[0] == 200


def test_other_paths_and_methods(emulator: Served) -> None:
    base = emulator.base_url
    assert request("GET", base + "/nothing").status == 404
    assert request("POST", base.replace("pixelStripeApi", "other") + "/projects/upload-file").status == 404
    assert request("POST", base + "/project/upload-file", b"{}").status == 404
    answer = request("DELETE", base + "/projects/upload-file")
    assert answer.status == 405 and answer.headers["allow"] == "GET, POST" and set(answer.json) == {"message"}


def test_a_body_has_a_limit(emulator: Served) -> None:
    document = {"apiKey": emulator.api_key, "padding": "x" * (1 << 20)}
    answer = request(
        "POST", emulator.base_url + "/projects/upload-file", json.dumps(document), {"Content-Type": "application/json"}
    )
    assert answer.status == 413 and set(answer.json) == {"message"}
    document["padding"] = "x" * (1 << 20)
    del document["apiKey"]
    document["padding"] = "x" * ((1 << 20) - len(json.dumps({"padding": ""})))
    answer = request(
        "POST", emulator.base_url + "/projects/upload-file", json.dumps(document), {"Content-Type": "application/json"}
    )
    assert answer.json == {"message": "Missing required field: apiKey"}


# Rate limits


def test_one_upload_per_window_and_user(emulator: Served) -> None:
    emulator.settings(rateWindowMs=120_000)
    first, second = emulator.project_ids
    limited = (429, {"message": "Rate limit exceeded. Try again in 2 minutes."})
    assert emulator.post("upload-file", projectId=first, fileUrl=FILE)[0] == 200
    assert emulator.post("upload-file", projectId=first, fileUrl=FILE) == limited
    assert emulator.post("upload-file", projectId=second, fileUrl=FILE) == limited
    # Another endpoint and another user have limits of their own.
    upload = stored(emulator)
    assert emulator.post("distribute-file", projectId=first, uploadId=upload)[0] == 200
    assert emulator.post("distribute-file", projectId=first, uploadId=upload) == limited
    other = emulator.users[1]
    members = {"userId": other["userId"], "apiKey": other["apiKey"], "projectId": other["projectIds"][0], "fileUrl": FILE}
    assert emulator.post("upload-file", **members)[0] == 200
    assert emulator.post("upload-file", **members) == limited
    # What is refused before the limit does not count, and reading is free.
    assert emulator.post("upload-file", projectId=first, fileUrl=None)[0] == 400
    assert emulator.post("upload-file", projectId=first, fileUrl=FILE, apiKey="wrong")[0] == 401
    assert all(emulator.get("projects/projects-status")[0] == 200 for _ in range(20))
    assert [len(emulator.builds(project)) for project in (first, second)] == [2, 0]


def test_the_limit_says_the_seconds_that_are_left(emulator: Served) -> None:
    emulator.settings(rateWindowMs=90_500, rateLimitText="seconds", retryAfter=True)
    assert emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE)[0] == 200
    body = {"apiKey": emulator.api_key, "userId": emulator.user_id, "projectId": emulator.project_id, "fileUrl": FILE}
    answer = request(
        "POST", emulator.base_url + "/projects/upload-file", json.dumps(body), {"Content-Type": "application/json"}
    )
    assert answer.status == 429
    match = re.fullmatch(r"Rate limit exceeded\. Try again in (\d+) seconds\.", answer.json["message"])
    assert match and 80 <= int(match[1]) <= 91
    assert answer.headers["retry-after"] == match[1]
    emulator.settings(retryAfter=False)
    answer = request(
        "POST", emulator.base_url + "/projects/upload-file", json.dumps(body), {"Content-Type": "application/json"}
    )
    assert answer.status == 429 and "retry-after" not in answer.headers


def test_the_window_ends_and_refusals_do_not_prolong_it(emulator: Served) -> None:
    emulator.settings(rateWindowMs=900, rateLimitText="seconds")
    start = time.monotonic()
    assert emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE)[0] == 200
    assert emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE) == (
        429,
        {"message": "Rate limit exceeded. Try again in 1 second."},
    )

    def accepted() -> bool:
        return emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE)[0] == 200

    wait_until(accepted, 5, "the end of the window")
    assert time.monotonic() - start >= 0.9


def test_a_build_is_seen_in_its_project(emulator: Served) -> None:
    make_build(emulator.folder / "seen.zip")
    upload = emulator.upload(emulator.file_url("seen.zip"))
    emulator.wait_for_build(upload, "Approved")
    files = emulator.get(f"projects/{emulator.project_id}")[1]["files"]
    assert [(file["_id"], file["status"]) for file in files] == [(upload, "Approved")]
