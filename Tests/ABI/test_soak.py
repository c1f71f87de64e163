"""A host that goes on and on: resident memory, descriptors and threads stay what they were, and each operation ends as it has to.

In short with the library as it is shipped, by itself and under valgrind. With SLIPWAY_TEST_LONG set it is a million operations, the short form
runs with AddressSanitizer and ThreadSanitizer, too, and what was measured is printed.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
from typing import List

import pytest

from programs import Told
from soak import run_soak
from toolchain import HERE, VARIANTS, Variant, require

LONG = bool(os.environ.get("SLIPWAY_TEST_LONG"))


def show(what: str, told: Told) -> None:
    if LONG:
        print(f"\n{what}\n\n{told.stdout}")


@pytest.mark.timeout(3600)
def test_soak(release: Variant, tmp_path: pathlib.Path) -> None:
    """In the first tenth everything has to have been there once. Of a million operations that is 100,000, and 200 clients: from then on resident
    memory stays within 5 %. Of 20,000 it is 2,000, in which not all of the threads that come and go have had each kind of work, and malloc has
    an arena for each of them: within 30 %. In both, all that is held is given back but for what a process keeps for good (soak.c)."""
    operations, growth = (1_000_000, 5) if LONG else (20_000, 30)
    told = run_soak(release, tmp_path / "soak", operations, 500, growth, in_flight=32, timeout=3000 if LONG else 120)
    show(f"{operations:,} operations", told)


if LONG:

    @pytest.mark.parametrize("name", ["asan", "tsan"])
    def test_soak_with_sanitizer(name: str, tmp_path: pathlib.Path) -> None:
        told = run_soak(require(VARIANTS[name]), tmp_path / "soak", 20_000, 500, timeout=500)
        show(f"20,000 operations, {name}", told)


def memcheck(log: pathlib.Path) -> List[str]:
    """Whatever it finds is an error, and of the leaks those that are definite: Swift's runtime keeps what it knows of types under pointers with
    flags in them, which memcheck takes for "possibly lost". glibc's own freeing at exit, which only memcheck asks for, is left out: it takes the
    dynamic linker's lists apart, and what was in them is lost then, in any program that calls dlopen often enough."""
    assert shutil.which("valgrind"), "valgrind is not installed (Debian: valgrind)"
    return [
        "/usr/bin/valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
        "--error-exitcode=99", "--run-libc-freeres=no", "--num-callers=40", f"--suppressions={HERE / 'memcheck.txt'}", f"--log-file={log}",
    ]  # fmt: skip


def test_soak_under_valgrind(release: Variant, tmp_path: pathlib.Path) -> None:
    """Nothing is definitely lost, and nothing is read or written that may not be. In the first 800 operations are all kinds and all faults."""
    log = tmp_path / "memcheck.log"
    # valgrind 3.19 cannot read what clang writes by default, DWARF 5.
    readable = dataclasses.replace(release, flags=(*release.flags, "-gdwarf-4"))
    try:
        told = run_soak(readable, tmp_path / "soak", 800, 100, under=memcheck(log), timeout=300)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{log.read_text('utf-8', 'replace') if log.exists() else ''}") from None
    # Lines that begin with "--" are about system calls that this valgrind does not know.
    found = [line for line in log.read_text("utf-8", "replace").splitlines() if line.startswith("==")]
    assert not found, "\n".join(found)
    show("800 operations under valgrind's memcheck: nothing definitely lost, no error", told)
