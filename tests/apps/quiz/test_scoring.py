"""M13: the vectors of the specification, and exactness everywhere else."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper_apps.quiz.scoring import half_up, points, points_per_option, streak_bonus
from gamekeeper_apps.quiz.settings import Preset

VECTORS = [
    (30, 1000, "0.4 0.5 2 15 30 30.001", "1000 992 967 750 500 0", "987 983 933 500 0 0"),
    (10, 1000, "0.499 0.5 0.51 1 5 10", "1000 975 975 950 750 500", "950 950 949 900 500 0"),
    (5, 1000, "1 2.5 5", "900 750 500", "800 500 0"),
    (7, 1000, "1 2 3", "929 857 786", "857 714 571"),
    (20, 2000, "0 1 6.5 20", "2000 1950 1675 1000", "2000 1900 1350 0"),
]


@pytest.mark.parametrize(("limit_s", "most", "times", "kahoot", "linear"), VECTORS)
def test_vectors(limit_s: int, most: int, times: str, kahoot: str, linear: str) -> None:
    for time, quick, even in zip(times.split(), kahoot.split(), linear.split(), strict=True):
        time_ms = int(Decimal(time) * 1000)
        assert points("kahoot", limit_s * 1000, time_ms, most) == int(quick), (time, "kahoot")
        assert points("linear", limit_s * 1000, time_ms, most) == int(even), (time, "linear")
        assert points("flat", limit_s * 1000, time_ms, most) == (most if time_ms <= limit_s * 1000 else 0)
        assert points("off", limit_s * 1000, time_ms, most) == 0


@given(
    st.sampled_from(["kahoot", "linear", "flat", "off"]),
    st.integers(5_000, 300_000),
    st.integers(0, 300_000),
    st.integers(0, 10_000),
    st.integers(0, 100),
)
def test_points_are_rounded_once_and_half_up(preset: Preset, limit: int, time: int, most: int, percent: int) -> None:
    found = points(preset, limit, time, most, Fraction(percent, 100))
    assert 0 <= found <= most
    if preset == "linear" and time <= limit:
        exact = Decimal(most) * (limit - time) * percent / (Decimal(limit) * 100)
        assert abs(exact.quantize(Decimal(1), ROUND_HALF_UP) - found) <= (1 if exact % 1 else 0)


def test_halves_go_up() -> None:
    """974.5 must become 975."""
    assert half_up(Fraction(1949, 2)) == 975 and half_up(Fraction(-1, 2)) == 0


def test_per_option_and_streaks() -> None:
    assert [points_per_option("kahoot", 30_000, 2_000, 1_000, net) for net in (2, 1, 0, -1)] == [966, 483, 0, 0]
    assert [streak_bonus(length, 500) for length in range(1, 8)] == [0, 100, 200, 300, 400, 500, 500]
    assert streak_bonus(6, 300) == 300
