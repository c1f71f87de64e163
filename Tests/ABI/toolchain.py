"""Compiles and runs the C and C++ programs of these tests: two compilers at a time, nothing twice.

An executable lies under .build-tests/abi, named after a hash of everything that went into it, so a second run of the
tests compiles only what has changed.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import threading
from typing import Dict, Optional, Sequence, Tuple

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = ROOT / "include"
HEADER = INCLUDE / "slipway.h"
CPP = ROOT / "bindings" / "cpp"
OUTPUT = ROOT / ".build-tests" / "abi"
STRICT = ("-Wall", "-Wextra", "-pedantic", "-Werror")
# The programs of these tests are C17 with POSIX; check.h asks for what it needs by itself.
C17 = ("-std=c17", *STRICT, "-g", "-O1", "-pthread")

COMPILERS = {"gcc": ("gcc", "g++"), "clang": ("clang", "clang++")}


class CompileError(AssertionError):
    """What the compiler said."""


@dataclasses.dataclass(frozen=True)
class Variant:
    """A library that programs are linked with, and how."""

    name: str
    library: pathlib.Path
    flags: Tuple[str, ...] = ()
    make: str = "make lib"
    libraries: Tuple[str, ...] = ()
    environment: Tuple[Tuple[str, str], ...] = ()

    @property
    def folder(self) -> pathlib.Path:
        """A folder in which the library has the name that programs look for, whatever its file is called."""
        folder = OUTPUT / f"library-{self.name}"
        with _folders:
            folder.mkdir(parents=True, exist_ok=True)
            link = folder / "libslipway.so.0"
            if not link.is_symlink() or os.readlink(link) != str(self.library):
                link.unlink(missing_ok=True)
                link.symlink_to(self.library)
        return folder


_folders = threading.Lock()


def swift_libraries() -> pathlib.Path:
    """Where the toolchain that `clang` belongs to has its shared libraries."""
    clang = shutil.which("clang")
    return pathlib.Path(os.path.realpath(clang or "clang")).parents[1] / "lib" / "swift" / "linux"


def _library(variable: str, otherwise: str) -> pathlib.Path:
    return pathlib.Path(os.environ.get(variable) or ROOT / "build" / otherwise)


VARIANTS: Dict[str, Variant] = {
    "release": Variant("release", _library("SLIPWAY_LIBRARY", "libslipway.so.0")),
    "asan": Variant(
        "asan",
        _library("SLIPWAY_ASAN_LIBRARY", "asan/libslipway.so"),
        ("-fsanitize=address",),
        "make asan",
        (),
        (
            ("ASAN_OPTIONS", "detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1:abort_on_error=0"),
            ("LSAN_OPTIONS", f"suppressions={HERE / 'leaks.txt'}:print_suppressions=0"),
        ),
    ),
    "tsan": Variant(
        "tsan",
        _library("SLIPWAY_TSAN_LIBRARY", "tsan/libslipway.so"),
        ("-fsanitize=thread",),
        "make tsan",
        # Swift's runtime for ThreadSanitizer refers to libdispatch, whether a program uses it or not.
        (f"-L{swift_libraries()}", "-ldispatch", "-lBlocksRuntime", f"-Wl,-rpath,{swift_libraries()}"),
        (("TSAN_OPTIONS", f"halt_on_error=0:second_deadlock_stack=1:suppressions={HERE / 'races.txt'}"),),
    ),
}


def available(variant: Variant) -> Optional[str]:
    """None, or why programs cannot be linked with it."""
    if variant.library.exists():
        return None
    return f"{variant.library} does not exist: `{variant.make}`"


def require(variant: Variant) -> Variant:
    """Fails when the library is not there; a missing one with a sanitizer can be forgiven, by name, in the environment."""
    missing = available(variant)
    if missing and variant.name != "release" and os.environ.get("SLIPWAY_WITHOUT_SANITIZERS"):
        pytest.skip(f"{missing} (SLIPWAY_WITHOUT_SANITIZERS is set)")
    assert not missing, missing
    return variant


def run(command: Sequence[object], **options: object) -> "subprocess.CompletedProcess[str]":
    """Runs a tool, with its output as text."""
    texts = [str(part) for part in command]
    done: "subprocess.CompletedProcess[str]" = subprocess.run(
        texts, capture_output=True, text=True, errors="replace", check=False, **{"timeout": 300, **options}
    )  # type: ignore[call-overload]
    return done


def _digest(*parts: object) -> str:
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, pathlib.Path):
            digest.update(part.read_bytes())
        digest.update(f"{part}\0".encode())
    return digest.hexdigest()[:16]


@functools.lru_cache(maxsize=None)
def compiler_version(compiler: str) -> str:
    assert shutil.which(compiler), f"{compiler} is not installed (Debian: gcc, g++; clang comes with Swift)"
    return run([compiler, "--version"]).stdout.splitlines()[0]


def compile_program(
    compiler: str,
    sources: Sequence[pathlib.Path],
    flags: Sequence[object],
    libraries: Sequence[object] = (),
    inputs: Sequence[pathlib.Path] = (),
    variant: Optional[Variant] = None,
) -> pathlib.Path:
    """Compiles and links `sources`, and returns the executable; CompileError has the compiler's words.

    `inputs`: other files that decide about the result."""
    command = [compiler, *flags, f"-I{INCLUDE}"]
    after = list(libraries)
    if variant is not None:
        command += list(variant.flags)
        after += [variant.folder / "libslipway.so.0", f"-Wl,-rpath,{variant.folder}", *variant.libraries]
    stamp = (variant.library.stat().st_mtime_ns, variant.library.stat().st_size) if variant is not None else ()
    name = _digest(compiler_version(compiler), [str(part) for part in command], [str(part) for part in after], *sources, *inputs, HEADER, stamp)
    program = OUTPUT / f"{sources[0].stem}-{name}"
    if not program.exists():
        OUTPUT.mkdir(parents=True, exist_ok=True)
        unfinished = program.with_name(f"{program.name}.{os.getpid()}.{threading.get_ident()}")
        done = run([*command, "-o", unfinished, *sources, *after])
        if done.returncode != 0:
            raise CompileError(f"{' '.join(map(str, command))} {' '.join(map(str, sources))}\n{done.stderr}")
        unfinished.rename(program)
    return program


def check_source(compiler: str, source: pathlib.Path, flags: Sequence[object], inputs: Sequence[pathlib.Path] = ()) -> None:
    """Compiles one file for its warnings and errors only, unless the same was clean before."""
    command = [compiler, *flags, f"-I{INCLUDE}", "-fsyntax-only"]
    clean = OUTPUT / f"clean-{_digest(compiler_version(compiler), [str(part) for part in command], source, *inputs, HEADER)}"
    if clean.exists():
        return
    done = run([*command, source])
    if done.returncode != 0 or done.stderr:
        raise CompileError(f"{' '.join(map(str, command))} {source}\n{done.stderr}")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    clean.touch()


# Two at a time: what these tests may take of a machine. Programs that run mostly wait, so a third one costs nothing.
compilers = concurrent.futures.ThreadPoolExecutor(max_workers=2, thread_name_prefix="compiler")
runners = concurrent.futures.ThreadPoolExecutor(max_workers=3, thread_name_prefix="runner")
