"""The link that an answer gives: who can read the object by it and for how long, and what becomes of one that does not give the object."""

from __future__ import annotations

import datetime
import pathlib
import re
import urllib.error
import urllib.parse
import zipfile
from typing import Any, Dict, Optional

import pytest

import slipway
from emulator import make_build, request
from s3_fixtures import S3, s3, s3_servers, swift
from storage_fixtures import PART, NewFile, client, content, failure, holds, home, new_file, read, settings
from web_server import WebServer
from wire_faults import Answer, Cut, Edit

SIGNED = "X-Amz-Signature"


def query(url: Optional[str]) -> Dict[str, str]:
    assert url is not None
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def is_of_link(request: Any) -> bool:
    return SIGNED in request.query


# Presigned


@pytest.mark.parametrize("hours", [None, 1, 12, 168])
def test_presigned_links(s3: S3, client: slipway.Client, new_file: NewFile, hours: Optional[int]) -> None:
    file = new_file()
    before = datetime.datetime.now(datetime.timezone.utc)
    stored = client.store(file, settings(s3, link_hours=hours))
    after = datetime.datetime.now(datetime.timezone.utc)
    assert query(stored.url)["X-Amz-Expires"] == str((hours or 12) * 3600)
    assert read(stored.url) == file.read_bytes()
    assert stored.url_expires_at is not None and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stored.url_expires_at)
    expires = datetime.datetime.fromisoformat(stored.url_expires_at.replace("Z", "+00:00")) - datetime.timedelta(hours=hours or 12)
    assert before - datetime.timedelta(seconds=1) <= expires <= after
    signed = datetime.datetime.strptime(query(stored.url)["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    assert signed == expires, "what the answer says is what was signed"


def test_a_link_is_for_one_object_and_for_reading(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    stored = client.store(new_file(), settings(s3))
    client.store(new_file(), settings(s3), key="other.bin")
    assert stored.url is not None and s3.secret_access_key not in stored.url
    assert request("GET", stored.url.replace("MyGame.bin", "other.bin")).status == 403
    assert request("GET", stored.url.replace("X-Amz-Expires=43200", "X-Amz-Expires=604800")).status == 403
    assert request("PUT", stored.url, b"x").status == 403 and request("DELETE", stored.url).status == 403
    # AWS would say 403; both of these take it for a request that was made badly.
    assert request("GET", stored.url.partition("?")[0]).status == 400
    assert holds(s3, "MyGame.bin", new_file())


def test_a_link_of_a_secret_object_is_not_logged(s3: S3, client: slipway.Client, new_file: NewFile, recorder: Any) -> None:
    stored = client.store(new_file(), settings(s3))
    logged = [line for line in recorder.text().splitlines() if line.startswith("log ")]
    assert query(stored.url)[SIGNED] not in "".join(logged)


# Public


def test_public_links(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    """By the address that Swift itself has for everybody."""
    swift.boto().put_bucket_acl(Bucket=swift.bucket, ACL="public-read")
    base = swift.server.public_link(swift.bucket, "")
    file = new_file()
    for key in ("a.bin", "b c/ü+%41&(x)='\"?#.bin"):
        for public_url in (base, base.rstrip("/")):
            stored = client.store(file, settings(swift, public_url=public_url), key=key)
            assert stored.url == f"{base}{urllib.parse.quote(key, safe='/-._~')}" and stored.url_expires_at is None
            assert read(stored.url) == file.read_bytes()


def test_public_url_is_joined(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    for public_url, url in (
        ("https://cdn.example.com", "https://cdn.example.com/builds/a%20b%2B.bin"),
        ("https://cdn.example.com/", "https://cdn.example.com/builds/a%20b%2B.bin"),
        ("https://cdn.example.com:8443/x%20y", "https://cdn.example.com:8443/x%20y/builds/a%20b%2B.bin"),
    ):
        storage = settings(swift, public_url=public_url, key_prefix="builds")
        assert client.store(new_file(), storage, key="a b+.bin", check_url=False).url == url


def test_the_storages_own_address(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    for choice in ({"link": slipway.Link.PUBLIC}, {"acl": "public-read"}, {"acl": "public-read-write"}):
        storage = settings(s3, **choice)
        try:
            stored = client.store(new_file(), storage, key="a b.bin", check_url=False)
        except slipway.RejectedError as refused:
            assert refused.http_status == 501 and "acl" in choice and s3.traits.checks_headers, "Swift's objects have the bucket's ACL"
            continue
        assert (stored.url, stored.url_expires_at) == (f"{s3.endpoint}/{s3.bucket}/a%20b.bin", None)
    private = client.store(new_file(), settings(s3, acl="private"), check_url=False)
    assert SIGNED in str(private.url)
    presigned = client.store(new_file(), settings(s3, public_url="https://cdn.example.com", link=slipway.Link.PRESIGNED))
    assert SIGNED in str(presigned.url) and read(presigned.url) == content(70_000)


def test_hosts_of_buckets(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    endpoint = swift.endpoint.replace("127.0.0.1", "localhost")
    storage = settings(swift, endpoint=endpoint, addressing=slipway.Addressing.VIRTUAL_HOST, part_size=PART)
    for size in (70_000, PART + 1):
        file = new_file(size)
        stored = client.store(file, storage, key="a b/c.bin")
        host = f"{swift.bucket}.localhost:{swift.endpoint.rpartition(':')[2]}"
        assert stored.url is not None and stored.url.startswith(f"http://{host}/a%20b/c.bin?") and holds(swift, "a b/c.bin", file)
    assert [upload.key for upload in client.storage_list_unfinished(storage)] == []
    client.storage_delete(storage, "a b/c.bin")
    assert swift.keys() == []


# None


def test_no_link(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    proxy = s3.proxy()
    stored = client.store(new_file(), settings(s3, proxy, link=slipway.Link.NONE, public_url="https://cdn.example.com"))
    assert (stored.url, stored.url_expires_at) == (None, None)
    assert [entry.operation for entry in proxy.requests()] == ["HeadObject", "PutObject", "HeadObject"]


def test_a_link_that_is_not_read(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    proxy = s3.proxy()
    stored = client.store(new_file(), settings(s3, proxy), check_url=False)
    assert read(stored.url) == content(70_000)
    assert [entry.operation for entry in proxy.requests()][:3] == ["HeadObject", "PutObject", "HeadObject"]
    assert [entry.operation for entry in proxy.requests()][3:] == ["GetObject"], "that was the test"


# Links that do not give the object

WRONG: Dict[str, Any] = {
    "403": (Answer(403), "asks for a login"),
    "404": (Answer(404), "is not there"),
    "a redirect": (Answer(302, {"location": "https://example.com/a"}), "redirects"),
    "500": (Answer(500), "cannot be read"),
    "another size": (Edit(lambda answer: answer.headers.update({"content-range": "bytes 0-3/69999"})), "69999 bytes, not 70000"),
}


@pytest.mark.parametrize("action, words", WRONG.values(), ids=WRONG)
def test_presigned_links_that_are_wrong(s3: S3, client: slipway.Client, new_file: NewFile, action: Any, words: str) -> None:
    proxy = s3.proxy()
    proxy.fault(action, times=None, where=is_of_link)
    # The first one says nothing: it is signed for GET.
    proxy.fault(Answer(403), on="HeadObject", times=None, where=is_of_link)
    error, stored = failure(slipway.FileError, lambda: client.store(new_file(), settings(s3, proxy)))
    assert words in error.message and SIGNED not in str(error) and error.hint
    # It is stored: the same call, when the link is mended, has nothing to send.
    assert stored.url is not None and stored.etag is not None and stored.bytes_sent == 70_000
    proxy.reset()
    assert client.store(new_file(), settings(s3, proxy)).skipped and holds(s3, "MyGame.bin", new_file())


def test_a_link_that_cannot_be_reached(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    proxy = s3.proxy()
    proxy.fault(Cut(), times=None, where=is_of_link)
    error, stored = failure(slipway.NetworkError, lambda: client.store(new_file(), settings(s3, proxy)))
    assert stored.etag is not None and s3.keys() == ["MyGame.bin"] and error.retriable


def test_what_not_everybody_may_read(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    error, stored = failure(slipway.FileError, lambda: client.store(new_file(), settings(s3, link=slipway.Link.PUBLIC)))
    assert error.http_status == 400 and "The object is stored" in error.hint and "public-read" in error.hint
    assert stored.url == f"{s3.endpoint}/{s3.bucket}/MyGame.bin" and s3.keys() == ["MyGame.bin"]


@pytest.fixture
def site(tmp_path: pathlib.Path) -> Any:
    folder = tmp_path / "site"
    folder.mkdir()
    with WebServer(folder) as server:
        yield server, folder


def test_a_public_url_that_gives_something_else(swift: S3, client: slipway.Client, site: Any, tmp_path: pathlib.Path) -> None:
    server, folder = site
    build = make_build(tmp_path / "MyGame.zip")
    storage = settings(swift, public_url=server.url)
    for there, words in (
        (None, "is not there"),
        (b"PK\x03\x04", "has 4 bytes, not"),
        (b"<!DOCTYPE html>".ljust(build.stat().st_size), "is a web page"),
        (b"\0" * build.stat().st_size, "is not a zip file"),
    ):
        if there is not None:
            (folder / "MyGame.zip").write_bytes(there)
        error, stored = failure(slipway.FileError, lambda: client.store(build, storage))
        assert stored.url == f"{server.url}/MyGame.zip" and stored.url in error.message and words in error.message and error.hint
    (folder / "MyGame.zip").write_bytes(build.read_bytes())
    assert client.store(build, storage).skipped


# Builds and other files


def test_builds_are_read_as_builds(s3: S3, client: slipway.Client, new_file: NewFile, tmp_path: pathlib.Path) -> None:
    build = make_build(tmp_path / "My Game.zip")
    stored = client.store(build, settings(s3))
    assert read(stored.url) == build.read_bytes() and s3.head("My Game.zip")["ContentType"] == "application/zip"
    with zipfile.ZipFile(build) as archive:
        assert archive.testzip() is None
    for size in (0, 70_000):
        error, _ = failure(slipway.FileError, client.store, new_file(size), settings(s3), key="a.ZIP")
        assert "zip" in error.message and error.hint
        assert client.store(new_file(size), settings(s3), key="a.bin").url is not None


def test_links_that_nobody_could_read_are_refused_first(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    proxy = swift.proxy()
    for public_url in (
        "cdn.example.com", "ftp://cdn.example.com", "https://", "https://user:of-a-secret@cdn.example.com", "//cdn.example.com",
        "https:///builds", "https://a b",
        "https://cdn.example.com/?builds", "https://cdn.example.com/builds#", "https://cdn.example.com\nX: y",
    ):  # fmt: skip
        with pytest.raises(slipway.InvalidArgumentError) as refused:
            client.store(new_file(), settings(swift, proxy, public_url=public_url))
        assert "public_url" in refused.value.message and refused.value.hint and "of-a-secret" not in str(refused.value)
    assert proxy.requests() == []
