"""The S3 servers that storage is tested against are what other tests take them for: by boto3, not by Slipway."""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import datetime
import hashlib
import os
import signal
import subprocess
import sys
from typing import Any

import botocore.auth
import botocore.exceptions
import pytest

from emulator import request, wait_until
from s3_fixtures import S3, s3, s3_certificate, s3_servers, s3_tls, swift
from s3_server import KINDS, S3Server
from s3_upload import KEY, PART, Upload, broken, md5, refused
from wire_faults import Cut


def test_objects(s3: S3) -> None:
    content = os.urandom(100_000)
    s3.put(KEY, content, ContentType="application/zip", Metadata={"sha": "abc"})
    head = s3.head(KEY)
    assert (head["ContentLength"], head["ETag"], head["ContentType"]) == (len(content), md5(content), "application/zip")
    # Names of headers have no case: rclone's answer has Sha.
    assert {name.lower(): value for name, value in head["Metadata"].items()} == {"sha": "abc"}
    assert s3.read(KEY) == content
    assert s3.keys() == [KEY]
    for _ in range(2):
        s3.boto().delete_object(Bucket=s3.bucket, Key=KEY)
    with refused(404, "404"):
        s3.head(KEY)
    with refused(404, "NoSuchBucket"):
        s3.boto().put_object(Bucket="there-is-none", Key=KEY, Body=b"x")


def test_parts_in_parallel(s3: S3) -> None:
    parts = [bytes([number]) * PART for number in range(8)] + [b"the last"]
    upload = Upload(s3.boto(), s3.bucket)
    assert s3.unfinished() == {upload.id: KEY}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        etags = list(pool.map(upload.send, range(1, 10), parts))
    assert etags == [md5(part) for part in parts]
    listed = s3.parts(KEY, upload.id)
    assert {number: (part["ETag"], part["Size"]) for number, part in listed.items()} == {
        number: (md5(part), len(part)) for number, part in enumerate(parts, 1)}
    told = upload.complete(*etags)
    assert told == f'"{hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()}-9"'
    assert s3.head(KEY)["ETag"] == (md5(b"".join(parts)) if s3.traits.whole_md5 else told)
    assert s3.read(KEY) == b"".join(parts)
    assert s3.unfinished() == {}


def test_an_upload_that_is_aborted(s3: S3) -> None:
    upload = Upload(s3.boto(), s3.bucket)
    upload.send(1, b"some")
    upload.abort()
    assert s3.unfinished() == {}
    for late in (upload.abort, lambda: upload.send(2, b"more"), lambda: upload.complete(md5(b"some")), lambda: s3.parts(KEY, upload.id)):
        with refused(404, "NoSuchUpload"):
            late()


def test_what_is_refused(s3: S3) -> None:
    def put(client: Any, **more: Any) -> None:
        client.put_object(Bucket=s3.bucket, Key=KEY, Body=b"content", **more)

    with refused(403, "SignatureDoesNotMatch"):
        put(s3.boto(aws_secret_access_key="another"))
    with refused(400, "BadDigest"):
        put(s3.boto(), ContentMD5=base64.b64encode(hashlib.md5(b"other").digest()).decode())
    wrong_sum = {"ChecksumSHA256": base64.b64encode(hashlib.sha256(b"other").digest()).decode()}
    with refused(400, "BadDigest") if s3.traits.checks_content else contextlib.nullcontext():
        put(s3.boto(), **wrong_sum)
    for headers, code in (({"StorageClass": "NONSENSE"}, "InvalidStorageClass"), ({"ACL": "nonsense"}, "InvalidArgument")):
        with refused(400, code) if s3.traits.checks_headers else contextlib.nullcontext():
            put(s3.boto(), **headers)
    with refused(501, "NotImplemented") if s3.traits.checks_headers else contextlib.nullcontext():
        put(s3.boto(), ServerSideEncryption="AES256")


