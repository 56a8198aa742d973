"""Outcome counts per cell, kept incrementally: one answer costs the same after a thousand rounds and a million."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gamekeeper_apps.chsh.cells import Cell, must_differ


class Outcomes(NamedTuple):
    """Rounds of one cell by outcome pair; + is T, seat 1 first."""

    pp: int = 0
    pm: int = 0
    mp: int = 0
    mm: int = 0

    @property
    def n(self) -> int:
        return self.pp + self.pm + self.mp + self.mm

    @property
    def same(self) -> int:
        return self.pp + self.mm

    @property
    def different(self) -> int:
        return self.pm + self.mp

    def won(self, differ: bool) -> int:
        return self.different if differ else self.same

    def swapped(self) -> "Outcomes":
        """Seen from the other seat."""
        return Outcomes(self.pp, self.mp, self.pm, self.mm)

    def plus(self, outcome: int, count: int = 1) -> "Outcomes":
        """With more rounds of one outcome (0..3: ++, +-, -+, --)."""
        values = list(self)
        values[outcome] += count
        return Outcomes(*values)


Counts = Mapping[Cell, Outcomes]
"""Absent cells have no rounds."""

NONE = Outcomes()


def get(counts: Counts, cell: Cell) -> Outcomes:
    return counts.get(cell, NONE)


def rounds_and_wins(counts: Counts, cells: Iterable[Cell]) -> tuple[int, int]:
    """Over some cells, by the win rule."""
    chosen = [(get(counts, cell), must_differ(cell)) for cell in cells]
    return sum(one.n for one, _ in chosen), sum(one.won(differ) for one, differ in chosen)


def added(one: Counts, other: Counts) -> dict[Cell, Outcomes]:
    """Both together."""
    cells = {**one, **other}
    return {cell: Outcomes(*map(sum, zip(get(one, cell), get(other, cell), strict=True))) for cell in cells}
