"""Runs the soak (Tests/ABI/soak): a host that goes on for long, against an emulator that fails on some paths each time."""

from __future__ import annotations

import concurrent.futures
import json
import pathlib
from typing import Any, Dict, List, Optional, Sequence, Tuple

from emulator import Emulator, make_build, request
from programs import Told, environment, publish_picture, run_host
from toolchain import C17, HERE, Variant, compile_program

FOLDER = HERE / "soak"
TURN = 2000  # Of course.h.
PROJECTS, FLAKY = 64, 8
STATISTICS = "/pixelStripeApi/projects/userStats"
# What a bucket says that has one unfinished upload, too young to be aborted.
UPLOADS = (
    '<?xml version="1.0" encoding="UTF-8"?><ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Bucket>good-bucket</Bucket><IsTruncated>false</IsTruncated><Upload><Key>builds/a.zip</Key><UploadId>abc</UploadId>"
    "<Initiated>2099-01-01T00:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>"
)


def build(variant: Variant) -> pathlib.Path:
    parts = [HERE / "check.h", HERE / "operations.h", *(FOLDER / f"{name}.h" for name in ("clients", "course", "process"))]
    return compile_program("clang", [FOLDER / "soak.c"], C17, inputs=parts, variant=variant)


def _faults(emulator: Emulator, turns: int) -> None:
    def always(action: str, path: str, method: str = "GET", **members: Any) -> None:
        emulator.fault(action, path=path, method=method, count=0, **members)

    of_statistics: List[Tuple[str, str, Dict[str, Any]]] = [
        ("close", "close", {}),
        ("503", "status", {"status": 503, "body": '{"message":"busy"}'}),
        ("broken-json", "broken-json", {}),
        ("html", "html", {}),
        ("truncate", "truncate", {}),
        ("length", "length", {"by": 10}),
        ("empty", "empty", {}),
        ("redirect", "redirect", {"location": "https://elsewhere.example/"}),
        ("oversized", "oversized", {"bytes": 9_000_000}),
        ("401", "status", {"status": 401, "body": '{"message":"Invalid API key"}'}),
        ("403", "status", {"status": 403, "body": '{"message":"no"}'}),
        ("429", "status", {"status": 429, "headers": {"Retry-After": "3600"}, "body": '{"message":"Rate limit exceeded"}'}),
        ("delay", "delay", {"delayMs": 10_000}),
        ("drip", "drip", {"bytes": 1, "intervalMs": 200}),
    ]
    for name, action, members in of_statistics:
        always(action, f"{STATISTICS}/fault-{name}", **members)
    always("delay", f"{STATISTICS}/endless-delay", delayMs=60_000)
    always("drip", f"{STATISTICS}/endless-drip", bytes=1, intervalMs=2000)
    always("broken-json", "/pixelStripeApi/projects/fault-broken-json")
    always("close", "/assets/mediadb/services/module/asset/data/fault-close")
    always("html", "/assets/mediadb/services/module/asset/data/fault-html")
    always("status", "/files/put-well.zip", "PUT", status=200)
    always("status", "/files/put-503.zip", "PUT", status=503)
    always("close", "/files/put-close.zip", "PUT")
    always("status", "/files/hook", "POST", status=200)
    always("status", "/good-bucket*", "GET", status=200, body=UPLOADS, headers={"Content-Type": "application/xml"})
    always("status", "/good-bucket*", "DELETE", status=204)
    always("html", "/html-bucket*")
    always("status", "/broken-bucket*", status=200, body=UPLOADS[:-20], headers={"Content-Type": "application/xml"})
    # Of three requests two fail, again and again: each of these lets those pass that the ones before it have not struck.
    for turn in range(turns):
        path = f"{STATISTICS}/flaky-{turn % FLAKY}"
        emulator.fault("status", path=path, method="GET", skip=turn // FLAKY, count=2, status=503, body='{"message":"busy"}')


def _publish_victims(emulator: Emulator, count: int) -> None:
    """What the soak deletes: one asset and one distribution in each turn."""
    emulator.add_asset(id="victim", name="victim.jpg", content="not much of a picture", count=count)
    url = f"{emulator.entermedia['baseUrl']}/services/distribution/create/create"
    headers = {"X-entermedia.key": emulator.entermedia["key"], "Content-Type": "application/json"}

    def publish(index: int) -> None:
        document = {"assetid": "fleeting", "id": f"victim-{index}", "alloworiginal": True}
        assert request("POST", url, json.dumps(document), headers).status == 200

    emulator.add_asset(id="fleeting", name="fleeting.jpg", content="not much of a picture")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(publish, range(1, count + 1)))


