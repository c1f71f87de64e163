"""The cells of the fault matrix: an operation, a fault, one of three positions, once or from there on; and what must come of each."""

from __future__ import annotations

import dataclasses
from typing import Iterator, List, Optional, Tuple

from slipway.status import Status

from matrix_faults import ACTIONS, FORMS, Effect, Form
from matrix_operations import ROWS, Row
from matrix_rules import ATTEMPTS, Expectation, walk

POSITIONS = ("first", "middle", "last")


@dataclasses.dataclass(frozen=True)
class Cell:
    row: Row
    form: Form
    place: int
    """In POSITIONS."""
    stays: bool

    @property
    def position(self) -> int:
        """Of the request that is struck; of two the second one is in the middle."""
        count = len(self.row.kinds)
        return (0, count // 2, count - 1)[self.place]

    @property
    def key(self) -> Tuple[str, str, int, bool]:
        return (self.row.name, self.form.name, self.place, self.stays)

    def __str__(self) -> str:
        return f"{self.row.name}: {self.form.name} at the {POSITIONS[self.place]} request, {'from there on' if self.stays else 'once'}"

    @property
    def same_as(self) -> Optional[str]:
        """Of which cell of its row it is another name: one that is not played."""
        if self.form.is_after and self.row.does is None and self.row.asks:
            # Of what only reads.
            return "=arr"
        if not self.row.asks:
            return "=1st" if self.place > 0 or self.stays or self.form.is_after else None
        for place in range(self.place):
            if self.position == dataclasses.replace(self, place=place).position:
                return ("=1st", "=mid")[place]
        return None

    @property
    def is_patient(self) -> bool:
        """A server that has got a whole file may be silent for ten times as long."""
        return self.form.stalls and any(kind.is_patient for kind in self.row.kinds[self.position :])

    def expectation(self) -> Expectation:
        row = self.row
        if row.is_many or not row.asks:
            return Expectation(Status.OK, None, len(row.kinds))
        # When the service asks by itself, too, it is only requests like that one that are struck.
        only = frozenset([self.position]) if self.position >= row.late else frozenset()
        return walk(row.kinds, self.form.beside(row.server), self.position, self.stays, only)

    def failures(self) -> List[Status]:
        """Of an operation that is many: how those of them end that fail."""
        each = len(self.row.kinds) // self.row.is_many
        found: List[Status] = []
        for number in range(self.row.is_many):
            start = max(0, self.position - number * each)
            if start < each and (self.stays or self.position >= number * each):
                end = walk(self.row.kinds[:each], self.form, start, self.stays)
                found += [end.status] if end.status != Status.OK else []
        return found

    def done(self, expected: Expectation) -> Optional[int]:
        """How often it must have been done."""
        does = self.row.does
        if does is None:
            return None
        is_struck = does == self.position or self.stays and does > self.position
        if is_struck and does < len(self.row.kinds) and expected.last > does and self.is_believed(does):
            # A yes in the place of the service's own.
            return 0
        return int(expected.last > does or expected.last == does and self.form.lets_through)

    def is_believed(self, index: int) -> bool:
        """Nobody could tell what is answered there from the true answer."""
        form = self.form.beside(self.row.server)
        return form.effect != Effect.SLOW and not form.lets_through and self.row.kinds[index].tells(form) is None

    def bound(self, expected: Expectation) -> float:
        """Seconds that it may take on a busy machine: a stall is noticed after the idle timeout, or ten of it, and some seconds."""
        if not self.form.stalls:
            return 15.0
        struck = self.row.kinds[self.position : expected.last + 1]
        return 15.0 + sum(ATTEMPTS * (14.0 if kind.is_patient else 4.0) for kind in struck)


def all_cells() -> Iterator[Cell]:
    for row in ROWS:
        for form in FORMS:
            for place in range(len(POSITIONS)):
                for stays in (False, True):
                    yield Cell(row, form, place, stays)


def short_cells() -> Iterator[Cell]:
    """Every operation with every action at every position, in one form of each action: the forms take turns, and so do once and from there
    on. Stalls of what is patient are left to all cells: they take twenty seconds."""
    for number, row in enumerate(ROWS):
        for turn, action in enumerate(ACTIONS):
            forms = [form for form in FORMS if form.action == action]
            for place in range(len(POSITIONS)):
                stays = (number + turn + place) % 2 > 0
                cells = (Cell(row, forms[(number + place + skip) % len(forms)], place, stays) for skip in range(len(forms)))
                yield next(cell for cell in cells if not cell.is_patient)
