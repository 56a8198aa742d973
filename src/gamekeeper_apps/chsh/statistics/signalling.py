"""Does one seat's answer depend on the other's letter? The four no-signalling contrasts of P(T)."""

from bisect import bisect_left
from collections.abc import Callable
from itertools import pairwise
from math import exp, sqrt
from typing import NamedTuple

from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.statistics.binomial import log_pmf
from gamekeeper_apps.chsh.statistics.matrices import solve, symmetric_eigenvalues
from gamekeeper_apps.chsh.statistics.quadrature import integrate
from gamekeeper_apps.chsh.statistics.uniformity import chi2_sf

ALARM_WALD_P = 1e-6
ALARM_FISHER_P = 1e-4
SINGULAR = 1e-9
"""Smallest over largest eigenvalue at which a covariance counts as singular."""
FEW_ROUNDS = 20
"""Screens show no P below this many rounds in a cell."""
TIE_LN = 1e-7
"""Tables whose probabilities differ by no more than this count as equally likely."""
WIDE = 200.0
"""Standard deviation of a hypergeometric law above which its sum is an integral, to 1e-4 of itself."""
LONGEST_FLANK = 9.0
PANELS = 4
"""A flank is integrated over so many standard deviations, in so many pieces."""

CONTRASTS = (("AX", "AY", 0), ("BX", "BY", 0), ("AX", "BX", 1), ("AY", "BY", 1))
"""(cell, minus cell, seat index): seat 1 compares X with Y, seat 2 A with B."""


class Signalling(NamedTuple):
    """The joint Wald test and the alarm. It sees one-way leaks; a PR-like cheat is the supra-quantum alarm's work."""

    chi2: float
    dof: int
    p: float
    alarm: bool


def no_signalling(cells: dict[str, Outcomes]) -> Signalling | None:
    """Of four cells, seat 1 on A/B; None while one of them is empty."""
    if any(not cell.n for cell in cells.values()):
        return None
    chi2 = wald(cells)
    p = chi2_sf(chi2, len(CONTRASTS))
    alarm = p < ALARM_WALD_P and len(CONTRASTS) * smallest_fisher(cells) < ALARM_FISHER_P
    return Signalling(chi2, len(CONTRASTS), p, alarm)


def plus(cell: Outcomes, seat: int) -> int:
    """Rounds in which that seat answered T."""
    return cell.pp + (cell.mp if seat else cell.pm)


def contrasts(cells: dict[str, Outcomes]) -> list[float]:
    return [plus(cells[a], s) / cells[a].n - plus(cells[b], s) / cells[b].n for a, b, s in CONTRASTS]


def wald(cells: dict[str, Outcomes]) -> float:
    """c' C^-1 c with the multinomial covariance, contrasts that share a cell included."""
    covariance = contrast_covariance(cells, smoothed=False)
    eigenvalues = sorted(symmetric_eigenvalues(covariance))
    if eigenvalues[0] <= SINGULAR * eigenvalues[-1]:
        covariance = contrast_covariance(cells, smoothed=True)
    differences = contrasts(cells)
    solved = solve(covariance, differences)
    return sum(one * other for one, other in zip(differences, solved, strict=True))


def contrast_covariance(cells: dict[str, Outcomes], *, smoothed: bool) -> list[list[float]]:
    """`smoothed`: with each cell's outcome probabilities replaced by (count + 1/2)/(n + 2)."""
    blocks = {name: _marginal_covariance(cell, smoothed) for name, cell in cells.items()}
    return [[_shared(one, other, blocks) for other in CONTRASTS] for one in CONTRASTS]


def _shared(one: tuple[str, str, int], other: tuple[str, str, int], blocks: dict[str, list[list[float]]]) -> float:
    total = 0.0
    for cell, sign in ((one[0], 1), (one[1], -1)):
        if cell == other[0]:
            total += sign * blocks[cell][one[2]][other[2]]
        elif cell == other[1]:
            total -= sign * blocks[cell][one[2]][other[2]]
    return total


def _marginal_covariance(cell: Outcomes, smoothed: bool) -> list[list[float]]:
    """Covariance of the two seats' frequencies of T in one cell."""
    p = [(count + 0.5) / (cell.n + 2) if smoothed else count / cell.n for count in cell]
    first, second = p[0] + p[1], p[0] + p[2]
    together = (p[0] - first * second) / cell.n
    return [[first * (1 - first) / cell.n, together], [together, second * (1 - second) / cell.n]]


def smallest_fisher(cells: dict[str, Outcomes]) -> float:
    """The smallest two-sided Fisher exact P over the four contrasts."""
    return min(fisher(plus(cells[a], s), cells[a].n, plus(cells[b], s), cells[b].n) for a, b, s in CONTRASTS)


def fisher(k1: int, n1: int, k2: int, n2: int) -> float:
    """Two-sided Fisher exact test of k1 of n1 against k2 of n2: all tables no likelier than the one seen.

    Exact up to rounding while the law is narrower than `WIDE`; wider, its flanks are integrated.
    """
    n, k = n1 + n2, k1 + k2
    if k in (0, n):
        return 1.0
    lowest, highest = max(0, k - n2), min(k, n1)
    share, constant = k / n, log_pmf(n, k, k / n)

    def log_p(x: float) -> float:
        return log_pmf(n1, x, share) + log_pmf(n2, k - x, share) - constant

    mode = min(max((k + 1) * (n1 + 1) // (n + 2), lowest), highest)
    limit = log_p(k1) + TIE_LN
    width = sqrt(n1 * n2 * share * (1 - share) / n)
    flanks = (range(mode, lowest - 1, -1), range(mode + 1, highest + 1))
    return min(1.0, sum(_sum_below(log_p, flank, limit, width) for flank in flanks))


def _sum_below(log_p: Callable[[float], float], values: range, limit: float, width: float) -> float:
    """Sum of exp(log_p) where it is at most the limit; log_p falls along `values`, so the start is found by halving."""
    first = bisect_left(values, -limit, key=lambda value: -log_p(value))
    if width > WIDE and first < len(values):
        begin, step = values[first] - values.step / 2, values.step
        reach = min(len(values) - first, LONGEST_FLANK * width)
        panel = reach / PANELS
        ends = [begin + step * panel * i for i in range(PANELS + 1)]
        return sum(abs(integrate(lambda x: exp(log_p(x)), a, b)) for a, b in pairwise(ends))
    total = 0.0
    for value in values[first:]:
        term = exp(log_p(value))
        total += term
        if term <= total * 1e-17:
            break
    return total
