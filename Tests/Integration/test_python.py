"""What is the Python binding's own: the header's layout, types, arguments, the log, and finding the library."""

from __future__ import annotations

import ctypes
import logging
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
from typing import Any, Callable, Dict, List, Set, Tuple

import pytest

import slipway
from conftest import ROOT, Customer
from recorder import Recorder
from slipway import abi, delivery
from slipway.progress import RELEASE_STAGES

PACKAGE = ROOT / "bindings" / "python"
HEADER = ROOT / "include" / "slipway.h"


# The header


def test_layout_is_the_headers(tmp_path: pathlib.Path) -> None:
    compiler = shutil.which("cc") or shutil.which("clang")
    assert compiler, "a C compiler is needed to compare with the header"
    lines = ['#include "slipway.h"', "#include <stdio.h>", "int main(void) {"]
    expected = []
    for name, kind in abi.STRUCTS.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        expected.append(f"{name} {ctypes.sizeof(kind)}")
        for field, *_ in kind._fields_:
            lines.append(f'printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));')
            descriptor = getattr(kind, field)
            expected.append(f"{name}.{field} {descriptor.offset} {descriptor.size}")
    source = tmp_path / "layout.c"
    source.write_text("\n".join([*lines, "}"]))
    subprocess.run([compiler, "-I", str(HEADER.parent), str(source), "-o", str(tmp_path / "layout")], check=True)
    printed = subprocess.run([str(tmp_path / "layout")], check=True, capture_output=True, text=True).stdout.split("\n")
    assert printed[:-1] == expected
    declared = re.findall(r"^(?:typedef )?struct (slipway_\w+) \{", HEADER.read_text("utf-8"), re.MULTILINE)
    assert set(declared) == set(abi.STRUCTS), "each struct has its mirror"
    assert all(kind._fields_[0][0] == "struct_size" for name, kind in abi.STRUCTS.items() if name != "slipway_entermedia_term")


def test_names_and_numbers_are_the_headers() -> None:
    header = HEADER.read_text("utf-8")
    constants = {name: int(value) for name, value in re.findall(r"^\s*SLIPWAY_(\w+) = (-?\d+)", header, re.MULTILINE)}
    for status in slipway.Status:
        assert constants.pop(status.name) == status
    for stage in slipway.Stage:
        assert constants.pop(f"STAGE_{stage.name}") == stage
    assert {value for value in constants.values() if value < 0} == set(), "a status without a class"
    assert constants["DELIVERY_POLLED"] == abi.DELIVERY_POLLED
    for name in ("ORIGINAL_UNCHANGED", "ORIGINAL_ALLOWED", "ORIGINAL_DENIED", "KEEP", "REMOVE_WHEN_DONE"):
        assert constants[name] == getattr(abi, name)
    stages = re.findall(r'^\s*SLIPWAY_RELEASE_\w+ = (\d+),?\s*/\*\*< "(\w+)":', header, re.MULTILINE)
    assert [(int(number), word) for number, word in stages] == list(enumerate(RELEASE_STAGES, 1))
    assert sum(name.startswith("RELEASE_") for name in constants) == len(RELEASE_STAGES)
    declared = set(re.findall(r"\b(slipway_\w+)\(", header))
    assert set(abi.FUNCTIONS) <= declared
    operations = set(re.findall(r"\b(slipway_\w+)\(\s*slipway_client \*client,\s*const slipway_\w+_request \*request,", header))
    assert {name for name, signature in abi.FUNCTIONS.items() if signature is abi._START} == operations
    renamed = {"list_projects": "projects", "get_project": "project", "get_project_stats": "project_stats"}
    for name in operations:
        method = name[len("slipway_") :]
        assert callable(getattr(slipway.Client, renamed.get(method, method))), "each operation has a method"


