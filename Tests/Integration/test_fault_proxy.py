"""The proxy before the S3 servers does to requests what a test wants, and nothing else: by boto3, not by Slipway."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import socket
import time
from typing import Any

import pytest

from emulator import wait_until
from fault_proxy import FaultProxy
from s3_fixtures import S3, s3, s3_servers, swift
from s3_upload import KEY, Upload, broken, refused
from wire_faults import Answer, Cut, Delay, Edit, Stall


@pytest.fixture
def proxy(s3: S3) -> FaultProxy:
    return s3.proxy()


def test_the_journal(s3: S3, proxy: FaultProxy) -> None:
    client = s3.boto(endpoint=proxy.endpoint)
    upload = Upload(client, s3.bucket)
    upload.complete(upload.send(1, b"content"))
    client.get_object(Bucket=s3.bucket, Key=KEY)["Body"].read()
    client.head_object(Bucket=s3.bucket, Key=KEY)
    client.list_objects_v2(Bucket=s3.bucket)
    assert [entry.operation for entry in proxy.requests()] == [
        "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "GetObject", "HeadObject", "ListObjects"]
    assert [entry.status for entry in proxy.requests()] == [200] * 6
    part, get = proxy.requests("UploadPart", "GetObject")
    assert (part.key, part.query["partNumber"], part.body, part.body_bytes) == (KEY, "1", b"content", 7)
    assert get.response is not None and get.response.body == b"content" and get.response_bytes > 7
    assert {entry.connection for entry in proxy.requests()} == {1} and proxy.accepted == 1
    wait_until(lambda: all(entry.ended is not None and entry.ended >= entry.started for entry in proxy.requests()))


def put(client: Any, bucket: str, content: bytes = b"x" * 300_000) -> None:
    client.put_object(Bucket=bucket, Key=KEY, Body=content)


def is_stored(s3: S3, content: bytes) -> bool:
    return s3.read(KEY) == content


def test_cuts(s3: S3, proxy: FaultProxy) -> None:
    client = s3.boto(endpoint=proxy.endpoint)
    s3.put(KEY, b"old")
    for action, forwarded, stored in (
        (Cut(), None, b"old"),
        (Cut(reset=True), None, b"old"),
        (Cut(after=0), 0, b"old"),
        (Cut(after=100_000), 100_000, b"old"),
        (Cut("response"), 300_000, b"x" * 300_000),
        (Cut("response", after=5), 300_000, b"x" * 300_000),
    ):
        fault = proxy.fault(action, on="PutObject", nth=2)
        put(client, s3.bucket, b"old")
        with broken():
            put(client, s3.bucket)
        assert fault.hits == 1
        entry = proxy.requests()[-1]
        assert entry.is_forwarded == (forwarded is not None) and entry.body_bytes == (forwarded or 0)
        assert entry.response_bytes == (5 if action == Cut("response", after=5) else 0)
        wait_until(functools.partial(is_stored, s3, stored), what=f"the end of what {action} has cut")
    put(client, s3.bucket)


def test_answers(s3: S3, proxy: FaultProxy) -> None:
    client = s3.boto(endpoint=proxy.endpoint)
    storm = proxy.fault(Answer.error(503, "SlowDown", Extra="a & b"), on=("PutObject", "HeadObject"), times=3)
    for _ in range(2):
        with refused(503, "SlowDown"):
            put(client, s3.bucket)
    with refused(503, "503"):
        client.head_object(Bucket=s3.bucket, Key=KEY)
    put(client, s3.bucket)
    assert storm.hits == 3
    assert [entry.is_forwarded for entry in proxy.requests()] == [False] * 3 + [True]

    proxy.fault(Edit(lambda response: response.headers.update(etag='"edited"')), on="PutObject")
    assert client.put_object(Bucket=s3.bucket, Key=KEY, Body=b"x")["ETag"] == '"edited"'

    def lose_etag(response: Any) -> None:
        response.body = b"<CompleteMultipartUploadResult><ETag/></CompleteMultipartUploadResult>"

    proxy.fault(Edit(lose_etag), on="CompleteMultipartUpload")
    upload = Upload(client, s3.bucket)
    assert upload.complete(upload.send(1, b"content")) == ""
    assert s3.read(KEY) == b"content"
    assert len({entry.connection for entry in proxy.requests()}) == 1


def test_an_answer_that_does_not_wait_for_the_body(swift: S3) -> None:
    proxy = swift.proxy()
    proxy.fault(Answer(403, reads_body=False), times=2)
    with contextlib.closing(socket.create_connection(("127.0.0.1", proxy.port), timeout=5)) as connection:
        head = "PUT /bucket/key HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"

        def ask(text: str) -> bytes:
            connection.sendall(text.encode())
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += connection.recv(4096)
            return answer

        # It goes on with its body, or with another request.
        assert ask(head).startswith(b"HTTP/1.1 403 ")
        assert ask("12345" + head).startswith(b"HTTP/1.1 403 ")
        assert ask("GET /healthcheck HTTP/1.1\r\nHost: here\r\n\r\n").startswith(b"HTTP/1.1 ")
    assert [(entry.method, entry.is_forwarded) for entry in proxy.requests()] == [("PUT", False), ("PUT", False), ("GET", True)]


@pytest.mark.parametrize("action", [Stall(), Stall(after=100_000), Stall("response"), Stall("response", after=30)], ids=str)
def test_stalls(s3: S3, proxy: FaultProxy, action: Stall) -> None:
    client = s3.boto(endpoint=proxy.endpoint)
    fault = proxy.fault(action, on="PutObject")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        upload = pool.submit(put, client, s3.bucket)
        try:
            fault.wait()
            with pytest.raises(concurrent.futures.TimeoutError):
                upload.result(0.2)
            (entry,) = proxy.requests()
            assert entry.ended is None
            assert entry.body_bytes == (300_000 if action.where == "response" else action.after or 0)
        finally:
            fault.release()
        upload.result(10)
    assert s3.read(KEY) == b"x" * 300_000


def test_a_client_that_does_not_wait(s3: S3, proxy: FaultProxy) -> None:
    proxy.fault(Stall("response"), on="PutObject")
    with broken():
        put(s3.boto(endpoint=proxy.endpoint, config={"read_timeout": 0.3}), s3.bucket)
    wait_until(lambda: proxy.connections == 0, what="the end of the connection")
    fault = proxy.fault(Delay(0.2), on="PutObject")
    started = time.monotonic()
    put(s3.boto(endpoint=proxy.endpoint), s3.bucket)
    assert fault.hits == 1 and time.monotonic() - started >= 0.2


def test_the_throttle(s3: S3, proxy: FaultProxy) -> None:
    client = s3.boto(endpoint=proxy.endpoint)
    proxy.throttle(2_000_000)
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for upload in [pool.submit(put, client, s3.bucket, b"x" * 200_000) for _ in range(4)]:
            upload.result(30)
    assert time.monotonic() - started > 0.35
    proxy.throttle(None, 1_000_000)
    started = time.monotonic()
    assert len(client.get_object(Bucket=s3.bucket, Key=KEY)["Body"].read()) == 200_000
    assert time.monotonic() - started > 0.15
    # What is under way is freed, too.
    proxy.throttle(1000)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        upload = pool.submit(put, client, s3.bucket)
        wait_until(lambda: proxy.requests("PutObject")[-1].body_bytes > 0)
        proxy.throttle(None)
        upload.result(10)
