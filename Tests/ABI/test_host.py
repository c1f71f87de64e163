"""The library in hosts that make it hard: with another malloc, without its libraries; and what it leaves alone. Those that
make it as hard as they can are in test_hostile_host.py."""

from __future__ import annotations

import pathlib
from typing import Dict

import pytest

from emulator import Emulator
from host_fixtures import certificate, secure, settings  # noqa: F401
from programs import Told, run_host
from toolchain import C17, HERE, Variant, compile_program
from traps import resolve

HOST = HERE / "host"

def host(name: str, variant: Variant, linked: bool = False) -> pathlib.Path:
    """Compiles Tests/ABI/host/<name>.c. Not linked, it loads the library by itself."""
    return compile_program(
        "gcc", [HOST / f"{name}.c"], [*C17, *(["-DLINKED"] if linked else [])], ["-ldl", "-lm"],
        inputs=[HOST / "host.h", HOST / "own.h"], variant=variant if linked else None,
    )  # fmt: skip


def silent(told: Told) -> None:
    assert told.returncode == 0 and told.stderr == "" and told.stdout == "", f"{told.returncode}\n{told.stdout}{told.stderr}"


each_way = pytest.mark.parametrize("linked", [False, True], ids=["loaded", "linked"])
JEMALLOC = "libjemalloc.so.2"


@each_way
def test_host_with_another_malloc(linked: bool, release: Variant, library: pathlib.Path, settings: Dict[str, str], secure: Emulator) -> None:
    silent(run_host(host("uploads", release, linked=linked), [library], settings, preload=resolve(JEMALLOC)))
    assert len(secure.builds()) == 2


def test_certificate_is_checked(release: Variant, library: pathlib.Path, settings: Dict[str, str], secure: Emulator) -> None:
    """The https of the tests above means something: without the CA bundle it does not work."""
    without = {name: value for name, value in settings.items() if name != "SLIPWAY_TEST_CA_BUNDLE"}
    told = run_host(host("uploads", release), [library], without)
    assert told.returncode == 1 and "-21:" in told.stderr, told.stderr  # SLIPWAY_TLS
    assert secure.builds() == []


@each_way
def test_leaves_the_process_alone(linked: bool, release: Variant, library: pathlib.Path, settings: Dict[str, str]) -> None:
    """Signal handlers, signal mask, environment, working directory, locale, umask; descriptors and threads; standard output and error."""
    silent(run_host(host("quiet", release, linked=linked), [library], settings))


@pytest.mark.parametrize("hidden, package", [("libcurl", "libcurl4"), ("libjansson", "libjansson4")])
def test_missing_library(hidden: str, package: str, release: Variant, library: pathlib.Path, settings: Dict[str, str]) -> None:
    hide = compile_program("gcc", [HOST / "hide.c"], [*C17, "-shared", "-fPIC"], ["-ldl"])
    told = run_host(host("without", release), [library], {**settings, "HIDDEN_LIBRARY": hidden}, preload=hide)
    assert told.returncode == 0, told.stderr
    status, message = told.stdout.split("\n", 1)
    assert status == "-40", told.stdout  # SLIPWAY_MISSING_LIBRARY
    assert package in message, message
    assert told.stderr == ""


@pytest.mark.parametrize("hidden, package", [("libcrypto", "libssl3"), ("libexpat", "libexpat1"), ("libz", "zlib1g")])
def test_missing_library_of_storage(hidden: str, package: str, release: Variant, library: pathlib.Path, settings: Dict[str, str]) -> None:
    """There is a client, since it is only storage that needs them; the operation says what is missing."""
    hide = compile_program("gcc", [HOST / "hide.c"], [*C17, "-shared", "-fPIC"], ["-ldl"])
    told = run_host(host("stores", release), [library], {**settings, "HIDDEN_LIBRARY": hidden}, preload=hide)
    assert told.returncode == 0, told.stderr
    status, message = told.stdout.split("\n", 1)
    assert status == "-40", told.stdout  # SLIPWAY_MISSING_LIBRARY
    assert package in message, message
    assert told.stderr == ""