def test_struct_formats_are_the_structs() -> None:
    """What callbacks get is taken apart by format, at once; each field has to be where the struct has it."""
    for layout, kind in ((delivery._RESULT, abi.ResultStruct), (delivery._PROGRESS, abi.ProgressStruct)):
        letters = layout.format.lstrip("@")
        assert len(letters) == len(kind._fields_)
        offset = 0
        for letter, (field, *_) in zip(letters, kind._fields_):
            size = struct.calcsize(letter)
            offset = -(-offset // size) * size
            descriptor = getattr(kind, field)
            assert (descriptor.offset, descriptor.size) == (offset, size), field
            offset += size


def test_each_status_has_an_exception_of_its_own() -> None:
    kinds = {kind.status: kind for kind in slipway.SlipwayError.__subclasses__()}
    assert set(kinds) == set(slipway.Status) - {slipway.Status.OK}
    for status, kind in kinds.items():
        words = kind.__name__[: -len("Error")]
        assert words.lower() == slipway.Status(status).name.replace("_", "").lower()
        assert getattr(slipway, kind.__name__) is kind
    from slipway.errors import error_for

    later = error_for(-99, "Something new.")
    assert type(later) is slipway.SlipwayError and later.status == -99


def test_versions_agree() -> None:
    (version,) = re.findall(r'^#define SLIPWAY_VERSION_STRING "(.+)"', HEADER.read_text("utf-8"), re.MULTILINE)
    assert f'version = "{version}"' in (PACKAGE / "pyproject.toml").read_text("utf-8")
    assert slipway.__version__ == version == slipway.library_version()


def test_everything_public_is_typed() -> None:
    pytest.importorskip("mypy")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--cache-dir", os.devnull, "slipway", "examples"],
        cwd=PACKAGE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


USE = """
import slipway
client = slipway.Client()
a: slipway.Upload = client.upload(project_id="p", file_url="u")
b: slipway.Upload = client.upload(project_id="p", file_url="u", wait=True)
c: slipway.Operation[slipway.Upload] = client.upload(project_id="p", file_url="u", wait=False)
d: slipway.Project = client.project("p", wait=False).result(1.5)
async def f() -> slipway.ProjectStats:
    return await client.project_stats("p", wait=False)
g: slipway.ProjectSummary = client.projects()[0]
import pathlib
i: slipway.Release = client.release(project_id="p", file_path=pathlib.Path("a.zip"), auto_release=False)
j: slipway.Operation[slipway.Release] = client.release(project_id="p", resume_from="x", wait=False)
client.close(wait=False)
k: slipway.DistributionList = client.entermedia_distribution_search({"assetid": "1"})
k = client.entermedia_distribution_search([("assetid", "1"), ("id", "startswith", "a")])
l: slipway.DistributionsCreated = client.entermedia_distribution_create_many(
    (str(n) for n in range(3)), distribution_ids=["a", None, "b"], on_item=lambda index, item: print(index + 1, item))
def on_item(index: int, item: "slipway.Distribution | slipway.SlipwayError") -> None:
    print(item.hint if isinstance(item, slipway.SlipwayError) else item.links)
client.entermedia_distribution_create_many(["1"], on_item=on_item)
m: slipway.Package = client.check_package(pathlib.Path("a.zip"))
n: slipway.AssetUpload = client.entermedia_asset_upload(file_path="a.zip", on_progress=lambda p: print((p.time_left or 0.0) + 1))
o: slipway.Login = client.entermedia_login()
h: "slipway.BuildVerdict" = client.wait_for_build(project_id="p", upload_id="u", until="live", on_progress=lambda p: print(p.state))
"""
MISUSE = {
    'x: slipway.Upload = client.upload(project_id="p", file_url="u", wait=False)': "Operation",
    'client.upload("p", "u")': "positional",
    'client.wait_for_build(project_id="p", upload_id="u", until="sometime")': "until|overload",
    'client.receive_webhook("text")': "overload",
    "client.project(7)": "overload",
    'client.release("p")': "overload",
    "client.release()": "overload",
    'client.release(file_path="a.zip")': "overload",
    "x: slipway.Release = client.close(wait=False)": "None",
    'client.entermedia_distribution_edit(distribution_id="d", original="yes")': "overload",
    "client.entermedia_distribution_search([1])": "overload",
    'client.entermedia_distribution_create_many(["1"], on_item=lambda item: None)': "overload",
    'client.check_package(b"a.zip")': "overload",
}


def test_type_checkers_see_what_wait_means(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("mypy")
    lines = [*USE.strip().splitlines(), *MISUSE]
    (tmp_path / "use.py").write_text("\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-incremental", "--cache-dir", os.devnull, "use.py"],
        cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "MYPYPATH": str(PACKAGE)})
    wrong = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    first = len(lines) - len(MISUSE) + 1
    assert wrong == set(range(first, len(lines) + 1)), done.stdout


