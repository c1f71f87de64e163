"""The library as a file: what it exports, what it needs, how large it is, and that all places agree about its version."""

from __future__ import annotations

import ctypes
import json
import pathlib
import re
import shutil
from typing import Any, Dict, List, Set

import pytest

import header
from toolchain import ROOT, run

MEGABYTE = 1_000_000

# libc and its parts, and what the compilers' runtimes are made of.
ALLOWED = re.compile(r"^(libc|libm|libdl|libpthread|librt|libutil|ld-linux-[\w-]+|libgcc_s|libstdc\+\+)\.so(\.\d+)*$")


def dynamic(library: pathlib.Path, tag: str) -> List[str]:
    """The values of one tag of the dynamic section."""
    lines = run(["readelf", "--dynamic", "--wide", library]).stdout.splitlines()
    values = [re.search(r"\[(.*)\]", line) for line in lines if f"({tag})" in line]
    return [value[1] for value in values if value]


def symbols(library: pathlib.Path, *options: str) -> Set[str]:
    done = run(["nm", "--dynamic", "--format=posix", *options, library])
    assert done.returncode == 0, done.stderr
    return {line.split()[0].split("@")[0] for line in done.stdout.splitlines()}


def test_exports_are_the_functions_of_the_header(library: pathlib.Path) -> None:
    assert len(header.FUNCTIONS) == len(set(header.FUNCTIONS)) > 50
    exported = symbols(library, "--defined-only")
    assert sorted(exported) == sorted(header.FUNCTIONS)


def test_needs_only_the_system(library: pathlib.Path) -> None:
    needed = dynamic(library, "NEEDED")
    assert needed and [name for name in needed if not ALLOWED.match(name)] == []


def test_no_path_of_a_build_machine(library: pathlib.Path) -> None:
    paths = [entry for tag in ("RPATH", "RUNPATH") for value in dynamic(library, tag) for entry in value.split(":")]
    assert [path for path in paths if path not in ("", "$ORIGIN")] == []


def test_soname(library: pathlib.Path) -> None:
    assert dynamic(library, "SONAME") == ["libslipway.so.0"]
    link = ROOT / "build" / "libslipway.so"
    if library.parent == ROOT / "build":
        assert link.resolve() == library, "build/libslipway.so is the link for linkers"


def test_is_never_unloaded(library: pathlib.Path) -> None:
    flags = run(["readelf", "--dynamic", "--wide", library]).stdout
    assert re.search(r"\(FLAGS_1\).*\bNODELETE\b", flags)


def test_stack_is_not_executable(library: pathlib.Path) -> None:
    stack = re.search(r"GNU_STACK.*", run(["readelf", "--program-headers", "--wide", library]).stdout)
    assert stack and " RWE " not in stack[0]
    assert dynamic(library, "TEXTREL") == []


def test_size(library: pathlib.Path, tmp_path: pathlib.Path) -> None:
    stripped = tmp_path / "libslipway.so.0"
    shutil.copyfile(library, stripped)
    done = run(["strip", "--strip-unneeded", stripped])
    assert done.returncode == 0, done.stderr
    assert stripped.stat().st_size < 9 * MEGABYTE


def test_other_libraries_are_reached_through_the_loader_only(library: pathlib.Path) -> None:
    """A symbol that were left to the dynamic linker would be the host's, if the host has one of that name."""
    undefined = symbols(library, "--undefined-only")
    assert "dlopen" in undefined or "dlmopen" in undefined
    foreign = re.compile(r"^(curl_|json_|SSL_|EVP_|CRYPTO_|OPENSSL_|BIO_|X509_|MHD_|ZSTD_|deflate|inflate|\$s|_\$s|swift_|_swift_)")
    assert [name for name in undefined if foreign.match(name)] == []


def test_cannot_change_the_process(library: pathlib.Path) -> None:
    """Functions that it could not call if it wanted to. (Swift's runtime refers to exit, abort and sigaction; that no source
    does, and that no handler changes, are tests of their own.)"""
    names = "_exit quick_exit system fork setenv unsetenv putenv clearenv chdir fchdir setlocale signal umask setrlimit"
    assert symbols(library, "--undefined-only") & set(names.split()) == set()


# The sources


