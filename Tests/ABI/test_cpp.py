"""slipway.hpp: clean in both compilers and both standards, with and without exceptions and RTTI; and its promises, in a
program that runs against the emulator."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import tempfile
from typing import Dict, List, Tuple

import pytest

from emulator import Emulator, make_build
from programs import PASSWORD, environment, record_folder, run_host, search
from toolchain import COMPILERS, CPP, HERE, INCLUDE, ROOT, STRICT, Variant, check_source, compile_program, compilers, run

PROGRAM = HERE / "cpp" / "program.cpp"
HEADERS = sorted(CPP.rglob("*.hpp"))
INPUTS = [*HEADERS, *sorted((HERE / "cpp").glob("*.hpp"))]
EXAMPLES = sorted((CPP / "examples").glob("*.cpp"))
STANDARDS = ["c++17", "c++20"]
MODES: Dict[str, Tuple[str, ...]] = {"exceptions": (), "plain": ("-fno-exceptions", "-fno-rtti")}
INCLUDES = (f"-I{CPP}", f"-I{HERE / 'cpp'}")

Key = Tuple[str, str, str]
ALL: List[Key] = [(compiler, standard, mode) for compiler in sorted(COMPILERS) for standard in STANDARDS for mode in MODES]
# Each compiler and each mode is in one of the two, which are compiled with the same warnings, and run.
RUN: List[Key] = [("gcc", "c++17", "exceptions"), ("clang", "c++17", "plain")]
# With them, any two of a compiler, a standard and a mode are together once; SLIPWAY_TEST_LONG=1: all three.
PAIRS: List[Key] = [("gcc", "c++20", "plain"), ("clang", "c++20", "exceptions")]
KEYS: List[Key] = [key for key in ALL if key not in RUN] if os.environ.get("SLIPWAY_TEST_LONG") else PAIRS


def check(key: Key) -> None:
    compiler, standard, mode = key
    flags = [f"-std={standard}", *STRICT, *MODES[mode], *INCLUDES]
    check_source(COMPILERS[compiler][1], PROGRAM, flags, INPUTS)
    if mode == "exceptions" and standard == "c++20":  # test_c_examples.py has the other one.
        for example in EXAMPLES:
            check_source(COMPILERS[compiler][1], example, flags, INPUTS)


def build(key: Key, release: Variant) -> pathlib.Path:
    compiler, standard, mode = key
    flags = [f"-std={standard}", *STRICT, *MODES[mode], *INCLUDES, "-g", "-O0", "-pthread"]
    return compile_program(COMPILERS[compiler][1], [PROGRAM], flags, inputs=INPUTS, variant=release)


@pytest.fixture(scope="module")
def checks() -> "Dict[Key, concurrent.futures.Future[None]]":
    return {key: compilers.submit(check, key) for key in KEYS}


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_compiles_without_a_warning(key: Key, checks: "Dict[Key, concurrent.futures.Future[None]]") -> None:
    checks[key].result()


def test_header_alone(tmp_path: pathlib.Path) -> None:
    """Before any other header, and twice."""
    path = tmp_path / "host.cpp"
    path.write_text("#include <slipway.hpp>\n#include <slipway.hpp>\nint main() { return slipway::version().empty(); }\n")
    check_source("g++", path, ["-std=c++17", *STRICT, f"-I{CPP}"], HEADERS)


@pytest.mark.parametrize("part", [path.name for path in HEADERS if path.parent != CPP])
def test_each_part_alone(part: str, tmp_path: pathlib.Path) -> None:
    """A part includes what it uses."""
    path = tmp_path / "host.cpp"
    path.write_text(f"#include <slipway/{part}>\nint main() {{}}\n")
    check_source("g++", path, ["-std=c++17", *STRICT, f"-I{CPP}"], HEADERS)


def test_header_has_all_parts(tmp_path: pathlib.Path) -> None:
    guards = [f"SLIPWAY_{path.name.upper().replace('.', '_')}" for path in HEADERS if path.parent != CPP]
    lines = [f"#ifndef {guard}\n#error left out\n#endif\n" for guard in guards]
    path = tmp_path / "host.cpp"
    path.write_text("#include <slipway.hpp>\n" + "".join(lines) + "int main() {}\n")
    check_source("g++", path, ["-std=c++17", *STRICT, f"-I{CPP}"], HEADERS)


def test_installed(release: Variant, tmp_path: pathlib.Path) -> None:
    """`make install` puts all of it where pkg-config says."""
    done = run(["make", "-o", "lib", "install", f"PREFIX={tmp_path / 'prefix'}"], cwd=ROOT)
    assert done.returncode == 0, done.stderr
    environment = {**os.environ, "PKG_CONFIG_PATH": str(tmp_path / "prefix/lib/pkgconfig")}
    told = run(["pkg-config", "--cflags", "--libs", "slipway"], env=environment)
    assert told.returncode == 0, told.stderr
    source = tmp_path / "host.cpp"
    source.write_text("#include <slipway.hpp>\nint main() { return slipway::version().empty(); }\n")
    flags = [*told.stdout.split(), f"-Wl,-rpath,{tmp_path / 'prefix/lib'}", "-pthread"]
    done = run(["g++", "-std=c++17", *STRICT, source, "-o", tmp_path / "host", *flags])
    assert done.returncode == 0, done.stderr
    assert run([tmp_path / "host"]).returncode == 0


def test_two_units_with_and_without_exceptions_link(release: Variant, tmp_path: pathlib.Path) -> None:
    """One program, one file of each mode: nothing is defined twice, and neither gets the other's functions."""
    body = "#include <slipway.hpp>\n%s { slipway::Client client; return static_cast<int>(client.projects().get().status); }\n"
    (tmp_path / "plain.cpp").write_text(body % "int plain()")
    (tmp_path / "main.cpp").write_text("int plain();\n" + body.replace("return", "if (plain() != -1) return 1; return 1 +") % "int main()")
    objects = []
    for name, flags in (("plain", MODES["plain"]), ("main", MODES["exceptions"])):
        done = run(["g++", "-std=c++17", *STRICT, *flags, f"-I{CPP}", f"-I{INCLUDE}", "-c", tmp_path / f"{name}.cpp", "-o", tmp_path / f"{name}.o"])
        assert done.returncode == 0, done.stderr
        objects.append(tmp_path / f"{name}.o")
    done = run(["g++", *objects, release.folder / "libslipway.so.0", f"-Wl,-rpath,{release.folder}", "-pthread", "-o", tmp_path / "program"])
    assert done.returncode == 0, done.stderr
    assert run([tmp_path / "program"]).returncode == 0


