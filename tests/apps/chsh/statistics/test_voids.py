"""Void rates per cell."""

from gamekeeper_apps.chsh.statistics.voids import VOID_WARNING_P, void_rates_p


def test_one_cell_left_out_on_purpose_is_noticed() -> None:
    assert void_rates_p([100] * 4, [2, 3, 1, 20]) < VOID_WARNING_P


def test_even_voids_are_not() -> None:
    assert void_rates_p([100] * 4, [5, 6, 4, 5]) > 0.5
    assert void_rates_p([10, 10], [1, 1]) == 1


def test_nothing_to_compare() -> None:
    assert void_rates_p([10, 10, 10, 10], [0, 0, 0, 0]) == 1
    assert void_rates_p([10, 0, 0, 0], [5, 0, 0, 0]) == 1
