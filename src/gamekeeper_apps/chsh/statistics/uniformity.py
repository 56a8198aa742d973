"""Were the settings drawn as they should be? Chi-square tails in closed form for whole degrees of freedom."""

from collections.abc import Sequence
from math import erfc, exp, pi, sqrt

REFUSE_COUNTS_P = 1e-3
"""A published table: nothing is known of how its settings were drawn."""
REFUSE_RECORDED_P = 1e-6
"""A run that carries its own q."""


def chi2_sf(x: float, dof: int) -> float:
    """P(chi-square with dof degrees of freedom >= x): the finite sums of Abramowitz & Stegun 26.4.4-5."""
    if x <= 0:
        return 1.0
    half = x / 2
    if dof % 2 == 0:
        term = total = 1.0
        for i in range(1, dof // 2):
            term *= half / i
            total += term
        return exp(-half) * total
    term = sqrt(2 * x / pi) * exp(-half)
    total = erfc(sqrt(half))
    for i in range(3, dof + 1, 2):
        total += term
        term *= x / i
    return total


def uniformity(counts: Sequence[int]) -> tuple[float, int, float] | None:
    """Pearson's chi-square of cell counts against equal ones, its degrees of freedom and P; None without rounds."""
    n = sum(counts)
    if not n:
        return None
    expected = n / len(counts)
    chi2 = sum((count - expected) ** 2 for count in counts) / expected
    return chi2, len(counts) - 1, chi2_sf(chi2, len(counts) - 1)


def bias_allowance(bias: float, n: int) -> float:
    """How far from 1/2 a setting bit's frequency may lie before the assumed bias is doubted."""
    return bias + 5 * sqrt(1 / (4 * n))
