"""What uploads have left in a bucket: listed whatever their number, and aborted by age or by id, as the header says."""

from __future__ import annotations

import datetime
import re
from typing import Any, List, Optional

import pytest

import slipway
from fault_proxy import FaultProxy
from http_message import Request, Response
from s3_fixtures import S3, s3, s3_servers, swift
from storage_fixtures import PART, NewFile, client, home, new_file, settings, store_parts, unfinished
from wire_faults import Answer, Edit

ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def begin(s3: S3, *keys: str) -> List[str]:
    boto = s3.boto()
    return [str(boto.create_multipart_upload(Bucket=s3.bucket, Key=key)["UploadId"]) for key in keys]


# The list


def test_nothing_is_unfinished(s3: S3, client: slipway.Client) -> None:
    found = client.storage_list_unfinished(settings(s3))
    assert (list(found), found.bucket, found.prefix, found.complete) == ([], s3.bucket, "", True)
    aborted = client.storage_abort_unfinished(settings(s3))
    assert (aborted.aborted, aborted.younger, aborted.complete) == ((), 0, True)


def test_the_list(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    left = store_parts(s3, client, new_file(PART + 1), 1)
    (found,) = client.storage_list_unfinished(settings(s3))
    assert (found.key, found.upload_id) == ("MyGame.bin", left)
    assert found.started_at is not None and ISO_8601.fullmatch(found.started_at)
    started = datetime.datetime.fromisoformat(found.started_at.replace("Z", "+00:00"))
    assert abs((datetime.datetime.now(datetime.timezone.utc) - started).total_seconds()) < 100


def test_what_is_below_a_prefix(s3: S3, client: slipway.Client) -> None:
    begin(s3, "builds/a.bin", "builds/a.bin.old", "builds/b/c d+%&é.bin", "builds.bin", "other/a.bin", "a.bin")

    def keys(key: Any = None, **changes: Any) -> List[str]:
        found = client.storage_list_unfinished(settings(s3, **changes), key=key)
        assert found.complete
        return sorted(upload.key for upload in found)

    below = ["builds/a.bin", "builds/a.bin.old", "builds/b/c d+%&é.bin"]
    assert keys(key_prefix="builds") == keys(key_prefix="builds/") == below
    assert keys("a.bin", key_prefix="builds") == ["builds/a.bin"], "not those that begin like it"
    assert keys("builds/a.bin") == ["builds/a.bin"] and keys("a.bin") == ["a.bin"]
    assert keys("b/c d+%&é.bin", key_prefix="builds") == ["builds/b/c d+%&é.bin"]
    assert keys() == sorted([*below, "a.bin", "builds.bin", "other/a.bin"])
    assert keys("nothing.bin") == keys(key_prefix="nothing") == keys(key_prefix="build") == []


def give_pages(s3: S3, proxy: FaultProxy, size: int) -> None:
    """Cuts the server's lists of unfinished uploads to pages of so many. The server itself goes on at the markers that come back."""

    def cut(response: Response) -> None:
        body = response.body
        uploads = re.findall(rb"<Upload>.*?</Upload>", body, re.DOTALL)
        if len(uploads) <= size:
            return
        marked = uploads[size if s3.traits.markers_inclusive else size - 1]
        for upload in uploads[size:]:
            body = body.replace(upload, b"")
        body = re.sub(rb"<(Next\w+Marker|IsTruncated)>.*?</\1>|<Next\w+Marker/>", b"", body)
        key, upload_id = (re.search(rb"<" + name + rb">([^<]*)<", marked) for name in (b"Key", b"UploadId"))
        assert key and upload_id
        markers = b"<NextKeyMarker>%s</NextKeyMarker><NextUploadIdMarker>%s</NextUploadIdMarker>" % (key[1], upload_id[1])
        end = body.rindex(b"</")
        response.body = body[:end] + b"<IsTruncated>true</IsTruncated>" + markers + body[end:]

    proxy.fault(Edit(cut), on="ListMultipartUploads", times=None)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_lists_of_several_pages(s3: S3, client: slipway.Client, size: int) -> None:
    keys = ["a b+%41&.bin", "b.bin", "b.bin", "b.bin", "b.bin.old", "ü/<c>.bin", "z.bin"]
    ids = begin(s3, *keys)
    proxy = s3.proxy()
    give_pages(s3, proxy, size)
    found = client.storage_list_unfinished(settings(s3, proxy))
    assert {upload.upload_id: upload.key for upload in found} == dict(zip(ids, keys)) and len(found) == 7 and found.complete
    assert len(proxy.requests("ListMultipartUploads")) == -(-7 // size)
    assert len(client.storage_list_unfinished(settings(s3, proxy), key="b.bin")) == 3


@pytest.mark.parametrize("count, complete", [(1001, True), (10_000, True), (10_001, False), (12_000, False)])
def test_many_thousands(swift: S3, client: slipway.Client, count: int, complete: bool) -> None:
    """None of the servers would make so many in a test's time: the proxy tells of them, a thousand at a time."""
    begin(swift, "a.bin")
    proxy = swift.proxy()
    page = Page(count)
    proxy.fault(Edit(page.write), on="ListMultipartUploads", times=None, where=page.goes_on)
    found = client.storage_list_unfinished(settings(swift, proxy))
    assert [upload.upload_id for upload in found] == [f"id-{number:05}" for number in range(min(count, 10_000))]
    assert found[-1].key == f"k {min(count, 10_000) - 1:05}" and found.complete == complete
    assert -(-min(count, 10_000) // 1000) <= len(proxy.requests("ListMultipartUploads")) <= 11


class Page:
    """Of a list of uploads that there are not."""

    def __init__(self, count: int) -> None:
        self._numbers = range(count)
        self._start = 0

    def goes_on(self, request: Request) -> bool:
        marker = request.query.get("upload-id-marker", "")
        self._start = int(marker[3:]) + 1 if marker else 0
        return True

    def write(self, response: Response) -> None:
        numbers = self._numbers[self._start :][:1000]
        upload = "<Upload><Key>k+{0:05}</Key><UploadId>id-{0:05}</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>"
        more = numbers[-1] + 1 < len(self._numbers)
        markers = "<NextKeyMarker>k+{0:05}</NextKeyMarker><NextUploadIdMarker>id-{0:05}</NextUploadIdMarker>" if more else ""
        markers = markers.format(numbers[-1])
        document = f"<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>{markers}"
        response.body = (document + "".join(map(upload.format, numbers)) + "</ListMultipartUploadsResult>").encode()


# Aborting


def test_younger_ones_stay(s3: S3, client: slipway.Client) -> None:
    begin(s3, "a.bin", "b.bin")
    for min_age in (None, 60, 24 * 3600):
        aborted = client.storage_abort_unfinished(settings(s3), min_age=min_age)
        assert (aborted.aborted, aborted.younger, aborted.complete, aborted.bucket) == ((), 2, True, s3.bucket)
    assert len(unfinished(s3)) == 2


def test_by_age(s3: S3, client: slipway.Client) -> None:
    """Of an hour, two, and two days, as the storage tells the time."""
    ids = dict(zip(begin(s3, "x/a.bin", "x/b.bin", "x/c.bin"), (50, 70, 2 * 1440)))
    proxy = s3.proxy()

    def age(response: Response) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        for upload_id, minutes in ids.items():
            text = (now - datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z").encode()
            # In an upload, the id comes before the time.
            pattern = rb"(<Upload>(?:(?!</Upload>).)*" + re.escape(upload_id).encode() + rb"(?:(?!</Upload>).)*<Initiated>)[^<]*"
            response.body = re.sub(pattern, rb"\g<1>" + text, response.body, flags=re.DOTALL)

    proxy.fault(Edit(age), on="ListMultipartUploads", times=None)
    storage = settings(s3, proxy, key_prefix="x")
    for min_age, gone, younger in ((None, ["x/c.bin"], 2), (3600, ["x/b.bin"], 1), (3600, [], 1), (60, ["x/a.bin"], 0)):
        aborted = client.storage_abort_unfinished(storage, min_age=min_age)
        assert [upload.key for upload in aborted.aborted] == gone and aborted.younger == younger
        assert all(ids[str(upload.upload_id)] and upload.started_at for upload in aborted.aborted)
    assert unfinished(s3) == {}


def test_the_clock_is_the_storages(s3: S3, client: slipway.Client) -> None:
    """A machine that lives in the past would otherwise take all for young; one in the future, abort what is under way."""
    begin(s3, "a.bin")
    proxy = s3.proxy()
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
    proxy.fault(Edit(lambda response: response.headers.update(date=later.strftime("%a, %d %b %Y %H:%M:%S GMT"))), on="ListMultipartUploads")
    aborted = client.storage_abort_unfinished(settings(s3, proxy))
    assert [upload.key for upload in aborted.aborted] == ["a.bin"] and unfinished(s3) == {}


def test_by_id(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    left = store_parts(s3, client, new_file(PART + 1), 1)
    other = begin(s3, "MyGame.bin")[0]
    # With the key it need not be looked for.
    proxy = s3.proxy()
    aborted = client.storage_abort_unfinished(settings(s3, proxy), key="MyGame.bin", upload_id=left)
    assert [request.operation for request in proxy.requests()] == ["AbortMultipartUpload"]
    assert [(upload.key, upload.upload_id) for upload in aborted.aborted] == [("MyGame.bin", left)]
    assert (aborted.younger, aborted.complete) == (0, True) and list(unfinished(s3)) == [other]
    for key in ("MyGame.bin", None):
        with pytest.raises(slipway.NotFoundError) as gone:
            client.storage_abort_unfinished(settings(s3), key=key, upload_id=left)
        assert left in gone.value.message and gone.value.hint
    with pytest.raises(slipway.NotFoundError):
        client.storage_abort_unfinished(settings(s3, key_prefix="elsewhere"), upload_id=other)
    aborted = client.storage_abort_unfinished(settings(s3), upload_id=other)
    assert [upload.key for upload in aborted.aborted] == ["MyGame.bin"] and unfinished(s3) == {}


def test_by_key(s3: S3, client: slipway.Client) -> None:
    begin(s3, "builds/a.bin", "builds/a.bin.old", "builds/a.bin")
    proxy = s3.proxy()
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
    proxy.fault(Edit(lambda response: response.headers.update(date=later.strftime("%a, %d %b %Y %H:%M:%S GMT"))), on="ListMultipartUploads")
    aborted = client.storage_abort_unfinished(settings(s3, proxy, key_prefix="builds"), key="a.bin")
    assert [upload.key for upload in aborted.aborted] == ["builds/a.bin"] * 2
    assert list(unfinished(s3).values()) == ["builds/a.bin.old"]


def test_what_was_aborted_before_a_failure_is_told(s3: S3, client: slipway.Client) -> None:
    begin(s3, "a.bin", "b.bin", "c.bin")
    proxy = s3.proxy()
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
    proxy.fault(Edit(lambda response: response.headers.update(date=later.strftime("%a, %d %b %Y %H:%M:%S GMT"))), on="ListMultipartUploads")
    proxy.fault(Answer.error(403, "AccessDenied"), on="AbortMultipartUpload", nth=2)
    with pytest.raises(slipway.ForbiddenError) as refused:
        client.storage_abort_unfinished(settings(s3, proxy))
    told = refused.value.result
    assert isinstance(told, slipway.UploadsAborted) and len(told.aborted) == 1
    assert len(unfinished(s3)) == 2 and told.aborted[0].key not in unfinished(s3).values()


@pytest.mark.parametrize("upload_id", ["a b", "a\nb", "ü", "a" * 1025])
@pytest.mark.parametrize("key", ["a.bin", None])
def test_ids_that_are_none(swift: S3, client: slipway.Client, key: Optional[str], upload_id: str) -> None:
    proxy = swift.proxy()
    with pytest.raises(slipway.InvalidArgumentError, match="upload_id") as refused:
        client.storage_abort_unfinished(settings(swift, proxy), key=key, upload_id=upload_id)
    assert refused.value.hint and proxy.requests() == []


def test_a_put_url_has_no_list(client: slipway.Client) -> None:
    storage: Any = slipway.PutURL("http://127.0.0.1:9/a")
    for call in (
        lambda: client.storage_list_unfinished(storage), lambda: client.storage_abort_unfinished(storage),
        lambda: client.storage_delete(storage, "a"),
    ):  # fmt: skip
        with pytest.raises(slipway.InvalidArgumentError, match="put_url") as refused:
            call()
        assert refused.value.hint
