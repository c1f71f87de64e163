"""Whether everything that must know of a name of slipway.h does: what the library exports, exports.map, the Python and the C++ binding,
and the C programs' list of operations. Prints a table, a row for each function, struct, member and constant; ends with 1 and a list of what
is out of step, if anything is.

    python3 Tests/ABI/bindings_in_step.py            everything
    python3 Tests/ABI/bindings_in_step.py --quiet    only what is out of step

In the table, "yes" is as it should be, "-" is left out on purpose (each binding's file has a list, with reasons), and nothing is not asked.
"""

from __future__ import annotations

import argparse
import fnmatch
import pathlib
import re
import subprocess
import sys
from typing import Dict, List, NamedTuple, Protocol, Set

sys.dont_write_bytecode = True

from cpp_binding import CppBinding  # noqa: E402
from header import Header, Variable  # noqa: E402
from layout import Layout  # noqa: E402
from python_binding import PythonBinding  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Side(Protocol):
    """Something that has to be in step with the header. Each question is answered with "yes", with "-" for what is left out on purpose,
    with "" when there is nothing to ask, or with what is wrong."""

    column: str

    def function(self, name: str) -> str: ...

    def struct(self, name: str) -> str: ...

    def member(self, struct: str, place: int) -> str: ...

    def constant(self, name: str) -> str: ...

    def beyond(self) -> List[str]:
        """What it has and the header has not."""
        ...


class Exports:
    """The functions that the library exports."""

    column = "exports"

    def __init__(self, header: Header, library: pathlib.Path) -> None:
        done = subprocess.run(["nm", "--dynamic", "--defined-only", "--format=posix", library], capture_output=True, text=True, check=True)
        self.names = {line.split()[0].split("@")[0] for line in done.stdout.splitlines()}
        self.header = header

    def function(self, name: str) -> str:
        return "yes" if name in self.names else "is not exported"

    def struct(self, name: str) -> str:
        return ""

    def member(self, struct: str, place: int) -> str:
        return ""

    def constant(self, name: str) -> str:
        return ""

    def beyond(self) -> List[str]:
        return sorted(self.names - set(self.header.functions))


class ExportsMap(Exports):
    """What the linker is told to export."""

    column = "exports.map"

    def __init__(self, path: pathlib.Path) -> None:
        text = re.sub(r"/\*.*?\*/", " ", path.read_text("utf-8"), flags=re.DOTALL)
        self.patterns: Dict[str, List[str]] = {
            scope: [pattern.strip() for pattern in patterns.split(";") if pattern.strip()]
            for scope, patterns in re.findall(r"\b(global|local)\s*:((?:[^:}]*;)*)", text)
        }

    def function(self, name: str) -> str:
        return "yes" if any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns.get("global", [])) else "is not let out"

    def beyond(self) -> List[str]:
        """Everything else has to be kept in, so nothing but our own may be let out."""
        wild = [f"the pattern {pattern}" for pattern in self.patterns.get("global", []) if not pattern.startswith("slipway_")]
        return wild + ([] if self.patterns.get("local") == ["*"] else ["what `local: *` would keep in"])


class Programs:
    """The lists of operations.h: with what is not in them no program tries what it tries with everything."""

    column = "programs"

    def __init__(self, header: Header, path: pathlib.Path) -> None:
        self.header = header
        lists = {
            name: re.findall(r"\bX\(([^()]*)\)", body)
            for name, body in re.findall(r"#define (FOR_EACH_\w+)\(X\)((?:[^\n]*\\\n)*[^\n]*)", path.read_text("utf-8"))
        }
        rows = {name: [[cell.strip(" \\\n") for cell in row.split(",")] for row in rows] for name, rows in lists.items()}
        self.requests = {f"slipway_{row[0]}": f"slipway_{row[1]}" for row in rows["FOR_EACH_OPERATION"]}
        self.texts = {(f"slipway_{row[0]}", row[2]) for row in rows["FOR_EACH_TEXT"]}
        self.nested = {(f"slipway_{row[0]}", row[2], f"slipway_{row[3]}") for row in rows["FOR_EACH_NESTED"]}
        self.nested_texts = {(f"slipway_{row[0]}", row[1]) for row in rows["FOR_EACH_NESTED_TEXT"]}
        self.operations = header.operations()

    def function(self, name: str) -> str:
        if name not in self.operations:
            return ""
        if name not in self.requests:
            return "is not in FOR_EACH_OPERATION"
        return "yes" if self.requests[name] == self.header.request_of(name) else f"has {self.requests[name]}"

    def struct(self, name: str) -> str:
        return ""

    def member(self, struct: str, place: int) -> str:
        member = self.header.members[struct][place]
        takers = [name for name in self.operations if self.header.request_of(name) == struct]
        nested = self.header.nested(struct).get(member.name)
        if nested is not None:
            without = [name for name in takers if (name, member.name, nested) not in self.nested]
            return "yes" if not without else f"is not in FOR_EACH_NESTED, for {', '.join(without)}"
        if member.type != "const char *":
            return ""
        if struct in self._nested_structs():
            return "yes" if (struct, member.name) in self.nested_texts else "is not in FOR_EACH_NESTED_TEXT"
        without = [name for name in takers if (name, member.name) not in self.texts]
        return ("yes" if not without else f"is not in FOR_EACH_TEXT, for {', '.join(without)}") if takers else ""

    def _nested_structs(self) -> Set[str]:
        return {struct for name in self.operations for struct in self.header.nested(self.header.request_of(name)).values()}

    def constant(self, name: str) -> str:
        return ""

    def beyond(self) -> List[str]:
        known = {(name, member.name) for name in self.operations for member in self.header.members[self.header.request_of(name)]}
        texts = {(struct, member.name) for struct in self._nested_structs() for member in self.header.members[struct]}
        unknown = (self.texts - known) | {(name, member) for name, member, _ in self.nested if (name, member) not in known}
        return sorted(set(self.requests) - set(self.operations)) + sorted(
            f"{name}: {member}" for name, member in unknown | (self.nested_texts - texts)
        )


