"""Where the cells of the fault matrix are played: an emulator of a player's own, and a way of its own to a storage.

A player plays one cell at a time, so that a fault strikes nobody else; several players play at the same time, since some faults stall.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import pathlib
import secrets as random_secrets
import urllib.parse
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional

import slipway
from emulator import Emulator, wait_until
from fault_proxy import FaultProxy
from http_message import Request
from matrix_faults import Form
from matrix_rules import ATTEMPTS
from s3_server import S3Server
from storage_fixtures import PART
from wire_faults import Fault

if TYPE_CHECKING:
    from matrix_operations import Row

STREAMPIXEL = "/pixelStripeApi/"
OPTIONS = ["--state-ms", "5", "--rate-window-ms", "0", "--entermedia-conversion-ms", "0", "--webhook-url", "http://127.0.0.1:9/webhook"]


class QuickEmulator(Emulator):
    """One whose admin requests share a connection: a cell makes several of them, and there are thousands of cells."""

    _admin: Optional[http.client.HTTPConnection] = None

    def admin(self, method: str, path: str, document: Any = None) -> Any:
        parts = urllib.parse.urlsplit(self.admin_url)
        if self._admin is None:
            self._admin = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        body = None if document is None else json.dumps(document)
        self._admin.request(method, f"{parts.path}/{path}", body, {"Content-Type": "application/json"})
        answer = self._admin.getresponse()
        content = answer.read()
        assert answer.status in (200, 201), (answer.status, content.decode("utf-8", "replace"))
        return json.loads(content)

    def stop(self, timeout: float = 10.0) -> int:
        if self._admin is not None:
            self._admin.close()
        return super().stop(timeout)


@dataclasses.dataclass(frozen=True)
class Seen:
    """A request of the library's, as a server has seen it."""

    method: str
    call: str
    """Its path; for a storage S3's name of the operation."""
    answer_bytes: int = dataclasses.field(default=0, compare=False)

    @property
    def is_of_a_project(self) -> bool:
        return self.method == "GET" and self.call.startswith(f"{STREAMPIXEL}projects/")


def is_ours(headers: Dict[str, str]) -> bool:
    """A build's download is the service's."""
    return headers.get("user-agent", "").startswith("Slipway/")


