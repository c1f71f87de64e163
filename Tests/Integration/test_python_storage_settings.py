"""The Python binding's settings of storages, and the arguments of its storage operations: what is refused before the library is asked."""

from __future__ import annotations

import os
import pathlib
import pickle
import re
import subprocess
import sys
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest

import slipway
from conftest import ROOT

PACKAGE = ROOT / "bindings" / "python"


@pytest.fixture
def client() -> Iterator[slipway.Client]:
    with slipway.Client() as client:
        yield client


# Settings


def test_settings_hide_their_secrets() -> None:
    storage = slipway.S3(
        "builds", region="eu-central-1", access_key_id="the-id-of-a-key", secret_access_key="the-secret-of-a-key", session_token="a-token",
        addressing=slipway.Addressing.PATH, link_hours=24)  # fmt: skip
    assert repr(storage).startswith("S3(bucket='builds', region='eu-central-1', addressing=") and repr(storage).endswith("link_hours=24)")
    put = slipway.PutURL("https://example.com/a?signature=1", headers={"Authorization": "Bearer of-a-secret"}, content_type="text/plain")
    assert repr(put) == "PutURL(content_type='text/plain')"
    assert repr(slipway.Directory("/srv/www")) == "Directory(path='/srv/www')"
    for secret in ("the-id", "the-secret", "a-token", "signature", "Bearer"):
        assert secret not in repr([storage, put])


def test_settings_are_values() -> None:
    for make in (
        lambda: slipway.S3("builds", secret_access_key="a-secret"),
        lambda: slipway.PutURL("https://example.com/a", headers={"x-ms-blob-type": "BlockBlob"}),
        lambda: slipway.Directory(pathlib.Path("/srv/www")),
    ):
        one, other = make(), make()
        assert one == other and hash(one) == hash(other) and pickle.loads(pickle.dumps(one)) == one
        with pytest.raises(AttributeError):
            one.public_url = "https://example.com"  # type: ignore[misc]


def test_kinds_of_storage_cannot_be_mixed() -> None:
    kinds: List[Tuple[Callable[..., slipway.Storage], Dict[str, Any]]] = [
        (slipway.S3, {"url": "https://example.com/a"}),
        (slipway.S3, {"path": "/srv/www"}),
        (slipway.PutURL, {"key_prefix": "builds"}),
        (slipway.PutURL, {"acl": "public-read"}),
        (slipway.Directory, {"region": "auto"}),
        (slipway.Directory, {"headers": {}}),
    ]
    for kind, setting in kinds:
        with pytest.raises(TypeError):
            kind("builds", **setting)
    with pytest.raises(TypeError):
        slipway.Storage()  # type: ignore[abstract]


USE = """
import datetime, pathlib, typing
import slipway
client = slipway.Client()
s3 = slipway.S3("builds", checksum=slipway.Checksum.SHA256)
a: slipway.StoredObject = client.store("a.zip", s3)
b: slipway.Operation[slipway.StoredObject] = client.store(pathlib.Path("a.zip"), slipway.PutURL("u"), metadata={"a": "b"}, wait=False)
async def f() -> slipway.StoredObject:
    return await client.store("a.zip", slipway.Directory(pathlib.Path("folder")), on_progress=lambda p: print(p.items_done), wait=False)
c: slipway.StorageDeletion = client.storage_delete(s3, "a.zip")
d: slipway.UnfinishedUpload = client.storage_list_unfinished(s3)[0]
e: slipway.UploadsAborted = client.storage_abort_unfinished(slipway.Directory("folder"), min_age=3600)
g: slipway.Storage = s3
h: typing.Optional[str] = client.release(project_id="p", file_path="a.zip", storage=g).key
"""
MISUSE = [
    "x: slipway.StoredObject = client.store('a.zip', s3, wait=False)",
    "client.store('a.zip', 's3://builds')",
    "client.store('a.zip')",
    "client.store('a.zip', s3, metadata={'a': 1})",
    "client.storage_delete(s3)",
    "client.storage_delete(slipway.PutURL('u'), 'a.zip')",
    "client.storage_list_unfinished(slipway.PutURL('u'))",
    "client.storage_abort_unfinished(s3, min_age=datetime.timedelta(days=1))",
    "slipway.S3('builds', addressing='path')",
    "slipway.S3('builds', link=slipway.Checksum.NONE)",
    "slipway.Directory('folder', region='auto')",
    "s3.bucket = 'other'",
    "slipway.Storage()",
]