# Arguments


@pytest.mark.parametrize("bad", ["a\0b", "\0", "\ud800"])
def test_texts_that_c_would_cut_or_refuse(client: slipway.Client, bad: str) -> None:
    calls: Dict[str, Callable[[], object]] = {
        "project_id": lambda: client.project(bad),
        "file_url": lambda: client.upload(project_id="p", file_url=bad),
        "upload_id": lambda: client.distribute(project_id="p", upload_id=bad),
        "proxy": lambda: slipway.Client(proxy=bad),
        "streampixel.api_key": lambda: slipway.Client(streampixel=slipway.Streampixel(api_key=bad)),
        "entermedia.password": lambda: slipway.Client(entermedia=slipway.EnterMedia(password=bad)),
    }
    for name, call in calls.items():
        with pytest.raises(ValueError, match=f"^{re.escape(name)} "):
            call()


def test_types_are_checked_by_name(client: slipway.Client) -> None:
    for name, call in {
        "project_id": lambda: client.project(None),  # type: ignore[call-overload]
        "file_url": lambda: client.upload(project_id="p", file_url=b"u"),  # type: ignore[call-overload]
        "deadline": lambda: client.projects(deadline="soon"),  # type: ignore[call-overload]
        "on_progress": lambda: client.projects(on_progress="print"),  # type: ignore[call-overload]
        "max_attempts": lambda: slipway.Client(max_attempts=1.5),  # type: ignore[arg-type]
    }.items():
        with pytest.raises(TypeError, match=f"^{name} "):
            call()


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("-inf"), 5e6, 1e300])
def test_times_that_would_wrap_around(client: slipway.Client, bad: float) -> None:
    with pytest.raises(ValueError, match="^deadline "):
        client.projects(deadline=bad)
    with pytest.raises(ValueError, match="^streampixel.rate_window "):
        slipway.Client(streampixel=slipway.Streampixel(rate_window=bad))


def test_numbers_that_would_wrap_around(client: slipway.Client) -> None:
    for bad in (0, -1, 2**32):
        with pytest.raises(ValueError, match="^max_attempts "):
            slipway.Client(max_attempts=bad)
    with pytest.raises(ValueError, match="^expected_size "):
        client.upload(project_id="p", file_url="u", expected_size=2**64)


def test_endless_deadline(client: slipway.Client, customer: Customer) -> None:
    assert client.project(customer.project_id, deadline=float("inf")).id == customer.project_id


def test_text_that_is_too_long_is_refused_at_once(client: slipway.Client) -> None:
    before = len(delivery._operations)
    with pytest.raises(slipway.InvalidArgumentError, match="64 KB"):
        client.project("x" * 70_000)
    assert len(delivery._operations) == before


# The log


@pytest.fixture
def own_log(recorder: Recorder) -> Any:
    """The test takes the log hook; afterwards the record has it again."""
    yield
    recorder.listen()


