"""A release whose build a storage hosts: the whole way with each kind of it, what is told on the way, and what is refused before it."""

from __future__ import annotations

import pathlib
import re
import time
import urllib.parse
from typing import Any, Callable, Dict, List, Optional

import pytest

import slipway
from recorder import Recorder
from release_site import NAME, Site, failure, file, reused, site, stages
from release_storage_site import SIGNATURE, Bucket, Folder, Host, any_host, bucket, client, host, named, new_host, swift_bucket
from s3_fixtures import s3_servers
from storage_fixtures import PART, MiB, home

STAGES = ["check", "host", "register", "wait", "distribute", "live", "remove"]


def without_query(url: Optional[str]) -> str:
    return str(url).partition("?")[0]


# The whole way


@pytest.mark.parametrize("manual", [False, True], ids=["automatic, keep", "manual, remove"])
def test_whole_way(site: Site, client: slipway.Client, file: pathlib.Path, any_host: Host, manual: bool) -> None:
    removes = manual and any_host.can_remove
    release = client.release(
        storage=any_host.storage(), **site.arguments(file_path=file, auto_release=not manual, remove_when_done=removes))

    assert (release.stage, release.live, release.state, release.objection) == ("done", True, "approved", None)
    assert (release.resume_from, release.removed, release.findings, release.size) == (None, removes, (), file.stat().st_size)
    assert (release.asset_id, release.distribution_id) == (None, None)
    expected = [stage for stage in STAGES if (manual or stage not in ("distribute", "live")) and (removes or stage != "remove")]
    assert stages(release) == expected and reused(release) == []
    assert all(step.took is not None and step.took >= 0 for step in release.timeline)

    if any_host.can_remove:
        assert release.key is not None and release.key.startswith(f"{any_host.prefix}/MyGame-")
        assert NAME.fullmatch(release.key.removeprefix(f"{any_host.prefix}/"))
    else:
        assert release.key is None, "that is the URL's own affair"
    assert without_query(release.file_url) == any_host.link(release.key) and SIGNATURE not in str(release.file_url)

    (build,) = site.builds()
    assert (build["uploadId"], build["autoRelease"]) == (release.upload_id, not manual) and site.customer.live() == release.upload_id
    assert without_query(build["fileUrl"]) == without_query(release.file_url)
    assert any_host.downloads() == [build["fileUrl"]], "the service has read the build where it is hosted, once"
    if removes:
        assert any_host.keys() == []
    else:
        (key,) = any_host.keys()
        assert key == (release.key or key) and any_host.read(key) == file.read_bytes()
    assert not isinstance(any_host, Bucket) or any_host.unfinished() == []
    assert site.assets() == site.distributions() == []


@pytest.mark.parametrize("hours", [None, 3])
def test_presigned_link(site: Site, client: slipway.Client, file: pathlib.Path, bucket: Bucket, hours: Any) -> None:
    """For as long as it was asked for, and for as long as a queue may be."""
    client.release(storage=bucket.storage(link_hours=hours), **site.arguments(file_path=file))
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(site.builds()[0]["fileUrl"]).query)
    assert query["X-Amz-Expires"] == [str((hours or 12) * 3600)] and re.fullmatch("[0-9a-f]{64}", query[SIGNATURE][0])


def test_each_object_once(site: Site, client: slipway.Client, bucket: Bucket) -> None:
    """A file in parts: each part once, and nothing is asked that need not be."""
    file = site.build(size=11 * MiB)
    client.release(storage=bucket.storage(part_size=PART), **site.arguments(file_path=file, remove_when_done=True))
    made = ["CreateMultipartUpload", *["UploadPart"] * 3, "CompleteMultipartUpload", "DeleteObject"]
    assert bucket.changes() == made and bucket.keys() == [] == bucket.unfinished()


def test_each_release_has_a_name_of_its_own(site: Site, client: slipway.Client, file: pathlib.Path, bucket: Bucket) -> None:
    operations = [client.release(storage=bucket.storage(), **site.arguments(file_path=file, wait=False)) for _ in range(3)]
    releases = [operation.result(20) for operation in operations]
    assert len({release.upload_id for release in releases}) == 3
    assert sorted(bucket.keys()) == sorted(str(release.key) for release in releases) and len(bucket.keys()) == 3


