"""Correlators, S, its mirror and its trace; Hardy's H. Descriptions, not tests."""

from math import sqrt
from typing import NamedTuple

from gamekeeper_apps.chsh.cells import CROSS_CELLS, MIRRORED_CELLS, SAME_CELLS, must_differ
from gamekeeper_apps.chsh.counts import Counts, Outcomes, get

Z95 = 1.959963984540054


class Estimate(NamedTuple):
    """A value and its standard error."""

    value: float
    se: float


def wilson(n: int, k: int) -> tuple[float, float]:
    """95 % Wilson interval of k/n, without continuity correction, within [0, 1]; n > 0."""
    rate, square = k / n, Z95 * Z95
    middle = (rate + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * sqrt(rate * (1 - rate) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def correlator(cell: Outcomes) -> Estimate | None:
    """E = (same - different)/n; None without rounds."""
    n = cell.n
    if not n:
        return None
    e = (cell.same - cell.different) / n
    return Estimate(e, sqrt(max(0.0, 1 - e * e) / n))


def correlator_interval(cell: Outcomes) -> tuple[float, float] | None:
    """The Wilson interval of P(same) mapped by E = 2p - 1: honest where the plug-in error is 0."""
    if not cell.n:
        return None
    low, high = wilson(cell.n, cell.same)
    return 2 * low - 1, 2 * high - 1


def chsh_s(cells: dict[str, Outcomes], differ: dict[str, bool] | None = None) -> Estimate | None:
    """S over four cells, - for the one that must differ; None while one is empty."""
    total = variance = 0.0
    for name, cell in cells.items():
        e = correlator(cell)
        if e is None:
            return None
        total += -e.value if (differ[name] if differ else must_differ(name)) else e.value
        variance += e.se**2
    return Estimate(total, sqrt(variance))


def forward(counts: Counts) -> dict[str, Outcomes]:
    """The cells with seat 1 on A/B."""
    return {cell: get(counts, cell) for cell in CROSS_CELLS}


def backward(counts: Counts) -> dict[str, Outcomes]:
    """The cells with seat 2 on A/B, seen from seat 2."""
    pairs = zip(CROSS_CELLS, MIRRORED_CELLS, strict=True)
    return {cell: get(counts, mirror).swapped() for cell, mirror in pairs}


def symmetric_s(counts: Counts) -> tuple[Estimate | None, Estimate | None, Estimate | None]:
    """S1, S2 and their mean, computed apart: adding the counts of mirrored cells can show a local pair with S = 3."""
    first, second = chsh_s(forward(counts)), chsh_s(backward(counts))
    if first is None or second is None:
        return first, second, None
    mean = Estimate((first.value + second.value) / 2, sqrt(first.se**2 + second.se**2) / 2)
    return first, second, mean


def trace(counts: Counts) -> float | None:
    """Mean correlator of the four same-letter cells, signed; None unless all have rounds."""
    found = [correlator(get(counts, cell)) for cell in SAME_CELLS]
    return None if None in found else sum(one.value for one in found if one) / 4


def hardy_h(counts: Counts) -> Estimate | None:
    """H = P(GG|cc) - P(GC|cf) - P(CG|fc) - P(PP|ff) (Kwiat & Hardy 2000); local strategies have H <= 0."""
    terms = (
        (get(counts, "AX"), 0, 1),
        (get(counts, "AY"), 1, -1),
        (get(counts, "BX"), 2, -1),
        (get(counts, "BY"), 0, -1),
    )
    total = variance = 0.0
    for cell, outcome, sign in terms:
        if not cell.n:
            return None
        p = cell[outcome] / cell.n
        total += sign * p
        variance += p * (1 - p) / cell.n
    return Estimate(total, sqrt(variance))
