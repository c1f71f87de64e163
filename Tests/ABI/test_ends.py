"""Ends of a process that uses the library: with everything in flight, each way that a host has, at once and with its own status."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import signal
import socket
import tempfile
import threading
import time
from typing import Dict, Iterator, List, Tuple

import pytest

from emulator import Emulator, make_build
from programs import environment, run_host
from toolchain import C17, CPP, HERE, STRICT, Variant, compile_program

HOST = HERE / "host"
LONG = bool(os.environ.get("SLIPWAY_TEST_LONG"))
# Seconds that an end may take, on a machine on which everything else runs as well.
BOUND = 5.0
# When the end comes: milliseconds after everything was started, or once all of it is under way. The long form has each of them with each
# way, many times.
MOMENTS = ["0", "4", "50", "busy"]
ROUNDS = 5

WAYS: Dict[str, int] = {
    "return": 3,
    "exit": 3,
    "exit in a thread": 3,
    "exit in a callback": 3,
    "exit in a poll": 3,
    "exit in a log hook": 3,
    "exit while closing": 3,
    "quick_exit": 3,
    "_exit": 3,
    "exec": 3,
    "pthread_exit": 3,
    "last thread": 0,
    "abort": -signal.SIGABRT,
    "signal": -signal.SIGTERM,
    "dlclose": 3,
    "dlclose in a callback": 3,
    "use registered before loading": 3,
    "use registered before the first client": 3,
    "use registered last": 3,
}

TERMINATED = "terminated: the end\n"
CPP_WAYS: Dict[str, Tuple[int, str]] = {
    "return": (3, ""),
    "uncaught exception": (-signal.SIGABRT, TERMINATED),
    "uncaught exception in a thread": (-signal.SIGABRT, TERMINATED),
    "noexcept": (-signal.SIGABRT, TERMINATED),
    "caught exception": (3, ""),
    "global polled": (3, ""),
    "static in a function": (3, ""),
    "thread_local": (3, ""),
    "quick_exit handler": (3, ""),
}


class Sink:
    """A server that takes a file and never says that it has it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/MyGame.zip"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._swallow, args=(connection,), daemon=True).start()

    @staticmethod
    def _swallow(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                while connection.recv(65_536):
                    pass
            except OSError:
                pass  # the process has ended

    def close(self) -> None:
        self._listener.close()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dict[str, str]]:
    """What keeps a process busy: a build that stays pending, a large file, and where it may go."""
    files = tmp_path_factory.mktemp("ends")
    make_build(files / "MyGame.zip")
    large = files / "Large.zip"
    with large.open("wb") as file:
        file.truncate(64 << 20)
    sink = Sink()
    with Emulator(files=files, options=["--state-ms", "10", "--rate-window-ms", "0"]) as emulator:
        build = emulator.add_build(projectId=emulator.project_id, fileUrl=emulator.file_url("MyGame.zip"), status="pending")
        more = {
            "SLIPWAY_TEST_PENDING_BUILD": build,
            "SLIPWAY_TEST_LARGE": str(large),
            "SLIPWAY_TEST_SINK": sink.url,
        }
        yield environment(emulator, more)
    sink.close()


class Ends:
    """Runs processes that end by themselves, silently."""

    def __init__(self, settings: Dict[str, str]) -> None:
        self.settings = settings
        self.took: Dict[str, List[float]] = {}

    def run(self, moments: List[str], executable: pathlib.Path, library: pathlib.Path, way: str, status: int, stdout: str = "") -> None:
        """All of them at the same time: on a machine that is as busy as the process."""
        moments = MOMENTS * ROUNDS if LONG else moments
        with concurrent.futures.ThreadPoolExecutor(len(MOMENTS)) as pool:
            list(pool.map(lambda moment: self._run(executable, (str(library), way, moment), status, stdout), moments))

    def _run(self, executable: pathlib.Path, arguments: Tuple[str, ...], status: int, stdout: str) -> None:
        # A folder for each: what is being copied when the process ends stays there.
        with tempfile.TemporaryDirectory(prefix="ends-") as storage:
            told = run_host(executable, arguments, {**self.settings, "SLIPWAY_TEST_STORAGE": storage})
            now = time.monotonic()
        assert told.returncode == status, f"{arguments[1:]}: ended with {told.returncode}, not {status}\n{told.stderr}"
        left, printed = told.stdout.split("\n", 1)
        assert told.stderr == "" and printed == stdout, f"{arguments[1:]}: {told.stdout}{told.stderr}"
        took = now - int(left) / 1000
        self.took.setdefault(arguments[1], []).append(took)
        assert took < BOUND, f"{arguments[1:]} took {took:.1f} s"


@pytest.fixture(scope="module")
def ends(settings: Dict[str, str]) -> Iterator[Ends]:
    ends = Ends(settings)
    yield ends
    if not ends.took:
        return
    slowest = max(ends.took, key=lambda way: max(ends.took[way]))
    print(f"\n{sum(map(len, ends.took.values()))} ends of a busy process; the slowest took {max(ends.took[slowest]):.2f} s: {slowest}")
    if LONG:
        print(f"{'way':40} {'ends':>5} {'mean':>8} {'slowest':>8}   seconds from the host's decision to the end of the process")
        for way, times in ends.took.items():
            print(f"{way:40} {len(times):5} {sum(times) / len(times):8.3f} {max(times):8.3f}")


HEADERS = [HOST / "host.h", HOST / "guest.h", HOST / "busy.h"]


@pytest.mark.parametrize("linked", [False, True], ids=["loaded", "linked"])
@pytest.mark.parametrize("way", WAYS)
def test_end(way: str, linked: bool, release: Variant, library: pathlib.Path, ends: Ends) -> None:
    """With everything in flight that there is."""
    flags = [*C17, *(["-DLINKED"] if linked else [])]
    executable = compile_program("gcc", [HOST / "ends.c"], flags, ["-ldl"], inputs=HEADERS, variant=release if linked else None)
    ends.run(MOMENTS[1::2] if linked else MOMENTS[::2], executable, library, way, WAYS[way])


@pytest.mark.parametrize("way", CPP_WAYS)
def test_end_of_a_host_in_cpp(way: str, release: Variant, library: pathlib.Path, ends: Ends) -> None:
    flags = ["-std=c++17", *STRICT, "-g", "-O1", "-pthread", f"-I{CPP}"]
    binding = sorted(CPP.glob("slipway/*.hpp"))
    inputs = [*HEADERS, CPP / "slipway.hpp", *binding]
    executable = compile_program("g++", [HOST / "ends.cpp"], flags, ["-ldl"], inputs=inputs, variant=release)
    status, stdout = CPP_WAYS[way]
    ends.run(MOMENTS, executable, library, way, status, stdout)


def test_dlclose_is_harmless(library: pathlib.Path, settings: Dict[str, str]) -> None:
    """While operations run, more often than dlopen, a hundred times: descriptors and threads do not add up."""
    executable = compile_program("gcc", [HOST / "unloads.c"], C17, ["-ldl"], inputs=HEADERS)
    told = run_host(executable, [library], settings)
    assert told.returncode == 0 and told.stdout == "" and told.stderr == "", f"{told.returncode}\n{told.stdout}{told.stderr}"
