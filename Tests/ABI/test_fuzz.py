"""The programs of Tests/Fuzz that go through the C functions, with what fuzzing has found worth keeping, once each. `make fuzz` looks for more."""

from __future__ import annotations

import os
import pathlib
from typing import List

import pytest

from toolchain import C17, HERE, ROOT, VARIANTS, compile_program, require, run

FUZZ = ROOT / "Tests" / "Fuzz"


def inputs(name: str) -> List[pathlib.Path]:
    kept = sorted((FUZZ / "corpus" / name).iterdir())
    assert len(kept) > 3, f"the corpus of {name} is not there"
    crashes = FUZZ / "crashes" / name
    return kept + (sorted(crashes.iterdir()) if crashes.is_dir() else [])


# Threads meet in calls.c; what answers.c has them do, others do in all variants.
@pytest.mark.parametrize("name, variant", [("calls", "tsan"), ("calls", "asan"), ("answers", "asan")])
def test_nothing_in_the_corpus_breaks_the_library(name: str, variant: str) -> None:
    chosen = require(VARIANTS[variant])
    parts = [FUZZ / "program.h", HERE / "operations.h", HERE / "check.h"]
    # What operations.h has is not all used here; a program for libFuzzer has main only for this.
    program = compile_program("clang", [FUZZ / f"{name}.c"], [*C17, "-DREPLAY", f"-I{HERE}"], inputs=parts, variant=chosen)
    environment = {**os.environ, **dict(chosen.environment), "SWIFT_BACKTRACE": "enable=no"}
    done = run([program, *inputs(name)], env=environment, timeout=120)
    assert done.returncode == 0, f"{name} ({variant}) ended with {done.returncode}:\n{done.stderr[-4000:]}"
