"""How often each seat answered T."""

from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.statistics.marginals import marginals
from tests.apps.chsh import vectors


def test_delft() -> None:
    found = {(one.position, one.letter): (one.n, one.true) for one in marginals(vectors.DELFT)}
    assert found == {(1, "A"): (132, 70), (1, "B"): (113, 56), (2, "X"): (115, 55), (2, "Y"): (130, 63)}


def test_exact_and_two_sided() -> None:
    only = marginals({"AX": Outcomes(pp=10), "BY": Outcomes()})
    assert [(one.position, one.letter, one.p) for one in only] == [(1, "A", 2 / 1024), (2, "X", 2 / 1024)]
