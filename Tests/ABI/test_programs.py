"""The promises of slipway.h, in C programs: each one in three variants, with the library as it is shipped, with
AddressSanitizer, and with ThreadSanitizer."""

from __future__ import annotations

import concurrent.futures
import pathlib
from typing import Callable, Dict, Tuple

import pytest

from programs import NAMES, run_program
from toolchain import VARIANTS, available, require, runners

Key = Tuple[str, str]


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest, files: pathlib.Path) -> "Dict[Key, concurrent.futures.Future[None]]":
    """All programs that this session has been asked for, a few of them running at any time, each as soon as it is compiled."""
    started: "Dict[Key, concurrent.futures.Future[None]]" = {}
    for item in request.session.items:
        callspec = getattr(item, "callspec", None)
        if callspec is None or getattr(item, "originalname", "") != test_program.__name__:
            continue
        key: Key = (callspec.params["name"], callspec.params["variant"])
        if not available(VARIANTS[key[1]]):
            started[key] = runners.submit(run_program, key[0], VARIANTS[key[1]], files)
    return started


# The slow ones first: they run while the others are compiled.
@pytest.mark.parametrize("variant", ["tsan", "asan", "release"])
@pytest.mark.parametrize("name", NAMES)
def test_program(name: str, variant: str, runs: "Dict[Key, concurrent.futures.Future[None]]") -> None:
    require(VARIANTS[variant])
    runs[name, variant].result()
