"""Writes down everything that the library says, so that it can be searched for secrets when the tests are over.

The record of a process is one file in $SLIPWAY_TEST_RECORD_DIR (default: .build-test-records in the repository). In it: each log line
at debug level, each result with its message, hint and answer, each progress, each exception's text. The scripts that tests start call
`Recorder().start()` themselves; whatever else writes files into that folder is searched as well.
"""

from __future__ import annotations

import json
import logging
import os
import pathlib
import sys
import threading
import urllib.parse
from typing import Any, Iterable, List, Set, Tuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bindings" / "python"))

import slipway  # noqa: E402
from slipway import errors, operation  # noqa: E402


def folder() -> pathlib.Path:
    return pathlib.Path(os.environ.get("SLIPWAY_TEST_RECORD_DIR") or ROOT / ".build-test-records")


class Recorder:
    """The record of this process. There is one at a time: it holds the process's log hook."""

    def __init__(self) -> None:
        folder().mkdir(parents=True, exist_ok=True)
        self.path = folder() / f"python-{os.getpid()}.txt"
        self._file = open(self.path, "a", encoding="utf-8", errors="backslashreplace")
        self._lock = threading.Lock()
        self._patched: List[Tuple[Any, str, Any]] = []
        self.logger = logging.getLogger("slipway.record")
        self.logger.propagate = False
        self.logger.setLevel(logging.DEBUG)
        self._handler = _Handler(self)

    def note(self, kind: str, *values: object) -> None:
        with self._lock:
            if not self._file.closed:
                self._file.write(f"{kind}: " + " | ".join(str(value) for value in values) + "\n")

    def start(self) -> "Recorder":
        self.logger.addHandler(self._handler)
        self.listen()
        self._wrap(operation.Operation, "_finish", lambda _, outcome: self.note(
            "result", outcome.status, outcome.message, outcome.hint, outcome.json.decode("utf-8", "replace")))
        self._wrap(operation.Operation, "_tell", lambda _, progress: self.note("progress", progress))
        self._wrap(operation.Operation, "_tell_item", lambda _, index, outcome: self.note(
            "item", index, outcome.status, outcome.message, outcome.hint, outcome.json.decode("utf-8", "replace")))
        self._wrap(errors.SlipwayError, "__init__", lambda error, *values, **named: self.note("exception", *values, named))
        return self

    def listen(self) -> None:
        """Takes the log hook, also again after a test that had it."""
        slipway.set_log(self.logger, logging.DEBUG)

    def stop(self) -> None:
        slipway.set_log(None)  # blocks until the last line was told
        self.logger.removeHandler(self._handler)
        for owner, name, original in reversed(self._patched):
            setattr(owner, name, original)
        self._patched.clear()
        with self._lock:
            self._file.close()

    def _wrap(self, owner: Any, name: str, note: Any) -> None:
        original = getattr(owner, name)

        def wrapper(*values: Any, **named: Any) -> Any:
            note(*values, **named)
            return original(*values, **named)

        self._patched.append((owner, name, original))
        setattr(owner, name, wrapper)

    def text(self) -> str:
        """What was written so far, the log's last lines included."""
        self.listen()
        with self._lock:
            self._file.flush()
        return self.path.read_text("utf-8")


class _Handler(logging.Handler):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def emit(self, record: logging.LogRecord) -> None:
        self._recorder.note(f"log {record.levelname}", record.getMessage())


class Secrets:
    """The secrets that the tests use, and the search for them."""

    LENGTH = 12
    """So much of a secret counts as a leak: half of one is one."""

    def __init__(self) -> None:
        self._values: Set[str] = set()

    def add(self, value: str) -> str:
        """Notes a secret of at least `LENGTH` characters, and returns it."""
        assert len(value) >= self.LENGTH, f"too short to be searched for: {value}"
        self._values.add(value)
        return value

    def save(self, path: pathlib.Path) -> None:
        """For a search when other suites have ended, too: see `main`."""
        path.write_text(json.dumps(sorted(self._values)), "utf-8")

    @classmethod
    def _needles(cls, value: str) -> Set[bytes]:
        """The beginnings of a secret as it may turn up: plain, percent-encoded, as a JSON string."""
        texts = (value, urllib.parse.quote(value, safe=""), urllib.parse.quote_plus(value),
                 json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
        return {text[: cls.LENGTH].encode() for text in texts}

    def find(self, paths: Iterable[pathlib.Path], start: int = 0) -> List[str]:
        """Where any of them stands, from the offset `start` on, as "file:line: the line, with the secret blotted out"."""
        needles = {needle for value in self._values for needle in self._needles(value)}
        hits = []
        for path in paths:
            content = path.read_bytes()
            for needle in needles:
                position = content.find(needle, start)
                if position >= 0:
                    number = content.count(b"\n", 0, position) + 1
                    line_start, line_end = content.rfind(b"\n", 0, position) + 1, content.find(b"\n", position)
                    line = content[line_start : line_end if line_end >= 0 else len(content)]
                    for other in needles:
                        line = line.replace(other, b"<SECRET>")
                    hits.append(f"{path.name}:{number}: {line[:400].decode('utf-8', 'replace')}")
        return sorted(set(hits))


def main(record: str, *secrets: str) -> int:
    """Searches a folder of records, with its folders, for the secrets that files have. `.ci/test.py` does that when everything has ended."""
    known = Secrets()
    for file in secrets:
        for value in json.loads(pathlib.Path(file).read_text("utf-8")):
            known.add(value)
    hits = known.find(path for path in pathlib.Path(record).rglob("*") if path.is_file())
    for hit in hits:
        print(hit)
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
