"""What the host scarce.c has found under scarcity.c: its rows and its complaints. After a crash it is started again, behind it."""

from __future__ import annotations

import collections
import dataclasses
import pathlib
import re
import signal
import subprocess
from typing import Callable, Dict, List, Mapping, Sequence

from toolchain import C17, HERE, Variant, compile_program

HOST = HERE / "host"
NAMES: Dict[str, str] = dict(re.findall(r'X\((\w+), "([^"]+)"\)', (HOST / "scarcity.h").read_text()))
"""The shortages, and how the table calls them."""
LIMITS = {"LIMITS": "limits of the system"}


def preload() -> pathlib.Path:
    """The library that makes calls fail."""
    sources, headers = [HOST / "scarcity.c", HOST / "scarcity_system.c"], [HOST / "scarcity.h", HOST / "shortage.h"]
    return compile_program("gcc", sources, [*C17, "-shared", "-fPIC", "-fvisibility=hidden"], inputs=headers)


def program(name: str, variant: Variant) -> pathlib.Path:
    """scarce, or limited."""
    parts = [HOST / f"{part}.h" for part in ("scarcity", "scenes", "shape", "complaints", "ending")]
    headers = [*parts, HERE / "operations.h", HERE / "check.h"]
    return compile_program("gcc", [HOST / f"{name}.c"], C17, ["-ldl"], inputs=headers, variant=variant)


@dataclasses.dataclass(frozen=True)
class Row:
    """One scene, in one mode."""

    scene: str
    mode: str
    calls: int
    tried: int
    hit: int
    survived: int
    told: Dict[str, int]


@dataclasses.dataclass(frozen=True)
class Complaint:
    scene: str
    mode: str
    first: str
    times: int
    text: str
    where: str

    def __str__(self) -> str:
        return f"{self.scene}, {self.mode}, call {self.first} ({self.times} times): {self.text}\n      {self.where[:900]}"


@dataclasses.dataclass
class Report:
    shortage: str
    rows: List[Row] = dataclasses.field(default_factory=list)
    complaints: List[Complaint] = dataclasses.field(default_factory=list)
    ends: int = 0
    """Crashes and hangs: each is among the complaints, too."""

    def count(self, member: str) -> int:
        return sum(getattr(row, member) for row in self.rows)

    @property
    def told(self) -> Dict[str, int]:
        counts: "collections.Counter[str]" = collections.Counter()
        for row in self.rows:
            counts.update(row.told)
        return dict(counts.most_common())

    @property
    def line(self) -> str:
        scenes = len({row.scene for row in self.rows if row.hit})
        told = ", ".join(f"{status} {times:,}" for status, times in self.told.items()) or "-"
        return (
            f"{(NAMES | LIMITS)[self.shortage]:<24} {scenes:>6} {self.count('calls'):>9,} {self.count('tried'):>8,} {self.count('hit'):>8,}"
            f" {self.count('survived'):>9,} {self.ends:>8} {len(self.complaints):>10}  {told}"
        )


HEADING = f"{'what is short':<24} scenes     calls    tried      hit  survived  crashes complaints  told as"

MOST_ENDS = 20
"""After so many crashes and hangs there is no need for more."""


def limits(executable: pathlib.Path, environment: Mapping[str, str]) -> Report:
    """Of limited.c, which has an environment that does not change."""
    report = Report("LIMITS")
    if _run([str(executable)], environment, dict, report):
        report.ends = 1
    return report


def sweep(
    shortage: str, how: str, executable: pathlib.Path, environment: Mapping[str, str], prepare: Callable[[], Mapping[str, str]]
) -> Report:
    """`how`: "paths" or "all", see scarce.c. `prepare` is called before each scene, and gives what has changed in the environment."""
    report = Report(shortage)
    arguments: Sequence[str] = ()
    while report.ends <= MOST_ENDS:
        again = _run([str(executable), shortage, how, *arguments], environment, prepare, report)
        if not again:
            return report
        arguments = again
    return report


def _behind(at: Sequence[str]) -> List[str]:
    place, _, mode, number = at
    return [place, mode, str(int(number) + 1)]


def _run(command: Sequence[str], environment: Mapping[str, str], prepare: Callable[[], Mapping[str, str]], report: Report) -> List[str]:
    """Where to begin again; nothing when it came to its end."""
    again: List[str] = []
    at = ["0", "", "", "0"]
    with subprocess.Popen(
        command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        try:
            for line in process.stdout:
                word, *fields = line.rstrip("\n").split("\t")
                if word == "scene":
                    process.stdin.write(" ".join(f"{name}={value}" for name, value in prepare().items()) + "\n")
                    process.stdin.flush()
                elif word == "row":
                    scene, mode, calls, tried, hit, survived, told = fields
                    pairs = (pair.split("=") for pair in told.split())
                    counts = {status: int(times) for status, times in pairs}
                    report.rows.append(Row(scene, mode, int(calls), int(tried), int(hit), int(survived), counts))
                elif word == "complaint":
                    scene, mode, first, times, text, where = fields
                    report.complaints.append(Complaint(scene, mode, first, int(times), text, where))
                elif word == "at":
                    at = fields
                elif word == "end":
                    report.complaints.append(Complaint(at[1], at[2], at[3], 1, fields[0], fields[1]))
                    again = _behind(at)
                else:
                    raise AssertionError(f"{command[0]} said: {line}")
        except BrokenPipeError:
            pass  # It has crashed, and its exit code says how.
        said = process.stderr.read()
        code = process.wait(60)
        if code < 0:
            report.complaints.append(Complaint(at[1], at[2], at[3], 1, f"crash: {signal.Signals(-code).name}", ""))
            again = _behind(at)
        report.ends += bool(again)
    assert again or code == 0, f"{' '.join(command)} ended with {code}:\n{said[-4000:]}"
    return again
