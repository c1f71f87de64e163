"""The record of the ABI, Tests/ABI/abi-0.txt: all that hosts of libslipway.so.0 have compiled in, a fact a line, with the version that it
came in. Compares slipway.h with it; ends with 1 and a line for each difference, if there is any.

    python3 Tests/ABI/abi_record.py              compares
    python3 Tests/ABI/abi_record.py --write      takes in what is new, and any change to what no release has had; nothing else
    python3 Tests/ABI/abi_record.py --release    the version of slipway.h is released: what it has can only be added to from now on

A version of slipway.h with another first number has another soname, and a record of its own.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import shutil
import sys
from typing import Dict, List, NamedTuple, Tuple

sys.dont_write_bytecode = True

from facts import Fact, Facts  # noqa: E402
from header import Header  # noqa: E402
from rules import differences  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
HEADER = HERE.parents[1] / "include" / "slipway.h"
COMMAND = "python3 Tests/ABI/abi_record.py"

INTRODUCTION = """\
# What hosts of libslipway.so.{major} have compiled in, on machines of 64 bits: since which version, what, its name, and what it is.
# Written by {command} --write. What a released version has is only ever added to.
"""
NONE = "none"


def number(version: str) -> Tuple[int, ...]:
    return tuple(map(int, version.split(".")))


class Line(NamedTuple):
    since: str
    fact: Fact

    def __str__(self) -> str:
        return f"{self.since}  {self.fact.kind:<8}  {self.fact.name}: {self.fact.value}"


class Record:
    """The lines of a file, by the names of their facts; none when there is no such file."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        # The latest version that hosts may have been compiled with.
        self.released = NONE
        self.lines: Dict[str, Line] = {}
        for text in path.read_text("utf-8").splitlines() if path.exists() else []:
            self._read(text)

    def _read(self, text: str) -> None:
        if not text or text.startswith("#"):
            return
        released = re.fullmatch(r"released: (none|\d+\.\d+\.\d+)", text)
        line = re.fullmatch(r"(\d+\.\d+\.\d+)  (\w+) +([\w.]+): (.+)", text)
        if released:
            self.released = released[1]
        elif line and line[3] not in self.lines:
            self.lines[line[3]] = Line(line[1], Fact(line[2], line[3], line[4]))
        else:
            raise SystemExit(f"{self.path}: a line that --write did not write: {text}")

    def facts(self, only_released: bool = False) -> Dict[str, Fact]:
        return {name: line.fact for name, line in self.lines.items() if not only_released or self.is_released(line.since)}

    def is_released(self, version: str) -> bool:
        """Whether there are hosts that count on what came in that version."""
        return self.released != NONE and number(version) <= number(self.released)

    def write(self, facts: Facts, released: str) -> None:
        lines = [INTRODUCTION.format(major=number(facts.version)[0], command=COMMAND) + f"released: {released}"]
        kind = ""
        for name, fact in facts.items():
            if fact.kind == "struct" or (fact.kind not in (kind, "member") and not name.endswith("_INIT")):
                lines.append("")
            kind = fact.kind
            since = self.lines[name].since if name in self.lines else facts.version
            lines.append(str(Line(since, fact)))
        unfinished = self.path.with_name(f"{self.path.name}.new")
        unfinished.write_text("\n".join([*lines, ""]), "utf-8")
        unfinished.replace(self.path)


class Comparison:
    """What differs: `broken` cannot be recorded, `unrecorded` can, and each has a line that says so."""

    def __init__(self, record: Record, facts: Facts) -> None:
        broken = [one for one in differences(record.facts(only_released=True), facts) if one.rule]
        self.broken = [f"BROKEN    {one.name}: {one.what}. The rule: {one.rule}. What to do: {one.remedy}" for one in broken]
        self.unrecorded: List[str] = []
        names = {one.name for one in broken}
        for one in differences(record.facts(), facts):
            told = f"{one.name}: {one.what}"
            if one.name in names:
                continue
            if one.rule:
                self.unrecorded.append(
                    f"CHANGED   {told}. No release has had it; once one has, the rule is: {one.rule}. If it is meant: {COMMAND} --write"
                )
            elif one.name not in record.lines and record.is_released(facts.version):
                self.broken.append(f"BROKEN    {told}. {facts.version} is released without it. What to do: raise SLIPWAY_VERSION_...")
            else:
                self.unrecorded.append(f"RECORD IT {told}, as it may be: {COMMAND} --write")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="take the header's facts into the record")
    action.add_argument("--release", action="store_true", help="the header's version is released")
    parser.add_argument("--header", type=pathlib.Path, default=HEADER)
    parser.add_argument("--folder", type=pathlib.Path, default=HERE, help="where abi-0.txt and history/ are")
    given = parser.parse_args()

    facts = Facts(Header(given.header))
    record = Record(given.folder / f"abi-{number(facts.version)[0]}.txt")
    found = Comparison(record, facts)
    if given.write and not found.broken:
        record.write(facts, record.released)
        print(f"{record.path.name}: {len(facts)} facts, {len(found.unrecorded)} of them new or changed")
        return 0
    for line in [*found.broken, *found.unrecorded]:
        print(line)
    if found.broken or found.unrecorded:
        print(f"{record.path.name}: {len(found.broken)} broken, {len(found.unrecorded)} to record; nothing was written")
        return 1
    if given.release:
        return release(record, facts, given.header, given.folder / "history" / facts.version)
    print(f"{record.path.name}: {len(facts)} facts, all as they are in {given.header.name}; released: {record.released}")
    return 0


def release(record: Record, facts: Facts, header: pathlib.Path, kept: pathlib.Path) -> int:
    if record.is_released(facts.version):
        print(f"{record.path.name}: {record.released} is released already; {header.name} is {facts.version}")
        return 1
    kept.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(header, kept / "slipway.h")
    record.write(facts, facts.version)
    print(f"{record.path.name}: {facts.version} is released, and its header kept in history/{facts.version}.")
    print(f"Now write history/{facts.version}/host.c, as history/README.md says.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
