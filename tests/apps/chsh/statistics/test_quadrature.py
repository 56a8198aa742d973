"""Gauss-Legendre quadrature against integrals known in closed form."""

from math import erf, exp, isclose, pi, sqrt

import pytest

from gamekeeper_apps.chsh.statistics.quadrature import integrate


@pytest.mark.parametrize("degree", [0, 1, 2, 31, 62, 63])
def test_polynomials_up_to_degree_63_are_exact(degree: int) -> None:
    assert isclose(integrate(lambda x: x**degree, 0.0, 2.0), 2.0 ** (degree + 1) / (degree + 1), rel_tol=1e-13)


def test_the_flank_of_a_peak() -> None:
    reach = sqrt(2 * 18 * 2.302585092994046)
    wanted = sqrt(pi / 2) * erf(reach / sqrt(2))
    assert isclose(integrate(lambda x: exp(-x * x / 2), 0.0, reach), wanted, rel_tol=1e-14)


def test_an_empty_stretch_is_nothing() -> None:
    assert integrate(exp, 1.0, 1.0) == 0.0
