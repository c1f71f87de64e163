"""A release is cancelled, at each of its stages: what it says, what there is then, and that the same call goes on from there."""

from __future__ import annotations

import pathlib
import struct
import threading
from typing import Any, Callable, Dict, List, Optional

import pytest

import slipway
from emulator import wait_until
from fault_proxy import FaultProxy
from release_site import FOREVER, Site, file, site, stages
from release_storage_site import Bucket, Host, Taker, bucket, new_host
from s3_fixtures import s3_servers
from storage_fixtures import PART, MiB, home, parts_sent
from test_release_killed import put
from wire_faults import Stall


@pytest.fixture
def client(site: Site) -> slipway.Client:
    """For any host: it has an EnterMedia, too."""
    return site.client()


def hosting(host: Optional[Host], **changes: Any) -> Dict[str, Any]:
    """The argument that says where; none for EnterMedia."""
    return {} if host is None else {"storage": host.storage(**changes)}


def is_empty(site: Site, host: Optional[Host]) -> bool:
    """Nothing was made anywhere."""
    return site.is_empty() and (host is None or host.changes() == [] == host.keys())


def cancelled(operation: "slipway.Operation[slipway.Release]", stage: str) -> slipway.SlipwayError:
    """It ends at once, and says where it was."""
    operation.cancel()
    error = operation.exception(10)
    assert isinstance(error, slipway.CancelledError) and "cancelled" in error.message and error.retriable
    assert isinstance(error.result, slipway.Release) and error.result.removed is False
    assert error.result.stage == stage == stages(error.result)[-1]
    return error


def check_end(site: Site, host: Optional[Host], done: slipway.Release, removed: bool = True) -> None:
    """One build is live, and there is nothing else any more."""
    assert (done.stage, done.live, done.removed, done.resume_from) == ("done", True, removed, None)
    assert [build["uploadId"] for build in site.builds()] == [done.upload_id] == [site.customer.live()]
    assert site.assets() == site.distributions() == [] and (host is None or len(host.keys()) == (0 if removed else 1))
    assert not isinstance(host, Bucket) or host.unfinished() == []


@pytest.fixture(params=["swift", "directory", "entermedia"])
def some_host(request: pytest.FixtureRequest, new_host: Callable[[str], Host]) -> Optional[Host]:
    return None if request.param == "entermedia" else new_host(request.param)


# While the file is read


def slow_to_read(path: pathlib.Path, count: int = 1_000_000) -> pathlib.Path:
    """A package with so long a table of contents that reading it takes some tenths of a second."""
    name = b"Engine/Content/x"
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0) + name
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name
    start, size = len(local) * count, len(entry) * count
    with path.open("wb") as file:
        file.write(local)
        # The rest of what is in front of the table takes no room.
        file.seek(start)
        file.write(entry * count)
        file.write(struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start))
        file.write(struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1))
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    return path


def test_while_it_checks(site: Site, client: slipway.Client, some_host: Optional[Host], tmp_path: pathlib.Path) -> None:
    path = slow_to_read(tmp_path / "Slow.zip")
    is_reading = threading.Event()

    def on_progress(progress: slipway.Progress) -> None:
        if progress.release_stage == "check":
            is_reading.set()

    operation = client.release(**hosting(some_host), **site.arguments(file_path=path, on_progress=on_progress, wait=False))
    assert is_reading.wait(10)
    error = cancelled(operation, "check")
    path.unlink()
    assert (error.resume_from, error.result.key, error.result.size) == (None, None, None)
    assert is_empty(site, some_host) and site.requests() == []
    # There is nothing to go on with, and nothing in the way of the same call.
    done = client.release(**hosting(some_host), **site.arguments(file_path=site.build(), remove_when_done=True))
    check_end(site, some_host, done)


# While it is hosted


