"""The fault matrix as a table: rows are operations, columns are faults by position, in as many blocks as a page is too narrow."""

from __future__ import annotations

import collections
from typing import Dict, Iterator, List, Mapping, Tuple

from slipway.status import Status

from matrix_cells import POSITIONS, Cell
from matrix_faults import FORMS
from matrix_operations import ROWS

WORDS = {
    Status.OK: "ok", Status.NETWORK: "nw", Status.SERVER: "sv", Status.PROTOCOL: "pr", Status.RATE_LIMITED: "rl", Status.UNAUTHORIZED: "un",
    Status.FORBIDDEN: "fb", Status.NOT_FOUND: "nf", Status.INVALID_ARGUMENT: "ia", Status.FILE: "fi", Status.DEADLINE_EXCEEDED: "de",
}  # fmt: skip

Played = Mapping[Tuple[str, str, int, bool], bool]
"""By `Cell.key`: whether what came of it is what had to come of it."""

ACROSS = 6
"""Faults of a block."""
WIDTH = 6


def word(cell: Cell) -> str:
    """What must come of it. Of many in one: of the one that is struck."""
    return WORDS[cell.failures()[0] if cell.row.is_many and cell.failures() else cell.expectation().status]


def text(cell: Cell, played: Played) -> str:
    """In capitals when it has been played; !! when something else came of it."""
    good = played.get(cell.key)
    return word(cell) if good is None else word(cell).upper() if good else "!!"


def content(row: int, form: int, place: int, played: Played) -> str:
    """Once, and from there on."""
    once, stays = (Cell(ROWS[row], FORMS[form], place, stays) for stays in (False, True))
    if not ROWS[row].asks:
        return "none" if place == 0 and not FORMS[form].is_after else once.same_as or ""
    return once.same_as or f"{text(once, played)} {text(stays, played)}"


def lines(played: Played) -> Iterator[str]:
    width = max(len(row.name) for row in ROWS) + 2
    for start in range(0, len(FORMS), ACROSS):
        block = range(start, min(start + ACROSS, len(FORMS)))
        yield ""
        yield " " * width + "".join(FORMS[form].name.ljust(WIDTH * len(POSITIONS) + 1) for form in block).rstrip()
        yield " " * width + len(block) * ("".join(place.ljust(WIDTH) for place in ("first", "mid", "last")) + " ")
        for row in range(len(ROWS)):
            cells = ("".join(content(row, form, place, played).ljust(WIDTH) for place in range(len(POSITIONS))) for form in block)
            yield (ROWS[row].name.ljust(width) + " ".join(cells)).rstrip()
    yield ""
    yield "Each cell: the fault strikes once, and from there on."
    yield ", ".join(f"{name} {status.name}" for status, name in WORDS.items())
    yield "Capitals: played in this run; !!: something else came of it. none: the operation asks nothing, which is what was played."
    yield "=1st, =mid: as at that position, which is the same request. =arr: as on arrival, since the operation only reads."


def empty(played: Played) -> List[str]:
    """Cells that say nothing."""
    return [
        f"{ROWS[row].name}, {FORMS[form].name}, {POSITIONS[place]}" for row in range(len(ROWS)) for form in range(len(FORMS))
        for place in range(len(POSITIONS)) if not content(row, form, place, played).strip()
    ]  # fmt: skip


def figures(played: Played) -> str:
    names: Dict[str, int] = collections.Counter(name for name, _, _, _ in played)
    return f"{len(played)} cells played, {sum(not good for good in played.values())} of them not as they must be, {len(names)} operations"
