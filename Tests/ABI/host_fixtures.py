"""Fixtures of the tests with hosts: an emulator that speaks TLS, and what a host is told that does everything over https."""

from __future__ import annotations

import pathlib
import urllib.parse
from typing import Dict, Iterator, Tuple

import pytest

from emulator import Emulator
from programs import environment
from toolchain import run


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Tuple[pathlib.Path, pathlib.Path]:
    """A certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    done = run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def secure(files: pathlib.Path, certificate: Tuple[pathlib.Path, pathlib.Path]) -> Iterator[Emulator]:
    """An emulator that also speaks TLS."""
    cert, key = certificate
    options = ["--state-ms", "10", "--rate-window-ms", "0", "--tls-cert", str(cert), "--tls-key", str(key)]
    with Emulator(files=files, options=options) as emulator:
        yield emulator


@pytest.fixture
def settings(secure: Emulator, certificate: Tuple[pathlib.Path, pathlib.Path], files: pathlib.Path) -> Dict[str, str]:
    """For a host that does everything over https."""
    secure.reset()
    assert secure.tls_base_url is not None and secure.tls_base_url.startswith("https://")
    assert secure.tls_files_url is not None and secure.tls_files_url.startswith("https://")
    assert secure.entermedia["tlsBaseUrl"].startswith("https://")
    # The emulated Streampixel knows nothing of this certificate: it gets its links by http.
    base = urllib.parse.urlsplit(secure.entermedia["baseUrl"])
    secure.media_settings(cdnPrefix=f"{base.scheme}://{base.netloc}")
    return environment(
        secure,
        {
            "SLIPWAY_TEST_BASE_URL": secure.tls_base_url,
            "ENTERMEDIA_BASE_URL": secure.entermedia["tlsBaseUrl"],
            "SLIPWAY_TEST_FILE_URL": f"{secure.tls_files_url}/MyGame.zip",
            "SLIPWAY_TEST_PACKAGE": str(files / "MyGame.zip"),
            "SLIPWAY_TEST_CA_BUNDLE": str(certificate[0]),
        },
    )
