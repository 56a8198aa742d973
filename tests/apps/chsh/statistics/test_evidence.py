"""P-values with bias, e-values, their constant-time process, Holm."""

from math import exp, isclose, log
from random import Random

import pytest

from gamekeeper_apps.chsh.cells import QUANTUM_BOUND
from gamekeeper_apps.chsh.statistics.binomial import LN10
from gamekeeper_apps.chsh.statistics.evidence import (
    BADGE_E,
    EProcess,
    critical_wins,
    finite_exp,
    holm,
    local_bound,
    local_miss,
    log10_p,
    log_e_value,
    quantum_bound,
    quantum_miss,
)

CLASSES, PAIRS, ROUNDS = 1_000, 50, 200


def least_wins(rounds: int, e: float) -> list[int]:
    """For each n the least k whose e-value reaches e; n + 1 where none does."""
    least, k = [1], 0
    for n in range(1, rounds + 1):
        while k <= n and log_e_value(n, k) < log(e):
            k += 1
        least.append(k)
    return least


@pytest.mark.parametrize("n", [1, 2, 14, 15, 16, 50, 199, 200])
def test_the_least_wins_are_what_the_process_says(n: int) -> None:
    least = least_wins(200, BADGE_E)[n]
    reached = EProcess(n, least, 0, 0.0).log_value if least <= n else 0.0
    assert least > n or reached >= log(BADGE_E)
    assert log_e_value(n, least - 1) < log(BADGE_E)


def test_badges_of_a_thousand_local_classes_looked_at_every_round() -> None:
    """Check 10: 0.05 and three standard deviations of a thousand classes."""
    rng = Random(10)
    of_pair, of_class = least_wins(ROUNDS, BADGE_E * PAIRS), least_wins(PAIRS * ROUNDS, BADGE_E)
    pair_badges = class_badges = 0
    for _ in range(CLASSES):
        badge = top = False
        wins, pooled, played = [0] * PAIRS, 0, 0
        for n in range(1, ROUNDS + 1):
            least = of_pair[n]
            for pair in range(PAIRS):
                played += 1
                if rng.random() < 0.75:
                    pooled += 1
                    wins[pair] += 1
                    badge = badge or wins[pair] >= least
                    top = top or pooled >= of_class[played]
        pair_badges += badge
        class_badges += top
    assert (pair_badges / CLASSES <= 0.071, class_badges / CLASSES <= 0.071) == (True, True), (
        pair_badges,
        class_badges,
    )


@pytest.mark.parametrize(
    ("n", "k", "e"), [(16, 16, 23.29989), (15, 15, 18.52023), (100, 85, 6.92645), (245, 196, 1.369782), (0, 0, 1.0)]
)
def test_e_values(n: int, k: int, e: float) -> None:
    assert isclose(exp(log_e_value(n, k)), e, rel_tol=1e-6) if n else EProcess().log_value == 0


@pytest.mark.parametrize(("n", "k", "log10"), [(2000, 1700, 24.7566978), (10000, 8900, 267.8202903)])
def test_large_e_values(n: int, k: int, log10: float) -> None:
    assert isclose(log_e_value(n, k) / LN10, log10, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("bias", "p", "e", "p_quantum"), [(0.01, 0.0795116, 0.758858, 0.991267), (0.05, 0.499175, 0.162883, 0.994386)]
)
def test_bias_on_delft(bias: float, p: float, e: float, p_quantum: float) -> None:
    assert isclose(10 ** log10_p(245, 196, local_bound(bias)), p, rel_tol=1e-5)
    assert isclose(exp(log_e_value(245, 196, local_bound(bias))), e, rel_tol=1e-5)
    assert isclose(10 ** log10_p(245, 196, quantum_bound(bias)), p_quantum, rel_tol=1e-5)


def test_bounds() -> None:
    assert quantum_bound() == QUANTUM_BOUND
    assert isclose(quantum_bound(0.2), 0.910122, abs_tol=1e-6)
    assert isclose(local_bound(0.2), 0.91)
    assert quantum_bound(0.3) == local_bound(0.3)


@pytest.mark.parametrize("bias", [0.0, 0.1, 0.2, 0.3, 0.49])
def test_misses_are_what_the_bounds_leave(bias: float) -> None:
    assert isclose(local_miss(bias), 1 - local_bound(bias), abs_tol=1e-15)
    assert isclose(quantum_miss(bias), 1 - quantum_bound(bias), abs_tol=1e-15)


def test_a_bias_of_almost_a_half_keeps_its_miss() -> None:
    """The bound itself is 1 as a double; its miss is not, and gives the tail."""
    bias = 0.5 - 1e-9
    assert local_bound(bias) == 1
    assert isclose(10 ** log10_p(100, 100, 1.0, local_miss(bias)), 1 - 100e-18, rel_tol=1e-12)
    assert log10_p(100, 99, 1.0, quantum_miss(bias)) <= 0


def fixed_q(n: int, k: int, q: float) -> float:
    return exp(k * log(q / 0.75) + (n - k) * log((1 - q) / 0.25))


def test_the_fixed_q_martingale() -> None:
    """The mixture is the mean of these over q."""
    assert isclose(fixed_q(245, 196, 0.8), 5.55954, rel_tol=1e-5)
    assert isclose(fixed_q(245, 196, QUANTUM_BOUND), 0.425044, rel_tol=1e-5)
    steps = 20_000
    mean = sum(fixed_q(245, 196, 0.75 + 0.25 * (i + 0.5) / steps) for i in range(steps)) / steps
    assert isclose(mean, exp(log_e_value(245, 196)), rel_tol=1e-6)


def test_the_process_is_the_value_at_every_round() -> None:
    """Incremental equals batch to 1e-12 and better than any rounding a screen shows, over long runs too."""
    rng = Random(3)
    process, wins, highest = EProcess(), 0, 0.0
    for n in range(1, 30_001):
        won = rng.random() < (0.74 if n < 20_000 else 0.8)
        wins += won
        process = process.step(won)
        if n < 300 or n % 500 == 0:
            assert isclose(process.log_value, log_e_value(n, wins), rel_tol=1e-9, abs_tol=1e-9)
        if n < 300:
            highest = max(highest, log_e_value(n, wins))
            assert isclose(process.log_max, highest, abs_tol=1e-12)


def test_losing_for_ever_is_no_evidence() -> None:
    process = EProcess()
    for _ in range(3_000):
        process = process.step(False)
    assert isclose(process.log_value, -log(3_001), rel_tol=1e-9)
    assert process.log_max == 0


def test_a_hopelessly_large_e_value_has_no_double() -> None:
    assert finite_exp(800) is None
    assert finite_exp(1) == exp(1)


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_critical_wins() -> None:
    assert critical_wins(16, 0.05) == 16
    assert critical_wins(3, 0.05) == 4, "three rounds can show nothing"
