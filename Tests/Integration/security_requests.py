"""Every text that a host can give to any operation, found in the header and in the structs, so that none can be forgotten.

    for text in texts_of("slipway_store"): place.request("slipway_store", text, b"a\\r\\nX-Evil: 1", kind="bucket")
"""

from __future__ import annotations

import ctypes
import dataclasses
import hashlib
import pathlib
import re
from ctypes import POINTER, c_char_p
from typing import Any, Dict, List, Optional, Tuple, Type

from security_peers import Heard, answer
from slipway import abi
from slipway.delivery import NO_PROGRESS

Text = Tuple[str, ...]
"""The names of the members that lead to it: ("key",), ("terms", "value"), ("storage", "bucket")."""

HEADER = pathlib.Path(__file__).resolve().parents[2] / "include" / "slipway.h"
START = re.compile(r"slipway_status (slipway_\w+)\(\s*slipway_client \*client,\s*const (slipway_\w+_request) \*request,")
OPERATIONS: Dict[str, Type[ctypes.Structure]] = {name: abi.STRUCTS[request] for name, request in START.findall(HEADER.read_text())}
"""What starts one, and the struct that it takes."""

KINDS = ("bucket", "put_url", "directory")


def texts_of(function: str) -> List[Text]:
    """Each text of its request, of structs that the request points to as well."""
    return _texts(OPERATIONS[function])


def _texts(struct: Type[ctypes.Structure]) -> List[Text]:
    found: List[Text] = []
    fields: List[Tuple[str, Any]] = list(struct._fields_)  # type: ignore[arg-type]  # no bit fields
    for name, kind in fields:
        if kind in (c_char_p, POINTER(c_char_p)):
            found.append((name,))
        elif kind in (POINTER(abi.Storage), POINTER(abi.Term)):
            found += [(name, *text) for text in _texts(kind._type_)]
    return found


def kinds_of(function: str) -> Tuple[str, ...]:
    """The kinds of storages that it can be given; "" for none."""
    if not any(text[0] == "storage" for text in texts_of(function)):
        return ("",)
    return KINDS if function == "slipway_store" else ("bucket", "directory") if "storage" in function else ("", *KINDS)


class Bucket:
    """An S3 server without a conscience: it keeps what it gets, and asks for no signature."""

    def __init__(self) -> None:
        self.objects: Dict[str, bytes] = {}

    def __call__(self, request: Heard) -> bytes:
        if "uploads" in request.query.split("&")[-1] or "uploads=" in request.query:
            return answer(200, b"<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>")
        if request.method == "PUT":
            self.objects[request.path] = request.body
            return answer(200, ETag=f'"{hashlib.md5(request.body).hexdigest()}"')
        if request.method == "DELETE":
            self.objects.pop(request.path, None)
            return answer(204)
        body = self.objects.get(request.path)
        if body is None:
            return answer(404)
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        if request.method == "HEAD":
            return answer(200, length=len(body), ETag=etag)
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if part is None:
            return answer(200, body, ETag=etag)
        start, end = int(part[1]), min(int(part[2]), len(body) - 1)
        return answer(206, body[start : end + 1], ETag=etag, Content_Range=f"bytes {start}-{end}/{len(body)}")


