"""The library while something is short: memory of the libraries that it stands on, descriptors, threads, room on a disk. For every
operation a call that wants some fails, then the next, and so on (host/scarce.c, under host/scarcity.c). No crash, no hang, one completion,
a status that says what is short, everything given back, and the same operation works as soon as there is enough again.

Short: one call for each way through the code that leads to one, and not all of those. SLIPWAY_TEST_LONG=1: all of them, each call where
that takes minutes and not hours, and the table. SLIPWAY_TEST_SCARCITY=all: each call of everything."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
from typing import Dict, Iterator, List, Mapping

import pytest

from emulator import Emulator, make_build
from programs import environment, publish_picture
from s3_server import S3Server
from shortages import HEADING, HOST, NAMES, Report, limits, preload, program, sweep
from toolchain import Variant

LONG = bool(os.environ.get("SLIPWAY_TEST_LONG"))
MOST = {"JANSSON_MEMORY": 6, "OPENSSL_MEMORY": 4, "SYSTEM_MEMORY": 4, "OTHER_MEMORY": 2}
"""Calls that are tried of a scene and mode in the short form, where they are not 12: a round takes long there, and what is tried is for the
most part other people's code."""
MOST_LONG = {"OPENSSL_MEMORY": 60, "OTHER_MEMORY": 100, "CURL_MEMORY": 1 << 20, "JANSSON_MEMORY": 1 << 20}
"""The same in the long form, where they are not all."""


def extent(shortage: str) -> str:
    """For scarce.c."""
    if os.environ.get("SLIPWAY_TEST_SCARCITY") == "all":
        return "all"
    return str(MOST_LONG.get(shortage, "all") if LONG else MOST.get(shortage, 12))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with all the files: what is served, what is sent, a certificate, and what S3 keeps."""
    folder = tmp_path_factory.mktemp("scarcity")
    for name in ("served/store", "s3/builds"):
        (folder / name).mkdir(parents=True)
    make_build(folder / "served" / "MyGame.zip")
    make_build(folder / "large.zip", size=6 << 20)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key.pem"),
         "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def secure(place: pathlib.Path) -> Iterator[Emulator]:
    tls = ["--tls-cert", str(place / "cert.pem"), "--tls-key", str(place / "key.pem")]
    with Emulator(files=place / "served", options=["--state-ms", "1", "--rate-window-ms", "0", *tls]) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def settings(place: pathlib.Path, secure: Emulator) -> Iterator[Dict[str, str]]:
    """For the host."""
    assert secure.tls_base_url is not None
    with S3Server("rclone", folder=place / "s3") as s3:
        yield environment(
            secure,
            {
                "SWIFT_BACKTRACE": "enable=no",
                "SLIPWAY_TEST_FILE_URL": secure.file_url("MyGame.zip"),
                "SLIPWAY_TEST_PACKAGE": str(place / "served" / "MyGame.zip"),
                "SLIPWAY_TEST_LARGE_FILE": str(place / "large.zip"),
                "SLIPWAY_TEST_STORAGE": str(place / "served" / "store"),
                "SLIPWAY_TEST_STORAGE_URL": secure.file_url("store"),
                "SLIPWAY_TEST_TLS_URL": secure.tls_base_url,
                "SLIPWAY_TEST_CA_BUNDLE": str(place / "cert.pem"),
                "SLIPWAY_TEST_NAMED_URL": secure.base_url.replace("127.0.0.1", _name()),
                "SLIPWAY_TEST_S3_ENDPOINT": s3.endpoint,
                "SLIPWAY_TEST_S3_KEY": s3.access_key_id,
                "SLIPWAY_TEST_S3_SECRET": s3.secret_access_key,
            },
        )


def _name() -> str:
    """The name that scarcity.c knows an address for."""
    found = re.search(r'SCARCITY_HOST "(.+)"', (HOST / "scarcity.h").read_text())
    assert found
    return found[1]


@pytest.fixture(scope="module")
def table() -> Iterator[List[Report]]:
    reports: List[Report] = []
    yield reports
    if LONG:
        print("\n" + "\n".join([HEADING, *(report.line for report in reports)]))


def prepare(emulator: Emulator) -> Mapping[str, str]:
    """As scarce.c finds it before each scene: what earlier ones have registered and uploaded would make the next ones slower and slower."""
    emulator.reset()
    publish_picture(emulator)
    builds = {"PENDING": "pending", "APPROVED": "Approved"}
    url = emulator.file_url("MyGame.zip")
    return {
        f"SLIPWAY_TEST_{name}_BUILD": emulator.add_build(projectId=emulator.project_id, fileUrl=url, status=status)
        for name, status in builds.items()
    }


def judge(report: Report, table: List[Report]) -> None:
    table.append(report)
    if report.complaints:
        pytest.fail("\n".join([HEADING, report.line, *map(str, report.complaints)]), pytrace=False)


@pytest.mark.parametrize("shortage", NAMES)
def test_shortage(shortage: str, settings: Dict[str, str], secure: Emulator, release: Variant, table: List[Report]) -> None:
    preloaded = {**settings, "LD_PRELOAD": str(preload())}
    report = sweep(shortage, extent(shortage), program("scarce", release), preloaded, lambda: prepare(secure))
    assert report.count("hit") > 0, f"of all that was tried nothing wanted {NAMES[shortage]}"
    judge(report, table)


def test_limits(settings: Dict[str, str], secure: Emulator, release: Variant, table: List[Report]) -> None:
    """RLIMIT_NOFILE and RLIMIT_NPROC, from nothing upwards."""
    report = limits(program("limited", release), {**settings, **prepare(secure)})
    assert report.count("hit") > 0, "nothing came upon a limit"
    judge(report, table)
