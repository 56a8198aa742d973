"""Binomial tails against exact fractions and published values."""

from fractions import Fraction
from math import comb, exp, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper_apps.chsh.cells import QUANTUM_BOUND
from gamekeeper_apps.chsh.statistics.binomial import (
    LN10,
    clopper_pearson,
    log_lower,
    log_pmf,
    log_tail,
    two_sided_fair,
)


def exact_tail(n: int, k: int, p: Fraction) -> Fraction:
    return sum((comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(max(k, 0), n + 1)), Fraction(0))


def exact_log(value: Fraction) -> float:
    """ln of a fraction far below the doubles."""
    shift = value.denominator.bit_length() - value.numerator.bit_length()
    return log(float(value * 2**shift)) - shift * log(2)


@pytest.mark.parametrize(
    ("n", "k", "p"),
    [(4, 4, 0.316406), (16, 16, 0.0100226), (20, 19, 0.0243126), (100, 85, 0.0110833), (200, 171, 2.10338e-4),
     (300, 237, 0.0605746), (245, 196, 0.0390777)],
)  # fmt: skip
def test_tails_of_three_quarters(n: int, k: int, p: float) -> None:
    assert isclose(exp(log_tail(n, k, 0.75)), p, rel_tol=1e-5)


@pytest.mark.parametrize(
    ("n", "k", "log10"), [(2000, 1700, -27.1309153), (10000, 8900, -271.0172541), (5000, 4900, -460.8842303)]
)
def test_tails_beyond_the_doubles(n: int, k: int, log10: float) -> None:
    assert isclose(log_tail(n, k, 0.75) / LN10, log10, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("n", "k", "p"),
    [(20, 20, 0.0421322), (50, 50, 3.64363e-4), (100, 92, 0.0339568), (100, 100, 1.32761e-7), (200, 190, 1.23664e-5)],
)
def test_supra_quantum_tails(n: int, k: int, p: float) -> None:
    assert isclose(exp(log_tail(n, k, QUANTUM_BOUND)), p, rel_tol=1e-5)


@given(st.integers(1, 400), st.data())
def test_tails_are_exact_to_nine_digits(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    expected = exact_tail(n, k, Fraction(3, 4))
    assert abs(log_tail(n, k, 0.75) - exact_log(expected)) < 1e-9


@pytest.mark.parametrize("k", [2_900, 3_000, 3_001, 3_050, 3_400])
def test_large_n_is_exact_too(k: int) -> None:
    n = 4_000
    expected = exact_log(exact_tail(n, k, Fraction(3, 4)))
    assert isclose(exp(log_tail(n, k, 0.75) - expected), 1, rel_tol=1e-9)


def test_the_sum_of_all_is_one() -> None:
    assert isclose(sum(exp(log_pmf(50, k, 0.3)) for k in range(51)), 1, rel_tol=1e-12)
    assert isclose(exp(log_tail(50, 20, 0.3)) + exp(log_lower(50, 19, 0.3)), 1, rel_tol=1e-12)


def test_edges() -> None:
    assert log_tail(10, 0, 0.5) == 0
    assert log_tail(10, -3, 0.5) == 0
    assert log_tail(10, 11, 0.5) == float("-inf")
    assert log_tail(10, 3, 0.0) == float("-inf")
    assert log_tail(10, 3, 1.0) == 0


def test_the_exact_interval_of_delft() -> None:
    low, high = clopper_pearson(245, 196)
    assert isclose(low, 0.744360, abs_tol=1e-6)
    assert isclose(high, 0.848222, abs_tol=1e-6)
    assert clopper_pearson(5, 0)[0] == 0
    assert clopper_pearson(5, 5)[1] == 1


def test_two_sided() -> None:
    assert two_sided_fair(10, 5) == 1
    assert isclose(two_sided_fair(10, 10), 2 / 1024)
    assert isclose(two_sided_fair(10, 1), two_sided_fair(10, 9))
