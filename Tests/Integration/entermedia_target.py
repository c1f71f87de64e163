"""An EnterMediaDB server that tests ask as it is, without Slipway: the emulator, or a real one (see test_emulator_entermedia.py)."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import secrets
import struct
import urllib.parse
import zipfile
import zlib
from typing import Any, Dict, List, Optional

from emulator import Answer, Emulator, request, wait_until

REAL = os.environ.get("SLIPWAY_TEST_ENTERMEDIA", "").rstrip("/")


def png() -> bytes:
    """A picture of 64 by 48 pixels that every converter can read."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * 4, y * 5, 128)[i] for x in range(64) for i in range(3)) for y in range(48))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def small_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("MyGame.exe", b"MZ" + bytes(1000))
    return stream.getvalue()


FILES = {"image": png(), "zip": small_zip()}


def multipart(fields: Dict[str, Any], files: List[Any], fields_last: bool = False) -> "tuple[str, bytes]":
    """The Content-Type and the body of a form; a field that is no text is sent as JSON."""
    boundary = "slipway-" + secrets.token_hex(12)
    parts = []
    for name, value in fields.items():
        text = value if isinstance(value, str) else json.dumps(value)
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + text.encode())
    places = []
    for file in files:
        content = file[2] if len(file) > 2 else FILES["image"]
        head = f'Content-Disposition: form-data; name="{file[0]}"; filename="{file[1]}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        places.append(head.encode() + content)
    parts = places + parts if fields_last else parts + places
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary.encode() + b"--\r\n"
    return f"multipart/form-data; boundary={boundary}", body


class Target:
    """A server to ask, and what the cases call by name."""

    def __init__(self, base: str, user: str, password: str, key: str, limited: Optional[str], emulator: Optional[Emulator] = None) -> None:
        self.base, self.emulator = base, emulator
        path = urllib.parse.urlsplit(base).path
        self.names: Dict[str, str] = {
            "user": user, "password": password, "key": key, "path": path, "services": base + "/services", "app": path.split("/")[1],
            "image bytes": str(len(FILES["image"])), "zip bytes": str(len(FILES["zip"])),
            "basic": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode(),
        }  # fmt: skip
        if limited is not None:
            self.names["limited"] = limited
        self.made: Dict[str, List[str]] = {"distribution": [], "asset": []}

    def filled(self, value: Any, names: Dict[str, str]) -> Any:
        """The value with its names filled in; in regular expressions what is filled in means itself."""
        if isinstance(value, str):
            literal = not value.startswith("~")
            return re.sub(r"<([a-z0-9 ]+)>", lambda found: names[found[1]] if literal else re.escape(names[found[1]]), value)
        if isinstance(value, dict):
            return {self.filled(key, names): self.filled(member, names) for key, member in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.filled(member, names) for member in value]
        return value

    def send(self, asked: Dict[str, Any]) -> Answer:
        key = self.names["key"]
        headers = dict(asked.get("auth", {"X-entermedia.key": key, "Cookie": f"entermedia.key={key}"}) or {})
        body: Optional[bytes] = None
        if "files" in asked:
            headers["Content-Type"], body = multipart(asked.get("form", {}), asked["files"], asked.get("fields_last", False))
        elif "form" in asked:
            headers["Content-Type"], body = "application/x-www-form-urlencoded", urllib.parse.urlencode(asked["form"]).encode()
        elif asked["document"] is not None or "raw" in asked:
            headers["Content-Type"] = "application/json"
            body = asked["raw"].encode() if "raw" in asked else json.dumps(asked["document"]).encode()
        headers.update(asked.get("headers", {}))
        url = f"{self.base}/services/{asked['path']}"
        if asked.get("whole"):
            url = urllib.parse.urljoin(self.base, asked["path"])
        answer = request(asked["method"], url, body, headers)
        self.remember(asked, answer)
        return answer

    def remember(self, asked: Dict[str, Any], answer: Answer) -> None:
        """Notes what is to be removed, junk records, too."""
        kind = asked["path"].split("/")[0].replace("module", "asset")
        makes = asked["method"] in ("POST", "PUT") and re.match("distribution/(create|edit)|module/asset/create", asked["path"])
        if answer.status == 200 and makes:
            found = re.search(rb'"id"\s*:\s*"(.*?)"\s*,?\s*(\n|"status")', answer.body)
            if found:
                self.made[kind].append(found[1].decode())

    def clean_up(self) -> None:
        for id in self.made["distribution"]:
            self.send({"method": "DELETE", "path": "distribution/delete/delete?" + urllib.parse.urlencode({"id": id}), "document": None})
        for id in self.made["asset"]:
            self.send({"method": "DELETE", "path": f"module/asset/data/{urllib.parse.quote(id)}", "document": None})


def fresh() -> str:
    return "slipway-test-" + secrets.token_hex(8)


def new_emulator() -> Emulator:
    return Emulator(options=["--entermedia-conversion-ms", "0"])


def target_of(emulator: Emulator) -> Target:
    media = emulator.entermedia
    return Target(media["baseUrl"], media["user"], media["password"], media["key"], media["users"][1]["key"], emulator)


def with_assets(server: Target) -> None:
    for name, file_name, content in [
        ("image", "sample.png", FILES["image"]), ("text", "notes.txt", b"a text"), ("zip", "MyGame.zip", FILES["zip"]),
    ]:  # fmt: skip
        file = ("file", file_name, content)
        id = server.names[name] = fresh()
        fields = {"jsonrequest": {"id": id, "sourcepath": f"conformance/{id}/", "assettitle": "Sample"}}
        answer = server.send({"method": "POST", "path": "module/asset/create", "form": fields, "files": [file], "document": None})
        assert answer.status == 200 and answer.json["response"] == {"status": "ok", "id": id}, answer.body
    probe = fresh()
    server.send({"method": "POST", "path": "distribution/create/create", "document": {"assetid": server.names["image"], "id": probe}})
    largeimage = f"{server.base}/services/distribution/published/{probe}/largeimage"
    wait_until(lambda: request("GET", largeimage).status == 200, 120 if REAL else 10, "the conversion of an image")
