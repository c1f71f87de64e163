"""The header: alone, in every language standard that hosts have, and against its own rules."""

from __future__ import annotations

import pathlib
import re
from typing import List

import pytest

import header
from toolchain import C17, COMPILERS, INCLUDE, STRICT, Variant, check_source, compile_program, run

STANDARDS = ["c99", "c11", "c17", "c++11", "c++17", "c++20"]

each_compiler = pytest.mark.parametrize("compiler", sorted(COMPILERS))
each_standard = pytest.mark.parametrize("standard", STANDARDS)


def compiler_for(compiler: str, standard: str) -> str:
    return COMPILERS[compiler][standard.startswith("c++")]


def source(folder: pathlib.Path, standard: str, text: str, name: str = "host") -> pathlib.Path:
    path = folder / f"{name}.{'cpp' if standard.startswith('c++') else 'c'}"
    path.write_text(text, "utf-8")
    return path


@each_standard
@each_compiler
def test_alone(compiler: str, standard: str, tmp_path: pathlib.Path) -> None:
    # A declaration of its own, because a unit of C must not be empty.
    path = source(tmp_path, standard, "#include <slipway.h>\n#include <slipway.h>\ntypedef int not_empty;\n")
    check_source(compiler_for(compiler, standard), path, [f"-std={standard}", *STRICT])


def uses() -> str:
    """A program that uses everything that the header declares."""
    lines = ["#include <slipway.h>", "#include <stdio.h>", ""]
    for name, macro in header.STRUCTS:
        lines.append(f"static const {name} made_{name} = {macro};")
    lines += ["", "int use_all(void);", "int use_all(void) {", "    int used = 0;"]
    for name, macro in header.STRUCTS:
        lines.append(f"    {name} local_{name} = {macro};")
        lines.append(f"    used += local_{name}.struct_size == made_{name}.struct_size;")
        lines.append(f"    used += {name}_init(&local_{name}, sizeof local_{name}) == SLIPWAY_OK;")
    for name in header.CONSTANTS:
        lines.append(f"    used += {name} != 12345;")
    lines += ["    used += SLIPWAY_FOREVER == 0xFFFFFFFFu && SLIPWAY_VERSION_NUMBER > 0 && SLIPWAY_VERSION_STRING[0] != 0;"]
    lines += ["    return used;", "}", ""]
    return "\n".join(lines)


@each_standard
@each_compiler
def test_macros_and_constants_in_use(compiler: str, standard: str, tmp_path: pathlib.Path) -> None:
    check_source(compiler_for(compiler, standard), source(tmp_path, standard, uses()), [f"-std={standard}", *STRICT])


@each_compiler
def test_two_units_one_of_each_language(compiler: str, release: Variant, tmp_path: pathlib.Path) -> None:
    """The header defines nothing that a linker would find twice, and has C names in C++."""
    c, cpp = COMPILERS[compiler]
    # Their addresses, in a table that the compiler cannot see through: each has to be there for the linker, under its C name.
    table = ", ".join(f"reinterpret_cast<function>({name})" for name in header.FUNCTIONS)
    first = source(tmp_path, "c17", uses())
    second = source(
        tmp_path, "c++17",
        '#include <slipway.h>\nextern "C" int use_all(void);\ntypedef void (*function)();\n'
        f"function volatile table[] = {{{table}}};\n"
        "int main() {\n    for (function one : table)\n        if (!one) return 1;\n    return use_all() > 0 ? 0 : 1;\n}\n", "main",
    )  # fmt: skip
    objects: List[pathlib.Path] = []
    for tool, path, flags in ((c, first, ["-std=c17"]), (cpp, second, ["-std=c++17"])):
        output = path.with_suffix(".o")
        done = run([tool, *flags, *STRICT, f"-I{INCLUDE}", "-c", path, "-o", output])
        assert done.returncode == 0 and not done.stderr, done.stderr
        objects.append(output)
    program = tmp_path / "program"
    done = run([cpp, *objects, release.folder / "libslipway.so.0", f"-Wl,-rpath,{release.folder}", "-o", program])
    assert done.returncode == 0, done.stderr
    assert run([program]).returncode == 0


@each_compiler
def test_getting_started_compiles(compiler: str, tmp_path: pathlib.Path) -> None:
    """The program that readers copy first, in C and in C++. It is free not to use what a callback gets."""
    flags = [*STRICT, "-Wno-unused-parameter"]
    path = source(tmp_path, "c17", header.getting_started())
    for standard in ("c99", "c17"):
        check_source(COMPILERS[compiler][0], path, [f"-std={standard}", *flags])
    check_source(COMPILERS[compiler][1], source(tmp_path, "c++17", header.getting_started()), ["-std=c++17", *flags])
    lines = [line for line in header.getting_started().splitlines() if line.strip()]
    assert 15 <= len(lines) <= 30, "the header promises about twenty lines to get started"