def test_type_checkers_see_what_fits(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("mypy")
    lines = [*USE.strip().splitlines(), *MISUSE]
    (tmp_path / "use.py").write_text("\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-incremental", "--cache-dir", os.devnull, "use.py"],
        cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "MYPYPATH": str(PACKAGE)})  # fmt: skip
    wrong = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    assert wrong == set(range(len(lines) - len(MISUSE) + 1, len(lines) + 1)), done.stdout


# Arguments

TYPES: Dict[str, Callable[[slipway.Client], object]] = {
    "storage ": lambda client: client.store("a.zip", "s3://builds"),  # type: ignore[call-overload]
    "storage  ": lambda client: client.release(project_id="p", file_path="a.zip", storage="s3://builds"),  # type: ignore[call-overload]
    "file_path": lambda client: client.store(None, slipway.S3("b")),  # type: ignore[call-overload]
    "key": lambda client: client.storage_delete(slipway.S3("b"), None),  # type: ignore[call-overload]
    "storage.bucket": lambda client: client.store("a.zip", slipway.S3(None)),  # type: ignore[arg-type]
    "storage.path": lambda client: client.store("a.zip", slipway.Directory(b"folder")),  # type: ignore[arg-type]
    "storage.addressing": lambda client: client.store("a.zip", slipway.S3("b", addressing="path")),  # type: ignore[arg-type]
    "storage.checksum": lambda client: client.store("a.zip", slipway.S3("b", checksum=1)),  # type: ignore[arg-type]
    "storage.link": lambda client: client.store("a.zip", slipway.S3("b", link=slipway.Checksum.NONE)),  # type: ignore[arg-type]
    "storage.headers": lambda client: client.store("a.zip", slipway.PutURL("u", headers=["a: b"])),  # type: ignore[arg-type]
    "storage.headers['a']": lambda client: client.store("a.zip", slipway.PutURL("u", headers={"a": b"b"})),  # type: ignore[dict-item]
    "metadata": lambda client: client.store("a.zip", slipway.S3("b"), metadata=["a"]),  # type: ignore[call-overload]
    "metadata['a']": lambda client: client.store("a.zip", slipway.S3("b"), metadata={"a": 1}),  # type: ignore[dict-item]
    "min_age": lambda client: client.storage_abort_unfinished(slipway.S3("b"), min_age="1"),  # type: ignore[call-overload]
}


@pytest.mark.parametrize("name", TYPES)
def test_types_are_checked_by_name(client: slipway.Client, name: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(name.strip())} must be "):
        TYPES[name](client)


VALUES: Dict[str, Callable[[slipway.Client], object]] = {
    "storage.region": lambda client: client.store("a.zip", slipway.S3("b", region="a\0b")),
    "storage.secret_access_key": lambda client: client.store("a.zip", slipway.S3("b", secret_access_key="of-a-secret\ud800")),
    "storage.link_hours": lambda client: client.store("a.zip", slipway.S3("b", link_hours=169)),
    "storage.parallel_parts": lambda client: client.store("a.zip", slipway.S3("b", parallel_parts=65)),
    "storage.part_size": lambda client: client.store("a.zip", slipway.S3("b", part_size=2**64)),
    "storage.bytes_per_second": lambda client: client.store("a.zip", slipway.Directory("f", bytes_per_second=0)),
    "storage.headers: a name": lambda client: client.store("a.zip", slipway.PutURL("u", headers={"a: of-a-secret": ""})),
    "storage.headers": lambda client: client.store("a.zip", slipway.PutURL("u", headers={str(n): "" for n in range(65)})),
    "metadata": lambda client: client.store("a.zip", slipway.S3("b"), metadata={str(n): "" for n in range(65)}),
    "min_age": lambda client: client.storage_abort_unfinished(slipway.S3("b"), min_age=0),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_that_c_would_cut_or_wrap_around(client: slipway.Client, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(name)} ") as caught:
        VALUES[name](client)
    assert not isinstance(caught.value, slipway.SlipwayError) and "of-a-secret" not in str(caught.value)
