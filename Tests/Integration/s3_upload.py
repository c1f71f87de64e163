"""An upload in parts by boto3, and how its errors are expected: for tests that ask a server beside Slipway."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any, Iterator

import botocore.exceptions
import pytest

PART = 5 << 20
KEY = "a folder/ü+%41&(x)='.zip"


@contextlib.contextmanager
def refused(status: int, code: str) -> Iterator[None]:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        yield
    response = caught.value.response
    assert (response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]) == (status, code)


@contextlib.contextmanager
def broken() -> Iterator[None]:
    with pytest.raises((botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError)):
        yield


class Upload:
    """One in parts."""

    def __init__(self, client: Any, bucket: str, key: str = KEY) -> None:
        self.client = client
        self.place = {"Bucket": bucket, "Key": key}
        self.id: str = client.create_multipart_upload(**self.place)["UploadId"]

    def send(self, number: int, content: bytes, **more: Any) -> str:
        return str(self.client.upload_part(**self.place, UploadId=self.id, PartNumber=number, Body=content, **more)["ETag"])

    def complete(self, *etags: str) -> str:
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
        return str(self.client.complete_multipart_upload(**self.place, UploadId=self.id, MultipartUpload={"Parts": parts})["ETag"])

    def abort(self) -> None:
        self.client.abort_multipart_upload(**self.place, UploadId=self.id)


def md5(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'