def test_while_it_hosts(site: Site, client: slipway.Client, bucket: Bucket) -> None:
    """By one PUT; test_some_parts_are_there does it in parts."""
    file = site.build()
    fault = bucket.proxy.fault(Stall(after=10_000), on="PutObject")
    operation = client.release(**hosting(bucket), **site.arguments(file_path=file, remove_when_done=True, wait=False))
    fault.wait()
    error = cancelled(operation, "host")
    assert error.resume_from == bucket.resume_point(error.result.key) and bucket.keys() == [] and site.requests() == []
    done = client.release(
        **hosting(bucket), **site.arguments(file_path=file, resume_from=error.resume_from, remove_when_done=True))
    check_end(site, bucket, done)
    assert done.key == error.result.key


def test_while_it_hosts_and_aborts(site: Site, client: slipway.Client, bucket: Bucket) -> None:
    """With abort_unfinished nothing stays that costs money, and the name is still good."""
    file = site.build(size=11 * MiB)
    fault = bucket.proxy.fault(Stall(), on="UploadPart", nth=3)
    storage = {"part_size": PART, "parallel_parts": 1, "abort_unfinished": True}
    operation = client.release(**hosting(bucket, **storage), **site.arguments(file_path=file, wait=False))
    fault.wait()
    error = cancelled(operation, "host")
    assert bucket.unfinished() == [] == bucket.keys() and parts_sent(bucket.proxy) == [1, 2]
    done = client.release(**hosting(bucket, **storage), **site.arguments(file_path=file, resume_from=error.resume_from))
    check_end(site, bucket, done, removed=False)
    assert done.key == error.result.key and parts_sent(bucket.proxy) == [1, 1, 2, 2, 3]


def test_while_it_copies(site: Site, client: slipway.Client, new_host: Callable[[str], Host]) -> None:
    """Into a directory: nothing stays of it, not even a hidden file."""
    host = new_host("directory")
    file = site.build(size=8 * MiB)
    slow = site.arguments(file_path=file, wait=False)
    operation = client.release(**hosting(host, bytes_per_second=2 * MiB), **slow)
    wait_until(host.keys, what="a hidden file")
    error = cancelled(operation, "host")
    assert host.keys() == [] and error.resume_from == host.resume_point(error.result.key)
    done = client.release(**hosting(host), **site.arguments(file_path=file, resume_from=error.resume_from))
    check_end(site, host, done, removed=False)
    assert host.keys() == [error.result.key]


def test_while_it_is_put(site: Site, client: slipway.Client, new_host: Callable[[str], Host]) -> None:
    """To a URL: what has arrived of it is the server's affair, and the file is sent as a whole again."""
    host = new_host("put-url")
    assert isinstance(host, Taker)
    file = site.build(size=2 * MiB)
    with FaultProxy(host.server.url) as proxy:
        fault = proxy.fault(Stall(after=100_000), where=lambda request: request.method == "PUT")
        changes = {"url": f"{proxy.endpoint}/{host.name}?token={host.secret}", "public_url": host.link(None)}
        operation = client.release(**hosting(host, **changes), **site.arguments(file_path=file, wait=False))
        fault.wait()
        error = cancelled(operation, "host")
        assert error.resume_from == host.resume_point(None)
        done = client.release(**hosting(host, **changes), **site.arguments(file_path=file, resume_from=error.resume_from))
    check_end(site, host, done, removed=False)


# While the service is asked


HELD = {"register": ("upload-file", "POST"), "wait": ("project", "GET"), "distribute": ("distribute-file", "POST")}


@pytest.mark.parametrize("stage", list(HELD))
def test_while_the_service_is_asked(site: Site, client: slipway.Client, bucket: Bucket, stage: str) -> None:
    file = site.build()
    arguments = {**hosting(bucket), **site.arguments(file_path=file, auto_release=False, remove_when_done=True)}
    call, method = HELD[stage]
    # The first look at the project is that before the registration.
    fault = site.hold(call, method, skip=1, count=0) if stage == "wait" else site.hold(call, method)
    operation = client.release(**arguments, wait=False)
    site.wait_for_hit(fault)
    error = cancelled(operation, stage)
    (key,) = bucket.keys()
    assert error.result.key == key and error.result.live is None
    expected = bucket.resume_point(key) if stage == "register" else site.builds()[0]["uploadId"]
    assert error.resume_from == expected
    site.emulator.clear_faults()
    done = client.release(**{**arguments, "resume_from": error.resume_from})
    check_end(site, bucket, done)
    assert bucket.changes() == ["PutObject", "DeleteObject"]