def test_log_goes_to_logging(client: slipway.Client, customer: Customer, own_log: None, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("release.slipway")
    levels: List[Tuple[int, Set[str]]] = [
        (logging.DEBUG, {"DEBUG", "INFO"}), (logging.INFO, {"INFO"}), (logging.WARNING, set()), (logging.CRITICAL, set())]
    for level, expected in levels:
        caplog.clear()
        logger.setLevel(level)
        slipway.set_log(logger)
        client.project(customer.project_id)
        slipway.set_log(None)
        assert {record.levelname for record in caplog.records if record.name == "release.slipway"} == expected
    caplog.clear()
    client.project(customer.project_id)
    slipway.set_log(None)
    assert not caplog.records


def test_log_handlers_that_fail_or_ask_for_trouble(client: slipway.Client, customer: Customer, own_log: None) -> None:
    errors: List[BaseException] = []

    class Bad(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            try:
                slipway.set_log(None)
            except slipway.WouldDeadlockError as error:
                errors.append(error)
            raise ValueError("a handler that fails")

    logger = logging.getLogger("bad.handler")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    handler = Bad()
    logger.addHandler(handler)
    slipway.set_log(logger, logging.DEBUG)
    client.project(customer.project_id)
    slipway.set_log(None)
    logger.removeHandler(handler)
    assert errors, "lines came, and each was refused to take the log away"
    assert client.project(customer.project_id).id == customer.project_id


# Finding the library


def load(tmp_path: pathlib.Path, package: pathlib.Path = PACKAGE, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "import slipway\ntry: print('found', slipway.library_version(), slipway.library.load().path)\n"
         "except slipway.LibraryError as error: print('error:', error)"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(package), **environment}, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_library_is_found_next_to_the_package_first(tmp_path: pathlib.Path) -> None:
    shutil.copytree(PACKAGE / "slipway", tmp_path / "here" / "slipway", ignore=shutil.ignore_patterns("__pycache__"))
    beside = tmp_path / "here" / "slipway" / "libslipway.so.0"
    beside.symlink_to(os.path.abspath(os.environ["SLIPWAY_LIBRARY"]))
    assert load(tmp_path, tmp_path / "here", SLIPWAY_LIBRARY="/nowhere/libslipway.so.0") == f"found {slipway.__version__} {beside}"


def test_library_is_found_by_the_variable_and_by_the_system(tmp_path: pathlib.Path) -> None:
    path = os.path.abspath(os.environ["SLIPWAY_LIBRARY"])
    assert load(tmp_path, SLIPWAY_LIBRARY=path) == f"found {slipway.__version__} {path}"
    (tmp_path / "other.so").symlink_to(path)
    assert load(tmp_path, SLIPWAY_LIBRARY="other.so").endswith(f"{tmp_path}/other.so"), "a path, not a name for the loader"
    (tmp_path / "libslipway.so.0").symlink_to(path)
    assert load(tmp_path, LD_LIBRARY_PATH=str(tmp_path)) == f"found {slipway.__version__} libslipway.so.0"


def test_library_that_is_not_there_or_not_it(tmp_path: pathlib.Path) -> None:
    error = load(tmp_path, SLIPWAY_LIBRARY="/nowhere/libslipway.so.0")
    assert error.startswith("error: /nowhere/libslipway.so.0 cannot be loaded") and "SLIPWAY_LIBRARY" in error
    text = tmp_path / "text.so"
    text.write_text("not a library")
    assert load(tmp_path, SLIPWAY_LIBRARY=str(text)).startswith(f"error: {text} cannot be loaded")
    error = load(tmp_path)
    assert "make lib" in error and "make install" in error


NOT_IT = {
    "later": ("unsigned slipway_version_number(void) { return 1000000; }", "libslipway 1.0.0; this package needs 0.1.0"),
    "earlier": ("unsigned slipway_version_number(void) { return 999; }", "libslipway 0.0.999; this package needs 0.1.0"),
    "incomplete": ("unsigned slipway_version_number(void) { return 1000; }", "it has no slipway_"),
    "another": ("int answer = 42;", "is not a libslipway that fits this package"),
}


@pytest.mark.parametrize("name", NOT_IT)
def test_library_that_does_not_fit(tmp_path: pathlib.Path, name: str) -> None:
    source, words = NOT_IT[name]
    (tmp_path / "library.c").write_text(source)
    path = tmp_path / f"{name}.so"
    subprocess.run(["cc", "-shared", "-fPIC", str(tmp_path / "library.c"), "-o", str(path)], check=True)
    with pytest.raises(slipway.LibraryError) as caught:
        slipway.library.Library(str(path))
    assert words in str(caught.value) and str(path) in str(caught.value)


def test_import_needs_no_library(tmp_path: pathlib.Path) -> None:
    done = subprocess.run([sys.executable, "-c", "import slipway; print(slipway.Status.OK)"], cwd=tmp_path, capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE), "SLIPWAY_LIBRARY": "/nowhere"})
    assert done.returncode == 0, done.stderr
