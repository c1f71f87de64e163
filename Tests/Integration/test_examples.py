"""The examples of the Python binding, as programs, against the stand-in."""

from __future__ import annotations

import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import threading
import time
from typing import Iterator, List, Optional

import pytest

from conftest import ROOT, Customer
from emulator import Emulator, request, wait_until
from recorder import Recorder, Secrets

EXAMPLES = ROOT / "bindings" / "python" / "examples"


def go_live(customer: Customer, recorder: Recorder, url: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "go_live.py"), customer.project_id, url, "--interval", "0.02"],
        env=customer.environment(), capture_output=True, text=True, timeout=30,
    )
    recorder.note("go_live", done.returncode, done.stdout, done.stderr)
    return done


def test_go_live(customer: Customer, emulator: Emulator, recorder: Recorder, secrets: Secrets) -> None:
    emulator.settings(stateMs=120)
    signature = secrets.add("go-live-signature-0123456789")
    done = go_live(customer, recorder, f"{emulator.file_url('MyGame.zip')}?signature={signature}")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (build,) = customer.builds()
    assert build["live"]
    assert done.stdout.splitlines()[-1].endswith(f"live: {build['uploadId']}")
    assert "Extracting & Scanning" in done.stdout


def test_go_live_with_a_build_that_is_rejected(customer: Customer, emulator: Emulator, recorder: Recorder) -> None:
    done = go_live(customer, recorder, emulator.file_url("NoExe.zip"))
    assert done.returncode == 2
    assert done.stderr.startswith("rejected: Missing executable")
    assert customer.live() is None


def test_go_live_with_a_link_to_nothing(customer: Customer, emulator: Emulator, recorder: Recorder) -> None:
    done = go_live(customer, recorder, emulator.file_url("missing.zip"))
    assert done.returncode == 1
    assert done.stderr.startswith("failed: ")
    assert "Traceback" not in done.stderr