@pytest.fixture(scope="module")
def builds(checks: object, release: Variant) -> "Dict[Key, concurrent.futures.Future[pathlib.Path]]":
    return {key: compilers.submit(build, key, release) for key in RUN}


@pytest.mark.parametrize("key", RUN, ids="-".join)
def test_runs(
    key: Key, builds: "Dict[Key, concurrent.futures.Future[pathlib.Path]]", emulator: Emulator, files: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    pending = emulator.add_build(projectId=emulator.project_id, fileUrl=emulator.file_url("MyGame.zip"), status="pending")
    user = emulator.set_media_password(emulator.entermedia["user"], PASSWORD)
    emulator.add_asset(id="many", count=40)
    emulator.fault("delay", path="/assets/mediadb/services/distribution/create/create", delayMs=30, count=0)
    storage = pathlib.Path(tempfile.mkdtemp(prefix="cpp-", dir=files))
    more = {
        "ENTERMEDIA_KEY": user["key"],
        "ENTERMEDIA_PASSWORD": PASSWORD,
        "SLIPWAY_TEST_FILE_URL": emulator.file_url("MyGame.zip"),
        "SLIPWAY_TEST_PENDING_BUILD": pending,
        "SLIPWAY_TEST_STORAGE": str(storage),
        "SLIPWAY_TEST_STORAGE_URL": emulator.file_url(storage.name),
        "SLIPWAY_TEST_BUILD": str(files / "MyGame.zip"),
        "SLIPWAY_TEST_REJECTED_BUILD": str(make_build(tmp_path / "NoExe.zip", without=["exe"])),
        "SLIPWAY_TEST_PICTURE": emulator.add_asset(id="picture"),
        "SLIPWAY_TEST_MANY": "many",
    }
    told = run_host(builds[key].result(), [], environment(emulator, more))
    assert told.returncode == 0, told.stderr
    assert told.stdout == ""
    search([record_folder() / f"abi-cpp-{told.pid}.log"], [emulator.api_key, user["key"], PASSWORD], told.stderr)
