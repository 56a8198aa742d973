"""How surprising are the wins for a local pair, and for a quantum one.

P-values: Bierhorst arXiv:1312.2999, Elkouss & Wehner arXiv:1510.07233 (valid for players with memory), with biased
settings as there and in Lawson, Linden, Popescu arXiv:1011.6245. E-values: the mixture martingale over q above the
bound; by Ville's inequality it may be watched live.
"""

from math import exp, log, sqrt
from typing import NamedTuple

from gamekeeper_apps.chsh.cells import LOCAL_BOUND, QUANTUM_BOUND
from gamekeeper_apps.chsh.statistics.binomial import LN10, log_lower, log_pmf, log_tail

SUPRA_QUANTUM_P = 1e-6
BADGE_E = 20.0
LARGEST_LN = 709.78
"""ln of the largest double."""
LARGEST_QUANTUM_BIAS = (sqrt(2) - 1) / 2
"""From this bias on, entanglement helps no more than the settings themselves do."""


def local_bound(bias: float = 0.0) -> float:
    """The win probability no local pair exceeds when each setting bit is within 1/2 +- bias."""
    return LOCAL_BOUND + bias - bias * bias


def local_miss(bias: float = 0.0) -> float:
    """1 minus the local bound, where that would round to 0: a bias of almost 1/2."""
    return (0.5 - bias) ** 2


def quantum_bound(bias: float = 0.0) -> float:
    """The same as the local bound for quantum pairs."""
    if bias == 0.0:
        return QUANTUM_BOUND
    if bias <= LARGEST_QUANTUM_BIAS:
        return 0.5 + sqrt(2) / 2 * (0.5 + 2 * bias * bias)
    return local_bound(bias)


def quantum_miss(bias: float = 0.0) -> float:
    """1 minus the quantum bound."""
    return 1 - quantum_bound(bias) if bias <= LARGEST_QUANTUM_BIAS else local_miss(bias)


def log10_p(n: int, k: int, bound: float, miss: float | None = None) -> float:
    """log10 P(Bin(n, bound) >= k). `miss` is 1 - bound, where that would round."""
    return log_tail(n, k, bound, miss) / LN10


def log_e_value(n: int, k: int, bound: float = LOCAL_BOUND, miss: float | None = None) -> float:
    """ln of the mean of (q/b)^k ((1-q)/(1-b))^(n-k) over q uniform in (b, 1); 0 at n = 0."""
    miss = 1 - bound if miss is None else miss
    return log_lower(n + 1, k, bound, miss) - log(n + 1) - log_pmf(n, k, bound, miss) - log(miss)


def finite_exp(value: float) -> float | None:
    """e to the value; None past the range of doubles."""
    return exp(value) if value < LARGEST_LN else None


class EProcess(NamedTuple):
    """The e-value of a growing run, in the same time each round however long it is.

    `log_max` is the running maximum of ln e with void rounds counted as lost: what a badge goes by, so that nobody
    earns one by letting bad rounds pass.
    """

    rounds: int = 0
    wins: int = 0
    voids: int = 0
    log_max: float = 0.0

    def step(self, won: bool) -> "EProcess":
        """After one more scored round."""
        moved = EProcess(self.rounds + 1, self.wins + won, self.voids, self.log_max)
        if won and moved._may_be_highest:
            return moved._replace(log_max=max(self.log_max, moved.log_with_voids))
        return moved

    def voided(self) -> "EProcess":
        """After one more round that was not scored."""
        return self._replace(voids=self.voids + 1)

    @property
    def log_value(self) -> float:
        """ln of the e-value now, over scored rounds."""
        return log_e_value(self.rounds, self.wins)

    @property
    def log_with_voids(self) -> float:
        """The same with void rounds counted as lost."""
        return log_e_value(self.rounds + self.voids, self.wins)

    @property
    def _may_be_highest(self) -> bool:
        """Whether the largest likelihood ratio, which no mean of ratios exceeds, is above the maximum so far."""
        n, k = self.rounds + self.voids, self.wins
        if k <= n * LOCAL_BOUND:
            return False
        lost = (n - k) * log((n - k) / (n * (1 - LOCAL_BOUND))) if k < n else 0.0
        return k * log(k / (n * LOCAL_BOUND)) + lost > self.log_max


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down adjustment, in the order given."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    floor = 0.0
    for rank, index in enumerate(order):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = floor
    return adjusted


def critical_wins(n: int, alpha: float) -> int:
    """The least k with P(Bin(n, 3/4) >= k) <= alpha; n + 1: there is none."""
    low, high = 0, n + 1
    while low < high:
        middle = (low + high) // 2
        if log_tail(n, middle, LOCAL_BOUND) <= log(alpha):
            high = middle
        else:
            low = middle + 1
    return low
