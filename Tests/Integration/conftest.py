"""Fixtures: the emulator, customers of it, clients of the library, and the record that is searched for secrets at the end.

The library is build/libslipway.so.0 or $SLIPWAY_LIBRARY, the emulator build/slipway-emulator or $SLIPWAY_EMULATOR.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import secrets as random_secrets
import shutil
import signal
import subprocess
import sys
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(ROOT / "bindings" / "python")]
os.environ.setdefault("SLIPWAY_LIBRARY", str(ROOT / "build" / "libslipway.so.0"))
# A folder for each run: two at a time must not remove each other's records.
os.environ.setdefault("SLIPWAY_TEST_RECORD_DIR", str(ROOT / ".build-test-records" / str(os.getpid())))
# What a shell starts in the background ignores Ctrl-C, and so does whatever is started by that: the programs of the tests are not to.
signal.signal(signal.SIGINT, signal.default_int_handler)
# The machine's own settings are no business of the tests.
for variable in list(os.environ):
    if variable.lower().endswith("_proxy") or variable.startswith(("STREAMPIXEL_", "ENTERMEDIA_", "AWS_")):
        del os.environ[variable]

import slipway  # noqa: E402
from emulator import Emulator, make_build  # noqa: E402
from recorder import Recorder, Secrets, folder  # noqa: E402

_secrets = Secrets()
_recorder: Optional[Recorder] = None


def pytest_sessionstart(session: pytest.Session) -> None:
    global _recorder
    folder().mkdir(parents=True, exist_ok=True)
    for old in folder().glob("python-*.txt"):
        old.unlink()
    for old in (ROOT / ".build-test-records").glob("*"):
        if old.name.isdigit() and not pathlib.Path("/proc", old.name).exists():
            shutil.rmtree(old, ignore_errors=True)
    _recorder = Recorder().start()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    recorder = _recorder
    if recorder is None:
        return
    recorder.stop()
    if os.environ.get("SLIPWAY_TEST_SECRETS"):
        _secrets.save(pathlib.Path(os.environ["SLIPWAY_TEST_SECRETS"]))
    hits = _secrets.find(path for path in folder().iterdir() if path.is_file())
    if hits:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.stash[_HITS] = hits


_HITS: pytest.StashKey[List[str]] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    hits = config.stash.get(_HITS, [])
    if hits:
        terminalreporter.section("secrets were told", red=True)
        for hit in hits:
            terminalreporter.line(hit)
        terminalreporter.line(f"FAILED: {len(hits)} places in {folder()} hold a secret")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    if call.excinfo is not None and _recorder is not None and isinstance(call.excinfo.value, slipway.SlipwayError):
        _recorder.note("failed test", item.nodeid, call.excinfo.value)
    return (yield)


@pytest.fixture(scope="session")
def recorder() -> Recorder:
    assert _recorder is not None
    return _recorder


@pytest.fixture(scope="session")
def secrets() -> Secrets:
    """Whoever brings a secret into the tests adds it here."""
    return _secrets


# The stand-in


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The folder that the emulator serves. MyGame.zip is a build; NoExe.zip is one that is rejected; page.zip is none at all."""
    path = tmp_path_factory.mktemp("files")
    make_build(path / "MyGame.zip")
    make_build(path / "Older.zip", name="Older")
    make_build(path / "NoExe.zip", without=["exe"])
    (path / "page.zip").write_text("<!DOCTYPE html><html><body><a href='MyGame.zip'>Download</a></body></html>")
    (path / "empty.zip").write_bytes(b"")
    (path / "text.zip").write_text("not a zip at all, but long enough for one")
    return path


@pytest.fixture(scope="session")
def running_emulator(files: pathlib.Path) -> Iterator[Emulator]:
    with Emulator(files=files, options=["--state-ms", "10", "--rate-window-ms", "0"]) as emulator:
        for user in emulator.users:
            _secrets.add(user["apiKey"])
        yield emulator


@pytest.fixture
def emulator(running_emulator: Emulator) -> Emulator:
    running_emulator.reset()
    return running_emulator


# Customers and their clients


@dataclasses.dataclass
class Customer:
    """A user of the emulator with one project, made for one test: rate limits are kept per user in the whole process."""

    emulator: Emulator
    user_id: str
    api_key: str
    project_id: str
    stack: contextlib.ExitStack

    @property
    def base_url(self) -> str:
        return self.emulator.base_url

    def streampixel(self, **changes: Any) -> slipway.Streampixel:
        """Settings with which nothing is slow, unless `changes` say otherwise."""
        settings: Dict[str, Any] = dict(api_key=self.api_key, user_id=self.user_id, base_url=self.base_url, rate_window=0.001)
        return slipway.Streampixel(**{**settings, **changes})

    def client(self, streampixel: Optional[slipway.Streampixel] = None, **options: Any) -> slipway.Client:
        """A client that is closed when the test ends."""
        options = {"retry_delay": 0.01, "deadline": 30.0, **options}
        client = slipway.Client(streampixel=streampixel or self.streampixel(), **options)
        return self.stack.enter_context(client)

    def environment(self, **more: str) -> Dict[str, str]:
        """For programs that are started."""
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "bindings" / "python"), str(HERE)]),
            "STREAMPIXEL_API_KEY": self.api_key,
            "STREAMPIXEL_USER_ID": self.user_id,
            "STREAMPIXEL_BASE_URL": self.base_url,
            "PROJECT_ID": self.project_id,
            **more,
        }

    # What the emulator saw and has, of this customer only.

    def posts(self, call: str) -> List[Dict[str, Any]]:
        entries = self.emulator.journal(method="POST", path=f"/pixelStripeApi/projects/{call}")
        return [entry for entry in entries if self.user_id in entry["body"]]

    def builds(self) -> List[Dict[str, Any]]:
        return self.emulator.builds(self.project_id)

    def live(self) -> Optional[str]:
        live: Optional[str] = self.emulator.project(self.project_id)["live"]
        return live

    def add_build(self, status: str = "Approved", **members: Any) -> str:
        return self.emulator.add_build(projectId=self.project_id, status=status, **members)


@pytest.fixture
def new_customer(emulator: Emulator) -> Iterator[Callable[[], Customer]]:
    with contextlib.ExitStack() as stack:

        def make(api_key: Optional[str] = None) -> Customer:
            api_key = _secrets.add(api_key or f"key-{random_secrets.token_hex(16)}")
            user = emulator.add_user(userId=random_secrets.token_hex(12), apiKey=api_key, projects=1)
            return Customer(emulator, user["userId"], api_key, user["projectIds"][0], stack)

        yield make


@pytest.fixture
def customer(new_customer: Callable[[], Customer]) -> Customer:
    return new_customer()


@pytest.fixture
def client(customer: Customer) -> slipway.Client:
    return customer.client()


# Programs


@pytest.fixture
def run_script(customer: Customer, recorder: Recorder) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs Python source in a process of its own, with `client` made; what it prints is recorded."""

    def run(source: str, timeout: float = 20.0, **environment: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", SCRIPT_HEAD + source],
            env=customer.environment(**environment), capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
        )
        recorder.note("script", done.returncode, done.stdout, done.stderr)
        return done

    return run


SCRIPT_HEAD = """\
import asyncio, atexit, gc, logging, os, signal, sys, threading, time
import slipway
PROJECT = os.environ["PROJECT_ID"]
def make_client(**options):
    settings = slipway.Streampixel(base_url=os.environ["STREAMPIXEL_BASE_URL"], rate_window=0.001)
    return slipway.Client(streampixel=settings, **options)
"""
