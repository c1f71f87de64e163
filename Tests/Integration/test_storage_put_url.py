"""A URL that takes a file by PUT: any web server, or a presigned one of a storage. What it is sent, and what its answers mean."""

from __future__ import annotations

import pathlib
import secrets as random_secrets
from ctypes import c_char_p
from typing import Any, Dict, Iterator, List

import pytest

import slipway
from emulator import make_build
from fault_proxy import FaultProxy
from recorder import Recorder, Secrets
from s3_fixtures import S3, s3, s3_servers, swift
from storage_fixtures import MiB, NewFile, Raw, client, content, failure, holds, home, new_file, read
from web_server import WebServer
from wire_faults import Answer, Stall

INVALID = slipway.InvalidArgumentError


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "served"
    path.mkdir()
    return path


@pytest.fixture
def server(folder: pathlib.Path) -> Iterator[WebServer]:
    with WebServer(folder) as server:
        yield server


@pytest.fixture
def proxy(server: WebServer) -> Iterator[FaultProxy]:
    """Another way to the server, on which things go wrong."""
    with FaultProxy(server.url) as proxy:
        yield proxy


# What it is sent


@pytest.mark.parametrize("size", [0, 1, 70_000, 5 * MiB + 1])
def test_one_put(client: slipway.Client, server: WebServer, folder: pathlib.Path, new_file: NewFile, size: int) -> None:
    file = new_file(size)
    stored = client.store(file, slipway.PutURL(f"{server.url}/a%20b%2B(1)%25.bin"))
    (put,) = server.requests("PUT")
    assert put.target == "/a%20b%2B(1)%25.bin" and put.body == file.read_bytes() and put.headers["content-length"] == str(size)
    assert (folder / "a b+(1)%.bin").read_bytes() == file.read_bytes()
    assert (stored.url, stored.url_expires_at) == (f"{server.url}/a%20b%2B(1)%25.bin", None) and read(stored.url) == file.read_bytes()
    assert (stored.key, stored.bucket, stored.path, stored.upload_id, stored.etag) == (None, None, None, None, None)
    assert (stored.size, stored.parts, stored.parts_reused, stored.bytes_sent, stored.skipped) == (size, 0, 0, size, False)


def test_nothing_is_sent_that_was_not_asked_for(client: slipway.Client, server: WebServer, new_file: NewFile) -> None:
    client.store(new_file(5 * MiB), slipway.PutURL(f"{server.url}/a.bin"), check_url=False)
    (put,) = server.requests()
    assert set(put.headers) <= {"host", "user-agent", "accept", "content-length", "expect"}
    assert put.headers["user-agent"].startswith("Slipway/")


def test_headers(client: slipway.Client, server: WebServer, new_file: NewFile, secrets: Secrets) -> None:
    secret = secrets.add(f"Bearer {random_secrets.token_hex(16)}")
    headers = {"x-ms-blob-type": "BlockBlob", "Authorization": secret, "X-Empty": "", "X-Odd": "a, b; c=\"d\" 'e' <f> =?UTF-8?Q?g?="}
    storage = slipway.PutURL(
        f"{server.url}/a.bin", headers=headers, content_type="application/zip", content_disposition='attachment; filename="a b.zip"')
    client.store(new_file(), storage)
    (put,) = server.requests("PUT")
    for name, value in {**headers, "Content-Type": "application/zip", "Content-Disposition": 'attachment; filename="a b.zip"'}.items():
        assert put.headers[name.lower()] == value
    assert all("authorization" not in request.headers and "x-odd" not in request.headers for request in server.requests("GET", "HEAD"))


def test_what_is_there_is_sent_again(client: slipway.Client, server: WebServer, new_file: NewFile) -> None:
    """Nobody can tell what is there: the URL takes a PUT, which is all that is known of it."""
    for _ in range(2):
        assert client.store(new_file(), slipway.PutURL(f"{server.url}/a.bin")).bytes_sent == 70_000
    assert len(server.requests("PUT")) == 2


# Links


def test_links(client: slipway.Client, server: WebServer, new_file: NewFile, tmp_path: pathlib.Path) -> None:
    url = f"{server.url}/MyGame.zip?signature=of-a-secret"
    build = make_build(tmp_path / "MyGame.zip")
    assert client.store(build, slipway.PutURL(url)).url == f"{server.url}/MyGame.zip"
    public = slipway.PutURL(url, public_url=f"{server.url}/MyGame.zip?token=x")
    assert client.store(build, public).url == f"{server.url}/MyGame.zip?token=x"
    asked = len(server.requests("GET", "HEAD"))
    assert client.store(build, slipway.PutURL(url, link=slipway.Link.NONE)).url is None
    assert client.store(build, slipway.PutURL(url), check_url=False).url == f"{server.url}/MyGame.zip"
    assert len(server.requests("GET", "HEAD")) == asked

    error, stored = failure(slipway.FileError, lambda: client.store(build, slipway.PutURL(url, public_url=f"{server.url}/Other.zip")))
    assert error.http_status == 404 and stored.url == f"{server.url}/Other.zip"
    (tmp_path / "served" / "Other.zip").write_bytes(b"x" * build.stat().st_size)
    error, _ = failure(slipway.FileError, lambda: client.store(build, slipway.PutURL(url, public_url=f"{server.url}/Other.zip")))
    assert "not a zip" in error.message
    with pytest.raises(INVALID, match="presigned"):
        client.store(build, slipway.PutURL(url, link=slipway.Link.PRESIGNED))