def test_the_region_of_a_signature(s3: S3) -> None:
    proxy = s3.proxy()
    s3.boto(endpoint=proxy.endpoint, region_name="eu-west-1").put_object(Bucket=s3.bucket, Key=KEY, Body=b"content")
    answers = [entry.response for entry in proxy.requests() if entry.response]
    if not s3.traits.checks_region:
        assert [answer.status for answer in answers] == [200]
        return
    # boto3 has gone on with the right one, which it was told.
    assert [answer.status for answer in answers] == [400, 200]
    assert b"<Code>AuthorizationHeaderMalformed<" in answers[0].body and b"<Region>us-east-1<" in answers[0].body


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_clock_that_is_wrong(s3: S3, minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: now)
    # rclone has two checks, of which one has its own opinion of what that is.
    odd = s3.name == "rclone" and minutes < 0
    with refused(*((400, "AccessDenied") if odd else (403, "RequestTimeTooSkewed"))):
        s3.boto().put_object(Bucket=s3.bucket, Key=KEY, Body=b"content")


def test_a_server_whose_clock_is_wrong(tmp_path: Any) -> None:
    with S3Server("swift", folder=tmp_path, ahead=3600) as server:
        with refused(403, "RequestTimeTooSkewed"):
            server.boto().create_bucket(Bucket="bucket")
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            server.boto().list_buckets()
        date = datetime.datetime.strptime(caught.value.response["ResponseMetadata"]["HTTPHeaders"]["date"], "%a, %d %b %Y %H:%M:%S GMT")
        ahead = date.replace(tzinfo=datetime.timezone.utc) - datetime.datetime.now(datetime.timezone.utc)
        assert abs(ahead.total_seconds() - 3600) < 5


def test_links(s3: S3) -> None:
    s3.put(KEY, b"content")

    def link(operation: str, seconds: int = 60, **more: Any) -> str:
        return str(s3.boto().generate_presigned_url(operation, Params={"Bucket": s3.bucket, "Key": KEY, **more}, ExpiresIn=seconds))

    get = link("get_object", ResponseContentDisposition='attachment; filename="a b.zip"')
    answer = request("GET", get)
    assert (answer.status, answer.body, answer.headers["content-disposition"]) == (200, b"content", 'attachment; filename="a b.zip"')
    part = request("GET", get, headers={"Range": "bytes=1-2"})
    assert (part.status, part.body, part.headers["content-range"]) == (s3.traits.partial_status, b"on", "bytes 1-2/7")
    assert request("HEAD", get).status == 403, "it is signed for GET"
    assert request("PUT", link("put_object"), b"by link").status == 200
    assert s3.read(KEY) == b"by link"
    # Valid for a second that has passed.
    old = link("get_object", 1)
    refusal = wait_until(lambda: next((answer for answer in [request("GET", old)] if answer.status != 200), None))
    assert (refusal.status, b"<Code>AccessDenied<" in refusal.body) == (400 if s3.name == "rclone" else 403, True)


def test_what_the_servers_differ_in(s3: S3) -> None:
    client, traits = s3.boto(), s3.traits
    upload = Upload(client, s3.bucket)
    first = upload.send(1, b"a" * PART)
    with contextlib.nullcontext() if traits.replaces_parts else refused(501, "NotImplemented"):
        upload.send(1, b"b" * PART)
    assert upload.send(1, b"a" * PART) == first
    second = upload.send(2, b"small")
    listing = client.list_parts(**upload.place, UploadId=upload.id, MaxParts=1)
    assert listing["NextPartNumberMarker"] == (2 if traits.markers_inclusive else 1) and listing["IsTruncated"]
    with contextlib.nullcontext() if traits.skips_parts else refused(400, "InvalidPart"):
        upload.complete(first)
    if traits.skips_parts:
        upload = Upload(client, s3.bucket)
        assert [upload.send(1, b"a" * PART), upload.send(2, b"small")] == [first, second]
    else:
        with refused(404, "NoSuchUpload"):
            upload.complete(first, second)
        upload = Upload(client, s3.bucket)
        upload.send(1, b"a" * PART), upload.send(2, b"small")
    told = upload.complete(first, second)
    with contextlib.nullcontext() if traits.completes_again else refused(404, "NoSuchUpload"):
        assert upload.complete(first, second) == told

    upload = Upload(client, s3.bucket)
    etags = [upload.send(1, b"small"), upload.send(2, b"smaller")]
    with refused(400, "EntityTooSmall") if traits.least_part else contextlib.nullcontext():
        upload.complete(*etags)

    for key in ("a//b", "../a", "n" * 300):
        with pytest.raises(botocore.exceptions.ClientError) if traits.names_are_paths else contextlib.nullcontext():
            client.put_object(Bucket=s3.bucket, Key=key, Body=b"")