def prepare(emulator: Emulator, folder: pathlib.Path, turns: int) -> Dict[str, str]:
    """Puts into an emulator what course.h counts on, and says where it is."""
    publish_picture(emulator)
    file_url = emulator.file_url("MyGame.zip")
    for index in range(PROJECTS):
        emulator.add_project(projectId=f"soak-{index}")
        emulator.add_build(projectId=f"soak-{index}", uploadId=f"built-{index}", fileUrl=file_url, status="Approved")
    for name in ["hooked", "fault-truncate", "fault-length", "fault-delay", "fault-drip", "endless-delay", "endless-drip"]:
        emulator.add_project(projectId=name)
    for index in range(FLAKY):
        emulator.add_project(projectId=f"flaky-{index}")
    emulator.set_project("hooked", webhookUrl=emulator.file_url("hook"))
    _publish_victims(emulator, turns)
    _faults(emulator, turns)
    (folder / "damaged.zip").write_bytes((folder / "MyGame.zip").read_bytes()[:-40])
    (folder / "nothing-much.zip").write_bytes(b"nothing much" * 100)
    (folder / "small.bin").write_bytes(b"not much" * 300)
    (folder / "storage").mkdir()
    project = emulator.project_id

    def build_in(status: str) -> str:
        return emulator.add_build(projectId=project, fileUrl=file_url, status=status)

    return {
        "SLIPWAY_TEST_FILE_URL": file_url,
        "SLIPWAY_TEST_FILES_URL": emulator.file_url("").rstrip("/"),
        "SLIPWAY_TEST_PACKAGE": str(folder / "MyGame.zip"),
        "SLIPWAY_TEST_DAMAGED_PACKAGE": str(folder / "damaged.zip"),
        "SLIPWAY_TEST_SMALL_FILE": str(folder / "small.bin"),
        "SLIPWAY_TEST_STORAGE": str(folder / "storage"),
        "SLIPWAY_TEST_STORAGE_URL": emulator.file_url("storage"),
        "SLIPWAY_TEST_BUCKETS": emulator.base_url.removesuffix("/pixelStripeApi"),
        "SLIPWAY_TEST_PENDING_BUILD": build_in("pending"),
        "SLIPWAY_TEST_APPROVED_BUILD": build_in("Approved"),
        "SLIPWAY_TEST_REJECTED_BUILD": build_in("Reject"),
    }


def run_soak(
    variant: Variant,
    folder: pathlib.Path,
    operations: int,
    each: int,
    growth: Optional[int] = None,
    in_flight: int = 0,
    under: Sequence[str] = (),
    timeout: float = 120.0,
) -> Told:
    """Runs so many operations in an empty folder, with a client released after `each`, and returns what was said. AssertionError when it fails.

    `growth`: how many per cent more may be resident than after the first tenth. `in_flight`: how many have to be, on average. `under`: what runs
    the program, with its options."""
    folder.mkdir(parents=True, exist_ok=True)
    make_build(folder / "MyGame.zip")
    with Emulator(files=folder, options=["--state-ms", "1", "--rate-window-ms", "0"]) as emulator:
        settings = {
            **prepare(emulator, folder, -(-operations // TURN)),
            **dict(variant.environment),
            "SLIPWAY_SOAK_OPERATIONS": str(operations),
            "SLIPWAY_SOAK_EACH": str(each),
            "SLIPWAY_SOAK_IN_FLIGHT": str(in_flight),
        }
        if growth is not None:
            settings["SLIPWAY_SOAK_GROWTH"] = str(growth)
        program, *arguments = [*under, str(build(variant))]
        told = run_host(pathlib.Path(program), arguments, environment(emulator, settings), timeout)
    assert told.returncode == 0, f"{told.returncode}\n{told.stdout}{told.stderr}"
    return told
