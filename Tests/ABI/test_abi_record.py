"""slipway.h is as abi-0.txt has it, as both compilers see it, and as programs of older headers need it; and abi_record.py would tell each
kind of change that such a program feels: shown with copies of the header in which one thing is changed."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import pathlib
import re
import shutil
import signal
import subprocess
import sys
from typing import Dict, Iterator

import pytest

import rules
from abi_record import Comparison, Record
from facts import Facts, Unread, assertions
from header import Header
from programs import run_executable
from toolchain import C17, COMPILERS, HEADER, HERE, OUTPUT, STRICT, Variant, check_source, compile_program, compilers, run

SCRIPT = HERE / "abi_record.py"
MAJOR = Header(HEADER).macros["SLIPWAY_VERSION_MAJOR"]
RECORD = f"abi-{MAJOR}.txt"
# Of the same soname: a library of another one runs no program of these.
OLDER = [path for path in sorted((HERE / "history").glob("*/slipway.h")) if Header(path).macros["SLIPWAY_VERSION_MAJOR"] == MAJOR]
HISTORY = [path.parent for path in OLDER]


def abi_record(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return run([sys.executable, SCRIPT, *arguments], timeout=60)


def test_header_is_as_the_record_has_it() -> None:
    done = abi_record()
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("compiler", sorted(COMPILERS))
def test_compilers_see_what_the_record_has(compiler: str, tmp_path: pathlib.Path) -> None:
    """Each size, offset, type, number and signature, as an assertion in C."""
    source = tmp_path / "recorded.c"
    source.write_text(assertions(Record(HERE / RECORD).facts()), "utf-8")
    check_source(COMPILERS[compiler][0], source, ["-std=c17", *STRICT])


def test_library_exports_what_the_record_has(library: pathlib.Path) -> None:
    """Under the symbol version that programs were linked with."""
    functions = [name for name, fact in Record(HERE / RECORD).facts().items() if fact.kind == "function"]
    lines = run(["nm", "--dynamic", "--defined-only", "--with-symbol-versions", "--format=posix", library]).stdout.splitlines()
    exported = {line.split()[0] for line in lines if line.split()[1] != "A"}  # A: the version itself.
    assert exported == {f"{name}@@SLIPWAY_{MAJOR}" for name in functions}


def test_functions_came_when_their_comments_say() -> None:
    lines = Record(HERE / RECORD).lines
    comments = re.findall(r"/\*\*((?:(?!\*/).)*)\*/\s*SLIPWAY_API\s+[^;{]*?\b(slipway_\w+)\(", HEADER.read_text("utf-8"), flags=re.DOTALL)
    said = {name: re.findall(r"Since\s+(?:\*\s+)?(\d+\.\d+\.\d+)\.", text)[-1:] for text, name in comments}
    assert {name: [line.since] for name, line in lines.items() if line.fact.kind == "function"} == said


# Older headers


def test_releases_keep_their_headers() -> None:
    released = Record(HERE / RECORD).released
    assert released == "none" or HERE / "history" / released in HISTORY


@pytest.mark.parametrize("folder", HISTORY, ids=lambda folder: folder.name)
def test_older_header_was_only_added_to(folder: pathlib.Path) -> None:
    broken = [one for one in rules.differences(Facts(Header(folder / "slipway.h")), Facts(Header(HEADER))) if one.rule]
    assert broken == []


@pytest.mark.parametrize("folder", HISTORY, ids=lambda folder: folder.name)
def test_older_program_uses_all_that_it_had(folder: pathlib.Path) -> None:
    """Otherwise what the next test shows would be less than it says."""
    old = Header(folder / "slipway.h")
    words = set(re.findall(r"\w+", re.sub(r"//[^\n]*|/\*.*?\*/", " ", (folder / "host.c").read_text("utf-8"), flags=re.DOTALL)))
    names = [*old.functions, *old.constants, *old.callbacks, *old.members, *(macro for _, macro in old.structs)]
    names += [member.name for members in old.members.values() for member in members if member.name not in ("reserved", "document")]
    assert sorted(set(names) - words) == []


def host_of_then(folder: pathlib.Path, release: Variant) -> pathlib.Path:
    """Compiled against the header of then: the assertions, compiled with the same flags, see to that."""
    then = OUTPUT / f"then-{folder.name}.c"
    OUTPUT.mkdir(parents=True, exist_ok=True)
    then.write_text(assertions(Facts(Header(folder / "slipway.h"))), "utf-8")
    flags = [*C17, f"-I{folder}", f"-I{HERE}"]
    inputs = [folder / "slipway.h", HERE / "check.h"]
    return compile_program("clang", [folder / "host.c", then], flags, inputs=inputs, variant=release)


@pytest.mark.parametrize("folder", HISTORY, ids=lambda folder: folder.name)
def test_older_program_runs_with_this_library(folder: pathlib.Path, release: Variant, files: pathlib.Path) -> None:
    run_executable("host", host_of_then(folder, release), release, files)


READS_MORE = """
#include <dlfcn.h>
#include <slipway.h>

