"""Storages of all kinds as the hosts of releases, for tests of the whole way: how people set them, and what is in them.

    def test_it(site, client, file, host):           each kind in turn; `bucket` is one of S3 with presigned links, of both servers
        release = client.release(storage=host.storage(), **site.arguments(file_path=file))
        assert host.read(release.key) == file.read_bytes()

Between S3 and whoever asks it there is a proxy, by which the service downloads, too. The signature of each link that was read is added to
the secrets that the suite's records are searched for.
"""

from __future__ import annotations

import abc
import contextlib
import os
import pathlib
import urllib.parse
from typing import Any, Callable, Iterator, List, Optional

import pytest

import slipway
from fault_proxy import FaultProxy
from recorder import Secrets
from release_site import Site
from s3_fixtures import S3
from s3_server import KINDS, S3Server
from storage_fixtures import settings, unfinished
from web_server import WebServer

SIGNATURE = "X-Amz-Signature"
READING = ("GET", "HEAD")


def encoded(key: Optional[str]) -> str:
    """For a URL."""
    return urllib.parse.quote(str(key), safe="/-._~")


class Host(abc.ABC):
    """A storage of one test's own, with nothing in it."""

    can_remove = True
    prefix = ""
    """Of the keys of its objects."""

    @abc.abstractmethod
    def storage(self, **changes: Any) -> Any:
        """Its settings: an S3, a PutURL or a Directory. `changes`: what else is set."""

    @abc.abstractmethod
    def link(self, key: Optional[str]) -> str:
        """To an object, without the query."""

    def resume_point(self, key: Optional[str]) -> str:
        """What a release that hosts its build there is told to go on from."""
        return self.link(key)

    @abc.abstractmethod
    def keys(self) -> List[str]:
        """What there is, to the last hidden file."""

    @abc.abstractmethod
    def read(self, key: str) -> bytes: ...

    @abc.abstractmethod
    def changes(self) -> List[str]:
        """What has changed something there, in its order."""

    @abc.abstractmethod
    def downloads(self) -> List[str]:
        """The URLs that somebody else than the library has read, as they were asked for."""


class Bucket(Host):
    """A bucket of S3. Its links are presigned."""

    prefix = "builds of/ü+"

    def __init__(self, s3: S3) -> None:
        self.s3 = s3
        self.proxy: FaultProxy = s3.proxy()

    def storage(self, **changes: Any) -> Any:
        return settings(self.s3, self.proxy, **{"key_prefix": self.prefix, **changes})

    def link(self, key: Optional[str]) -> str:
        return f"{self.proxy.endpoint}/{self.s3.bucket}/{encoded(key)}"

    def resume_point(self, key: Optional[str]) -> str:
        return f"s3://{self.s3.bucket}/{encoded(key)}"

    def keys(self) -> List[str]:
        return self.s3.keys()

    def read(self, key: str) -> bytes:
        return self.s3.read(key)

    def unfinished(self) -> List[str]:
        """The keys of uploads that were begun and not ended."""
        return list(unfinished(self.s3).values())

    def changes(self) -> List[str]:
        return [request.operation for request in self.proxy.requests() if request.method not in READING]

    def downloads(self) -> List[str]:
        return [
            self.proxy.endpoint + request.target for request in self.proxy.requests(where=lambda request: request.method == "GET")
            if not request.headers.get("user-agent", "").startswith("Slipway/")
        ]  # fmt: skip

    def signatures(self) -> List[str]:
        """Of all links that were read."""
        return [request.query[SIGNATURE] for request in self.proxy.requests() if SIGNATURE in request.query]


class PublicBucket(Bucket):
    """One that everybody can read at another address than the S3 of it: `base`, which also is behind the proxy."""

    def __init__(self, s3: S3, base: str) -> None:
        super().__init__(s3)
        self.reading = s3.stack.enter_context(FaultProxy(base[: base.index("/", 8)]))
        self.base = f"{self.reading.endpoint}{base[base.index('/', 8) :]}"

    def storage(self, **changes: Any) -> Any:
        return super().storage(**{"public_url": self.base, **changes})

    def link(self, key: Optional[str]) -> str:
        return f"{self.base}/{encoded(key)}"

    def downloads(self) -> List[str]:
        return [
            self.reading.endpoint + request.target for request in self.reading.requests(where=lambda request: request.method == "GET")
            if not request.headers.get("user-agent", "").startswith("Slipway/")
        ]  # fmt: skip


class Folder(Host):
    """A directory that a web server gives."""

    prefix = "builds of/ü+"

    def __init__(self, folder: pathlib.Path, server: WebServer) -> None:
        self.folder = folder
        self.server = server

    def storage(self, **changes: Any) -> Any:
        return slipway.Directory(**{"path": self.folder, "key_prefix": self.prefix, "public_url": self.server.url, **changes})

    def link(self, key: Optional[str]) -> str:
        return f"{self.server.url}/{encoded(key)}"

    def keys(self) -> List[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if not path.is_dir())

    def read(self, key: str) -> bytes:
        return (self.folder / key).read_bytes()

    def changes(self) -> List[str]:
        """Nobody tells them. What is there now has come there."""
        return sorted(str(path) for path in self.folder.rglob("*"))

    def downloads(self) -> List[str]:
        return [
            self.server.url + seen.target for seen in self.server.requests("GET")
            if not seen.headers.get("user-agent", "").startswith("Slipway/")
        ]  # fmt: skip


