"""Points, in integer milliseconds and exact fractions. Never a binary float, never banker's rounding."""

from fractions import Fraction

from gamekeeper_apps.quiz.settings import Preset

FAST_MS = 500
STREAK_STEP = 100
CONFIDENCE: dict[str, tuple[int, int]] = {"low": (1, 0), "mid": (2, -2), "high": (3, -6)}
"""Gardner-Medwin's table: thirds of the points for a right and for any other answer."""


def half_up(value: Fraction) -> int:
    """The nearest integer, halves upwards."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def speed(preset: Preset, limit_ms: int, time_ms: int) -> Fraction:
    """s(t): 1 for at once, by preset; 0 past the limit."""
    if time_ms > limit_ms or preset == "off":
        return Fraction(0)
    if preset == "flat" or (preset == "kahoot" and time_ms < FAST_MS):
        return Fraction(1)
    return 1 - Fraction(time_ms, 2 * limit_ms if preset == "kahoot" else limit_ms)


def points(preset: Preset, limit_ms: int, time_ms: int, most: int, f: Fraction = Fraction(1)) -> int:
    """`round_half_up(P · s(t) · f)`, rounded once."""
    return half_up(most * speed(preset, limit_ms, time_ms) * f)


def points_per_option(preset: Preset, limit_ms: int, time_ms: int, most: int, net_right: int) -> int:
    """For each right option net of wrong ones, half the points."""
    return max(0, net_right) * half_up(Fraction(most, 2) * speed(preset, limit_ms, time_ms))


def streak_bonus(length: int, cap: int) -> int:
    """For the `length`-th right answer in a row."""
    return min(cap, STREAK_STEP * min(5, max(0, length - 1)))


def confidence_points(confidence: str, right: bool, most: int) -> int:
    return half_up(Fraction(CONFIDENCE[confidence][0 if right else 1] * most, 3))
