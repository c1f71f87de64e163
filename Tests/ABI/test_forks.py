"""Forks of a process that uses the library, or is going to."""

from __future__ import annotations

import dataclasses
import os
import pathlib

from programs import PARTS, run_executable
from toolchain import C17, HERE, Variant, compile_program

# How often the busy process forks; each time all of its threads are somewhere else.
COUNT = 1000 if os.environ.get("SLIPWAY_TEST_LONG") else 200


def test_forks(release: Variant, files: pathlib.Path, tmp_path: pathlib.Path) -> None:
    inputs = [HERE / f"{part}.h" for part in PARTS]
    executable = compile_program("clang", [HERE / "host" / "forks.c"], C17, inputs=inputs, variant=release)
    figures = tmp_path / "figures"
    told = (("SLIPWAY_TEST_FORKS", str(COUNT)), ("SLIPWAY_TEST_FIGURES", str(figures)))
    run_executable("forks", executable, dataclasses.replace(release, environment=told), files)
    children, slowest, completed = map(int, figures.read_text().split())
    assert children > COUNT and completed > COUNT
    print(f"\n{children} children, the slowest took {slowest} ms; {completed} operations of the parent completed meanwhile, each once")