def test_beside_entermedia(site: Site, file: pathlib.Path, swift_bucket: Bucket) -> None:
    """A client that has an EnterMedia server hosts there what names no storage, and only that."""
    client = site.client()
    there = client.release(storage=swift_bucket.storage(), **site.arguments(file_path=file))
    assert there.live is True and swift_bucket.keys() == [there.key] and site.assets() == []
    here = client.release(**site.arguments(file_path=file))
    assert (here.live, here.key) == (True, None) and site.assets() == [here.asset_id] and len(swift_bucket.keys()) == 1


# What it tells on the way


def test_the_name_comes_before_the_thing(site: Site, client: slipway.Client, host: Host) -> None:
    """on_progress is slow, and nothing is asked for meanwhile that would change anything."""
    file = site.build(size=6 * MiB) if isinstance(host, Bucket) and host.can_remove else site.build()
    storage = host.storage(part_size=PART) if isinstance(host, Bucket) and host.can_remove else host.storage()
    seen: Dict[str, List[str]] = {}

    def changes() -> List[str]:
        return host.changes() + site.changes()

    def on_progress(progress: slipway.Progress) -> None:
        if progress.resume_from is None or progress.resume_from in seen:
            return
        before = changes()
        time.sleep(0.15)
        assert changes() == before
        seen[progress.resume_from] = before

    release = client.release(
        storage=storage, **site.arguments(file_path=file, remove_when_done=host.can_remove, on_progress=on_progress))
    assert list(seen) == [host.resume_point(release.key), release.upload_id]
    first, second = seen.values()
    assert first == [] and second[-1] == f"POST {site.path('upload-file')}"
    assert not any("Delete" in change for change in second)


def test_progress(site: Site, client: slipway.Client, bucket: Bucket) -> None:
    file = site.build(size=11 * MiB)
    news: List[slipway.Progress] = []
    storage = bucket.storage(part_size=PART, parallel_parts=1, bytes_per_second=40 * MiB)
    release = client.release(storage=storage, **site.arguments(file_path=file, remove_when_done=True, on_progress=news.append))
    told = [progress.release_stage for progress in news]
    order = [stage for i, stage in enumerate(told) if i == 0 or told[i - 1] != stage]
    assert order == [stage for stage in stages(release) if stage in order] and {"host", "register", "wait"} <= set(order)
    names = [progress.resume_from for progress in news]
    assert list(dict.fromkeys(name for name in names if name)) == [bucket.resume_point(release.key), release.upload_id]
    assert all((name is None) == (stage == "check") for name, stage in zip(names, told))
    sent = [progress for progress in news if progress.bytes_total]
    assert sent and {(progress.release_stage, progress.bytes_total) for progress in sent} == {("host", file.stat().st_size)}
    assert {progress.items_total for progress in sent} == {3}
    done = [progress.bytes_done for progress in sent]
    assert done == sorted(done) and all(progress.resume_from for progress in sent)


def test_signature_is_told_to_nobody_but_the_service(
    site: Site, client: slipway.Client, bucket: Bucket, recorder: Recorder
) -> None:
    """Of a release that works, of one that is rejected, and of one that fails. What the suite records is searched once more, at its end."""
    news: List[slipway.Progress] = []
    texts: List[str] = []
    for file, remove in ((site.build(), False), (site.build("NoEngine.zip", without=["engine"]), False), (site.build("Other.zip"), True)):
        if file.name == "Other.zip":
            site.fault("status", "upload-file", status=403, body='{"message":"Access denied"}')
        try:
            texts.append(repr(client.release(
                storage=bucket.storage(), **site.arguments(file_path=file, remove_when_done=remove, on_progress=news.append))))
        except slipway.SlipwayError as error:
            texts.append(f"{error} {error.result!r} {error.resume_from}")
    assert len(texts) == 3 and "NoEngine" in texts[1] and "Access denied" in texts[2]
    signatures = set(bucket.signatures())
    assert len(signatures) >= 3 and all(build["fileUrl"].partition(f"{SIGNATURE}=")[2] in signatures for build in site.builds())
    told = "".join(texts) + repr(news)
    assert SIGNATURE not in told
    said = told + recorder.text()
    assert not any(signature[:12] in said for signature in signatures) and bucket.s3.secret_access_key not in said