class Taker(Folder):
    """A web server that takes one file by PUT, with a secret in the query, and gives it back without."""

    can_remove = False
    name = "My%20Game.zip"

    def __init__(self, folder: pathlib.Path, server: WebServer, secret: str) -> None:
        super().__init__(folder, server)
        self.secret = secret

    def storage(self, **changes: Any) -> Any:
        return slipway.PutURL(**{"url": f"{self.server.url}/{self.name}?token={self.secret}", **changes})

    def link(self, key: Optional[str]) -> str:
        assert key is None, "it has a name of its own"
        return f"{self.server.url}/{self.name}"

    def changes(self) -> List[str]:
        return [seen.method for seen in self.server.requests() if seen.method not in READING]


class PresignedPut(PublicBucket):
    """A presigned URL that takes an object of Swift, which everybody can read at Swift's own address."""

    can_remove = False
    prefix = ""
    key = "builds/MyGame-1.0.zip"

    def storage(self, **changes: Any) -> Any:
        url = self.s3.boto(endpoint=self.proxy.endpoint).generate_presigned_url(
            "put_object", Params={"Bucket": self.s3.bucket, "Key": self.key}, ExpiresIn=600)  # fmt: skip
        return slipway.PutURL(**{"url": url, "public_url": self.link(None), **changes})

    def link(self, key: Optional[str]) -> str:
        assert key is None, "it has a name of its own"
        return super().link(self.key)

    def resume_point(self, key: Optional[str]) -> str:
        return self.link(key)


# Fixtures


@pytest.fixture
def client(site: Site) -> slipway.Client:
    """One that has no EnterMedia."""
    return site.customer.client()


@pytest.fixture
def new_host(
    s3_servers: Callable[[str], S3Server], secrets: Secrets, tmp_path: pathlib.Path
) -> Iterator[Callable[[str], Host]]:
    """Makes one of a kind, see `HOSTS` and `PUBLIC`."""
    made: List[Host] = []
    with contextlib.ExitStack() as stack:

        def new_s3(server: S3Server) -> S3:
            s3 = S3(server, server.endpoint, "", None, stack)
            s3.bucket = s3.new_bucket()
            return s3

        def public() -> "tuple[S3, str]":
            s3 = new_s3(s3_servers("swift"))
            s3.boto().put_bucket_acl(Bucket=s3.bucket, ACL="public-read")
            return s3, s3.server.public_link(s3.bucket, "").rstrip("/")

        def served(name: str) -> "tuple[pathlib.Path, WebServer]":
            folder = tmp_path / name
            folder.mkdir()
            return folder, stack.enter_context(WebServer(folder))

        def make(kind: str) -> Host:
            if kind in KINDS:
                return Bucket(new_s3(s3_servers(kind)))
            if kind == "swift-public":
                return PublicBucket(*public())
            if kind == "rclone-public":
                # Its objects are files of a folder, which a web server gives.
                folder, server = served("objects")
                s3 = new_s3(stack.enter_context(S3Server("rclone", secrets.add("a-secret-of-this-server-alone"), folder)))
                return PublicBucket(s3, f"{server.url}/{s3.bucket}")
            if kind == "directory":
                return Folder(*served("served"))
            if kind == "put-url":
                return Taker(*served("taken"), secrets.add(f"token-of-a-put-url-{os.urandom(8).hex()}"))
            assert kind == "presigned-put"
            return PresignedPut(*public())

        def keep(kind: str) -> Host:
            made.append(make(kind))
            return made[-1]

        yield keep
        for host in made:
            if isinstance(host, Bucket):
                for signature in set(host.signatures()):
                    secrets.add(signature)


# The whole way is gone with both servers each time. What may go wrong on it is the same for both: SLIPWAY_TEST_LONG tries it with both, too.
SERVERS = list(KINDS) if os.environ.get("SLIPWAY_TEST_LONG") else ["swift"]
NAMED = [*SERVERS, "directory"]
HOSTS = [*NAMED, "put-url"]
PUBLIC = ["swift-public", "rclone-public", "presigned-put"]


@pytest.fixture(params=[*KINDS, "directory", "put-url", *PUBLIC])
def any_host(request: pytest.FixtureRequest, new_host: Callable[[str], Host]) -> Host:
    """Each kind in turn, also those that are another one with another link."""
    return new_host(request.param)


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest, new_host: Callable[[str], Host]) -> Host:
    """Each kind in turn."""
    return new_host(request.param)


@pytest.fixture(params=NAMED)
def named(request: pytest.FixtureRequest, new_host: Callable[[str], Host]) -> Host:
    """Each kind in turn of those that have more than one object, and can remove it."""
    return new_host(request.param)


@pytest.fixture(params=SERVERS)
def bucket(request: pytest.FixtureRequest, new_host: Callable[[str], Host]) -> Bucket:
    """One with presigned links, of each server in turn."""
    made = new_host(request.param)
    assert isinstance(made, Bucket)
    return made


@pytest.fixture
def swift_bucket(new_host: Callable[[str], Host]) -> Bucket:
    """One with presigned links, of the stricter server."""
    made = new_host("swift")
    assert isinstance(made, Bucket)
    return made