# Presigned ones


def presigned(s3: S3, method: str, **more: Any) -> str:
    return str(s3.boto().generate_presigned_url(method, Params={"Bucket": s3.bucket, "Key": "a b+ü.bin", **more}, ExpiresIn=600))


def test_presigned_urls(s3: S3, client: slipway.Client, new_file: NewFile, recorder: Recorder) -> None:
    for size in (0, 70_000, 5 * MiB):
        put, get = presigned(s3, "put_object"), presigned(s3, "get_object")
        stored = client.store(new_file(size), slipway.PutURL(put, public_url=get))
        assert stored.url == get and holds(s3, "a b+ü.bin", new_file(size))
        assert stored.etag is not None and stored.etag.strip('"') == s3.head("a b+ü.bin")["ETag"].strip('"')
        signature = put.rpartition("Signature=")[2].partition("&")[0]
        assert len(signature) >= 20 and signature not in recorder.text()


def test_what_a_presigned_url_wants(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    put = presigned(swift, "put_object", ContentType="application/zip", Metadata={"by": "slipway"})
    client.store(new_file(), slipway.PutURL(put, headers={"x-amz-meta-by": "slipway"}, content_type="application/zip"), check_url=False)
    head = swift.head("a b+ü.bin")
    assert (head["ContentType"], list(head["Metadata"].values())) == ("application/zip", ["slipway"])
    without = slipway.PutURL(put, content_type="application/zip")
    error, _ = failure(slipway.UnauthorizedError, lambda: client.store(new_file(), without, check_url=False))
    assert "SignatureDoesNotMatch" in error.message


def test_a_url_for_another_method_or_time(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    for url in (presigned(s3, "get_object"), presigned(s3, "put_object").replace("X-Amz-Expires=600", "X-Amz-Expires=601")):
        with pytest.raises(slipway.SlipwayError) as refused:
            client.store(new_file(), slipway.PutURL(url, link=slipway.Link.NONE))
        assert isinstance(refused.value, (slipway.UnauthorizedError, slipway.ForbiddenError)) and refused.value.hint
        assert refused.value.http_status == 403 and refused.value.attempts == 1 and "X-Amz-Signature" not in str(refused.value)
    assert s3.keys() == []


# Answers

ANSWERS: Dict[str, Any] = {
    "400": (400, INVALID, False), "401": (401, slipway.UnauthorizedError, False), "403": (403, slipway.ForbiddenError, False),
    "404": (404, slipway.NotFoundError, False), "405": (405, slipway.RejectedError, False), "411": (411, INVALID, False),
    "413": (413, slipway.RejectedError, False), "418": (418, slipway.ProtocolError, False), "429": (429, slipway.RateLimitedError, True),
    "500": (500, slipway.ServerError, True), "503": (503, slipway.ServerError, True), "507": (507, slipway.RejectedError, False),
}  # fmt: skip


@pytest.mark.parametrize("status, kind, repeats", ANSWERS.values(), ids=ANSWERS)
def test_refusals(proxy: FaultProxy, new_file: NewFile, status: int, kind: Any, repeats: bool) -> None:
    proxy.fault(Answer(status), times=None)
    with slipway.Client(retry_delay=0.001, max_attempts=3) as client:
        error, stored = failure(kind, lambda: client.store(new_file(), slipway.PutURL(f"{proxy.endpoint}/a.bin?signature=of-a-secret")))
    assert error.http_status == status and f"HTTP {status}" in error.message and error.hint and "of-a-secret" not in str(error)
    assert error.retriable == repeats and len(proxy.requests()) == (3 if repeats else 1) and error.attempts == len(proxy.requests())
    assert stored.url is None and stored.etag is None


def test_a_redirect_is_told(client: slipway.Client, proxy: FaultProxy, new_file: NewFile, server: WebServer) -> None:
    """Nobody follows one with a file: whoever gave the URL gives the right one."""
    for status in (301, 302, 303, 307, 308):
        proxy.reset()
        proxy.fault(Answer(status, {"location": f"{server.url}/elsewhere.bin?signature=of-a-secret"}), times=None)
        with pytest.raises(slipway.SlipwayError) as refused:
            client.store(new_file(), slipway.PutURL(f"{proxy.endpoint}/a.bin"))
        assert refused.value.http_status == status and not refused.value.retriable and refused.value.hint
        assert len(proxy.requests()) == 1 and "of-a-secret" not in str(refused.value)
    assert server.requests() == []


@pytest.mark.parametrize("status, kind", [(403, slipway.ForbiddenError), (200, slipway.ProtocolError), (503, None)])
def test_an_early_answer_on_a_connection_that_is_kept(
    client: slipway.Client, proxy: FaultProxy, server: WebServer, new_file: NewFile, status: int, kind: Any
) -> None:
    """To Expect: 100-continue, with a final answer before the body, which then need not come. The next request is not taken for it, and
    whoever says that a file has arrived that was not sent is not believed."""
    proxy.fault(Answer(status, reads_body=False))
    file = new_file(3 * MiB)
    storage = slipway.PutURL(f"{proxy.endpoint}/a.bin", link=slipway.Link.NONE)
    if kind is not None:
        failure(kind, lambda: client.store(file, storage))
    else:
        client.store(file, storage)
    assert proxy.requests()[0].waits
    for size in (70_000, 3 * MiB):
        client.store(new_file(size), storage)
        assert server.requests("PUT")[-1].body == content(size)
    assert len(server.requests("PUT")) == (3 if status == 503 else 2)


def test_cancelling(client: slipway.Client, proxy: FaultProxy, new_file: NewFile, folder: pathlib.Path) -> None:
    fault = proxy.fault(Stall(after=MiB))
    operation = client.store(new_file(5 * MiB), slipway.PutURL(f"{proxy.endpoint}/a.bin"), wait=False)
    fault.wait()
    operation.cancel()
    failure(slipway.CancelledError, lambda: operation.result(10))
    assert list(folder.iterdir()) == []


LARGE = 16 * MiB
"""More than the kernel takes in at once: not all of it has left when the first bytes have arrived."""


def test_a_file_that_changes(client: slipway.Client, proxy: FaultProxy, new_file: NewFile, folder: pathlib.Path) -> None:
    fault = proxy.fault(Stall(after=100_000))
    file = new_file(LARGE)
    operation = client.store(file, slipway.PutURL(f"{proxy.endpoint}/a.bin"), wait=False)
    fault.wait()
    file.write_bytes(content(LARGE, 2))
    fault.release()
    error, _ = failure(slipway.FileError, lambda: operation.result(20))
    assert str(file) in error.message and list(folder.iterdir()) == []


# What is refused before

URLS: List[str] = [
    "", "example.com/a", "ftp://example.com/a", "http://", "https://user:of-a-secret@example.com/a", "http://127.0.0.1:9/a#b",
    "file:///tmp/a", "http://127.0.0.1:9/a b", "http://127.0.0.1:9/a\r\nX: y", "http://127.0.0.1:99999/a",
]  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_urls_that_are_none(client: slipway.Client, new_file: NewFile, url: str) -> None:
    with pytest.raises(INVALID, match="put_url") as refused:
        client.store(new_file(), slipway.PutURL(url))
    assert refused.value.hint and "of-a-secret" not in str(refused.value) and refused.value.attempts == 0


LINES: List[bytes] = [
    b"no colon", b": no name", b"Na me: x", b"Name\r\n: x", b"Name: x\r\nY: z", b"Name: x\x7f", b"Host: example.com", b"Content-Length: 5",
    b"transfer-encoding: chunked", "Näme: x".encode(),
]  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=repr)
def test_headers_that_are_none(client: slipway.Client, server: WebServer, new_file: NewFile, line: bytes) -> None:
    storage = Raw(slipway.PutURL(f"{server.url}/a.bin"), put_headers=(c_char_p * 1)(line), put_header_count=1)
    with pytest.raises(INVALID) as refused:
        client.store(new_file(), storage)
    assert refused.value.hint and server.requests() == []


def test_what_may_be_a_secret_is_not_sent_in_the_clear(client: slipway.Client, new_file: NewFile) -> None:
    """To other machines: a name that leads nowhere is asked for only when it is allowed."""
    for storage in (
        slipway.PutURL("http://there.is.none.invalid/a.bin?signature=of-a-secret"),
        slipway.PutURL("http://there.is.none.invalid/a.bin", headers={"Authorization": "of-a-secret"}),
    ):
        with pytest.raises(slipway.InsecureError) as refused:
            client.store(new_file(), storage)
        assert "there.is.none.invalid" in refused.value.message and refused.value.hint and "of-a-secret" not in str(refused.value)
        with slipway.Client(max_attempts=1, allow_insecure=True) as careless, pytest.raises(slipway.NetworkError):
            careless.store(new_file(), storage)
    with slipway.Client(max_attempts=1) as once, pytest.raises(slipway.NetworkError):
        once.store(new_file(), slipway.PutURL("http://there.is.none.invalid/a.bin"))


def test_it_has_neither_key_nor_metadata(client: slipway.Client, server: WebServer, new_file: NewFile) -> None:
    storage = slipway.PutURL(f"{server.url}/a.bin")
    with pytest.raises(INVALID, match="key"):
        client.store(new_file(), storage, key="b.bin")
    with pytest.raises(INVALID, match="metadata"):
        client.store(new_file(), storage, metadata={"a": "b"})
    assert server.requests() == []
