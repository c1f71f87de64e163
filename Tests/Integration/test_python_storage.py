"""The Python binding's operations on storages: what arrives, what is decoded and what is raised; and the example of them."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import os
import pathlib
import pickle
import random
import re
import secrets as random_secrets
import subprocess
import sys
import threading
import urllib.request
from typing import Any, Dict, Iterator, List, Optional, Tuple

import pytest

import slipway
from conftest import ROOT, Customer
from emulator import Emulator, make_build
from recorder import Recorder, Secrets
from s3_fixtures import S3, s3, s3_servers

PACKAGE = ROOT / "bindings" / "python"
MiB = 1 << 20


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def client() -> Iterator[slipway.Client]:
    with slipway.Client(retry_delay=0.01, deadline=30.0) as client:
        yield client


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "MyGame.bin"
    path.write_bytes(random.Random(1).randbytes(70_000))
    return path


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


def read(url: Optional[str]) -> bytes:
    assert url is not None
    with urllib.request.urlopen(url, timeout=20) as answer:
        content: bytes = answer.read()
    return content


# A folder


def test_store_in_a_folder(client: slipway.Client, file: pathlib.Path, folder: pathlib.Path) -> None:
    news: List[slipway.Progress] = []
    storage = slipway.Directory(folder, key_prefix="builds")
    stored = client.store(file, storage, key="a/one.bin", on_progress=news.append)
    assert (stored.key, stored.size, stored.path) == ("builds/a/one.bin", 70_000, str(folder / "builds" / "a" / "one.bin"))
    assert (stored.url, stored.url_expires_at, stored.bucket, stored.upload_id) == (None, None, None, None)
    assert (stored.parts, stored.parts_reused, stored.bytes_sent, stored.skipped) == (0, 0, 70_000, False)
    assert (folder / "builds" / "a" / "one.bin").read_bytes() == file.read_bytes()
    assert news[-1].stage == slipway.Stage.TRANSFERRING and (news[-1].bytes_done, news[-1].bytes_total) == (70_000, 70_000)
    assert stored == pickle.loads(pickle.dumps(stored))

    again = client.store(file, storage, key="a/one.bin")
    assert (again.skipped, again.bytes_sent) == (True, 0)
    once_more = client.store(file, storage, key="a/one.bin", always_send=True)
    assert (once_more.skipped, once_more.bytes_sent) == (False, 70_000)


def test_store_in_a_folder_that_is_served(client: slipway.Client, emulator: Emulator, files: pathlib.Path, tmp_path: pathlib.Path) -> None:
    base = emulator.file_url("MyGame.zip").rsplit("/", 1)[0]
    build = make_build(tmp_path / "one build.zip")
    stored = client.store(build, slipway.Directory(files, public_url=base))
    assert (stored.key, stored.url) == ("one build.zip", f"{base}/one%20build.zip")
    assert read(stored.url) == build.read_bytes()
    client.storage_delete(slipway.Directory(files), "one build.zip")


def test_link_that_gives_something_else(
    client: slipway.Client, emulator: Emulator, files: pathlib.Path, folder: pathlib.Path
) -> None:
    elsewhere = slipway.Directory(folder, public_url=emulator.file_url("MyGame.zip").rsplit("/", 1)[0])
    with pytest.raises(slipway.FileError) as caught:
        client.store(files / "MyGame.zip", elsewhere, key="nothing.zip")
    stored = caught.value.result
    assert isinstance(stored, slipway.StoredObject) and stored.path == str(folder / "nothing.zip") and caught.value.resume_from is None
    assert client.store(files / "MyGame.zip", elsewhere, key="nothing.zip", check_url=False).url is not None


def test_store_what_is_not_there(client: slipway.Client, folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with pytest.raises(slipway.FileError, match="missing.zip"):
        client.store(tmp_path / "missing.zip", slipway.Directory(folder))
    with pytest.raises(slipway.FileError, match="no folder"):
        client.store(__file__, slipway.Directory(tmp_path / "no folder"))
    with pytest.raises(slipway.InvalidArgumentError, match="metadata"):
        client.store(__file__, slipway.Directory(folder), metadata={"a": "b"})
    assert list(folder.iterdir()) == []


def test_store_without_waiting(client: slipway.Client, file: pathlib.Path, folder: pathlib.Path) -> None:
    async def several() -> List[slipway.StoredObject]:
        storage = slipway.Directory(folder)
        return await asyncio.gather(*(client.store(file, storage, key=f"{n}.bin", wait=False) for n in range(5)))

    assert [stored.key for stored in asyncio.run(several())] == [f"{n}.bin" for n in range(5)]
    done = threading.Event()
    operation = client.store(file, slipway.Directory(folder), key="last.bin", wait=False)
    operation.add_done_callback(lambda _: done.set())
    assert operation.result(10).path == str(folder / "last.bin") and done.wait(10)


def test_store_that_is_cancelled(client: slipway.Client, file: pathlib.Path, folder: pathlib.Path) -> None:
    begun = threading.Event()

    def on_progress(progress: slipway.Progress) -> None:
        if progress.stage == slipway.Stage.TRANSFERRING:
            begun.set()

    slowly = slipway.Directory(folder, bytes_per_second=1000)
    operation = client.store(file, slowly, wait=False, on_progress=on_progress)
    assert begun.wait(10)
    operation.cancel()
    with pytest.raises(slipway.CancelledError):
        operation.result(10)
    assert list(folder.iterdir()) == []


def test_delete_from_a_folder(client: slipway.Client, file: pathlib.Path, folder: pathlib.Path) -> None:
    storage = slipway.Directory(folder, key_prefix="builds")
    path = client.store(file, storage).path
    for _ in range(2):  # that there is none is as good
        deletion = client.storage_delete(storage, "MyGame.bin")
        assert (deletion.key, deletion.path, deletion.bucket, deletion.deleted) == ("builds/MyGame.bin", path, None, True)
    assert not os.path.exists(str(path))


# Buckets


def settings(s3: S3, **changes: Any) -> slipway.S3:
    given = {
        "endpoint": s3.endpoint, "region": s3.region, "access_key_id": s3.access_key_id, "secret_access_key": s3.secret_access_key,
        **changes,
    }  # fmt: skip
    return slipway.S3(s3.bucket, **given)


def begin(s3: S3, key: str) -> str:
    """An upload that is never completed. Gives its id."""
    boto = s3.boto()
    upload_id: str = boto.create_multipart_upload(Bucket=s3.bucket, Key=key)["UploadId"]
    boto.upload_part(Bucket=s3.bucket, Key=key, UploadId=upload_id, PartNumber=1, Body=bytes(5 * MiB))
    return upload_id


@pytest.fixture
def large(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "large.bin"
    path.write_bytes(random.Random(2).randbytes(12 * MiB))
    return path


def test_store_in_a_bucket(client: slipway.Client, s3: S3, file: pathlib.Path) -> None:
    storage = settings(s3, key_prefix="builds", link_hours=2, content_type="text/plain")
    stored = client.store(file, storage, key="a b/ü.bin", metadata={"project": "MyGame", "commit-id": "9f0c2d1"})
    assert (stored.key, stored.bucket, stored.path) == ("builds/a b/ü.bin", s3.bucket, None)
    assert (stored.size, stored.parts, stored.bytes_sent, stored.skipped) == (70_000, 0, 70_000, False)
    assert stored.url is not None and "X-Amz-Expires=7200" in stored.url and stored.url not in repr(stored)
    assert stored.url_expires_at is not None and stored.url_expires_at.endswith("Z")
    assert read(stored.url) == s3.read("builds/a b/ü.bin") == file.read_bytes()

    head = s3.head("builds/a b/ü.bin")
    assert stored.etag is not None and stored.etag.strip('"') == head["ETag"].strip('"')
    if s3.name == "swift":  # rclone keeps neither
        assert head["Metadata"] == {"project": "MyGame", "commit-id": "9f0c2d1"} and head["ContentType"] == "text/plain"
    again = client.store(file, storage, key="a b/ü.bin")
    assert (again.skipped, again.bytes_sent, again.etag) == (True, 0, stored.etag)


def test_store_in_parts(client: slipway.Client, s3: S3, large: pathlib.Path) -> None:
    news: List[slipway.Progress] = []
    storage = settings(
        s3, part_size=5 * MiB, parallel_parts=2, bytes_per_second=24 * MiB, link=slipway.Link.NONE,
        addressing=slipway.Addressing.PATH)  # fmt: skip
    stored = client.store(str(large), storage, on_progress=news.append)
    assert (stored.parts, stored.parts_reused, stored.url) == (3, 0, None) and stored.bytes_sent >= 12 * MiB
    assert s3.read("large.bin") == large.read_bytes()
    sending = [progress for progress in news if progress.stage == slipway.Stage.TRANSFERRING]
    assert {(progress.items_failed, progress.items_total, progress.bytes_total) for progress in sending} == {(0, 3, 12 * MiB)}
    parts = [progress.items_done for progress in sending]
    assert parts == sorted(parts) and parts[-1] <= 3 and 0 < sending[-1].bytes_done <= 12 * MiB


def test_store_goes_on_from_what_has_arrived(client: slipway.Client, s3: S3, large: pathlib.Path) -> None:
    arrived = threading.Event()

    def on_progress(progress: slipway.Progress) -> None:
        if progress.items_done:
            arrived.set()

    parts = {"part_size": 5 * MiB, "parallel_parts": 1, "link": slipway.Link.NONE}
    operation = client.store(large, settings(s3, bytes_per_second=4 * MiB, **parts), wait=False, on_progress=on_progress)
    assert arrived.wait(20)
    operation.cancel()
    with pytest.raises(slipway.CancelledError) as caught:
        operation.result(20)
    left = caught.value.result
    assert isinstance(left, slipway.StoredObject) and left.upload_id is not None

    stored = client.store(large, settings(s3, **parts))
    assert (stored.parts, stored.upload_id) == (3, left.upload_id) and stored.parts_reused >= 1
    assert s3.read("large.bin") == large.read_bytes()
    assert len(client.storage_list_unfinished(settings(s3))) == 0


def test_unfinished_uploads(client: slipway.Client, s3: S3) -> None:
    storage = settings(s3, key_prefix="builds")
    ids = {key: begin(s3, key) for key in ("builds/one.bin", "builds/two.bin", "elsewhere.bin")}

    found = client.storage_list_unfinished(storage)
    assert (found.bucket, found.complete) == (s3.bucket, True) and found.prefix is not None and found.prefix.startswith("builds")
    assert {upload.key: upload.upload_id for upload in found} == {key: ids[key] for key in ("builds/one.bin", "builds/two.bin")}
    assert all(upload.started_at is not None and upload.started_at.endswith("Z") for upload in found)
    assert len(client.storage_list_unfinished(settings(s3))) == 3
    (one,) = client.storage_list_unfinished(storage, key="one.bin")
    assert one == next(upload for upload in found if upload.key == "builds/one.bin")

    younger = client.storage_abort_unfinished(storage)
    assert (younger.aborted, younger.younger, younger.complete) == ((), 2, True)
    aborted = client.storage_abort_unfinished(storage, key="one.bin", upload_id=one.upload_id)
    assert [(upload.key, upload.upload_id) for upload in aborted.aborted] == [("builds/one.bin", one.upload_id)]
    assert {upload.key for upload in client.storage_list_unfinished(settings(s3))} == {"builds/two.bin", "elsewhere.bin"}
    with pytest.raises(slipway.NotFoundError):
        client.storage_abort_unfinished(storage, key="one.bin", upload_id=one.upload_id)


def test_delete_from_a_bucket(client: slipway.Client, s3: S3, file: pathlib.Path) -> None:
    client.store(file, settings(s3))
    deletion = client.storage_delete(settings(s3), "MyGame.bin")
    assert (deletion.key, deletion.bucket, deletion.path, deletion.deleted) == ("MyGame.bin", s3.bucket, None, True)
    assert s3.keys() == []
    assert client.storage_delete(settings(s3), "MyGame.bin").deleted


def test_keys_from_the_environment(
    client: slipway.Client, s3: S3, file: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = slipway.S3(s3.bucket, endpoint=s3.endpoint)
    with pytest.raises(slipway.InvalidArgumentError, match="(?i)key"):
        client.store(file, storage)
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    assert client.store(file, storage).bucket == s3.bucket


def test_refusals(client: slipway.Client, s3: S3, file: pathlib.Path, secrets: Secrets) -> None:
    wrong = secrets.add(f"wrong-{random_secrets.token_hex(16)}")
    with pytest.raises((slipway.UnauthorizedError, slipway.ForbiddenError)) as refused:
        client.store(file, settings(s3, secret_access_key=wrong))
    assert refused.value.hint and refused.value.http_status == 403
    with pytest.raises(slipway.NotFoundError, match="bucket"):
        client.store(file, slipway.S3("not-there-at-all", **{k: getattr(settings(s3), k) for k in (
            "endpoint", "region", "access_key_id", "secret_access_key")}))  # fmt: skip


# A URL that takes a PUT


class Taker:
    """A server that takes one PUT after the other, and gives back what it got."""

    def __init__(self) -> None:
        self.requests: List[Tuple[str, Dict[str, str], bytes]] = []
        taker = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                taker.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, content))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def taker() -> Iterator[Taker]:
    with contextlib.closing(Taker()) as taker:
        yield taker


def test_store_behind_a_url(client: slipway.Client, taker: Taker, file: pathlib.Path, secrets: Secrets) -> None:
    signature, value = secrets.add(f"signature-{random_secrets.token_hex(8)}"), secrets.add(f"value-{random_secrets.token_hex(8)}")
    storage = slipway.PutURL(
        f"{taker.url}/a/b.bin?signature={signature}", headers={"x-ms-blob-type": "BlockBlob", "X-Secret": value}, content_type="text/plain",
        content_disposition="attachment")  # fmt: skip
    stored = client.store(file, storage, check_url=False)
    ((path, headers, content),) = taker.requests
    assert path == f"/a/b.bin?signature={signature}" and content == file.read_bytes()
    assert (headers["x-ms-blob-type"], headers["x-secret"], headers["content-type"]) == ("BlockBlob", value, "text/plain")
    assert headers["content-disposition"] == "attachment"
    assert (stored.url, stored.key, stored.bytes_sent) == (f"{taker.url}/a/b.bin", None, 70_000)
    with pytest.raises(slipway.InvalidArgumentError, match="key"):
        client.store(file, storage, key="c.bin", check_url=False)


def test_store_behind_a_presigned_url(client: slipway.Client, s3: S3, file: pathlib.Path) -> None:
    link, put = (
        s3.boto().generate_presigned_url(method, Params={"Bucket": s3.bucket, "Key": "a.bin"}) for method in ("get_object", "put_object")
    )
    stored = client.store(file, slipway.PutURL(put, public_url=link))
    assert stored.url == link and s3.read("a.bin") == file.read_bytes()


# A release


def released(customer: Customer, **changes: Any) -> Dict[str, Any]:
    """The arguments of a release in which nothing is slow."""
    return {"project_id": customer.project_id, "interval": 0.01, "max_interval": 0.02, "settle": 0.3, **changes}


@pytest.mark.parametrize("remove", [False, True])
def test_release_from_a_bucket(customer: Customer, s3: S3, files: pathlib.Path, remove: bool) -> None:
    release = customer.client().release(
        **released(customer, file_path=files / "MyGame.zip", storage=settings(s3, key_prefix="builds"), remove_when_done=remove))
    assert (release.live, release.removed, release.asset_id, release.distribution_id) == (True, remove, None, None)
    assert release.key is not None and re.fullmatch(r"builds/\S{16,}\.zip", release.key)
    if remove:
        assert s3.keys() == []
    else:
        assert s3.read(release.key) == (files / "MyGame.zip").read_bytes()


def test_release_from_a_folder(customer: Customer, emulator: Emulator, files: pathlib.Path) -> None:
    base = emulator.file_url("MyGame.zip").rsplit("/", 1)[0]
    release = customer.client().release(
        **released(customer, file_path=files / "MyGame.zip", storage=slipway.Directory(files, public_url=base), remove_when_done=True))
    assert (release.live, release.removed, release.file_url) == (True, True, f"{base}/{release.key}")
    assert release.key is not None and not (files / release.key).exists()


# The example


def run_example(recorder: Recorder, *arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, str(PACKAGE / "examples" / "store.py"), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(PACKAGE), **environment}, capture_output=True, text=True, timeout=30)  # fmt: skip
    recorder.note("store.py", done.returncode, done.stdout, done.stderr)
    return done


def test_example_with_a_folder(recorder: Recorder, file: pathlib.Path, folder: pathlib.Path) -> None:
    done = run_example(recorder, file, "--directory", folder, "--key", "a.bin")
    assert (done.returncode, done.stdout) == (0, f"{folder / 'a.bin'}\n"), done.stderr
    assert "100 % of 0.1 MB" in done.stderr and "stored: 70,000 bytes sent" in done.stderr
    done = run_example(recorder, file, "--directory", folder, "--key", "a.bin")
    assert (done.returncode, done.stdout) == (0, f"{folder / 'a.bin'}\n") and "was there already" in done.stderr


def test_example_with_a_bucket(recorder: Recorder, s3: S3, file: pathlib.Path) -> None:
    done = run_example(recorder, file, "--bucket", s3.bucket, "--endpoint", s3.endpoint, **s3.environment())
    assert done.returncode == 0, done.stderr
    (link,) = done.stdout.splitlines()
    assert read(link) == file.read_bytes() and "anybody who has this link can read the file until" in done.stderr


def test_example_that_fails(recorder: Recorder, file: pathlib.Path, folder: pathlib.Path) -> None:
    for arguments, code, words in [
        ((folder / "missing.zip", "--directory", folder), 1, "failed: "),
        ((file, "--bucket", "builds"), 1, "failed: "),
        ((file, "--directory", folder, "--region", "auto"), 2, "go with --bucket"),
        ((file,), 2, "required"),
    ]:
        done = run_example(recorder, *arguments)
        assert done.returncode == code and words in done.stderr and done.stdout == "" and "Traceback" not in done.stderr
