"""The researcher's panel."""

from math import isclose

import pytest

from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.statistics import research
from gamekeeper_apps.chsh.statistics.research import gls_s, min_entropy, rounds_needed
from tests.apps.chsh import vectors


def test_gls_of_delft() -> None:
    adjusted = gls_s(vectors.DELFT)
    assert adjusted is not None
    assert isclose(adjusted.value, 2.462658, abs_tol=1e-6)
    assert isclose(adjusted.se, 0.201888, abs_tol=1e-6)


def test_gls_where_it_cannot_help() -> None:
    plain = gls_s(vectors.DETERMINISTIC)
    assert plain is not None
    assert plain.value == 2
    assert gls_s(vectors.DELFT | {"AX": Outcomes()}) is None


@pytest.mark.parametrize(("s", "bits"), [(2, 0), (1.5, 0), (2.1, 0.038477), (2.4225, 0.209243), (2.7, 0.492781)])
def test_min_entropy(s: float, bits: float) -> None:
    assert isclose(min_entropy(s), bits, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("alpha", "power", "n", "wins"),
    [(0.05, 0.8, 107, 88), (0.05, 0.9, 139, 113), (0.05, 0.95, 176, 142), (0.01, 0.8, 164, 136), (0.01, 0.9, 207, 170),
     (0.01, 0.95, 244, 199), (0.001, 0.8, 247, 206), (0.001, 0.9, 300, 248), (0.001, 0.95, 347, 285)],
)  # fmt: skip
def test_power(alpha: float, power: float, n: int, wins: int) -> None:
    assert rounds_needed(alpha, power) == (n, wins)


def test_power_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(research, "MAX_PLANNED_ROUNDS", 500)
    with pytest.raises(ValueError, match="more than"):
        rounds_needed(0.05, 0.9, rate=0.75)
