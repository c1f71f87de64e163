"""Starts real S3 servers for tests: OpenStack Swift with its s3api, and `rclone serve s3`. Needs what Tests/requirements.txt names.

    with S3Server("swift") as server:
        server.boto().create_bucket(Bucket="somewhere")
        ... server.endpoint, server.region, server.access_key_id, server.secret_access_key

From a shell, where it prints one line of JSON and serves until its standard input ends:

    .build-venv/bin/python Tests/Integration/s3_server.py --server swift --bucket somewhere

A server always ends with the test: it is stopped on the way out of the `with` block, and it ends by itself when the thread that started it
does. Its objects are in a temporary folder, which is removed, or in one that is named, which is left. TLS, and whatever goes wrong on the
way to a server, is a `FaultProxy` before it.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse
from typing import IO, Any, Optional, Union

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Traits:
    """In what implementations differ, where it matters to a client. test_s3_servers.py holds them to it."""

    program: str
    """What of this folder starts it."""
    access_key_id: str
    checks_region: bool
    """That of a signature. Swift names the right one in an element Region, with status 400."""
    checks_content: bool
    """Refuses a body that is not what x-amz-content-sha256 or x-amz-checksum-* say. Both look at Content-MD5."""
    checks_headers: bool
    """Refuses an ACL, a storage class or an encryption that it has not. Otherwise they are kept, and told by HEAD."""
    whole_md5: bool
    """HEAD tells the MD5 of an object that came in parts, although the answer to Complete told the MD5 of MD5s, with their number."""
    replaces_parts: bool
    """A part may come again with other bytes. Otherwise the answer is 501 NotImplemented."""
    skips_parts: bool
    """An upload may be completed with some of its parts. Otherwise it must be all, from 1 on, and an attempt with less ends the upload."""
    completes_again: bool
    """Complete is answered like the first time when it comes again. Otherwise the answer is 404 NoSuchUpload."""
    least_part: int
    """Bytes, of all but the last one."""
    markers_inclusive: bool
    """A listing goes on at its marker, not behind it; so what it calls the next marker is what comes next."""
    names_are_paths: bool
    """Keys cannot have empty names between slashes, nor "." or "..", nor a name of more than 255 bytes."""
    partial_status: int
    """Of an answer to a request with a Range."""
    has_public_links: bool
    """A bucket can be readable for everybody: see `public_link`."""
    has_virtual_hosts: bool
    """Requests may name the bucket in their host: BUCKET.localhost."""


KINDS = {
    "swift": Traits(
        program="swift_s3.py", access_key_id="test:tester", checks_region=True, checks_content=True, checks_headers=True, whole_md5=False,
        replaces_parts=True, skips_parts=True, completes_again=True, least_part=5 << 20, markers_inclusive=False, names_are_paths=False,
        partial_status=206, has_public_links=True, has_virtual_hosts=True,
    ),
    "rclone": Traits(
        program="rclone_s3.py", access_key_id="slipway-tests", checks_region=False, checks_content=False, checks_headers=False,
        whole_md5=True, replaces_parts=False, skips_parts=False, completes_again=False, least_part=0, markers_inclusive=True,
        names_are_paths=True, partial_status=200, has_public_links=False, has_virtual_hosts=False,
    ),
}  # fmt: skip


class S3Server:
    """One running server; `name` is one of KINDS. After `start`, `endpoint` is http://127.0.0.1:PORT. The clock of Swift can be `ahead`, by
    seconds."""

    region = "us-east-1"

    def __init__(
        self, name: str, secret_access_key: str = "a-secret/of+the-tests", folder: Union[str, os.PathLike[str], None] = None,
        ahead: float = 0,
    ) -> None:  # fmt: skip
        self.name = name
        self.traits = KINDS[name]
        self.access_key_id = self.traits.access_key_id
        self.secret_access_key = secret_access_key
        self.endpoint = ""
        self._ahead = ahead
        self._folder = folder
        self._session: Any = None
        self._temporary = ""
        self._log: Optional[IO[bytes]] = None
        self._process: Optional[subprocess.Popen[bytes]] = None

    # Life

    def start(self, timeout: float = 20.0) -> "S3Server":
        """Starts the process and returns when it can be connected to. RuntimeError when it ends, or says nothing in time."""
        if self._folder is None:
            self._temporary = tempfile.mkdtemp(prefix=f"slipway-{self.name}-")
        self._log = tempfile.TemporaryFile()
        folder = os.fspath(self._folder or self._temporary)
        command = [sys.executable, str(HERE / self.traits.program), folder, self.access_key_id, self.secret_access_key]
        if self._ahead:
            command.append(str(self._ahead))
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log)
        try:
            self.endpoint = f"http://127.0.0.1:{self._port(self._process, timeout)}"
        except BaseException:
            self.stop()
            raise
        return self

    def _port(self, process: "subprocess.Popen[bytes]", timeout: float) -> int:
        assert process.stdout is not None
        if not select.select([process.stdout], [], [], timeout)[0]:
            raise RuntimeError(f"{self.name} said nothing within {timeout} s: {self.log()}")
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended before it was ready, with code {process.wait(5)}: {self.log()}")
        return int(json.loads(line)["port"])

    def log(self) -> str:
        """What the server has said so far: warnings and errors."""
        if self._log is None:
            return ""
        return os.pread(self._log.fileno(), 1 << 20, 0).decode("utf-8", "replace")

    def stop(self, timeout: float = 10.0) -> None:
        """Ends the process, and removes what it stored unless that has a folder that was named."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout)
            for stream in (process.stdin, process.stdout, self._log):
                assert stream is not None
                stream.close()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> "S3Server":
        return self if self._process is not None else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Use

    def public_link(self, bucket: str, key: str) -> str:
        """Where everybody can read an object of a bucket with the ACL public-read: Swift's own address for it."""
        account = self.access_key_id.partition(":")[0]
        return f"{self.endpoint}/v1/AUTH_{account}/{bucket}/{urllib.parse.quote(key)}"

    @functools.cached_property
    def client(self) -> Any:
        """That of `boto`, without arguments: to be shared, since one takes longer to make than many a test."""
        return self.boto()

    def boto(self, endpoint: Optional[str] = None, **changes: Any) -> Any:
        """A boto3 client of it that tries once, and adds no checksums. `endpoint`: another way to it, as a proxy's. `changes` are arguments
        of `Session.client`; `config` is a dictionary that changes the client's configuration."""
        import boto3  # type: ignore[import-untyped]
        import botocore.config  # type: ignore[import-untyped]

        config = {
            "s3": {"addressing_style": "path"}, "signature_version": "s3v4", "retries": {"total_max_attempts": 1},
            "connect_timeout": 5, "read_timeout": 60, "max_pool_connections": 32,
            "request_checksum_calculation": "when_required", "response_checksum_validation": "when_required",
            **changes.pop("config", {}),
        }  # fmt: skip
        arguments = {
            "aws_access_key_id": self.access_key_id, "aws_secret_access_key": self.secret_access_key, "region_name": self.region, **changes,
        }  # fmt: skip
        # What a session reads at its first client takes longer than a test.
        self._session = self._session or boto3.Session()
        return self._session.client("s3", endpoint_url=endpoint or self.endpoint, config=botocore.config.Config(**config), **arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description="Starts an S3 server that serves until the standard input ends.")
    parser.add_argument("--server", choices=KINDS, required=True)
    parser.add_argument("--bucket", action="append", default=[], help="a bucket to make; may be repeated")
    parser.add_argument("--folder", help="where its objects are; by default in a temporary folder")
    arguments = parser.parse_args()
    # An end by a signal is an end of the `with` block, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with S3Server(arguments.server, folder=arguments.folder) as server:
        for bucket in arguments.bucket:
            server.boto().create_bucket(Bucket=bucket)
        print(json.dumps({
            "endpoint": server.endpoint, "region": server.region, "bucket": next(iter(arguments.bucket), None),
            "accessKeyId": server.access_key_id, "secretAccessKey": server.secret_access_key,
        }), flush=True)  # fmt: skip
        while os.read(0, 4096):
            pass
        sys.stderr.write(server.log())


if __name__ == "__main__":
    main()