def test_while_it_goes_live(site: Site, client: slipway.Client, some_host: Optional[Host]) -> None:
    """A build that is on its way stays on it, and is not sent on it again."""
    site.emulator.settings(stateMs=FOREVER)
    arguments = {**hosting(some_host), **site.arguments(file_path=site.build(), auto_release=False, remove_when_done=True)}
    told: List[Optional[str]] = []
    operation = client.release(**arguments, wait=False, on_progress=lambda progress: told.append(progress.release_stage))
    wait_until(site.builds, what="the registration")
    upload_id = site.builds()[0]["uploadId"]
    site.emulator.set_build(upload_id, status="Approved")
    wait_until(lambda: "live" in told, what="the stage live")
    error = cancelled(operation, "live")
    assert error.resume_from == upload_id == error.result.upload_id and error.result.live is None
    assert len(site.assets() if some_host is None else some_host.keys()) == 1
    again = client.release(**{**arguments, "resume_from": error.resume_from}, wait=False)
    put(site, "Distribute")
    site.emulator.set_build(upload_id, status="Approved", live=True)
    check_end(site, some_host, again.result(20))
    assert len(site.asked("distribute-file")) == 1


# While it is removed


def test_while_it_removes(site: Site, client: slipway.Client, bucket: Bucket) -> None:
    """Before the request has arrived, and behind it."""
    arguments = {**hosting(bucket), **site.arguments(file_path=site.build(), remove_when_done=True)}
    fault = bucket.proxy.fault(Stall(), on="DeleteObject")
    operation = client.release(**arguments, wait=False)
    fault.wait()
    error = cancelled(operation, "remove")
    assert error.result.live is True and error.resume_from == site.builds()[0]["uploadId"] and bucket.keys() == [error.result.key]
    fault = bucket.proxy.fault(Stall("response"), on="DeleteObject")
    operation = client.release(**{**arguments, "resume_from": error.resume_from}, wait=False)
    fault.wait()
    late = cancelled(operation, "remove")
    assert late.result.live is True and late.resume_from == error.resume_from and bucket.keys() == []
    check_end(site, bucket, client.release(**{**arguments, "resume_from": late.resume_from}))


# Its other ends


@pytest.mark.parametrize("kind, end", [("swift", "deadline"), ("rclone", "close")])
def test_ends_of_its_time(site: Site, client: slipway.Client, new_host: Callable[[str], Host], kind: str, end: str) -> None:
    """The deadline, and the end of the client."""
    bucket = new_host(kind)
    assert isinstance(bucket, Bucket)
    file = site.build(size=11 * MiB)
    fault = bucket.proxy.fault(Stall(), on="UploadPart", nth=2)
    storage = {"part_size": PART, "parallel_parts": 1}
    deadline = 1.5 if end == "deadline" else 60.0
    operation = client.release(**hosting(bucket, **storage), **site.arguments(file_path=file, deadline=deadline, wait=False))
    fault.wait()
    if end == "close":
        client.close(5)
    error = operation.exception(10)
    assert isinstance(error, slipway.DeadlineExceededError if end == "deadline" else slipway.CancelledError)
    assert error.result.stage == "host" and error.resume_from == bucket.resume_point(error.result.key)
    assert bucket.unfinished() == [error.result.key]
    again = site.arguments(file_path=file, resume_from=error.resume_from)
    check_end(site, bucket, site.client().release(**hosting(bucket, **storage), **again), removed=False)
    assert parts_sent(bucket.proxy) == [1, 2, 3]
