"""What the tests of storing have in common: a client, files, settings of a bucket, and what of a file has gone over the line.

    def test_it(s3, client, new_file):
        proxy = s3.proxy()
        stored = client.store(new_file(12 * MiB), settings(s3, proxy, part_size=PART))
        assert parts_sent(proxy) == [1, 2, 3]

Who imports them imports `home`, too, which is there for every test then.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import random
import urllib.request
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Type

import pytest

import slipway
from fault_proxy import FaultProxy
from s3_fixtures import S3
from wire_faults import Stall

MiB = 1 << 20
PART = 5 * MiB
"""The smallest part that S3 takes, and so the smallest part_size."""

NewFile = Callable[..., pathlib.Path]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> pathlib.Path:
    """An empty one: the settings of the machine are no business of the tests."""
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.setenv("HOME", str(path))
    return path


@pytest.fixture
def client() -> Iterator[slipway.Client]:
    """One that waits for nothing for long."""
    with slipway.Client(retry_delay=0.01, deadline=30.0) as client:
        yield client


_contents: Dict[int, Tuple[random.Random, bytearray]] = {}


def content(size: int, seed: int = 1) -> bytes:
    """Bytes that do not repeat: the same ones each time, and of each seed other ones."""
    source, made = _contents.setdefault(seed, (random.Random(seed), bytearray()))
    while len(made) < size:
        made += source.randbytes(MiB)
    return bytes(made[:size])


@pytest.fixture
def new_file(tmp_path: pathlib.Path) -> NewFile:
    """Makes a file of such a size; `seed` makes a different one."""

    def make(size: int = 70_000, name: str = "MyGame.bin", seed: int = 1) -> pathlib.Path:
        path = tmp_path / name
        path.write_bytes(content(size, seed))
        return path

    return make


def settings(s3: S3, proxy: Optional[FaultProxy] = None, **changes: Any) -> slipway.S3:
    """Of a test's bucket, reached through a proxy if there is one. `changes`: what else is set."""
    given: Dict[str, Any] = {
        "bucket": s3.bucket, "endpoint": proxy.endpoint if proxy else s3.endpoint, "region": s3.region,
        "access_key_id": s3.access_key_id, "secret_access_key": s3.secret_access_key, **changes,
    }  # fmt: skip
    return slipway.S3(**given)


# What has arrived


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def holds(s3: S3, key: str, file: pathlib.Path) -> bool:
    """The object has the file's bytes. Not a comparison for pytest, which would print how millions of them differ."""
    return s3.read(key) == file.read_bytes()


def unfinished(s3: S3) -> Dict[str, str]:
    """As `S3.unfinished`. rclone says of a bucket that never had an upload in parts that there is no such upload."""
    try:
        return s3.unfinished()
    except s3.boto().exceptions.NoSuchUpload:
        return {}


def read(url: Optional[str]) -> bytes:
    """As somebody without any credentials does."""
    assert url is not None
    with urllib.request.urlopen(url, timeout=20) as answer:
        data: bytes = answer.read()
    return data


# What was sent


def parts_sent(proxy: FaultProxy, since: int = 0) -> List[int]:
    """The numbers of the parts whose bytes went on to the server, each as often as it did; sorted, since lanes overtake each other."""
    return sorted(int(part.query["partNumber"]) for part in proxy.requests("UploadPart", since=since) if part.body_bytes)


def bytes_sent(proxy: FaultProxy, since: int = 0) -> int:
    """Of file content."""
    return sum(request.body_bytes for request in proxy.requests("PutObject", "UploadPart", since=since))


# What is said in C


class Raw(slipway.Storage):
    """A storage with members of slipway.h's struct as they are given here, which the kinds of storages would not take."""

    def __init__(self, storage: slipway.Storage, **members: Any) -> None:
        self._storage = storage
        self._members = members

    def _struct(self) -> slipway.abi.Storage:
        struct = self._storage._struct()
        for name, value in self._members.items():
            setattr(struct, name, value)
        return struct


# What ends early


def failure(
    kind: Type[slipway.SlipwayError], store: Callable[..., object], *arguments: Any, **named: Any
) -> Tuple[slipway.SlipwayError, slipway.StoredObject]:
    """Of a call that must end so, with the answer that came all the same."""
    with pytest.raises(kind) as caught:
        store(*arguments, **named)
    error = caught.value
    assert type(error) is kind, error
    assert isinstance(error.result, slipway.StoredObject)
    return error, error.result


def store_parts(s3: S3, client: slipway.Client, file: pathlib.Path, count: int, key: Optional[str] = None, **changes: Any) -> str:
    """Begins to store a file, and cancels when the storage has exactly the first `count` parts of it. Gives the upload's id."""
    proxy = s3.proxy()
    fault = proxy.fault(Stall(), on="UploadPart", nth=count + 1)
    storage = settings(s3, proxy, **{"part_size": PART, "parallel_parts": 1, **changes})
    operation = client.store(file, storage, key=key, wait=False)
    fault.wait(20)
    operation.cancel()
    left = failure(slipway.CancelledError, lambda: operation.result(20))[1]
    assert left.upload_id is not None and parts_sent(proxy) == list(range(1, count + 1))
    return left.upload_id
