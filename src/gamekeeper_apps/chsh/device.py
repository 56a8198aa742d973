"""Simulated nature: what measuring a shared pair of particles, or something stronger, would give.

The only place where one seat's result may depend on the other's letter. Two numbers in [0, 1) a round decide all:
`coin` the first outcome, `agree` whether the second equals it. So neither the joint law nor who wins depends on who
measures first. Always labelled as a simulation.
"""

from math import cos, pi
from typing import Literal

from gamekeeper_apps.chsh.cells import Answer, Cell, must_differ

DeviceKind = Literal["off", "quantum", "pr-box", "hardy"]
KINDS: tuple[DeviceKind, ...] = ("off", "quantum", "pr-box", "hardy")

ANGLES = {"A": 0.0, "B": pi / 2, "X": pi / 4, "Y": -pi / 4}
"""Of the state Phi+ in radians (polariser angles are half of these): E = v cos(difference)."""

HARDY_JOINT: dict[Cell, tuple[float, float, float, float]] = {
    "AX": (1 / 12, 1 / 12, 1 / 12, 3 / 4),
    "AY": (1 / 6, 0.0, 1 / 6, 2 / 3),
    "BX": (1 / 6, 1 / 6, 0.0, 2 / 3),
    "BY": (0.0, 1 / 3, 1 / 3, 1 / 3),
}
"""P(++), P(+-), P(-+), P(--) of (|c,p> + |p,c> - |c,c>)/sqrt(3) (Kwiat & Hardy 2000), colour as A and X, food as B and
Y, green and peas as +."""

HARDY_PLUS = {"A": 1 / 6, "X": 1 / 6, "B": 1 / 3, "Y": 1 / 3}
"""P(+) of one seat, whatever the other is asked: the marginals of the joint law."""


def first_outcome(kind: DeviceKind, letter: str, coin: float) -> Answer:
    """What the seat that measures first gets. It depends on nothing but its own letter and the coin."""
    plus = HARDY_PLUS[letter] if kind == "hardy" else 0.5
    return "T" if coin < plus else "F"


def second_outcome(
    kind: DeviceKind, visibility: float, cell: Cell, difference: float, first: Answer, luck: tuple[float, float]
) -> Answer:
    """What the other seat gets then. `difference`: of the two angles in radians; `luck`: coin and agree."""
    return first if _same(kind, visibility, cell, difference, luck) else ("F" if first == "T" else "T")


def _same(kind: DeviceKind, visibility: float, cell: Cell, difference: float, luck: tuple[float, float]) -> bool:
    """Whether the two outcomes are equal, whoever measured first.

    For the Hardy state the coin alone says it. It lies in ++ first, then in the two unequal outcomes, then in --; a
    first outcome is + up to its seat's marginal, which is ++ and one unequal outcome, whichever seat that is.
    """
    coin, agree = luck
    if kind == "quantum":
        return agree < (1 + visibility * cos(difference)) / 2
    if kind == "pr-box":
        return not must_differ(cell)
    both, first_alone, second_alone, _ = HARDY_JOINT[cell]
    return not both <= coin < both + first_alone + second_alone