@dataclasses.dataclass
class Place:
    """Where requests lead when nothing in them is wrong."""

    file: str
    file_url: str
    project_id: str
    upload_id: str
    bucket_url: str
    directory: str

    def storage(self, kind: str) -> Dict[str, Any]:
        kinds: Dict[str, Dict[str, Any]] = {
            "bucket": {"bucket": "builds", "endpoint": self.bucket_url, "region": "us-east-1", "access_key_id": "AKIDEXAMPLE",
                       "secret_access_key": "a-secret-of-no-bucket", "key_prefix": "prefix"},
            "put_url": {"put_url": f"{self.bucket_url}/put/MyGame.zip"},
            "directory": {"directory": self.directory, "key_prefix": "prefix", "public_url": f"{self.bucket_url}/served"},
        }  # fmt: skip
        return kinds[kind]

    def members(self, function: str) -> Dict[str, Any]:
        """What makes it succeed, or come as far as it can."""
        project, build = {"project_id": self.project_id}, {"upload_id": self.upload_id}
        of_asset, of_distribution = {"asset_id": "picture"}, {"distribution_id": "shown"}
        quick = {"interval_ms": 10, "max_interval_ms": 20, "settle_ms": 20}
        body = b'{"event":"build.approved","projectId":"p","uploadId":"u"}'
        functions: Dict[str, Dict[str, Any]] = {
            "upload": {**project, "file_url": self.file_url},
            "distribute": {**project, **build},
            "list_projects": {}, "get_project": project, "get_project_stats": project, "test_webhook": project,
            "wait_for_build": {**project, **build, **quick},
            "receive_webhook": {"body": body, "confirm": 1},
            "entermedia_login": {},
            "entermedia_distribution_create": {**of_asset, **of_distribution, "allow_original": 1},
            "entermedia_distribution_edit": {**of_asset, **of_distribution},
            "entermedia_distribution_get": of_distribution, "entermedia_distribution_delete": of_distribution,
            "entermedia_distribution_search": {"terms": {"field": "id", "match": "matches", "value": "shown"}},
            "entermedia_distribution_create_many": {"asset_ids": "picture", "distribution_ids": "shown", "allow_original": 1},
            "entermedia_asset_upload": {"file_path": self.file, **of_asset, "source_path": "a/b", "name": "MyGame.zip"},
            "entermedia_asset_get": of_asset, "entermedia_asset_delete": of_asset,
            "store": {"file_path": self.file, "key": "MyGame.zip"},
            "storage_delete": {"key": "MyGame.zip"}, "storage_list_unfinished": {"key": "MyGame.zip"},
            "storage_abort_unfinished": {"key": "MyGame.zip"},
            "check_package": {"file_path": self.file},
            "release": {**project, **quick, "file_path": self.file, "ignore_findings": 1, "deadline_ms": 1000},
        }  # fmt: skip
        return functions[function.partition("_")[2]]

    def has(self, function: str, text: Text, kind: str) -> bool:
        """Whether there is something right for this text, which something wrong can stand behind."""
        members = {**self.members(function), **({"storage": self.storage(kind)} if kind else {})}
        return text[-1] in (members.get(text[0], {}) if len(text) == 2 else members)

    def request(self, function: str, text: Text = (), value: bytes = b"", kind: str = "", after: bool = False) -> ctypes.Structure:
        """A request in which everything is right but `text`, which is `value`, or, with `after`, what is right and `value` behind it."""
        request = OPERATIONS[function]()
        request.struct_size, request.on_progress = ctypes.sizeof(request), NO_PROGRESS
        members = dict(self.members(function))
        if kind:
            members["storage"] = self.storage(kind)
        if len(text) == 2:
            inner = dict(members.get(text[0]) or {})
            inner[text[1]] = _joined(inner.get(text[1]), value, after)
            members[text[0]] = inner
        elif text:
            members[text[0]] = _joined(members.get(text[0]), value, after)
        _fill(request, members)
        return request


def _joined(right: Any, value: bytes, after: bool) -> bytes:
    return (_bytes(right) if right is not None and after else b"") + value


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else value


COUNTS = {"terms": "term_count", "asset_ids": "asset_count", "put_headers": "put_header_count", "body": "body_size"}


def _fill(struct: ctypes.Structure, members: Dict[str, Any]) -> None:
    kinds: Dict[str, Any] = dict(struct._fields_)  # type: ignore[arg-type]
    if "metadata_names" in members or "metadata_values" in members:
        members = {"metadata_names": b"name", "metadata_values": b"value", "metadata_count": 1, **members}
    for name, value in members.items():
        kind = kinds[name]
        if kind is c_char_p:
            value = _bytes(value)
        elif kind is POINTER(c_char_p):
            value = (c_char_p * 1)(_bytes(value))
        elif kind in (POINTER(abi.Storage), POINTER(abi.Term)):
            inner = kind._type_()
            if kind._type_ is abi.Storage:
                inner.struct_size = ctypes.sizeof(inner)
            _fill(inner, value)
            value = ctypes.pointer(inner)
        setattr(struct, name, value)
        if name in COUNTS:
            setattr(struct, COUNTS[name], len(_bytes(members[name])) if name == "body" else 1)


Found = Optional[str]


def evil(streams: List[bytes]) -> Found:
    """What is wrong with the bytes that servers got: a line that no argument may make, or bytes that are no requests."""
    for stream in streams:
        if re.search(rb"(?i)[\r\n][ \t]*x-evil", stream):
            return f"a line of its own: {stream[:2000]!r}"
        if re.search(rb"[\r\n](GET|POST) /evil", stream):
            return f"a request of its own: {stream[:2000]!r}"
    return None


LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ -~\x80-\xff]*")
FIRST = re.compile(rb"(GET|HEAD|POST|PUT|DELETE) /[!-~]* HTTP/1\.1")


def malformed(request: Heard) -> Found:
    """Whether a head is anything else than a method, a path and fields, each in a line of its own, with one Host and one length."""
    first, *lines = request.head.split(b"\r\n")
    names = [line.partition(b":")[0].lower() for line in lines]
    if not FIRST.fullmatch(first) or not all(LINE.fullmatch(line) for line in lines):
        return f"a malformed head: {request.head!r}"
    if names.count(b"host") != 1 or names.count(b"content-length") > 1:
        return f"a field twice: {request.head!r}"
    return None
