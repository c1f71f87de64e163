"""A release to a storage that fails: what it says, what there is then, and that the same call goes on when the trouble is over."""

from __future__ import annotations

import pathlib
from typing import Any, Callable, Dict, List

import pytest

import slipway
from release_site import Site, failure, file, reused, site
from release_storage_site import SIGNATURE, Bucket, Folder, Host, PublicBucket, bucket, client, host, new_host
from s3_fixtures import s3_servers
from storage_fixtures import PART, MiB, home
from test_release import change_content, change_file, change_length
from wire_faults import Answer, Cut, Edit

# Storages that do not let it in


def test_storage_does_not_let_it_in(site: Site, client: slipway.Client, file: pathlib.Path, bucket: Bucket) -> None:
    arguments = {"storage": bucket.storage(secret_access_key="not-the-secret-of-anybody"), **site.arguments(file_path=file)}
    error = failure(slipway.UnauthorizedError, client, arguments)
    assert error.message.startswith("host: ") and error.hint and site.builds() == []
    assert error.resume_from == bucket.resume_point(error.result.key) and bucket.keys() == []
    done = client.release(storage=bucket.storage(), **site.arguments(file_path=file, resume_from=error.resume_from))
    assert done.live is True and bucket.keys() == [done.key] == [error.result.key]


def test_public_link_that_is_private(site: Site, client: slipway.Client, file: pathlib.Path, bucket: Bucket) -> None:
    """Everybody is told where it is, and nobody may read it: the service never hears of it."""
    error = failure(
        slipway.FileError, client, {"storage": bucket.storage(link=slipway.Link.PUBLIC), **site.arguments(file_path=file)})
    assert error.message.startswith("host: ") and error.hint and site.builds() == [] and bucket.keys() == [error.result.key]
    done = client.release(storage=bucket.storage(), **site.arguments(file_path=file, resume_from=error.resume_from))
    assert (done.live, reused(done)) == (True, ["host"]) and bucket.changes() == ["PutObject"]


def test_link_gives_something_else(site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host]) -> None:
    """Such as a cache that keeps the old one: compared to its last byte that matters."""
    host = new_host("put-url")
    assert isinstance(host, Folder)
    other = site.build("Other.zip", size=64 * 1024)
    content = bytearray(other.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 16] ^= 1
    (host.folder / "cached.zip").write_bytes(content)
    storage = host.storage(public_url=f"{host.server.url}/cached.zip")
    error = failure(slipway.FileError, client, {"storage": storage, **site.arguments(file_path=other)})
    assert "not the file" in error.message and f"{host.server.url}/cached.zip" in error.message and site.builds() == []


@pytest.mark.parametrize(
    "action, kind, words",
    [
        (Answer(404), slipway.FileError, "not there"), (Answer(403), slipway.FileError, "login"),
        (Answer(200, {"content-type": "text/html"}, b"<!DOCTYPE html><html></html>"), slipway.FileError, "web page"),
        (Edit(lambda response: setattr(response, "body", response.body[::-1])), slipway.FileError, "zip"),
        (Cut(), slipway.NetworkError, ""),
    ],
    ids=["404", "403", "page", "other bytes", "cut"],
)  # fmt: skip
def test_presigned_link_that_gives_something_else(
    site: Site, file: pathlib.Path, bucket: Bucket, action: Any, kind: Any, words: str
) -> None:
    """The service never hears of it. The object is there, and not sent again."""
    client = site.customer.client(max_attempts=2)
    bucket.proxy.fault(action, on="GetObject", times=None)
    error = failure(kind, client, {"storage": bucket.storage(), **site.arguments(file_path=file)})
    assert error.message.startswith("host: ") and words in error.message and error.hint
    assert SIGNATURE not in str(error) + repr(error.result) and site.builds() == [] and bucket.keys() == [error.result.key]
    bucket.proxy.reset()
    done = client.release(storage=bucket.storage(), **site.arguments(file_path=file, resume_from=error.resume_from))
    assert (done.live, reused(done)) == (True, ["host"]) and bucket.changes() == []


def test_storage_hiccups(site: Site, client: slipway.Client, bucket: Bucket) -> None:
    """One failure of each request is nobody's concern; and nothing is there twice."""
    file = site.build(size=6 * MiB)
    for operation in ("HeadObject", "ListMultipartUploads", "CreateMultipartUpload", "UploadPart", "DeleteObject"):
        bucket.proxy.fault(Answer.error(503, "SlowDown"), on=operation)
    bucket.proxy.fault(Cut("response"), on="CompleteMultipartUpload")
    site.fault("status", "project", status=502)
    site.fault("close", "upload-file", after="processing")
    release = client.release(storage=bucket.storage(part_size=PART), **site.arguments(file_path=file, remove_when_done=True))
    assert (release.live, release.removed) == (True, True) and len(site.builds()) == 1
    assert bucket.keys() == [] == bucket.unfinished()


# The file


@pytest.mark.parametrize("change", [change_length, change_content, change_file, pathlib.Path.unlink], ids=lambda change: change.__name__)
def test_package_that_changes_meanwhile(
    site: Site, client: slipway.Client, file: pathlib.Path, host: Host, change: Callable[[pathlib.Path], object]
) -> None:
    """Behind the look at it, when its place is told: nothing of it gets anywhere."""
    changed: List[str] = []

    def on_progress(progress: slipway.Progress) -> None:
        if progress.resume_from is not None and not changed:
            changed.append(progress.resume_from)
            change(file)

    error = failure(
        slipway.FileError, client, {"storage": host.storage(), **site.arguments(file_path=file, on_progress=on_progress)})
    assert error.result.stage == "host" and str(file) in error.message and error.resume_from == changed[0]
    assert host.changes() == [] == host.keys() and site.requests() == []


def test_package_with_an_error(site: Site, client: slipway.Client, host: Host) -> None:
    file = site.build("NoExe.zip", without=["exe"])
    error = failure(slipway.FileError, client, {"storage": host.storage(), **site.arguments(file_path=file)})
    assert error.message.startswith("check: ") and error.resume_from is None and host.changes() == [] and site.requests() == []


# A put_url whose link has a secret, too


def test_put_url_with_a_presigned_link(site: Site, client: slipway.Client, file: pathlib.Path, new_host: Callable[[str], Host]) -> None:
    """One URL to put it and one to get it, each with a signature: neither is told. Whoever has made them can go on without an id."""
    host = new_host("presigned-put")
    assert isinstance(host, PublicBucket)
    signer = host.s3.boto(endpoint=host.proxy.endpoint)
    link = signer.generate_presigned_url("get_object", Params={"Bucket": host.s3.bucket, "Key": "builds/MyGame-1.0.zip"}, ExpiresIn=600)
    site.fault("status", "upload-file", status=403)
    news: List[slipway.Progress] = []
    arguments: Dict[str, Any] = {"storage": host.storage(public_url=link), **site.arguments(file_path=file, on_progress=news.append)}
    error = failure(slipway.ForbiddenError, client, arguments)
    assert error.resume_from is None and error.result.stage == "register" and host.keys() == ["builds/MyGame-1.0.zip"]
    done = client.release(**{**arguments, "resume_from": link})
    assert (done.live, reused(done), done.file_url) == (True, ["host"], link.partition("?")[0]) and host.changes() == ["PutObject"]
    assert site.builds()[0]["fileUrl"] == link and len(site.builds()) == 1
    assert {progress.resume_from for progress in news} == {None, done.upload_id}
    assert "X-Amz-" not in repr(news) + repr(done) + str(error) + repr(error.result)
