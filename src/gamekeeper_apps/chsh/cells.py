"""Letters, cells, modes and the win rule.

A *cell* is the two letters of one round, seat 1 first. A,B are one side's settings, X,Y the other's.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sqrt
from typing import Literal

Letter = Literal["A", "B", "X", "Y"]
Answer = Literal["T", "F"]
Cell = str
"""Two letters, e.g. "AX"."""

ModeName = Literal["chsh", "symmetric", "hardy"]

LETTERS: tuple[Letter, ...] = ("A", "B", "X", "Y")
CROSS_CELLS: tuple[Cell, ...] = ("AX", "AY", "BX", "BY")
MIRRORED_CELLS: tuple[Cell, ...] = ("XA", "YA", "XB", "YB")
"""In the order of the cross cells they mirror."""
SAME_CELLS: tuple[Cell, ...] = ("AA", "BB", "XX", "YY")

LOCAL_BOUND = 0.75
"""Clauser, Horne, Shimony, Holt 1969: no local strategy wins more of the four cells, on average."""
QUANTUM_BOUND = cos(pi / 8) ** 2
"""Cirel'son 1980."""
QUANTUM_S = 2 * sqrt(2)


@dataclass(frozen=True)
class Mode:
    """Which questions a run asks. `local` and `quantum`: the best win rates over its uniform cells."""

    name: ModeName
    cells: tuple[Cell, ...]
    local: float
    quantum: float

    @property
    def q(self) -> float:
        """The probability of a cell in an `iid` schedule."""
        return 1 / len(self.cells)


MODES: dict[str, Mode] = {
    "chsh": Mode("chsh", CROSS_CELLS, 3 / 4, QUANTUM_BOUND),
    "symmetric": Mode("symmetric", CROSS_CELLS + MIRRORED_CELLS + SAME_CELLS, 10 / 12, (8 * QUANTUM_BOUND + 4) / 12),
    "hardy": Mode("hardy", CROSS_CELLS, 3 / 4, QUANTUM_BOUND),
}


@lru_cache(64)
def must_differ(cell: Cell) -> bool:
    """The cell made of {B, Y} is won by different answers, every other by equal ones."""
    return set(cell) == {"B", "Y"}


def wins(cell: Cell, answer_1: str, answer_2: str) -> bool:
    """Whether a round is won."""
    return (answer_1 != answer_2) is must_differ(cell)


def outcome(answer_1: str, answer_2: str) -> int:
    """Index of an outcome pair in (++, +-, -+, --), + being T, seat 1 first."""
    return (answer_1 != "T") * 2 + (answer_2 != "T")


def mirrored(cell: Cell) -> Cell:
    return cell[::-1]
