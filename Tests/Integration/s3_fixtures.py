"""The pytest fixtures of tests against S3: real servers, started when the first test asks for one, and a bucket for each test.

    def test_it(s3):                    against each server in turn
        proxy = s3.proxy()              what goes wrong on the way: see fault_proxy.py
        slipway...(endpoint=proxy.endpoint, region=s3.region, bucket=s3.bucket, access_key_id=s3.access_key_id, ...)
        assert s3.read("some/key") == content

`swift` is the stricter one of them alone, for what does not depend on a server. `s3_tls` has an endpoint of https, and `ca_bundle`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import secrets as random_secrets
import subprocess
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

from fault_proxy import FaultProxy
from recorder import Secrets
from s3_server import KINDS, S3Server


@dataclasses.dataclass
class S3:
    """A server as one test sees it. Its bucket is there, and empty."""

    server: S3Server
    endpoint: str
    bucket: str
    ca_bundle: Optional[str]
    stack: contextlib.ExitStack
    certificate: Optional[pathlib.Path] = None

    def __post_init__(self) -> None:
        self.name = self.server.name
        self.region = self.server.region
        self.access_key_id = self.server.access_key_id
        self.secret_access_key = self.server.secret_access_key
        self.traits = self.server.traits

    def proxy(self) -> FaultProxy:
        """Another way to the server, of this test's own."""
        return self.stack.enter_context(FaultProxy(self.server.endpoint, self.certificate))

    def environment(self) -> Dict[str, str]:
        """For programs that look there for credentials."""
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key, "AWS_REGION": self.region}

    # Beside the library

    def boto(self, **changes: Any) -> Any:
        """See `S3Server.boto`; by this test's endpoint, unless `endpoint` is another."""
        if self.ca_bundle is not None:
            changes.setdefault("verify", self.ca_bundle)
        return self.server.boto(**{"endpoint": self.endpoint, **changes})

    def new_bucket(self) -> str:
        name = f"bucket-{random_secrets.token_hex(8)}"
        self._straight.create_bucket(Bucket=name)
        return name

    def put(self, key: str, content: bytes, **more: Any) -> None:
        self._straight.put_object(Bucket=self.bucket, Key=key, Body=content, **more)

    def read(self, key: str) -> bytes:
        return bytes(self._straight.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def head(self, key: str) -> Dict[str, Any]:
        return dict(self._straight.head_object(Bucket=self.bucket, Key=key))

    def keys(self) -> List[str]:
        """Of all objects, up to a thousand."""
        return [entry["Key"] for entry in self._straight.list_objects_v2(Bucket=self.bucket).get("Contents", [])]

    def unfinished(self) -> Dict[str, str]:
        """The multipart uploads that were begun and not ended: their keys by their ids."""
        uploads = self._straight.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])
        return {upload["UploadId"]: upload["Key"] for upload in uploads}

    def parts(self, key: str, upload_id: str) -> Dict[int, Dict[str, Any]]:
        """What has arrived of one, by part number."""
        pages = self._straight.get_paginator("list_parts").paginate(Bucket=self.bucket, Key=key, UploadId=upload_id)
        return {part["PartNumber"]: part for page in pages for part in page.get("Parts", [])}

    @property
    def _straight(self) -> Any:
        return self.server.client


@pytest.fixture(scope="session")
def s3_servers(secrets: Secrets) -> Iterator[Callable[[str], S3Server]]:
    """Gives the server of a name, and starts it the first time."""
    running: Dict[str, S3Server] = {}
    with contextlib.ExitStack() as stack:

        def get(name: str) -> S3Server:
            if name not in running:
                secret = secrets.add(f"{random_secrets.token_hex(10)}/+{random_secrets.token_hex(10)}")
                running[name] = stack.enter_context(S3Server(name, secret))
            return running[name]

        yield get


@pytest.fixture(scope="session")
def s3_certificate(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with cert.pem and key.pem, for localhost, names below it, and 127.0.0.1."""
    folder = tmp_path_factory.mktemp("s3-tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def s3_of(server: S3Server, certificate: Optional[pathlib.Path] = None) -> Iterator[S3]:
    """For a fixture: a server with a bucket of the test's own."""
    with contextlib.ExitStack() as stack:
        endpoint, bundle = server.endpoint, None
        if certificate is not None:
            endpoint, bundle = stack.enter_context(FaultProxy(endpoint, certificate)).endpoint, str(certificate / "cert.pem")
        s3 = S3(server, endpoint, "", bundle, stack, certificate)
        s3.bucket = s3.new_bucket()
        yield s3


@pytest.fixture(params=list(KINDS))
def s3(request: pytest.FixtureRequest, s3_servers: Callable[[str], S3Server]) -> Iterator[S3]:
    """Each server in turn."""
    yield from s3_of(s3_servers(request.param))


@pytest.fixture
def swift(s3_servers: Callable[[str], S3Server]) -> Iterator[S3]:
    """The stricter server, for what does not depend on it."""
    yield from s3_of(s3_servers("swift"))


@pytest.fixture(params=list(KINDS))
def s3_tls(request: pytest.FixtureRequest, s3_servers: Callable[[str], S3Server], s3_certificate: pathlib.Path) -> Iterator[S3]:
    """Each server in turn, over TLS, with a certificate that is to be trusted: `ca_bundle`."""
    yield from s3_of(s3_servers(request.param), s3_certificate)
