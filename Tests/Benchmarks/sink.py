"""nginx on loopback as a sink that answers every test-webhook POST with the same document."""

from __future__ import annotations

import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from types import TracebackType

ANSWER = '{"success":true,"message":"Test webhook delivered","statusCode":200}'

# `return` answers without a handler, so that nginx costs as little as it can; a body that came with the request is discarded.
CONFIGURATION = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 8192; use epoll; multi_accept on; }}
http {{
    access_log off;
    server_tokens off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /projects/test-webhook {{
            default_type application/json;
            return 200 '{answer}';
        }}
        location / {{ return 404; }}
    }}
}}
"""


def find_nginx() -> str:
    """Where nginx is; Debian has it outside of an ordinary user's PATH."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise SystemExit("nginx is not installed. Install it (Debian: apt-get install nginx-light) and run this again.")
    return program


class Sink:
    """A running nginx: `with Sink() as sink: ... sink.base_url`. One worker, since more would compete with the client for the cores."""

    def __init__(self) -> None:
        self._program = find_nginx()
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="slipway-sink-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.base_url = ""

    def __enter__(self) -> Sink:
        # A free port may be taken by somebody else before nginx has it: then another one is tried.
        for _ in range(5):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            configuration = self._folder / "nginx.conf"
            configuration.write_text(CONFIGURATION.format(folder=self._folder, port=port, answer=ANSWER))
            self._process = subprocess.Popen(
                [self._program, "-p", str(self._folder), "-e", str(self._folder / "error.log"), "-c", str(configuration)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if self._answers(port):
                self.base_url = f"http://127.0.0.1:{port}"
                return self
            self._stop()
        log = self._folder / "error.log"
        raise SystemExit(f"nginx does not start: {log.read_text() if log.exists() else 'it left no log'}")

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def process(self) -> int:
        """The id of nginx's one process."""
        if self._process is None:
            raise RuntimeError("nginx does not run")
        return self._process.pid

    def _answers(self, port: int) -> bool:
        end = time.monotonic() + 10
        while time.monotonic() < end and self._process is not None and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return self._process.poll() is None
            except OSError:
                time.sleep(0.02)
        return False

    def _stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
