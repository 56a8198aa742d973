"""For the researcher's panel: adjusted S, what a value of S would certify, and how many rounds a test needs."""

from math import exp, log2, sqrt

from gamekeeper_apps.chsh.cells import QUANTUM_BOUND, must_differ
from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.statistics.bell import Estimate, chsh_s
from gamekeeper_apps.chsh.statistics.binomial import log_tail
from gamekeeper_apps.chsh.statistics.evidence import critical_wins
from gamekeeper_apps.chsh.statistics.matrices import solve, symmetric_eigenvalues
from gamekeeper_apps.chsh.statistics.signalling import CONTRASTS, SINGULAR, contrast_covariance, contrasts

MAX_PLANNED_ROUNDS = 100_000
SETTLED_ROUNDS = 50


def gls_s(cells: dict[str, Outcomes]) -> Estimate | None:
    """S with what the four no-signalling contrasts explain of its error taken out (generalised least squares; Gill,
    arXiv:2209.00702). Gaussian, not proof against memory. None while a cell is empty."""
    plain = chsh_s(cells)
    if plain is None:
        return None
    covariance = contrast_covariance(cells, smoothed=False)
    eigenvalues = sorted(symmetric_eigenvalues(covariance))
    if eigenvalues[0] <= SINGULAR * eigenvalues[-1]:
        return plain
    shared = [_covariance_with_s(cells, contrast) for contrast in CONTRASTS]
    weights = solve(covariance, shared)
    value = plain.value - sum(one * other for one, other in zip(weights, contrasts(cells), strict=True))
    explained = sum(one * other for one, other in zip(weights, shared, strict=True))
    return Estimate(value, sqrt(max(0.0, plain.se**2 - explained)))


def _covariance_with_s(cells: dict[str, Outcomes], contrast: tuple[str, str, int]) -> float:
    total = 0.0
    for name, sign in ((contrast[0], 1), (contrast[1], -1)):
        cell, n = cells[name], cells[name].n
        e = (cell.same - cell.different) / n
        plus = (cell.pp + (cell.mp if contrast[2] else cell.pm)) / n
        both = (cell.pp - (cell.mp if contrast[2] else cell.pm)) / n
        total += sign * (-1 if must_differ(name) else 1) * (both - e * plus) / n
    return total


def min_entropy(s: float) -> float:
    """Bits per round that a device with this S would certify, 1 - log2(1 + sqrt(2 - S^2/4)) (Pironio et al.,
    arXiv:0911.3427); 0 at or below S = 2."""
    return 0.0 if s <= 2 else 1 - log2(1 + sqrt(max(0.0, 2 - s * s / 4)))


def rounds_needed(alpha: float, power: float, rate: float = QUANTUM_BOUND) -> tuple[int, int]:
    """The planned n from which on every n lets a pair that wins at `rate` reach P <= alpha with at least this
    probability, and the wins that takes at n. Exact binomials, whose power is a saw-tooth: a smaller n may do by luck.

    Raises `ValueError` when a hundred thousand rounds are not enough.
    """
    enough_since = 1
    n = 0
    while n < 2 * enough_since + SETTLED_ROUNDS:
        n += 1
        if n > MAX_PLANNED_ROUNDS:
            raise ValueError(f"more than {MAX_PLANNED_ROUNDS} rounds")
        wins = critical_wins(n, alpha)
        if wins > n or exp(log_tail(n, wins, rate)) < power:
            enough_since = n + 1
    return enough_since, critical_wins(enough_since, alpha)
