"""The conformance table of EnterMedia: what a server was seen to do, what Slipway answers to it, and the test that proves the answer.

A test says which facts it is about, and what the library's answer is:

    @fact("auth-02", "UNAUTHORIZED")
    def test_wrong_password(...)

The rows are made of these marks; the words about the server are those of entermedia_cases.py, whose own test asks the server (or the
emulator) for them. The table stands at the end of each session of pytest that ran any of the tests;

    python3 Tests/Integration/entermedia_facts.py

prints it without running them.
"""

from __future__ import annotations

import collections
import dataclasses
import importlib
import pathlib
import sys
from typing import Any, Callable, Dict, List, TypeVar

from entermedia_cases import CASES

MODULES = ("test_entermedia", "test_entermedia_access", "test_entermedia_faults", "test_entermedia_many", "test_entermedia_upload")

#: The facts that each have to have a test: those that the library was made by.
LABELS = """
auth-01 auth-02 auth-03 auth-09 authx-01 authx-02 authx-06 authx-07 dist-08 dist-09 dist-10 dist-11 noaccess-01 noaccess-02 noaccess-03
legacy-05
dist-01 dist-02 dist-03 dist-04 dist-06 dist-07 dist-12 dist-13 dist-15 dist-18 dist-21 dist-22 dist-31
dist-36 dist-37 dist-38 dist-39 dist-42 legacy-01 legacy-02 legacy-03 legacy-04 cdn-06
edit-01 edit-02 edit-03 edit-06 edit-07 edit-09 cache-05
search-01 search-02 search-03 search-04 search-07 search-08
delete-01 delete-02 delete-03 delete-04 delete-11 zip-06 zip-07
pub-01 pub-06 pub-07 pub-13 pub-16 zip-01 zip-02 zip-03 zip-05
asset-01 asset-02 asset-08 asset-12 asset-14 upload-01 upload-02 upload-12 upload-13 upload-16 upload-18 upload-19
misc-01 redir-01 redir-02 restart-03
newer-01 newer-02 newer-03 starting
""".split()

#: What entermedia_cases.py has no exchange of: it was read in the sources of a newer server, or is between a client and a server.
MORE = {
    "noaccess-02": "and to a GET that a redirect has made of a POST",
    "newer-01": "a newer server has a login's key at the top level",
    "newer-02": "a newer server does not take the cookie entermedia.key",
    "newer-03": "a newer server refuses with 403 and an empty body",
    "starting": "a server that is starting answers everything with a page and 200",
}

SERVER: Dict[str, str] = {**{case.label: case.fact for case in CASES}, **MORE}


@dataclasses.dataclass(frozen=True)
class Row:
    label: str
    answer: str
    module: str
    test: str


_rows: List[Row] = []
Test = TypeVar("Test", bound=Callable[..., Any])


def fact(label: str, answer: str) -> Callable[[Test], Test]:
    """Marks a test: it proves `answer` to be what the library makes of the fact `label`."""
    if label not in SERVER:
        raise ValueError(f"{label} is no fact that is known")

    def mark(test: Test) -> Test:
        _rows.append(Row(label, answer, test.__module__, test.__name__))
        return test

    return mark


def rows() -> List[Row]:
    """All of them, in the order of `LABELS`."""
    for module in MODULES:
        importlib.import_module(module)
    order = {label: number for number, label in enumerate(LABELS)}
    return sorted(_rows, key=lambda row: order.get(row.label, len(order)))


def table(outcomes: Dict[str, str]) -> List[str]:
    """The lines of the table. `outcomes`: "passed" and the like, by "module::test"."""
    by_label: Dict[str, List[Row]] = collections.defaultdict(list)
    for row in rows():
        by_label[row.label].append(row)
    lines = []
    for label, found in by_label.items():
        lines.append(f"{label:12} {SERVER[label]}")
        for row in found:
            outcome = outcomes.get(f"{row.module}::{row.test}")
            lines.append(f"{'':12} -> {row.answer}  [{row.module}::{row.test}{': ' + outcome if outcome else ''}]")
    return [*lines, f"{len(by_label)} facts, {len({(row.module, row.test) for row in _rows})} tests"]


class Table:
    """A plugin of pytest: notes how the tests end, and prints the table behind them."""

    def __init__(self) -> None:
        self._outcomes: Dict[str, str] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        module, _, test = report.nodeid.partition("::")
        name = f"{pathlib.PurePath(module).stem}::{test.partition('[')[0]}"
        if report.failed or report.skipped or report.when == "call":
            # Of a test that runs several times a failure counts, then a success.
            rank = ("failed", "passed", "skipped")
            before = self._outcomes.get(name, "skipped")
            self._outcomes[name] = min(before, report.outcome, key=rank.index)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if any(f"{row.module}::{row.test}" in self._outcomes for row in _rows):
            terminalreporter.section("EnterMedia: what a server does, and what Slipway answers")
            for line in table(self._outcomes):
                terminalreporter.line(line)


if __name__ == "__main__":
    folder = pathlib.Path(__file__).resolve().parent
    sys.path[:0] = [str(folder), str(folder.parents[1] / "bindings" / "python")]
    # The tests note their facts in the module of that name, not in this one, which is __main__.
    print("\n".join(importlib.import_module("entermedia_facts").table({})))