class Row(NamedTuple):
    name: str
    cells: List[str]


class Table:
    """The rows, and what is wrong in them."""

    def __init__(self, header: Header, sides: List[Side]) -> None:
        self.columns = ["slipway.h", *(side.column for side in sides)]
        self.groups: Dict[str, List[Row]] = {
            "functions": [Row(name, [side.function(name) for side in sides]) for name in header.functions],
            "structs": [row for name in header.members for row in self._struct(name, header.members[name], sides)],
            "constants": [Row(name, [side.constant(name) for side in sides]) for name in [*header.constants, "SLIPWAY_FOREVER"]],
        }
        beyond = [(side, name) for side in sides for name in side.beyond()]
        self.groups["beyond the header"] = [
            Row(name, ["is not in slipway.h" if side is of else "" for side in sides]) for of, name in beyond
        ]  # fmt: skip

    @staticmethod
    def _struct(name: str, members: List[Variable], sides: List[Side]) -> List[Row]:
        rows = [Row(name, [side.struct(name) for side in sides])]
        return rows + [Row(f"  .{member.name}", [side.member(name, place) for side in sides]) for place, member in enumerate(members)]

    def drift(self) -> List[str]:
        found = []
        for rows in self.groups.values():
            struct = ""
            for row in rows:
                struct = struct if row.name.startswith("  .") else row.name
                name = struct + row.name.strip() if row.name.startswith("  .") else row.name
                found += [f"{column}: {name} {cell}" for column, cell in zip(self.columns[1:], row.cells) if cell not in ("yes", "-", "")]
        return found

    def text(self) -> str:
        lines = []
        for group, rows in self.groups.items():
            if not rows:
                continue
            lines += ["", "  ".join([f"{group:<64}", *(f"{column:<11}" for column in self.columns)]).rstrip()]
            for row in rows:
                here = "" if group == "beyond the header" else "yes"
                cells = [cell if cell in ("yes", "-", "") else "NO" for cell in row.cells]
                lines.append("  ".join([f"{row.name:<64}", *(f"{cell:<11}" for cell in [here, *cells])]).rstrip())
        return "\n".join(lines[1:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quiet", action="store_true", help="without the table")
    parser.add_argument("--header", type=pathlib.Path, default=ROOT / "include" / "slipway.h")
    parser.add_argument("--library", type=pathlib.Path, default=ROOT / "build" / "libslipway.so.0")
    parser.add_argument("--exports-map", type=pathlib.Path, default=ROOT / "Sources" / "SlipwayABI" / "exports.map")
    parser.add_argument("--python", type=pathlib.Path, default=ROOT / "bindings" / "python", help="the folder that has the package")
    parser.add_argument("--cpp", type=pathlib.Path, default=ROOT / "bindings" / "cpp", help="the folder that has slipway.hpp")
    parser.add_argument("--operations", type=pathlib.Path, default=ROOT / "Tests" / "ABI" / "operations.h")
    given = parser.parse_args()

    header = Header(given.header)
    layout = Layout(header)
    sides: List[Side] = [
        Exports(header, given.library), ExportsMap(given.exports_map), PythonBinding(header, layout, given.python),
        CppBinding(header, layout, given.cpp), Programs(header, given.operations),
    ]  # fmt: skip
    table = Table(header, sides)
    if not given.quiet:
        print(table.text())
    drift = table.drift()
    for line in drift:
        print(line)
    rows = sum(len(rows) for rows in table.groups.values())
    print(f"{rows} names, {len(drift)} out of step" if drift else f"{rows} names, all in step")
    return 1 if drift else 0


if __name__ == "__main__":
    sys.exit(main())
