"""Chi-square tails and the uniformity of settings."""

from math import isclose

import pytest

from gamekeeper_apps.chsh.statistics.uniformity import bias_allowance, chi2_sf, uniformity


@pytest.mark.parametrize(
    ("x", "dof", "p"), [(16.27, 3, 1e-3), (30.66, 3, 1e-6), (33.38, 4, 1e-6), (56.49, 15, 1e-6), (19.675, 11, 0.05)]
)
def test_critical_values(x: float, dof: int, p: float) -> None:
    assert isclose(chi2_sf(x, dof), p, rel_tol=5e-3)


def test_edges() -> None:
    assert chi2_sf(0, 3) == 1
    assert uniformity([0, 0, 0, 0]) is None
    assert uniformity([5, 5, 5, 5]) == (0, 3, 1)
    assert bias_allowance(0.1, 100) == 0.35


def test_delft() -> None:
    assert uniformity([53, 79, 62, 51]) == pytest.approx((7.97959, 3, 0.046435), rel=1e-4)