# Constants that are no statuses.
OTHER = re.compile(r"SLIPWAY_(LOG|DELIVERY|STAGE|RELEASE|UNTIL|ORIGINAL|ADDRESSING|CHECKSUM|LINK|JSON)_|SLIPWAY_(KEEP|REMOVE_WHEN_DONE)$")


def test_statuses_keep_their_numbers() -> None:
    """Hosts were compiled with these. New ones may be added here, and no line may ever be changed."""
    numbers = {
        "OK": 0, "INVALID_ARGUMENT": -1, "UNSUPPORTED_OPTION": -2, "WOULD_DEADLOCK": -3, "CLOSED": -4, "CANCELLED": -5, "DEADLINE_EXCEEDED": -6,
        "FORKED": -7,         "UNAUTHORIZED": -10, "FORBIDDEN": -11, "NOT_FOUND": -12, "NOT_READY": -13, "RATE_LIMITED": -14, "REJECTED": -15, "SERVER": -16,
        "NETWORK": -20, "TLS": -21, "PROTOCOL": -22, "INSECURE": -23, "FILE": -30, "MISSING_LIBRARY": -40, "INTERNAL": -41,
    }  # fmt: skip
    assert {name[len("SLIPWAY_") :]: value for name, value in header.CONSTANTS.items() if not OTHER.match(name)} == numbers


def test_constants_keep_their_numbers() -> None:
    """As test_statuses_keep_their_numbers, of all others."""
    numbers = {
        "LOG_OFF": 0, "LOG_ERROR": 1, "LOG_WARNING": 2, "LOG_INFO": 3, "LOG_DEBUG": 4, "DELIVERY_THREAD": 0, "DELIVERY_POLLED": 1,
        "STAGE_CHECKING": 1, "STAGE_WAITING_TURN": 2, "STAGE_REQUESTING": 3, "STAGE_RETRYING": 4, "STAGE_WAITING_BUILD": 5,
        "STAGE_TRANSFERRING": 6, "STAGE_MANY": 7, "RELEASE_CHECKING": 1, "RELEASE_HOSTING": 2, "RELEASE_REGISTERING": 3,
        "RELEASE_WAITING": 4, "RELEASE_DISTRIBUTING": 5, "RELEASE_GOING_LIVE": 6, "RELEASE_REMOVING": 7, "UNTIL_APPROVED": 0, "UNTIL_LIVE": 1,
        "ORIGINAL_UNCHANGED": 0, "ORIGINAL_ALLOWED": 1, "ORIGINAL_DENIED": 2, "KEEP": 0, "REMOVE_WHEN_DONE": 1,
        "ADDRESSING_AUTOMATIC": 0, "ADDRESSING_PATH": 1, "ADDRESSING_VIRTUAL_HOST": 2, "CHECKSUM_NONE": 0, "CHECKSUM_CRC32": 1, "CHECKSUM_SHA256": 2,
        "LINK_AUTOMATIC": 0, "LINK_PUBLIC": 1, "LINK_PRESIGNED": 2, "LINK_NONE": 3,
        "JSON_ABSENT": 0, "JSON_NULL": 1, "JSON_BOOLEAN": 2, "JSON_INTEGER": 3, "JSON_NUMBER": 4, "JSON_STRING": 5, "JSON_ARRAY": 6, "JSON_OBJECT": 7,
    }  # fmt: skip
    assert {name[len("SLIPWAY_") :]: value for name, value in header.CONSTANTS.items() if OTHER.match(name)} == numbers


