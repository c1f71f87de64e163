"""media_sink.c as a process: answers as an EnterMedia server does, on loopback, and counts."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from types import TracebackType
from typing import Any

from measurement import OUTPUT, fail


class MediaSink:
    """A running media_sink: `with MediaSink() as sink: ... sink.base_url`. With `fault_every=50` every 50th create is answered by a 500."""

    def __init__(self, fault_every: int = 0) -> None:
        self._command = [str(OUTPUT / "media_sink"), "--fault-every", str(fault_every)]
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> MediaSink:
        # It ends with its standard input, so it does not outlive this process whatever happens.
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise fail(f"media_sink ended with {self._process.wait()} before it listened")
        self.port = json.loads(line)["port"]
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None

    @property
    def process(self) -> int:
        """Its id."""
        if self._process is None:
            raise RuntimeError("media_sink does not run")
        return self._process.pid

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client takes as EnterMedia's base URL."""
        return self.root + "/mediadb"

    def counts(self) -> dict[str, Any]:
        """What it was asked for so far."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.root + "/counts", timeout=10) as answer:
            counts: dict[str, Any] = json.load(answer)
        return counts