def package() -> Dict[str, Any]:
    done = run(["swift", "package", "--package-path", ROOT, "--scratch-path", ROOT / ".build-tests" / "package", "describe", "--type", "json"])
    if done.returncode != 0:
        pytest.fail(f"swift package describe: {done.stderr}")
    document: Dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.fixture(scope="module")
def library_sources() -> List[pathlib.Path]:
    """All files of the targets that end up in the library, as Package.swift has them."""
    targets = {target["name"]: target for target in package()["targets"]}
    products = {product["name"]: product for product in package()["products"]}
    waiting, seen = list(products["slipway"]["targets"]), set()
    files: List[pathlib.Path] = []
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        target = targets[name]
        waiting += target.get("target_dependencies", [])
        files += [ROOT / target["path"] / source for source in target.get("sources", [])]
    assert {"SlipwayABI", "Slipway", "SlipwayHTTP", "SlipwayJSON"} <= seen
    return files


def code(path: pathlib.Path) -> str:
    """A source without its comments."""
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)


def test_no_foundation(library_sources: List[pathlib.Path]) -> None:
    """It would make the library eight times as large."""
    imports = re.compile(
        r"^\s*(@\w+\s+)*((public|package|internal|fileprivate|private)\s+)?import\s+((struct|class|enum|func)\s+)?(Foundation\w*|Dispatch)\b",
        re.MULTILINE,
    )
    swift = [path for path in library_sources if path.suffix == ".swift"]
    assert len(swift) > 20
    assert [str(path) for path in swift if imports.search(code(path))] == []


def test_no_source_ends_or_changes_the_process(library_sources: List[pathlib.Path]) -> None:
    """No output, no exit, no trap on purpose, no change of the process: by name. A method that is called abort is another thing: it is
    declared, and awaited."""
    forbidden = re.compile(
        r"(?<![\w.])(?<!\bfunc )(?<!\bawait )(print|debugPrint|fatalError|precondition|preconditionFailure|assert|assertionFailure|exit|_exit|abort"
        r"|setenv|unsetenv|putenv|chdir|setlocale|sigaction|printf|fprintf|puts|fputs|perror)\s*\(|\btry!|\bas!|\bunsafeBitCast\b|\b(stdout|stderr)\b"
    )
    found = [f"{path.relative_to(ROOT)}: {hit[0]}" for path in library_sources for hit in forbidden.finditer(code(path))]
    assert found == []


# Versions


def versions(library: pathlib.Path) -> Dict[str, str]:
    """Each place that names the version."""
    loaded = ctypes.CDLL(str(library))
    loaded.slipway_version_string.restype = ctypes.c_char_p
    loaded.slipway_version_number.restype = ctypes.c_uint32
    number = loaded.slipway_version_number()
    parts = [header.MACROS[f"SLIPWAY_VERSION_{part}"] for part in ("MAJOR", "MINOR", "PATCH")]

    def found(path: str, pattern: str) -> str:
        text = re.search(pattern, (ROOT / path).read_text("utf-8"), re.MULTILINE)
        assert text, f"{path} names no version"
        return text[1]

    return {
        "slipway.h, SLIPWAY_VERSION_MAJOR and so on": ".".join(parts),
        "slipway.h, SLIPWAY_VERSION_STRING": header.MACROS["SLIPWAY_VERSION_STRING"].strip('"'),
        "slipway_version_string()": loaded.slipway_version_string().decode(),
        "slipway_version_number()": f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}",
        "bindings/python/pyproject.toml": found("bindings/python/pyproject.toml", r'^version\s*=\s*"([^"]+)"'),
        "bindings/cpp/slipway.hpp": found("bindings/cpp/slipway.hpp", r'^#define SLIPWAY_HPP_VERSION "([^"]+)"'),
        "CHANGELOG.md, its top entry": found("CHANGELOG.md", r"^## \[?v?(\d+\.\d+\.\d+)"),
    }


def test_versions_agree(library: pathlib.Path) -> None:
    told = versions(library)
    assert len(set(told.values())) == 1, told


def test_soname_has_the_major_version(library: pathlib.Path) -> None:
    assert dynamic(library, "SONAME") == [f"libslipway.so.{header.MACROS['SLIPWAY_VERSION_MAJOR']}"]