class Site:
    """What one player has. `files` is served by the emulator; `package` and `large` are files of this machine."""

    def __init__(self, stack: contextlib.ExitStack, folder: pathlib.Path, package: pathlib.Path, large: pathlib.Path, s3: S3Server,
                 bucket: str) -> None:  # fmt: skip
        self.files, self.package, self.large = folder, package, large
        (folder / "MyGame.zip").write_bytes(package.read_bytes())
        self.emulator = QuickEmulator(OPTIONS, files=folder)
        stack.enter_context(self.emulator)
        self.emulator.admin("GET", "settings")
        self.s3, self.bucket = s3, bucket
        # rclone answers with an error when a bucket has no upload at all.
        s3.client.create_multipart_upload(Bucket=bucket, Key="begun")
        self.proxy = stack.enter_context(FaultProxy(s3.endpoint))
        self._boto = s3.boto(endpoint=self.proxy.endpoint)
        self.deadline = LONG
        """Of the next operation that has a deadline of its own."""
        self._on_the_wire: Optional[Fault] = None
        self._count = 0

    # A cell

    def begin(self) -> None:
        """As if nothing had ever been here. What the service still does for the last cell would count as one of the next one's requests."""
        wait_until(lambda: not any(build["moving"] for project in self.emulator.state()["projects"] for build in project["builds"]), 30)
        self.emulator.reset()
        self.proxy.reset()
        self._on_the_wire = None
        self.deadline = LONG

    def client(self, **options: Any) -> slipway.Client:
        """One that is not patient."""
        emulator = self.emulator
        media = {"key": emulator.entermedia["key"], **options.pop("media", {})}
        return slipway.Client(
            streampixel=slipway.Streampixel(
                api_key=emulator.api_key, user_id=emulator.user_id, base_url=emulator.base_url, rate_window=0.001),
            entermedia=slipway.EnterMedia(base_url=emulator.entermedia["baseUrl"], **media),
            max_attempts=ATTEMPTS, retry_delay=0.001, idle_timeout=1.0, deadline=LONG, **options,
        )  # fmt: skip

    def strike(self, row: "Row", form: Form, requests: List[Seen], position: int, stays: bool) -> None:
        """The request at that position gets it, and with `stays` all that come after it. What asks nothing would get it everywhere."""
        count = 0 if stays or not row.asks else 1
        if row.server == "storage" or not row.asks:
            size = requests[position].answer_bytes if row.asks else 0
            self._on_the_wire = self.proxy.fault(
                form.on_the_wire(size), nth=position + 1 if row.asks else 1, times=count or None,
                where=lambda request: is_ours(request.headers))  # fmt: skip
        if row.server == "storage":
            return
        wanted: Dict[str, Any] = {"count": count}
        if position >= row.late:
            # The service asks by itself by then, too: only those like that one. A name that is made up ends the path.
            path = requests[position].call[: requests[position].call.rindex("/") + 1]
            wanted.update(path=f"{path}*", method=requests[position].method)
            skipped = [one for one in requests[:position] if one.method == wanted["method"] and one.call.startswith(path)]
        else:
            # What the service downloads later is none of the operation's requests.
            area = STREAMPIXEL if all(one.call.startswith(STREAMPIXEL) for one in requests[position:]) else "/"
            wanted["path"] = f"{area}*"
            skipped = [one for one in requests[: max(0, position)] if one.call.startswith(area)]
        self.emulator.admin("POST", "faults", {**form.document(), **wanted, "skip": len(skipped)})

    def hits(self) -> int:
        """How many requests have got it."""
        wire = self._on_the_wire.hits if self._on_the_wire else 0
        return wire + sum(fault["hits"] for fault in self.emulator.faults())

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        self.emulator.clear_faults()
        self.proxy.reset()
        self.deadline = LONG

    def requests(self, server: str) -> List[Seen]:
        """What the library has asked a server for since `begin`."""
        if server == "storage":
            return [self._seen(request) for request in self.proxy.requests(where=lambda request: is_ours(request.headers))]
        return [Seen(entry["method"], entry["path"]) for entry in self.emulator.journal() if is_ours(entry["headers"])]

    @staticmethod
    def _seen(request: Request) -> Seen:
        return Seen(request.method, request.operation, request.response_bytes)

    # What operations are about

    def new_name(self, end: str = "") -> str:
        self._count += 1
        return f"thing-{self._count}{end}"

    @property
    def project(self) -> str:
        return self.emulator.project_id

    def builds(self) -> int:
        return len(self.emulator.builds())

    def link(self) -> str:
        return self.emulator.file_url("MyGame.zip")

    def asset(self) -> str:
        return self.emulator.add_asset(id=self.new_name(), name="MyGame.zip", content="PK\x03\x04 and so on")

    def media_ids(self, kind: str) -> List[str]:
        return [entry["id"] for entry in self.emulator.media()[kind]]

    # A storage

    def storage(self, **changes: Any) -> slipway.S3:
        return slipway.S3(**{
            "bucket": self.bucket, "endpoint": self.proxy.endpoint, "region": self.s3.region, "access_key_id": self.s3.access_key_id,
            "secret_access_key": self.s3.secret_access_key, "link": slipway.Link.NONE, "part_size": PART, "parallel_parts": 1, **changes,
        })  # fmt: skip

    def put_url(self, key: str, **changes: Any) -> slipway.PutURL:
        place = {"Bucket": self.bucket, "Key": key}
        url = self._boto.generate_presigned_url("put_object", Params=place, ExpiresIn=600)
        return slipway.PutURL(url, **{"link": slipway.Link.NONE, **changes})

    def has_object(self, key: str) -> bool:
        found = self.s3.client.list_objects_v2(Bucket=self.bucket, Prefix=key).get("Contents", [])
        return any(entry["Key"] == key for entry in found)


LONG = 60.0
"""Seconds: a deadline that nothing here comes to."""


@contextlib.contextmanager
def sites(count: int, folder: pathlib.Path, package: pathlib.Path, large: pathlib.Path, s3: S3Server) -> Iterator[List[Site]]:
    with contextlib.ExitStack() as stack:
        made: List[Site] = []
        for number in range(count):
            files = folder / f"files-{number}"
            files.mkdir()
            bucket = f"matrix-{random_secrets.token_hex(8)}"
            s3.client.create_bucket(Bucket=bucket)
            made.append(Site(stack, files, package, large, s3, bucket))
        yield made
