"""Everything that the library can do, in hosts that have everything at once which makes it hard for a guest: see host/adversity.h. And that
each trap in them works."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import signal
import socket
import ssl
import struct
from typing import Dict, Iterator, Tuple

import pytest

from emulator import Emulator
from host_fixtures import certificate, secure, settings  # noqa: F401
from programs import Told, publish_picture, run_host, search
from security_peers import Listener, server_tls
from toolchain import C17, HERE, OUTPUT, Variant, compile_program, run, swift_libraries
from traps import FUNCTIONS, VARIABLES, reached, resolve, traps

HOST = HERE / "host"
HEADERS = [HERE / "check.h", HERE / "operations.h", *(HOST / f"{name}.h" for name in ("adversity", "errands", "host", "kept", "own", "traps"))]
WAYS = ("linked", "lazy-local", "lazy-global", "now-local", "now-global")
JEMALLOC = "libjemalloc.so.2"
LOCALES = (("de_DE", "UTF-8"), ("tr_TR", "ISO-8859-9"))


class Breaking(Listener):
    """A server that speaks TLS and breaks off, by a reset, when it has got the beginning of a file."""

    def __init__(self, certificate: Tuple[pathlib.Path, pathlib.Path]) -> None:
        super().__init__()
        self._tls = server_tls((str(certificate[0]), str(certificate[1])))
        self.url = f"https://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        with self._tls.wrap_socket(connection, server_side=True) as secure:
            received = 0
            while received < 65_536:
                some = secure.recv(65_536)
                if received == 0:
                    secure.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                if not some:
                    return
                received += len(some)
            # The end of TLS, that of TCP, then a reset: whoever writes after that, if only to say goodbye, gets SIGPIPE.
            secure.settimeout(0)
            with contextlib.suppress(ssl.SSLError):
                secure.unwrap()
            secure.shutdown(socket.SHUT_WR)
            secure.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.fixture(scope="module")
def trap_source() -> pathlib.Path:
    return traps()


@pytest.fixture(scope="module")
def locales() -> pathlib.Path:
    """Locales of our own making: those of the machine are its own affair."""
    folder = OUTPUT / "locales"
    folder.mkdir(parents=True, exist_ok=True)
    for name, encoding in LOCALES:
        made = folder / f"{name}.{encoding}"
        if not made.exists():
            unfinished = folder / f"unfinished-{name}"
            shutil.rmtree(unfinished, ignore_errors=True)
            done = run(["localedef", "--no-archive", "-i", name, "-f", encoding, unfinished])
            assert (unfinished / "LC_NUMERIC").exists(), f"{done.stderr} (Debian: apt-get install locales)"
            unfinished.rename(made)
    return folder


@pytest.fixture
def everything(
    settings: Dict[str, str], secure: Emulator, certificate: Tuple[pathlib.Path, pathlib.Path], locales: pathlib.Path, files: pathlib.Path,
    tmp_path: pathlib.Path,
) -> Iterator[Dict[str, str]]:  # fmt: skip
    """Settings with which every operation answers as operations.h says."""
    publish_picture(secure)
    storage = files / f"storage-{tmp_path.name}"
    storage.mkdir()
    large = tmp_path / "Large.zip"
    with large.open("wb") as file:
        file.truncate(64 << 20)
    with Breaking(certificate) as breaking:
        yield {
            **settings,
            "SLIPWAY_TEST_STORAGE": str(storage),
            "SLIPWAY_TEST_STORAGE_URL": f"{secure.tls_files_url}/{storage.name}",
            "SLIPWAY_TEST_APPROVED_BUILD": secure.add_build(
                projectId=secure.project_id, fileUrl=secure.file_url("MyGame.zip"), status="Approved"
            ),
            "SLIPWAY_TEST_DIRECTORY": str(tmp_path),
            "SLIPWAY_TEST_LARGE": str(large),
            "SLIPWAY_TEST_LOCALES": str(locales),
            "SLIPWAY_TEST_SWIFT_ROOT": str(swift_libraries().parents[2]),
            "SLIPWAY_TEST_NAMED_URL": f"https://{socket.gethostname()}:1/pixelStripeApi",
            "SLIPWAY_TEST_BREAKING_URL": f"{breaking.url}/Large.zip",
        }


def silent(told: Told) -> None:
    assert told.returncode == 0 and told.stderr == "" and told.stdout == "", f"{told.returncode}\n{told.stdout}{told.stderr}"


def compile_hostile(way: str, variant: Variant, trap_source: pathlib.Path, *flags: str) -> pathlib.Path:
    sources = [HOST / "hostile.c", trap_source]
    every = [*C17, *flags, "-rdynamic"]
    if way == "linked":
        return compile_program("gcc", sources, [*every, "-DLINKED"], ["-ldl", "-lm"], HEADERS, variant)
    return compile_program("gcc", [*sources, reached(variant.library.resolve())], every, ["-ldl", "-lm"], HEADERS)


@pytest.mark.parametrize("allocator", ["malloc", "jemalloc"])
@pytest.mark.parametrize("kind", ["daemon", "tool"])
@pytest.mark.parametrize("way", WAYS)
def test_hostile_host(
    way: str, kind: str, allocator: str, trap_source: pathlib.Path, release: Variant, library: pathlib.Path, everything: Dict[str, str],
    secure: Emulator,
) -> None:  # fmt: skip
    preload = resolve(JEMALLOC) if allocator == "jemalloc" else None
    told = run_host(compile_hostile(way, release, trap_source), [library, way, kind], everything, preload=preload)
    silent(told)
    record = pathlib.Path(everything["SLIPWAY_TEST_RECORD_DIR"]) / f"abi-hostile-{told.pid}.log"
    assert record.stat().st_size > 0
    search([record], [secure.api_key, secure.entermedia["key"]])


@pytest.mark.parametrize("way", ["linked", "now-local"])
def test_without_deep_binding(
    way: str, trap_source: pathlib.Path, release: Variant, library: pathlib.Path, everything: Dict[str, str]
) -> None:  # fmt: skip
    """That the tests above can fail: the same host, when it looks as if a sanitizer were at work, is called by libcurl at once."""
    told = run_host(compile_hostile(way, release, trap_source, "-DSHALLOW"), [library, way, "daemon"], everything)
    assert told.returncode == 99 and told.stderr.startswith("the host's "), told.stderr


@pytest.fixture(scope="module")
def springs(trap_source: pathlib.Path) -> pathlib.Path:
    return compile_program("gcc", [HOST / "springs.c", trap_source], [*C17, "-rdynamic"], ["-ldl"], HEADERS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_trap(name: str, springs: pathlib.Path) -> None:
    """The hosts' functions are where the dynamic linker looks first, and calling one is noticed."""
    told = run_host(springs, ["call", name], {})
    assert (told.returncode, told.stderr) == (99, f"the host's {name} was called\n")


@pytest.mark.parametrize("name", VARIABLES)
def test_trap_of_a_variable(name: str, springs: pathlib.Path) -> None:
    assert run_host(springs, ["read", name], {}).returncode == -signal.SIGSEGV


@pytest.mark.parametrize("name", ["libcurl.so.4", "libswift_Concurrency.so"])
def test_traps_capture_what_is_loaded_as_usual(name: str, springs: pathlib.Path) -> None:
    """Slipway's libcurl is the same file, and Slipway is as much of a Swift library: what saves them is how they are bound."""
    file = swift_libraries() / name
    told = run_host(springs, ["load", file if file.exists() else resolve(name)], {})
    assert told.returncode == 99 and "the host's " in told.stderr, told.stderr


def test_what_is_altered_is_noticed() -> None:
    """That the comparison, too, can fail, for each thing that is compared."""
    silent(run_host(compile_program("gcc", [HOST / "alters.c"], C17, ["-ldl", "-lm"], HEADERS), [], {}))
