"""The rows of the fault matrix: every operation of slipway.h, in each form in which it asks something else.

`prepare` makes what an operation needs on a site that is empty, and says how it is started and what shows that it was done. Which requests
it makes is seen by running it once; what each of them is, and what may be done about its failure, is `Row.kinds`.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Callable, Dict, List, Optional, Tuple

import slipway
from emulator import request
from matrix_rules import (
    ALIVE, ASK, COMPLETE, CREATE, DELETE, FIRST_BYTES, FIRST_LOOK, KEYED, LAST_LOOK, LINK_HEAD, LISTING, MEDIA, PART, POLL, PUBLISHED, PUT,
    PUT_URL, REGISTER, SEND, SIGNED_HEAD, SIZED_HEAD, SURVEY, TAIL, TRIGGER, UPLOADS, Kind,
)  # fmt: skip
from matrix_sites import Site

Start = Callable[[slipway.Client], "slipway.Operation[Any]"]


@dataclasses.dataclass
class Play:
    start: Start
    done: Optional[Callable[[], int]] = None
    """How often what the operation is for has been done: 0 or 1."""
    client: Dict[str, Any] = dataclasses.field(default_factory=dict)
    """What its client is made with, besides."""


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    function: str
    """Of slipway.h, without its prefix."""
    prepare: Callable[[Site], Play]
    kinds: Tuple[Kind, ...] = ()
    """Of the requests that one run makes, one after another; polls, of which there may be any number, count as one."""
    server: str = "emulator"
    """Which of the two things go wrong at."""
    does: Optional[int] = None
    """Which request it is that does what the operation is for; beyond the last: one to the other server. None: it only reads."""
    late: int = 100
    """From which request on the service asks by itself, too."""
    is_many: int = 0
    """It is so many operations in one, each of which has a result of its own."""

    @property
    def asks(self) -> bool:
        return bool(self.kinds)


# Streampixel


def _upload(check: bool) -> Callable[[Site], Play]:
    def prepare(site: Site) -> Play:
        before = site.builds()
        return Play(
            lambda client: client.upload(project_id=site.project, file_url=site.link(), check_url=check, wait=False),
            lambda: site.builds() - before)

    return prepare


def _distribute(site: Site) -> Play:
    build = site.emulator.add_build(projectId=site.project, status="Approved")

    def done() -> int:
        return int(site.emulator.build(build)["status"] != "Approved" or site.emulator.build(build).get("moving", False)
                   or site.emulator.project(site.project)["live"] == build)

    return Play(lambda client: client.distribute(project_id=site.project, upload_id=build, wait=False), done)


def _read(name: str, *arguments: str) -> Callable[[Site], Play]:
    """A method of the client that takes no more than a project."""

    def prepare(site: Site) -> Play:
        given = [site.project for _ in arguments]
        return Play(lambda client: getattr(client, name)(*given, wait=False))

    return prepare


def _wait(site: Site) -> Play:
    build = site.emulator.add_build(projectId=site.project, status="Approved")
    return Play(lambda client: client.wait_for_build(project_id=site.project, upload_id=build, interval=0.01, max_interval=0.02,
                                                      deadline=site.deadline, wait=False))


def _webhook(confirm: bool) -> Callable[[Site], Play]:
    def prepare(site: Site) -> Play:
        build = site.emulator.add_build(projectId=site.project, status="Approved")
        body = json.dumps({"event": "build.approved", "projectId": site.project, "uploadId": build, "status": "Approved"})
        return Play(lambda client: client.receive_webhook(body.encode(), confirm=confirm, wait=False))

    return prepare


# EnterMedia


def _record(site: Site, asset: str) -> str:
    media, id = site.emulator.entermedia, site.new_name(".zip")
    headers = {"Content-Type": "application/json", "Cookie": f"entermedia.key={media['key']}"}
    document = json.dumps({"assetid": asset, "id": id, "alloworiginal": True})
    answer = request("POST", f"{media['baseUrl']}/services/distribution/create/create", document, headers)
    assert answer.status == 200 and answer.json["response"]["status"] == "ok", answer.body
    return id


def _login(site: Site) -> Play:
    return Play(lambda client: client.entermedia_login(wait=False), client={"media": _password(site)})


def _password(site: Site) -> Dict[str, Any]:
    media = site.emulator.entermedia
    return {"key": None, "user": media["user"], "password": media["password"]}


def _create(site: Site) -> Play:
    asset, id = site.asset(), site.new_name(".zip")
    return Play(
        lambda client: client.entermedia_distribution_create(asset_id=asset, distribution_id=id, allow_original=True, wait=False),
        lambda: site.media_ids("distributions").count(id))


def _create_many(site: Site) -> Play:
    assets, ids = [site.asset(), site.asset()], [site.new_name(".zip"), site.new_name(".zip")]
    return Play(
        lambda client: client.entermedia_distribution_create_many(
            assets, distribution_ids=ids, allow_original=True, max_parallel=1, wait=False))


def _edit(site: Site) -> Play:
    old, new = site.asset(), site.asset()
    id = _record(site, old)

    def done() -> int:
        return sum(entry["id"] == id and entry["assetId"] == new for entry in site.emulator.media()["distributions"])

    return Play(lambda client: client.entermedia_distribution_edit(distribution_id=id, asset_id=new, wait=False), done)


def _get(site: Site) -> Play:
    id = _record(site, site.asset())
    return Play(lambda client: client.entermedia_distribution_get(id, wait=False))


def _search(site: Site) -> Play:
    asset = site.asset()
    for _ in range(3):
        _record(site, asset)
    return Play(lambda client: client.entermedia_distribution_search({"assetid": asset}, page_size=1, wait=False))


def _delete(site: Site) -> Play:
    id = _record(site, site.asset())
    return Play(
        lambda client: client.entermedia_distribution_delete(id, wait=False), lambda: 1 - site.media_ids("distributions").count(id))


def _asset_upload(site: Site) -> Play:
    id = site.new_name()
    return Play(
        lambda client: client.entermedia_asset_upload(file_path=site.package, asset_id=id, deadline=site.deadline, wait=False),
        lambda: site.media_ids("assets").count(id))


def _asset_get(site: Site) -> Play:
    id = site.asset()
    return Play(lambda client: client.entermedia_asset_get(id, wait=False))


def _asset_get_by_password(site: Site) -> Play:
    return dataclasses.replace(_asset_get(site), client={"media": _password(site)})


def _asset_delete(site: Site) -> Play:
    id = site.asset()
    return Play(lambda client: client.entermedia_asset_delete(id, wait=False), lambda: 1 - site.media_ids("assets").count(id))


# Storages


def _store(large: bool, **changes: Any) -> Callable[[Site], Play]:
    def prepare(site: Site) -> Play:
        key, file = site.new_name(".zip"), site.large if large else site.package
        return Play(
            lambda client: client.store(file, site.storage(**changes), key=key, deadline=site.deadline, wait=False),
            lambda: int(site.has_object(key)))

    return prepare


def _put(site: Site) -> Play:
    key = site.new_name(".zip")
    storage = site.put_url(key)
    return Play(lambda client: client.store(site.package, storage, deadline=site.deadline, wait=False), lambda: int(site.has_object(key)))


def _object_delete(site: Site) -> Play:
    key = site.new_name(".zip")
    site.s3.client.put_object(Bucket=site.bucket, Key=key, Body=b"an object")
    return Play(lambda client: client.storage_delete(site.storage(), key, wait=False), lambda: 1 - int(site.has_object(key)))


def _unfinished(site: Site) -> Tuple[str, str]:
    key = site.new_name(".zip")
    return key, str(site.s3.client.create_multipart_upload(Bucket=site.bucket, Key=key)["UploadId"])


def _list(site: Site) -> Play:
    key, _ = _unfinished(site)
    return Play(lambda client: client.storage_list_unfinished(site.storage(), key=key, wait=False))


def _abort(finds: bool) -> Callable[[Site], Play]:
    def prepare(site: Site) -> Play:
        key, id = _unfinished(site)

        def done() -> int:
            uploads = site.s3.client.list_multipart_uploads(Bucket=site.bucket).get("Uploads", [])
            return int(all(upload["UploadId"] != id for upload in uploads))

        named = {} if finds else {"key": key}
        return Play(lambda client: client.storage_abort_unfinished(site.storage(), upload_id=id, wait=False, **named), done)

    return prepare


def _folder(start: Callable[[slipway.Client, slipway.Directory, Site], "slipway.Operation[Any]"]) -> Callable[[Site], Play]:
    """What is done to a folder of this machine."""

    def prepare(site: Site) -> Play:
        (site.files / "old.zip").write_bytes(b"an object")
        return Play(lambda client: start(client, slipway.Directory(site.files), site))

    return prepare


# Releases


def _release(storage: Callable[[Site], Optional[slipway.Storage]], **changes: Any) -> Callable[[Site], Play]:
    def prepare(site: Site) -> Play:
        before, place = site.builds(), storage(site)
        return Play(
            lambda client: client.release(
                project_id=site.project, file_path=site.package, storage=place, interval=0.01, max_interval=0.02, settle=0.05,
                deadline=site.deadline, wait=False, **changes),
            lambda: site.builds() - before)

    return prepare


def _in_bucket(site: Site) -> slipway.Storage:
    return site.storage(link=slipway.Link.AUTOMATIC)


def _in_folder(site: Site) -> slipway.Storage:
    return slipway.Directory(site.files, public_url=site.emulator.files_url)


HOSTED = (MEDIA, SEND, MEDIA, MEDIA, SIZED_HEAD, FIRST_BYTES, TAIL)
REGISTERED = (SURVEY, REGISTER, POLL)
LINKED = (SIZED_HEAD, FIRST_BYTES, TAIL)

ROWS: List[Row] = [
    Row("upload", "upload", _upload(True), (LINK_HEAD, FIRST_BYTES, SURVEY, REGISTER), does=3),
    Row("upload, link unread", "upload", _upload(False), (SURVEY, REGISTER), does=1),
    Row("distribute", "distribute", _distribute, (TRIGGER,), does=0),
    Row("list_projects", "list_projects", _read("projects"), (ASK,)),
    Row("get_project", "get_project", _read("project", "id"), (ASK,)),
    Row("get_project_stats", "get_project_stats", _read("project_stats", "id"), (ASK,)),
    Row("test_webhook", "test_webhook", _read("test_webhook", "id"), (TRIGGER,)),
    Row("wait_for_build", "wait_for_build", _wait, (POLL,)),
    Row("receive_webhook", "receive_webhook", _webhook(False)),
    Row("receive_webhook, confirm", "receive_webhook", _webhook(True), (ASK,)),
    Row("login, by key", "entermedia_login", lambda site: Play(lambda client: client.entermedia_login(wait=False)), (MEDIA,)),
    Row("login, by password", "entermedia_login", _login, (MEDIA,)),
    Row("distribution_create", "entermedia_distribution_create", _create, (MEDIA, MEDIA, PUBLISHED), does=1),
    Row("distribution_edit", "entermedia_distribution_edit", _edit, (MEDIA, MEDIA, MEDIA, MEDIA, PUBLISHED), does=2),
    Row("distribution_get", "entermedia_distribution_get", _get, (MEDIA, MEDIA)),
    Row("distribution_delete", "entermedia_distribution_delete", _delete, (MEDIA, MEDIA, MEDIA, ALIVE), does=2),
    Row("distribution_search", "entermedia_distribution_search", _search, (MEDIA, MEDIA, MEDIA)),
    Row("distribution_create_many", "entermedia_distribution_create_many", _create_many, 2 * (MEDIA, MEDIA, PUBLISHED), is_many=2),
    Row("asset_upload", "entermedia_asset_upload", _asset_upload, (MEDIA, SEND, MEDIA), does=1),
    Row("asset_get", "entermedia_asset_get", _asset_get, (MEDIA,)),
    Row("asset_get, by password", "entermedia_asset_get", _asset_get_by_password, (MEDIA, KEYED)),
    Row("asset_delete", "entermedia_asset_delete", _asset_delete, (MEDIA, MEDIA), does=1),
    Row("store, S3, one PUT", "store", _store(False), (FIRST_LOOK, PUT, LAST_LOOK), "storage", does=1),
    Row("store, S3, in parts", "store", _store(True), (FIRST_LOOK, UPLOADS, CREATE, PART, PART, COMPLETE, LAST_LOOK), "storage", does=5),
    Row("store, S3, and its link", "store", _store(False, link=slipway.Link.AUTOMATIC),
        (FIRST_LOOK, PUT, LAST_LOOK, SIGNED_HEAD, FIRST_BYTES), "storage", does=1),
    Row("store, put_url", "store", _put, (PUT_URL,), "storage", does=0),
    Row("store, directory", "store", _folder(
        lambda client, place, site: client.store(site.package, place, key="new.zip", always_send=True, wait=False))),
    Row("storage_delete, S3", "storage_delete", _object_delete, (DELETE,), "storage", does=0),
    Row("storage_delete, directory", "storage_delete", _folder(
        lambda client, place, site: client.storage_delete(place, "old.zip", wait=False))),
    Row("list_unfinished, S3", "storage_list_unfinished", _list, (LISTING,), "storage"),
    Row("list_unfinished, directory", "storage_list_unfinished", _folder(
        lambda client, place, site: client.storage_list_unfinished(place, wait=False))),
    Row("abort_unfinished, S3", "storage_abort_unfinished", _abort(False), (DELETE,), "storage", does=0),
    Row("abort_unfinished, S3, found", "storage_abort_unfinished", _abort(True), (LISTING, DELETE), "storage", does=1),
    Row("abort_unfinished, directory", "storage_abort_unfinished", _folder(
        lambda client, place, site: client.storage_abort_unfinished(place, wait=False))),
    Row("check_package", "check_package", lambda site: Play(lambda client: client.check_package(site.package, wait=False))),
    Row("release", "release", _release(lambda site: None), HOSTED + REGISTERED, does=8, late=9),
    Row("release, manual, removed", "release", _release(lambda site: None, auto_release=False, remove_when_done=True),
        (*HOSTED, *REGISTERED, TRIGGER, POLL, MEDIA, MEDIA), does=8, late=9),
    Row("release, directory", "release", _release(_in_folder), LINKED + REGISTERED, does=4, late=5),
    Row("release, S3, the service", "release", _release(_in_bucket), REGISTERED, does=1, late=2),
    Row("release, S3, the storage", "release", _release(_in_bucket),
        (FIRST_LOOK, PUT, LAST_LOOK, SIGNED_HEAD, FIRST_BYTES, TAIL), "storage", does=6),
]  # fmt: skip
