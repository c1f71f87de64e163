"""The library beside another copy of itself, and beside other Swift runtimes."""

from __future__ import annotations

import pathlib
import shutil
from typing import Dict, Iterator, Tuple

import pytest

from emulator import Emulator
from programs import environment, run_host
from toolchain import C17, HERE, Variant, compile_program

HOST = HERE / "host"


@pytest.fixture(scope="module")
def settings(files: pathlib.Path) -> Iterator[Dict[str, str]]:
    with Emulator(files=files, options=["--state-ms", "10", "--rate-window-ms", "0"]) as emulator:
        build = emulator.add_build(projectId=emulator.project_id, fileUrl=emulator.file_url("MyGame.zip"), status="pending")
        yield environment(emulator, {"SLIPWAY_TEST_PENDING_BUILD": build})


@pytest.fixture(scope="module")
def copy(library: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The same library under another name, as another plugin brings it."""
    path = tmp_path_factory.mktemp("copy") / "libother.so"
    shutil.copyfile(library, path)
    return path


def copies(linked: bool, release: Variant) -> pathlib.Path:
    inputs = [HOST / "host.h", HOST / "guest.h"]
    flags = [*C17, *(["-DLINKED"] if linked else [])]
    return compile_program("gcc", [HOST / "copies.c"], flags, ["-ldl"], inputs=inputs, variant=release if linked else None)


@pytest.mark.parametrize("order", ["copy last", "copy first"])
@pytest.mark.parametrize("how", ["local", "global", "namespace"])
def test_two_copies(how: str, order: str, release: Variant, library: pathlib.Path, copy: pathlib.Path, settings: Dict[str, str]) -> None:
    arguments = (how, library, copy) if order == "copy last" else (how, copy, library)
    told = run_host(copies(False, release), arguments, settings)
    assert told.returncode == 0 and told.stdout == "" and told.stderr == "", f"{told.returncode}\n{told.stdout}{told.stderr}"


@pytest.mark.parametrize("how", ["local", "global", "namespace"])
def test_one_copy_is_linked(how: str, release: Variant, library: pathlib.Path, copy: pathlib.Path, settings: Dict[str, str]) -> None:
    told = run_host(copies(True, release), (how, library, copy), settings)
    assert told.returncode == 0 and told.stdout == "" and told.stderr == "", f"{told.returncode}\n{told.stdout}{told.stderr}"


# Beside another Swift runtime


@pytest.mark.parametrize("linked", [False, True], ids=["loaded", "linked"])
def test_dynamic_swift_runtime(
    linked: bool, release: Variant, library: pathlib.Path, settings: Dict[str, str], files: pathlib.Path
) -> None:
    """A Swift program has its own runtime, and the library has another one inside."""
    after: Tuple[object, ...] = ()
    if linked:
        after = (release.folder / "libslipway.so.0", "-Xlinker", "-rpath", "-Xlinker", release.folder)
    flags = ["-O", "-parse-as-library", "-module-name", "dynamic", *(["-DLINKED"] if linked else [])]
    executable = compile_program("swiftc", [HOST / "dynamic.swift"], flags, after)
    told = run_host(executable, [library], {**settings, "SLIPWAY_TEST_PACKAGE": str(files / "MyGame.zip")})
    assert told.returncode == 0 and told.stdout == "" and told.stderr == "", f"{told.returncode}\n{told.stdout}{told.stderr}"