def test_keys_of_1024_bytes(s3: S3) -> None:
    for key in ("/".join(["k" * 204] * 5), "/".join(["ü" * 102] * 5)):
        assert len(key.encode()) == 1024
        upload = Upload(s3.boto(), s3.bucket, key)
        upload.complete(upload.send(1, b"content"))
        assert s3.read(key) == b"content"
        assert key in s3.keys()


def test_public_links_and_hosts(swift: S3) -> None:
    swift.boto().put_bucket_acl(Bucket=swift.bucket, ACL="public-read")
    swift.put(KEY, b"for everybody")
    answer = request("GET", swift.server.public_link(swift.bucket, KEY))
    assert (answer.status, answer.body) == (200, b"for everybody")

    client = swift.boto(endpoint=swift.endpoint.replace("127.0.0.1", "localhost"), config={"s3": {"addressing_style": "virtual"}})
    link = client.generate_presigned_url("get_object", Params={"Bucket": swift.bucket, "Key": KEY})
    host = f"{swift.bucket}.localhost"
    assert link.startswith(f"http://{host}:")
    # Not every resolver knows that this is here.
    assert request("GET", link.replace(host, "127.0.0.1"), headers={"Host": link.split("/")[2]}).body == b"for everybody"


def test_tls(s3_tls: S3) -> None:
    assert s3_tls.endpoint.startswith("https://")
    content = os.urandom(PART)
    s3_tls.boto().put_object(Bucket=s3_tls.bucket, Key=KEY, Body=content)
    assert s3_tls.boto().get_object(Bucket=s3_tls.bucket, Key=KEY)["Body"].read() == content
    with pytest.raises(botocore.exceptions.SSLError):
        s3_tls.boto(verify=True).head_bucket(Bucket=s3_tls.bucket)
    proxy = s3_tls.proxy()
    proxy.fault(Cut("response"), on="PutObject")
    with broken():
        s3_tls.boto(endpoint=proxy.endpoint).put_object(Bucket=s3_tls.bucket, Key=KEY, Body=b"answer is lost")
    assert s3_tls.read(KEY) == b"answer is lost"


@pytest.mark.parametrize("name", KINDS)
def test_a_server_ends_with_its_parent(name: str, tmp_path: Any) -> None:
    source = f"import os, sys; from s3_server import S3Server; s = S3Server({name!r}, folder={str(tmp_path)!r}).start(); " \
        "print(s.endpoint, flush=True); sys.stdin.read()"
    here = os.path.dirname(os.path.abspath(__file__))
    parent = subprocess.Popen([sys.executable, "-c", source], cwd=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdin is not None and parent.stdout is not None
    endpoint = parent.stdout.readline().strip()
    assert request("GET", endpoint).status >= 200
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    parent.stdin.close()
    parent.stdout.close()

    def has_ended() -> bool:
        try:
            request("GET", endpoint)
        except ConnectionRefusedError:
            return True
        except OSError:
            pass  # It is about to.
        return False

    wait_until(has_ended, what="the end of the server")
