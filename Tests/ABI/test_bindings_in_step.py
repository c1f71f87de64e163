"""bindings_in_step.py finds nothing out of step, and would find each kind of it: shown with copies of all that it reads, in which one thing
is changed."""

from __future__ import annotations

import concurrent.futures
import pathlib
import shutil
import subprocess
import sys
from typing import Callable, Dict, Iterator, List

import pytest

import header
from toolchain import HERE, HEADER, ROOT, compilers, run

SCRIPT = HERE / "bindings_in_step.py"
MAP = ROOT / "Sources" / "SlipwayABI" / "exports.map"


def in_step(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return run([sys.executable, SCRIPT, *arguments], timeout=60)


def test_everything_is_in_step(library: pathlib.Path) -> None:
    done = in_step("--quiet", "--library", library)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("names, all in step\n")


def test_table_has_a_row_for_each_name(library: pathlib.Path) -> None:
    lines = in_step("--library", library).stdout.splitlines()
    names = [line.split()[0] for line in lines if line]
    members = [name for name in names if name.startswith(".")]
    assert [name for name in names if name.startswith("slipway_") and name in header.FUNCTIONS] == header.FUNCTIONS
    assert members == [f".{member.name}" for struct in header.MEMBERS.values() for member in struct]
    assert [name for name in names if name in header.CONSTANTS] == list(header.CONSTANTS)


class Drift:
    """A change in one place, and the lines that have to tell it."""

    def __init__(self, file: str, old: str, new: str, *told: str) -> None:
        self.file, self.old, self.new, self.told = file, old, new, told


H, MAPS, ABI, STREAMPIXEL = "slipway.h", "exports.map", "python/slipway/abi.py", "python/slipway/operations/streampixel.py"
CLIENT, PROGRESS, LISTS = "cpp/slipway/client.hpp", "cpp/slipway/progress.hpp", "operations.h"

BEFORE_RESULTS = "/** How an operation ended. Valid"
NEW_FUNCTION = """\
SLIPWAY_API slipway_status slipway_new(slipway_client *client, const slipway_project_request *request, slipway_complete_fn on_complete,
                                       void *user_data, slipway_operation *operation);

"""

DRIFTS = [
    # The header is ahead.
    Drift(H, BEFORE_RESULTS, NEW_FUNCTION + BEFORE_RESULTS, "exports: slipway_new is not exported", "Python: slipway_new is not declared",
          "C++: slipway_new is not called", "programs: slipway_new is not in FOR_EACH_OPERATION"),
    Drift(H, "} slipway_release_request;", "const char *more; } slipway_release_request;",
          "Python: slipway_release_request.more is not declared", "C++: slipway_release_request.more is not set",
          "programs: slipway_release_request.more is not in FOR_EACH_TEXT, for slipway_release"),
    Drift(H, "} slipway_progress;", "uint64_t more; } slipway_progress;", "C++: slipway_progress.more is not read",
          "C++: slipway_progress has 128 bytes, and 136 in C", "Python: slipway_progress has 128 bytes, and 136 in C"),
    Drift(H, "SLIPWAY_STAGE_MANY = 7", "SLIPWAY_STAGE_MANY = 7, SLIPWAY_STAGE_MORE = 8", "Python: SLIPWAY_STAGE_MORE is not known",
          "C++: SLIPWAY_STAGE_MORE is the value of no enumerator"),
    Drift(H, "} slipway_storage;", "const char *more; } slipway_storage;", "Python: slipway_storage.more is not declared",
          "C++: slipway_storage.more is not set", "C++: slipway_storage has 200 bytes, and 208 in C",
          "programs: slipway_storage.more is not in FOR_EACH_NESTED_TEXT"),
    Drift(H, "} slipway_check_package_request;", "const slipway_storage *more; } slipway_check_package_request;",
          "Python: slipway_check_package_request.more is not declared", "C++: slipway_check_package_request.more is not set",
          "programs: slipway_check_package_request.more is not in FOR_EACH_NESTED, for slipway_check_package"),
    Drift(H, "SLIPWAY_LINK_NONE = 3", "SLIPWAY_LINK_NONE = 3, SLIPWAY_LINK_MORE = 4", "Python: SLIPWAY_LINK_MORE is not known",
          "C++: SLIPWAY_LINK_MORE is the value of no enumerator"),
    # A constant has another value, a member another place or type.
    Drift(H, "SLIPWAY_TLS = -21", "SLIPWAY_TLS = -24", "Python: SLIPWAY_TLS is -21, and -24 in C"),
    Drift(H, "SLIPWAY_RELEASE_HOSTING = 2", "SLIPWAY_RELEASE_HOSTING = 12", "Python: SLIPWAY_RELEASE_HOSTING is 2, and 12 in C"),
    Drift(H, "SLIPWAY_UNTIL_LIVE = 1", "SLIPWAY_UNTIL_LIVE = 2", "Python: SLIPWAY_UNTIL_LIVE is 1, and 2 in C"),
    Drift(H, "SLIPWAY_LOG_INFO = 3", "SLIPWAY_LOG_INFO = 30", "Python: SLIPWAY_LOG_INFO is 3, and 30 in C"),
    Drift(H, "int32_t until; ", "uint32_t until; ", "Python: slipway_wait_for_build_request.until is uint32_t in C, not c_int"),
    Drift(H, "int32_t until; ", "int64_t until; ", "Python: slipway_wait_for_build_request.until has 4 bytes at 32, and 8 at 32 in C"),
    Drift(H, "typedef void (*slipway_item_fn)(size_t index,", "typedef void (*slipway_item_fn)(uint32_t index,",
          "Python: slipway_entermedia_distribution_create_many_request.on_item is slipway_item_fn in C, not CFunctionType"),
    # The library exports other functions.
    Drift(MAPS, "slipway_*", "slipway_r*", "exports.map: slipway_upload is not let out"),
    Drift(MAPS, "slipway_*;", "slipway_*; curl_*;", "exports.map: the pattern curl_* is not in slipway.h"),
    Drift(MAPS, "    *;\n", "", "exports.map: what `local: *` would keep in is not in slipway.h"),
    # Python is behind, or wrong.
    Drift(ABI, '    "slipway_distribute": _START,\n', "", "Python: slipway_distribute is not declared"),
    Drift(ABI, '    "slipway_distribute": _START,\n', '    "slipway_old": _START,\n', "Python: slipway_old is not in slipway.h"),
    Drift(ABI, "(c_void_p, POINTER(c_void_p), c_char_p, c_size_t)", "(c_void_p, POINTER(c_void_p), c_char_p, c_uint32)",
          "Python: slipway_client_create has size_t message_size, not c_uint"),
    Drift(ABI, "(c_void_p, c_uint64), blocks", "(c_void_p,), blocks", "Python: slipway_cancel takes 2 arguments, not 1"),
    Drift(ABI, '("project_id", c_char_p), ("upload_id", c_char_p)]', '("upload_id", c_char_p), ("project_id", c_char_p)]',
          "Python: slipway_distribute_request.project_id has upload_id in its place"),
    Drift(ABI, '("allow_insecure", c_int32),', '("allow_insecure", c_int32), ("more", c_uint64),',
          "Python: slipway_client_options.more is not in slipway.h"),
    Drift(ABI, '("allow_insecure", c_int32),', "", "Python: slipway_client_options.allow_insecure is not declared"),
    Drift("python/slipway/status.py", "RATE_LIMITED = -14", "RATE_LIMITED = -140", "Python: SLIPWAY_RATE_LIMITED is -140, and -14 in C"),
    Drift("python/slipway/status.py", "TLS = -21", "TLS = -21\n    TOO_SOON = -24", "Python: SLIPWAY_TOO_SOON is not in slipway.h"),
    Drift("python/slipway/progress.py", '"host", "register"', '"register", "host"', "Python: SLIPWAY_RELEASE_HOSTING is 3, and 2 in C"),
    Drift("python/slipway/progress.py", "    items_failed: int = 0\n", "",
          "Python: slipway_progress.items_failed is no Progress.items_failed"),
    Drift("python/slipway/arguments.py", "FOREVER = 0xFFFFFFFF", "FOREVER = 0xFFFFFFF",
          "Python: SLIPWAY_FOREVER is 268435455, and 4294967295 in C"),
    Drift(STREAMPIXEL, "def distribute(", "def distribute_it(", "Python: slipway_distribute has no Client.distribute"),
    Drift(STREAMPIXEL, '_start("get_project",', '_start("get_project_stats",',
          "Python: slipway_get_project is not what Client.project starts"),
    Drift(STREAMPIXEL, "settle: Opt", "settled: Opt",
          "Python: slipway_wait_for_build_request.settle_ms cannot be set: Client.wait_for_build takes no settle"),
    Drift("python/slipway/entermedia.py", "    password: Opt", "    passphrase: Opt",
          "Python: slipway_client_options.entermedia_password cannot be set: password is no setting"),
    Drift("python/slipway/storage/s3.py", "    region: Opt", "    area: Opt",
          "Python: slipway_storage.region cannot be set: no storage has a setting region"),
    Drift("python/slipway/storage/directory.py", 'key_prefix=optional_text("storage.key_prefix", self.key_prefix),', "",
          "Python: slipway_storage.key_prefix is not set by Directory"),
    Drift("python/slipway/storage/put_url.py", "    headers: Opt", "    fields: Opt",
          "Python: slipway_storage.put_headers cannot be set: no storage has a setting headers"),
    Drift("python/slipway/storage/link.py", "PRESIGNED = 2", "PRESIGNED = 4", "Python: SLIPWAY_LINK_PRESIGNED is 4, and 2 in C"),
    Drift("python/slipway/storage/checksum.py", "SHA256 = 2", "SHA256 = 2\n    CRC64 = 3",
          "Python: SLIPWAY_CHECKSUM_CRC64 is not in slipway.h"),
    Drift(ABI, '("storage", POINTER(Storage)), ("key", c_char_p)]', '("storage", POINTER(Term)), ("key", c_char_p)]',
          "Python: slipway_storage_object_request.storage is const slipway_storage * in C, not LP_Term"),
    Drift("python/slipway/operations/storage.py", "min_age: Opt", "age: Opt",
          "Python: slipway_storage_abort_request.min_age_minutes cannot be set: Client.storage_abort_unfinished takes no min_age"),
    # So is C++.
    Drift(CLIENT, "slipway_upload", "slipway_distribute", "C++: slipway_upload is not called"),
    Drift(CLIENT, "upload(UploadRequest request, On", "upload_it(UploadRequest request, On",
          "C++: slipway_upload is not what Client::upload starts, with a callback and without"),
    Drift(CLIENT, "return start(slipway_get_project,", "return start(slipway_get_project_stats,",
          "C++: slipway_get_project is not what Client::project starts, with a callback and without"),
    Drift(CLIENT, "slipway_cancel(handle_", "slipway_stop(handle_", "C++: slipway_stop is not in slipway.h"),
    Drift("cpp/slipway/client_options.hpp", "c.entermedia_user = ", "c.entermedia_key = ",
          "C++: slipway_client_options.entermedia_user is not set"),
    Drift("cpp/slipway/entermedia.hpp", "c.on_item = ", "// ",
          "C++: slipway_entermedia_distribution_create_many_request.on_item is not set"),
    Drift("cpp/slipway/entermedia.hpp", "arguments(term.value)", "nullptr", "C++: slipway_entermedia_term.value is not set"),
    Drift("cpp/slipway/storage.hpp", "c.acl = ", "c.profile = ", "C++: slipway_storage.acl is not set"),
    Drift("cpp/slipway/storage.hpp", "c.storage = ", "c.key = ", "C++: slipway_store_request.storage is not set",
          "C++: slipway_storage_object_request.storage is not set", "C++: slipway_storage_abort_request.storage is not set"),
    Drift("cpp/slipway/storage.hpp", "crc32 = SLIPWAY_CHECKSUM_CRC32,\n    sha256 = SLIPWAY_CHECKSUM_SHA256",
          "crc32 = SLIPWAY_CHECKSUM_SHA256,\n    sha256 = SLIPWAY_CHECKSUM_CRC32", "C++: SLIPWAY_CHECKSUM_CRC32 is Checksum::sha256, not crc32"),
    Drift(CLIENT, "start(slipway_storage_list_unfinished,", "start(slipway_storage_delete,",
          "C++: slipway_storage_list_unfinished is not what Client::storage_list_unfinished starts, with a callback and without"),
    Drift(PROGRESS, "from.items_failed", "from.items_done", "C++: slipway_progress.items_failed is not read"),
    Drift(PROGRESS, "many = SLIPWAY_STAGE_MANY", "many = 7", "C++: SLIPWAY_STAGE_MANY is the value of no enumerator"),
    Drift("cpp/slipway/status.hpp", "network = SLIPWAY_NETWORK,\n    tls = SLIPWAY_TLS",
          "network = SLIPWAY_TLS,\n    tls = SLIPWAY_NETWORK",
          "C++: SLIPWAY_TLS is Status::network, not tls"),
    # And the lists of the programs.
    Drift(LISTS, "X(check_package, check_package_request, CHECK_PACKAGE_REQUEST, OK)", "",
          "programs: slipway_check_package is not in FOR_EACH_OPERATION"),
    Drift(LISTS, "X(get_project, project_request, PROJECT_REQUEST, OK)", "X(get_project, upload_request, PROJECT_REQUEST, OK)",
          "programs: slipway_get_project has slipway_upload_request"),
    Drift(LISTS, "X(entermedia_asset_delete, entermedia_asset_request, asset_id, ID, true)", "",
          "programs: slipway_entermedia_asset_request.asset_id is not in FOR_EACH_TEXT, for slipway_entermedia_asset_delete"),
    Drift(LISTS, "X(storage_delete, storage_object_request, storage, storage, true)", "",
          "programs: slipway_storage_object_request.storage is not in FOR_EACH_NESTED, for slipway_storage_delete"),
    Drift(LISTS, "X(storage, acl)", "", "programs: slipway_storage.acl is not in FOR_EACH_NESTED_TEXT"),
    Drift(LISTS, "X(storage, acl)", "X(storage, acl) X(storage, acl_of_old)", "programs: slipway_storage: acl_of_old is not in slipway.h"),
]  # fmt: skip


def copies(folder: pathlib.Path) -> List[object]:
    """Everything that the script reads, and the options that lead it there. The library comes as the table of its symbols."""
    shutil.copy(HEADER, folder / H)
    shutil.copy(MAP, folder / MAPS)
    shutil.copy(HERE / LISTS, folder / LISTS)
    for binding in ("python", "cpp"):
        shutil.copytree(ROOT / "bindings" / binding, folder / binding, ignore=shutil.ignore_patterns("__pycache__", "examples", "*.md"))
    return ["--quiet", "--header", folder / H, "--exports-map", folder / MAPS, "--operations", folder / LISTS,
            "--python", folder / "python", "--cpp", folder / "cpp"]  # fmt: skip


def told_of(drift: Drift, folder: pathlib.Path, library: pathlib.Path) -> None:
    folder.mkdir()
    options = copies(folder)
    path = folder / drift.file
    text = path.read_text("utf-8")
    assert drift.old in text, f"{drift.file} has no {drift.old!r} any more: change this test"
    path.write_text(text.replace(drift.old, drift.new), "utf-8")
    done = in_step(*options, "--library", library)
    assert done.returncode == 1, done.stdout + done.stderr
    missing = set(drift.told) - set(done.stdout.splitlines())
    assert not missing, f"{missing} is not in\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, library: pathlib.Path) -> "Iterator[Dict[Drift, concurrent.futures.Future[None]]]":
    folder = tmp_path_factory.mktemp("drifts")
    yield {drift: compilers.submit(told_of, drift, folder / str(number), library) for number, drift in enumerate(DRIFTS)}


@pytest.mark.parametrize("drift", DRIFTS, ids=[drift.told[0] for drift in DRIFTS])
def test_drift_is_told(drift: Drift, told: "Dict[Drift, concurrent.futures.Future[None]]") -> None:
    told[drift].result()


def test_copies_are_as_good_as_the_originals(tmp_path: pathlib.Path, library: pathlib.Path) -> None:
    """What the tests above change is what makes the difference."""
    done = in_step(*copies(tmp_path), "--library", library)
    assert done.returncode == 0, done.stdout + done.stderr


STUB = "void {name}(void);\nvoid {name}(void) {{}}\n"


@pytest.mark.parametrize("change, line", [
    (lambda names: names[1:], "exports: {first} is not exported"),
    (lambda names: [*names, "slipway_old"], "exports: slipway_old is not in slipway.h"),
    (lambda names: [*names, "curl_easy_init"], "exports: curl_easy_init is not in slipway.h"),
], ids=["one less", "one more", "somebody else's"])  # fmt: skip
def test_other_exports_are_told(change: Callable[[List[str]], List[str]], line: str, tmp_path: pathlib.Path) -> None:
    source, library = tmp_path / "stub.c", tmp_path / "libstub.so"
    source.write_text("".join(STUB.format(name=name) for name in change(header.FUNCTIONS)))
    done = run(["clang", "-shared", "-fPIC", "-nostdlib", source, "-o", library])
    assert done.returncode == 0, done.stderr
    done = in_step("--quiet", "--library", library)
    assert done.returncode == 1
    assert line.format(first=header.FUNCTIONS[0]) in done.stdout.splitlines(), done.stdout