def test_structs_keep_their_sizes(tmp_path: pathlib.Path) -> None:
    """On machines of 64 bits. A struct grows when a member is appended, and in no other way. What is passed in has no padding at its end: a member
    that were appended there would be garbage in an older host."""
    sizes = {
        "client_options": 136, "progress": 128, "result": 64, "upload_request": 48, "distribute_request": 32, "list_projects_request": 16,
        "project_request": 24, "wait_for_build_request": 48, "receive_webhook_request": 40, "entermedia_login_request": 16,
        "entermedia_distribution_create_request": 40, "entermedia_distribution_edit_request": 40, "entermedia_distribution_request": 24,
        "entermedia_term": 24, "entermedia_distribution_search_request": 40, "entermedia_distribution_create_many_request": 64,
        "entermedia_asset_upload_request": 48, "entermedia_asset_request": 24, "storage": 200, "store_request": 72,
        "storage_object_request": 32, "storage_abort_request": 48, "check_package_request": 24, "release_request": 80,
    }  # fmt: skip
    assert {name[len("slipway_") :] for name in header.MEMBERS} == set(sizes)
    lines = [f'_Static_assert(sizeof(slipway_{name}) == {size}, "{name}");' for name, size in sizes.items()]
    for name, _ in header.STRUCTS:
        last = header.MEMBERS[name][-1].name
        whole = f"offsetof({name}, {last}) + sizeof((({name} *)0)->{last}) == sizeof({name})"
        lines.append(f'_Static_assert({whole}, "{name} ends in padding");')
    check_source("clang", source(tmp_path, "c17", "#include <slipway.h>\n" + "\n".join(lines) + "\n"), ["-std=c17", *STRICT])


def test_statuses_have_their_names(release: Variant, tmp_path: pathlib.Path) -> None:
    """slipway_status_name knows each status of the header, by its name."""
    statuses = [name for name in header.CONSTANTS if not OTHER.match(name)]
    checks = "".join(f'    if (strcmp(slipway_status_name({name}), "{name[8:]}") != 0) return puts("{name}"), 1;\n' for name in statuses)
    includes = "#include <slipway.h>\n#include <stdio.h>\n#include <string.h>\n"
    path = source(tmp_path, "c17", f"{includes}int main(void) {{\n{checks}    return 0;\n}}\n", "names")
    program = compile_program("clang", [path], C17, variant=release)
    done = run([program])
    assert done.returncode == 0, done.stdout


# The header as a document


def comments() -> "dict[str, str]":
    """The documentation comment that stands before each function."""
    found = re.findall(r"/\*\*((?:(?!\*/).)*)\*/\s*SLIPWAY_API\s+[^;{]*?\b(slipway_\w+)\(", header.TEXT, flags=re.DOTALL)
    return {name: re.sub(r"\s*\n \*\s*", " ", comment) for comment, name in found}


def test_every_function_is_documented_with_its_version() -> None:
    documented = comments()
    assert sorted(documented) == sorted(header.FUNCTIONS)
    without = [name for name, comment in documented.items() if not re.search(r"Since \d+\.\d+\.\d+\.", comment)]
    assert without == []


def test_every_public_name_has_the_prefix() -> None:
    names = re.findall(r"^#define\s+(\w+)", header.CODE, flags=re.MULTILINE) + re.findall(r"\}\s*(\w+);", header.CODE)
    names += re.findall(r"typedef [^;{]*?\(\*(\w+)\)", header.CODE) + list(header.CONSTANTS) + header.FUNCTIONS
    assert len(names) > 80
    assert [name for name in names if not name.lower().startswith("slipway_")] == []


def test_every_struct_member_says_whether_it_is_required() -> None:
    """Of the structs that are passed in."""
    for name in [*dict(header.STRUCTS), "slipway_entermedia_term"]:
        body = re.search(rf"typedef struct {name} \{{(.*?)\n\}} {name};", header.TEXT, flags=re.DOTALL)
        assert body, name
        text = re.sub(r"/\*.*?\*/", lambda comment: comment[0].replace(";", ","), body[1], flags=re.DOTALL)
        members = re.findall(r"((?:/\*\*[^<](?:(?!\*/).)*\*/)?)\s*([\w *]+);[ \t]*((?:/\*\*<(?:(?!\*/).)*\*/)?)", text, flags=re.DOTALL)
        assert len(members) == text.count(";"), name
        for before, member, behind in members:
            assert re.match(r"/\*\*<? ?(Required|Optional|Zero)\b", before or behind), f"{name}: {member.strip()}"


def test_every_request_begins_alike() -> None:
    """slipway.h says that requests begin with the same members; bindings count on it."""
    assert sorted(set(dict(header.STRUCTS)) - set(header.REQUESTS)) == ["slipway_client_options", "slipway_storage"], "what is no request"
    for name in header.REQUESTS:
        body = re.search(rf"typedef struct {name} \{{(.*?)\}} {name};", header.CODE, flags=re.DOTALL)
        assert body, name
        members = [" ".join(member.split()) for member in body[1].split(";")]
        assert members[:3] == ["uint32_t struct_size", "uint32_t deadline_ms", "slipway_progress_fn on_progress"], name