class Program:
    """controlled_release.py, running."""

    def __init__(self, customer: Customer, ledger: pathlib.Path, recorder: Recorder, *options: str) -> None:
        self.lines: List[str] = []
        self._recorder = recorder
        self._process = subprocess.Popen(
            [sys.executable, str(EXAMPLES / "controlled_release.py"), customer.project_id, "--listen", "127.0.0.1:0",
             "--ledger", str(ledger), *options],
            env=customer.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        line = self.wait_for("listening: ")
        self.url = line.split("listening: ")[1]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._recorder.note("controlled_release", line.rstrip())
            self.lines.append(line.rstrip())

    def wait_for(self, words: str) -> str:
        found: str = wait_until(lambda: next((line for line in self.lines if words in line), None), what=f"{words!r} in {self.lines}")
        return found

    def post(self, body: bytes, path: str = "/webhook") -> int:
        return request("POST", self.url + path, body).status

    def stop(self, number: int = signal.SIGTERM) -> int:
        self._process.send_signal(number)
        code = self._process.wait(10)
        self._reader.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


@contextlib.contextmanager
def running(customer: Customer, ledger: pathlib.Path, recorder: Recorder, *options: str) -> Iterator[Program]:
    program = Program(customer, ledger, recorder, "--rate-window", "0.001", *options)
    try:
        yield program
    finally:
        assert program.stop() == 0, program.lines
        assert not any("Traceback" in line for line in program.lines)


@pytest.fixture
def ledger(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "ledger"


def upload(customer: Customer, emulator: Emulator, name: str = "MyGame.zip") -> str:
    status, answer = emulator.post(
        "upload-file", apiKey=customer.api_key, userId=customer.user_id, projectId=customer.project_id, fileUrl=emulator.file_url(name),
        autoRelease=False)
    assert status == 200
    return str(answer["uploadId"])


def approved(customer: Customer, upload_id: str) -> bytes:
    return json.dumps({
        "event": "build.approved", "projectId": customer.project_id, "uploadId": upload_id, "fileUrl": None, "status": "Approved",
        "objection": None, "timestamp": "2025-01-01T00:00:00Z"}).encode()


def distributed(customer: Customer) -> List[Optional[str]]:
    return [json.loads(post["body"])["uploadId"] for post in customer.posts("distribute-file")]


def test_each_approved_build_is_distributed_once(customer: Customer, emulator: Emulator, recorder: Recorder, ledger: pathlib.Path) -> None:
    """Every webhook comes twice, and again when all is done."""
    emulator.settings(doubleWebhooks=["*"])
    with running(customer, ledger, recorder) as program:
        emulator.set_project(customer.project_id, webhookUrl=program.url + "/webhook")
        builds = [upload(customer, emulator), upload(customer, emulator)]
        for build in builds:
            program.wait_for(f"distributed: {build}")
        wait_until(lambda: customer.live() == builds[1], what="the second build on the air")
        for build in builds:
            assert program.post(approved(customer, build)) == 202
        last = upload(customer, emulator)
        program.wait_for(f"distributed: {last}")  # and so what was posted before it has been dealt with
        assert distributed(customer) == [*builds, last]


def test_lost_webhooks(customer: Customer, emulator: Emulator, recorder: Recorder, ledger: pathlib.Path) -> None:
    with running(customer, ledger, recorder, "--reconcile", "0.05") as program:
        build = upload(customer, emulator)
        program.wait_for(f"distributed: {build}")
        wait_until(lambda: customer.live() == build, what="the build on the air")
        assert distributed(customer) == [build]


def test_restart(customer: Customer, emulator: Emulator, recorder: Recorder, ledger: pathlib.Path) -> None:
    with running(customer, ledger, recorder) as program:
        first = upload(customer, emulator)
        emulator.wait_for_build(first, "Approved")
        program.post(approved(customer, first))
        program.wait_for(f"distributed: {first}")
    missed = upload(customer, emulator)
    emulator.wait_for_build(missed, "Approved")
    with running(customer, ledger, recorder) as program:
        program.wait_for(f"distributed: {missed}")
        program.post(approved(customer, first))
        last = upload(customer, emulator)
        emulator.wait_for_build(last, "Approved")
        program.post(approved(customer, last))
        program.wait_for(f"distributed: {last}")
        assert distributed(customer) == [first, missed, last]


def test_crash_between_the_two_marks(customer: Customer, emulator: Emulator, recorder: Recorder, ledger: pathlib.Path) -> None:
    done, begun = customer.add_build(), customer.add_build()
    ledger.write_text(f"begun-with {customer.project_id}\nbegan {done}\ndistributed {done}\nbegan {begun}\ndistribu")
    with running(customer, ledger, recorder) as program:
        program.wait_for(f"distributed: {begun}")
    assert distributed(customer) == [begun]
    with running(customer, ledger, recorder, "--reconcile", "0.02"):
        reads = len(emulator.journal(method="GET"))
        wait_until(lambda: len(emulator.journal(method="GET")) > reads + 3, what="a few reconciliations")
    assert distributed(customer) == [begun]


def test_what_was_approved_before_is_left_alone(customer: Customer, emulator: Emulator, recorder: Recorder, ledger: pathlib.Path) -> None:
    old = customer.add_build("Approved", live=True)
    with running(customer, ledger, recorder, "--reconcile", "0.02") as program:
        assert any(f"left alone: {old}" in line for line in program.lines)
        new = upload(customer, emulator)
        program.wait_for(f"distributed: {new}")
        assert distributed(customer) == [new]


def test_forged_webhooks(customer: Customer, emulator: Emulator, recorder: Recorder, ledger: pathlib.Path) -> None:
    unfinished = customer.add_build("Extracting & Scanning")
    with running(customer, ledger, recorder, "--path", "/hooks/1234") as program:
        assert program.post(approved(customer, unfinished)) == 404
        assert program.post(approved(customer, unfinished), "/hooks/1234") == 202
        program.wait_for(f"not confirmed: {unfinished}")
        nowhere = [approved(customer, upload_id) for upload_id in ("../../x", "0123456789abcdef01234567")]
        for body in (b"", b"{}", b"\xff" * 1000, b"[" * 60_000, *nowhere):
            assert program.post(body, "/hooks/1234") == 202
        assert program.post(b"x" * 65_537, "/hooks/1234") == 413
        build = customer.add_build("Approved")
        assert program.post(approved(customer, build), "/hooks/1234") == 202
        program.wait_for(f"distributed: {build}")
        assert distributed(customer) == [build]


def test_webhooks_are_answered_while_a_distribution_waits_its_turn(
    customer: Customer, emulator: Emulator, recorder: Recorder, ledger: pathlib.Path
) -> None:
    program = Program(customer, ledger, recorder, "--rate-window", "60")
    first, second = customer.add_build(), customer.add_build()
    program.post(approved(customer, first))
    program.wait_for(f"distributed: {first}")
    program.post(approved(customer, second))
    wait_until(lambda: f"began {second}" in ledger.read_text(), what="the second one's turn to wait")
    start = time.monotonic()
    for _ in range(200):
        assert program.post(approved(customer, second)) == 202
    assert time.monotonic() - start < 5
    assert program.stop() == 0, "and it ends at once"
    assert distributed(customer) == [first]