# Rejected builds


def test_rejected(site: Site, client: slipway.Client, named: Host) -> None:
    file = site.build(without=["engine"])
    kept = failure(slipway.RejectedError, client, {"storage": named.storage(), **site.arguments(file_path=file)})
    assert named.keys() == [kept.result.key] and kept.resume_from is None and kept.result.removed is False
    error = failure(slipway.RejectedError, client, {"storage": named.storage(), **site.arguments(file_path=file, remove_when_done=True)})
    assert (error.result.removed, error.result.stage, error.resume_from) == (True, "wait", None)
    assert error.message == error.result.objection and named.keys() == [kept.result.key], "the other one is not its own"


# Refused before anything is sent


def check_untouched(site: Site, host: Host, error: slipway.SlipwayError) -> None:
    assert error.hint and (error.resume_from, error.result.timeline) == (None, ())
    assert host.changes() == [] == host.keys() and site.requests() == []


@pytest.mark.parametrize("kind", ["put-url", "presigned-put"])
def test_put_url_cannot_be_removed(
    site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host], kind: str
) -> None:
    host = new_host(kind)
    for more in ({}, {"resume_from": host.link(None)}, {"resume_from": "0123456789abcdef01234567"}):
        arguments = site.arguments(file_path=file, remove_when_done=True, **more)
        error = failure(slipway.InvalidArgumentError, client, {"storage": host.storage(), **arguments})
        assert "put_url" in error.message and "remove_when_done" in error.hint
        check_untouched(site, host, error)


@pytest.mark.parametrize("remove", [False, True], ids=["keep", "remove"])
def test_directory_without_a_public_url(
    site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host], remove: bool
) -> None:
    host = new_host("directory")
    for link in (slipway.Link.AUTOMATIC, slipway.Link.PUBLIC):
        arguments = site.arguments(file_path=file, remove_when_done=remove)
        error = failure(slipway.InvalidArgumentError, client, {"storage": host.storage(public_url=None, link=link), **arguments})
        assert "public_url" in error.hint
        check_untouched(site, host, error)


def test_without_a_link(site: Site, client: slipway.Client, file: pathlib.Path, host: Host) -> None:
    error = failure(
        slipway.InvalidArgumentError, client, {"storage": host.storage(link=slipway.Link.NONE), **site.arguments(file_path=file)})
    assert "link" in error.message and "SLIPWAY_LINK_AUTOMATIC" in error.hint
    check_untouched(site, host, error)


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"bucket": ""}, "bucket"), ({"bucket": "No_Bucket"}, "bucket"), ({"endpoint": "minio.example.com"}, "endpoint"),
        ({"key_prefix": "../up"}, "key"), ({"key_prefix": "x" * 1000}, "key"), ({"public_url": "cdn.example.com"}, "public_url"),
        ({"public_url": "https://user:of-a-secret@cdn.example.com"}, "public_url"), ({"secret_access_key": None}, "secret_access_key"),
        ({"part_size": 1}, "part_size"), ({"acl": "public\nread"}, "acl"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)  # fmt: skip
def test_settings_that_are_wrong(
    site: Site, client: slipway.Client, file: pathlib.Path, swift_bucket: Bucket, changes: Dict[str, Any], word: str
) -> None:
    """As far as they can be known without asking, before the storage or the service is asked anything."""
    arguments = {"storage": swift_bucket.storage(**changes), **site.arguments(file_path=file)}
    error = failure(slipway.InvalidArgumentError, client, arguments)
    assert word in error.message + error.hint and error.hint and "of-a-secret" not in str(error)
    assert swift_bucket.proxy.requests() == [] and site.requests() == []


def test_put_url_that_is_no_zip(site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host]) -> None:
    """Streampixel would not take the link: known before gigabytes are sent."""
    host = new_host("put-url")
    assert isinstance(host, Folder)
    storage = slipway.PutURL(f"{host.server.url}/MyGame.bin")
    error = failure(slipway.InvalidArgumentError, client, {"storage": storage, **site.arguments(file_path=file)})
    assert ".zip" in error.message
    check_untouched(site, host, error)