slipway_status slipway_check_package(slipway_client *client, const slipway_check_package_request *request, slipway_complete_fn on_complete,
                                     void *user_data, slipway_operation *operation) {
    __typeof__(&slipway_check_package) next = (__typeof__(next))dlsym(RTLD_NEXT, "slipway_check_package");
    const volatile char *bytes = (const volatile char *)request;
    return bytes[request->struct_size] == 0 ? next(client, request, on_complete, user_data, operation) : SLIPWAY_INTERNAL;
}
"""


@pytest.mark.parametrize("folder", HISTORY, ids=lambda folder: folder.name)
def test_older_program_feels_a_byte_that_is_read_behind_its_struct(folder: pathlib.Path, release: Variant, files: pathlib.Path,
                                                                   tmp_path: pathlib.Path) -> None:  # fmt: skip
    """As a library would that reads the members it knows, not those that the host has."""
    source, preloaded = tmp_path / "reads_more.c", tmp_path / "libreads_more.so"
    source.write_text(READS_MORE, "utf-8")
    done = run(["clang", "-D_GNU_SOURCE", "-shared", "-fPIC", f"-I{HEADER.parent}", source, "-o", preloaded])
    assert done.returncode == 0, done.stderr
    beside_it = dataclasses.replace(release, environment=(("LD_PRELOAD", str(preloaded)),))
    with pytest.raises(AssertionError, match=f"ended with -{signal.SIGSEGV.value}:"):
        run_executable("host", host_of_then(folder, release), beside_it, files)


@pytest.mark.parametrize("compiler", sorted(COMPILERS))
@pytest.mark.parametrize("folder", HISTORY, ids=lambda folder: folder.name)
def test_older_program_compiles_with_this_header(folder: pathlib.Path, compiler: str) -> None:
    """As it is, without a warning."""
    flags = ["-std=c17", *STRICT, f"-I{HERE}"]
    check_source(COMPILERS[compiler][0], folder / "host.c", flags, inputs=[HERE / "check.h"])


# What would be told


class Drift:
    """A change in a header whose version is released, and the difference that has to be told with the rule; "" when it may be recorded.
    `before`: what that version had already."""

    def __init__(self, old: str, new: str, told: str, rule: str, before: "tuple[str, str]" = ("", "")) -> None:
        self.old, self.new, self.told, self.rule, self.before = old, new, told, rule, before


ENDS_UPLOAD, ENDS_TERM = "} slipway_upload_request;", "} slipway_entermedia_term;"
CANCEL = "SLIPWAY_API slipway_status slipway_cancel(slipway_client *client, slipway_operation operation);"
RESULT_TYPE = "SLIPWAY_API int32_t slipway_result_type(const slipway_result *result, const char *pointer);"
TERM_FIELD, UPLOAD_INIT = "    const char *field;", "{ sizeof(slipway_upload_request), 0, NULL, NULL, NULL, 0, 0, 0 }"

DRIFTS = [
    # Something is gone.
    Drift(CANCEL, "", "slipway_cancel: function is gone", rules.KEPT),
    Drift("SLIPWAY_TLS = -21,", "", "SLIPWAY_TLS: constant is gone", rules.KEPT),
    Drift("SLIPWAY_TLS = -21", "SLIPWAY_CERTIFICATE = -21", "SLIPWAY_TLS: constant is gone", rules.KEPT),
    Drift("    uint64_t expected_size;", "", "slipway_upload_request.expected_size: member is gone", rules.KEPT),
    Drift("uint64_t expected_size;", "uint64_t size;", "slipway_upload_request.expected_size: member is gone", rules.KEPT),
    Drift("uint64_t expected_size;", "uint64_t size;", "slipway_upload_request.size: member is new, at 40 of a struct that had 48 bytes",
          rules.PLACES),
    Drift("#define SLIPWAY_UPLOAD_REQUEST_INIT", "#define SLIPWAY_UPLOAD_START", "SLIPWAY_UPLOAD_REQUEST_INIT: macro is gone", rules.KEPT),
    Drift("SLIPWAY_API slipway_status slipway_store_request_init(slipway_store_request *request, uint32_t struct_size);", "",
          "slipway_store_request: was passed in, is told", rules.KEPT),
    # A number is another one.
    Drift("SLIPWAY_TLS = -21", "SLIPWAY_TLS = -24", "SLIPWAY_TLS: was -21, is -24", rules.NUMBERS),
    Drift("SLIPWAY_STAGE_MANY = 7", "SLIPWAY_STAGE_MANY = 8", "SLIPWAY_STAGE_MANY: was 7, is 8", rules.NUMBERS),
    Drift("SLIPWAY_FOREVER UINT32_MAX", "SLIPWAY_FOREVER 0", "SLIPWAY_FOREVER: was UINT32_MAX, is 0", rules.NUMBERS),
    # A new one takes the place of an older one, or means success.
    Drift("SLIPWAY_STAGE_MANY = 7", "SLIPWAY_STAGE_MANY = 7, SLIPWAY_STAGE_MORE = 7",
          "SLIPWAY_STAGE_MORE: constant is new, and 7, as SLIPWAY_STAGE_MANY is", rules.DISTINCT),
    Drift("SLIPWAY_INTERNAL = -41", "SLIPWAY_INTERNAL = -41, SLIPWAY_PARTLY = 1", "SLIPWAY_PARTLY: constant is new, and 1", rules.NEGATIVE),
    # A type is another one.
    Drift("typedef int32_t slipway_status;", "typedef int64_t slipway_status;", "slipway_status: was int32_t, is int64_t", rules.TYPES),
    Drift("typedef uint64_t slipway_operation;", "typedef uint32_t slipway_operation;", "slipway_operation: was uint64_t, is uint32_t",
          rules.TYPES),
    # A member has another place, size or type.
    Drift("uint64_t expected_size;", "uint32_t expected_size;", "slipway_upload_request.expected_size: had 8 bytes, has 4", rules.PLACES),
    Drift("uint64_t expected_size;", "int64_t expected_size;", "slipway_upload_request.expected_size: was uint64_t, is int64_t",
          rules.PLACES),
    Drift("int32_t until; ", "uint32_t until; ", "slipway_wait_for_build_request.until: was int32_t, is uint32_t", rules.PLACES),
    Drift("    const char *file_url;", "    char *file_url;", "slipway_upload_request.file_url: was const char *, is char *", rules.PLACES),
    Drift("    const char *file_url;", "    const char *more;\n    const char *file_url;",
          "slipway_upload_request.file_url: was at 24, is at 32", rules.PLACES),
    Drift("    const char *file_url;", "    const char *more;\n    const char *file_url;",
          "slipway_upload_request.more: member is new, at 24 of a struct that had 48 bytes", rules.PLACES),
    Drift("    int32_t manual_release;", "    int64_t manual_release;", "slipway_upload_request.skip_url_check: was at 36, is at 40",
          rules.PLACES),
    Drift("uint32_t attempts;", "uint64_t attempts;", "slipway_result.attempts: had 4 bytes, has 8", rules.PLACES),
    # What may not grow, grows; or something comes into it where older hosts have garbage.
    Drift(ENDS_TERM, f"    const char *more;\n{ENDS_TERM}", "slipway_entermedia_term: was 24 bytes, of one size for ever, is 32",
          rules.FIXED),
    Drift("int32_t some;", "int32_t some;\n    int32_t more;",
          "slipway_progress.more: member is new, at 132 of a struct that had 136 bytes", rules.BEHIND,
          ("} slipway_progress;", "    int32_t some;\n} slipway_progress;")),
    # An INIT macro does not set all, or sets something.
    Drift(ENDS_UPLOAD, f"    const char *more;\n{ENDS_UPLOAD}", "SLIPWAY_UPLOAD_REQUEST_INIT: has 8 values for 9 members",
          rules.INITIALIZERS),
    Drift(UPLOAD_INIT, UPLOAD_INIT.replace("0 }", "1 }"), "SLIPWAY_UPLOAD_REQUEST_INIT: is not the struct's size and zeros behind it",
          rules.INITIALIZERS),
    Drift(UPLOAD_INIT, UPLOAD_INIT.replace("_upload_", "_store_"),
          "SLIPWAY_UPLOAD_REQUEST_INIT: is not the struct's size and zeros behind it", rules.INITIALIZERS),
    # A function or a callback is called in another way.
    Drift(CANCEL, CANCEL.replace("slipway_operation operation", "uint32_t operation"),
          "slipway_cancel: had (slipway_client *client, slipway_operation operation), has (slipway_client *client, uint32_t operation)",
          rules.SIGNATURES),
    Drift(CANCEL, CANCEL.replace("operation)", "operation, uint32_t how)"), "slipway_cancel: had (slipway_client *client",
          rules.SIGNATURES),
    Drift(CANCEL, CANCEL.replace("API slipway_status", "API void"), "slipway_cancel: gave slipway_status, gives void", rules.SIGNATURES),
    Drift("slipway_entermedia_login(slipway_client *client, const", "slipway_entermedia_login(slipway_client *client,",
          "slipway_entermedia_login: had (slipway_client *client, const slipway", rules.SIGNATURES),
    Drift(RESULT_TYPE, "SLIPWAY_API int32_t slipway_result_type(const char *pointer, const slipway_result *result);",
          "slipway_result_type: had (const slipway_result *result, const char *pointer), has (const char *pointer", rules.SIGNATURES),
    Drift("(const char *from, const char *to)", "(const char *to, const char *from)",
          "slipway_swap: had from, to in this order, has to, from", rules.SIGNATURES,
          (CANCEL, f"{CANCEL}\nSLIPWAY_API void slipway_swap(const char *from, const char *to);")),
    Drift("(*slipway_item_fn)(size_t index,", "(*slipway_item_fn)(uint32_t index,", "slipway_item_fn: had (size_t index", rules.CALLBACKS),
    Drift("(*slipway_closed_fn)(void *user_data)", "(*slipway_closed_fn)(int32_t why, void *user_data)",
          "slipway_closed_fn: had (void *user_data)", rules.CALLBACKS),
    # What may be: it has to be recorded.
    Drift(CANCEL, f"{CANCEL}\n{CANCEL.replace('cancel', 'abandon')}", "slipway_abandon: function is new", ""),
    Drift("SLIPWAY_INTERNAL = -41", "SLIPWAY_INTERNAL = -41, SLIPWAY_BUSY = -42", "SLIPWAY_BUSY: constant is new", ""),
    Drift("SLIPWAY_TLS = -21", "SLIPWAY_BUSY = -42, SLIPWAY_TLS = -21", "SLIPWAY_BUSY: constant is new", ""),
    Drift("} slipway_progress;", "    uint64_t more;\n} slipway_progress;", "slipway_progress.more: member is new", ""),
    Drift("} slipway_progress;", "    uint64_t more;\n} slipway_progress;", "slipway_progress: had 128 bytes, has 136", ""),
    Drift("int32_t reserved;                /**< Zero. */", "int32_t strict;",
          "slipway_receive_webhook_request.strict: member is new, in the place of", ""),
    Drift("size_t message_size);", "size_t size);", "slipway_client_create: had options, client, message, message_size, has", ""),
]  # fmt: skip


def replaced(text: str, old: str, new: str) -> str:
    assert old in text, f"slipway.h has no {old!r} any more: change this test"
    return text.replace(old, new, 1)


def raise_version(header: pathlib.Path) -> None:
    text = header.read_text("utf-8")
    patch = re.search(r"(?<=#define SLIPWAY_VERSION_PATCH )\d+", text)
    assert patch, "slipway.h has no SLIPWAY_VERSION_PATCH any more: change this test"
    header.write_text(f"{text[: patch.start()]}{int(patch[0]) + 1}{text[patch.end() :]}", "utf-8")


def told_of(drift: Drift, folder: pathlib.Path) -> None:
    folder.mkdir()
    header, record = folder / "slipway.h", folder / RECORD
    header.write_text(replaced(HEADER.read_text("utf-8"), *drift.before), "utf-8")
    facts = Facts(Header(header))
    Record(record).write(facts, facts.version)
    raise_version(header)
    header.write_text(replaced(header.read_text("utf-8"), drift.old, drift.new), "utf-8")
    found = Comparison(Record(record), Facts(Header(header)))
    if drift.rule:
        prefix, suffix, lines = "BROKEN    ", f". The rule: {drift.rule}. What to do: ", found.broken
    else:
        prefix, suffix, lines = "RECORD IT ", ", as it may be: ", found.unrecorded
        assert found.broken == []
    assert [line for line in lines if line.startswith(prefix + drift.told) and suffix in line], found.broken + found.unrecorded


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Dict[Drift, concurrent.futures.Future[None]]]":
    folder = tmp_path_factory.mktemp("drifts")
    yield {drift: compilers.submit(told_of, drift, folder / str(number)) for number, drift in enumerate(DRIFTS)}


@pytest.mark.parametrize("drift", DRIFTS, ids=[drift.told for drift in DRIFTS])
def test_drift_is_told(drift: Drift, told: "Dict[Drift, concurrent.futures.Future[None]]") -> None:
    told[drift].result()


# What the script does


def released(folder: pathlib.Path) -> pathlib.Path:
    """A folder with a record of slipway.h, whose version is released, and with the header as that of the next version."""
    folder.mkdir()
    header = pathlib.Path(shutil.copy(HEADER, folder))
    for action in ("--write", "--release"):
        done = abi_record("--header", header, "--folder", folder, action)
        assert done.returncode == 0, done.stdout + done.stderr
    raise_version(header)
    return header


def changed(header: pathlib.Path, old: str, new: str) -> "subprocess.CompletedProcess[str]":
    header.write_text(replaced(header.read_text("utf-8"), old, new), "utf-8")
    return abi_record("--header", header, "--folder", header.parent)


def test_all_may_change_until_a_release_has_had_it(tmp_path: pathlib.Path) -> None:
    header = pathlib.Path(shutil.copy(HEADER, tmp_path))
    at = ["--header", header, "--folder", tmp_path]
    assert abi_record(*at, "--write").returncode == 0
    done = changed(header, "SLIPWAY_TLS = -21", "SLIPWAY_TLS = -24")
    told = f"CHANGED   SLIPWAY_TLS: was -21, is -24. No release has had it; once one has, the rule is: {rules.NUMBERS}. If it is meant: "
    assert done.returncode == 1 and done.stdout.startswith(told), done.stdout
    assert abi_record(*at, "--release").returncode == 1, "what is not recorded was released"
    assert abi_record(*at, "--write").returncode == 0
    assert abi_record(*at).returncode == 0


def test_what_came_after_a_release_may_change_until_the_next_one(tmp_path: pathlib.Path) -> None:
    header = released(tmp_path / "record")
    at = ["--header", header, "--folder", header.parent]
    first, second = Record(header.with_name(RECORD)).released, Facts(Header(header)).version
    assert (header.parent / "history" / first / "slipway.h").read_bytes() == HEADER.read_bytes()
    again = abi_record("--header", HEADER, "--folder", header.parent, "--release")
    assert again.returncode == 1 and f"{first} is released already" in again.stdout

    # Something is added; it gets another name and type, and a neighbour before it, then it is gone again.
    for old, new in (
        ("} slipway_progress;", f"uint64_t more;\n}} slipway_progress;\n{CANCEL.replace('cancel', 'abandon')}"),
        ("uint64_t more;", "uint64_t before;\nint64_t much;"), ("int64_t much;\n", ""),
    ):  # fmt: skip
        done = changed(header, old, new)
        assert done.returncode == 1 and "BROKEN" not in done.stdout, done.stdout
        assert abi_record(*at, "--write").returncode == 0
    since = {name: line.since for name, line in Record(header.with_name(RECORD)).lines.items()}
    assert [name for name, version in since.items() if version != first] == ["slipway_progress.before", "slipway_abandon"]
    assert {since["slipway_progress.before"], since["slipway_abandon"]} == {second}

    # And from its release on it may not.
    assert abi_record(*at, "--release").returncode == 0
    raise_version(header)
    done = changed(header, "uint64_t before;\n", "")
    assert done.returncode == 1 and "BROKEN    slipway_progress.before: member is gone" in done.stdout, done.stdout


def test_nothing_is_written_over_a_broken_rule(tmp_path: pathlib.Path) -> None:
    header = released(tmp_path / "record")
    before = header.with_name(RECORD).read_bytes()
    done = changed(header, "SLIPWAY_TLS = -21", "SLIPWAY_TLS = -24, SLIPWAY_BUSY = -42")
    remedy = "put the number back; another meaning is another constant"
    line = f"BROKEN    SLIPWAY_TLS: was -21, is -24. The rule: {rules.NUMBERS}. What to do: {remedy}"
    assert done.returncode == 1 and line in done.stdout.splitlines(), done.stdout
    for action in ("--write", "--release"):
        done = abi_record("--header", header, "--folder", header.parent, action)
        assert done.returncode == 1 and line in done.stdout.splitlines(), done.stdout
        assert header.with_name(RECORD).read_bytes() == before


def test_a_released_version_gets_nothing_new(tmp_path: pathlib.Path) -> None:
    header = released(tmp_path / "record")
    header.write_bytes(HEADER.read_bytes())
    done = changed(header, CANCEL, f"{CANCEL}\n{CANCEL.replace('cancel', 'abandon')}")
    version = Facts(Header(HEADER)).version
    line = f"BROKEN    slipway_abandon: function is new. {version} is released without it. What to do: raise SLIPWAY_VERSION_..."
    assert line in done.stdout.splitlines(), done.stdout


@pytest.mark.parametrize("change", [
    ("SLIPWAY_TLS = -21", "SLIPWAY_TLS = (1 << 3)"), ("SLIPWAY_TLS = -21", "SLIPWAY_TLS"), (CANCEL, CANCEL.replace("SLIPWAY_API ", "")),
    (CANCEL, "extern SLIPWAY_API int slipway_errors;"), ("typedef int32_t slipway_status;", "typedef enum slipway_status slipway_status;"),
    ("typedef struct slipway_client slipway_client;", "typedef union slipway_client slipway_client;"),
])  # fmt: skip
def test_what_cannot_be_read_is_told(change: "tuple[str, str]", tmp_path: pathlib.Path) -> None:
    """It would be in no record."""
    header = tmp_path / "slipway.h"
    header.write_text(replaced(HEADER.read_text("utf-8"), *change), "utf-8")
    with pytest.raises(Unread):
        Facts(Header(header))


@pytest.mark.parametrize("change", [
    ("SLIPWAY_TLS = -21", "SLIPWAY_TLS = -24"), ("SLIPWAY_FOREVER UINT32_MAX", "SLIPWAY_FOREVER 0"),
    (CANCEL, ""), (CANCEL, CANCEL.replace("slipway_operation o", "uint32_t o")), ("uint64_t expected_size;", "int64_t expected_size;"),
    (ENDS_TERM, f"    const char *more;\n{ENDS_TERM}"), ("(*slipway_item_fn)(size_t index,", "(*slipway_item_fn)(uint32_t index,"),
    ("typedef int32_t slipway_status;", "typedef uint32_t slipway_status;"),
])  # fmt: skip
def test_assertions_tell_other_headers_apart(change: "tuple[str, str]", tmp_path: pathlib.Path) -> None:
    """What test_compilers_see_what_the_record_has counts on."""
    source = tmp_path / "recorded.c"
    source.write_text(assertions(Facts(Header(HEADER))), "utf-8")
    (tmp_path / "slipway.h").write_text(replaced(HEADER.read_text("utf-8"), *change), "utf-8")
    assert run(["clang", "-std=c17", f"-I{tmp_path}", "-fsyntax-only", source]).returncode != 0
