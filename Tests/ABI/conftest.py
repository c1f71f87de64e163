"""Tests of the library as a file and as a C interface.

The library is build/libslipway.so.0 or $SLIPWAY_LIBRARY; the ones with sanitizers are build/asan/libslipway.so or
$SLIPWAY_ASAN_LIBRARY, and build/tsan/libslipway.so or $SLIPWAY_TSAN_LIBRARY. The emulator is build/slipway-emulator or $SLIPWAY_EMULATOR.
"""

from __future__ import annotations

import os
import pathlib
import sys
from typing import Iterator

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "Integration")]
# The machine's own settings are no business of the tests.
for variable in list(os.environ):
    if variable.lower().endswith("_proxy") or variable.startswith(("STREAMPIXEL_", "ENTERMEDIA_")):
        del os.environ[variable]

from emulator import Emulator, make_build  # noqa: E402
from programs import record_folder  # noqa: E402
from toolchain import VARIANTS, Variant, compilers, require, runners  # noqa: E402


def pytest_sessionstart(session: pytest.Session) -> None:
    for old in record_folder().glob("abi-*.log"):
        old.unlink()


def pytest_sessionfinish(session: pytest.Session) -> None:
    for pool in (compilers, runners):
        pool.shutdown(wait=True, cancel_futures=True)


@pytest.fixture(scope="session")
def release() -> Variant:
    return require(VARIANTS["release"])


@pytest.fixture(scope="session")
def library(release: Variant) -> pathlib.Path:
    """libslipway.so.0, as it is shipped."""
    return release.library.resolve()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with a build in it, for emulators to serve."""
    path = tmp_path_factory.mktemp("abi-files")
    make_build(path / "MyGame.zip")
    return path


@pytest.fixture
def emulator(files: pathlib.Path) -> Iterator[Emulator]:
    with Emulator(files=files, options=["--state-ms", "10", "--rate-window-ms", "0"]) as emulator:
        yield emulator
