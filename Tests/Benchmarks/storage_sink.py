"""storage_sink.c as a process: answers as S3-compatible storage does, on loopback, plain and over TLS, and counts."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import tempfile
import urllib.request
from types import TracebackType
from typing import Any

from measurement import OUTPUT, fail

EXTENSIONS = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, DNS:localhost
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class StorageSink:
    """A running storage_sink: `with StorageSink() as sink: ... sink.base_url(tls=True)`. Its certificates are made for this run."""

    def __init__(self) -> None:
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="slipway-storage-sink-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._ports = (0, 0)
        self.authority = self._folder / "authority.pem"
        """What signed the certificate of the sink."""

    def __enter__(self) -> StorageSink:
        try:
            self._make_certificates()
            certificate, key = str(self._folder / "server.pem"), str(self._folder / "server.key")
            command = [str(OUTPUT / "storage_sink"), "--certificate", certificate, "--key", key]
            # It ends with its standard input, so it does not outlive this process whatever happens.
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
            if not line:
                raise fail(f"storage_sink ended with {self._process.wait()} before it listened")
            ports = json.loads(line)
            self._ports = (ports["port"], ports["tls_port"])
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def base_url(self, tls: bool) -> str:
        return f"https://127.0.0.1:{self._ports[1]}" if tls else f"http://127.0.0.1:{self._ports[0]}"

    def counts(self) -> dict[str, Any]:
        """What it was asked for so far; `digests` are those since this was asked last."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.base_url(tls=False) + "/counts", timeout=10) as answer:
            counts: dict[str, Any] = json.load(answer)
        return counts

    def _stop(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make_certificates(self) -> None:
        """An authority, and a certificate that it signed: some clients refuse one that is its own authority."""
        (self._folder / "extensions").write_text(EXTENSIONS)
        self._openssl("authority", "-x509", "-subj", "/CN=Slipway's benchmark")
        self._openssl("server", "-x509", "-subj", "/CN=127.0.0.1", "-CA", "authority.pem", "-CAkey", "authority.key")

    def _openssl(self, name: str, *options: str) -> None:
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        command = ["openssl", "req", *options, *key, "-days", "2", "-config", "extensions", "-extensions", name]
        try:
            done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise fail("openssl is not installed. Install it (Debian: apt-get install openssl) and run this again.") from None
        if done.returncode != 0:
            raise fail(f"openssl makes no certificate: {done.stderr.strip()}")
