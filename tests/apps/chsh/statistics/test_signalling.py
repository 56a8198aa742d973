"""The no-signalling test, its singular case and its alarm."""

from math import isclose
from random import Random

import pytest

from gamekeeper_apps.chsh.cells import CROSS_CELLS
from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.device import ANGLES, first_outcome, second_outcome
from gamekeeper_apps.chsh.statistics.signalling import fisher, no_signalling
from tests.apps.chsh import vectors


@pytest.mark.parametrize(
    ("table", "chi2", "alarm"),
    [
        (vectors.DELFT, 2.22324, False),
        (vectors.DETERMINISTIC, 0.0, False),
        (vectors.SIGNALLING, 355.5556, True),
        (vectors.CONSTANT, 1506.489, True),
        (vectors.PR_BOX, 0.160256, False),
        (vectors.TILTED, 54.5758, True),
        (vectors.VIENNA, 4.38599, False),
    ],
)
def test_vectors(table: dict[str, Outcomes], chi2: float, alarm: bool) -> None:
    found = no_signalling(table)
    assert found is not None
    assert isclose(found.chi2, chi2, rel_tol=1e-5, abs_tol=1e-9)
    assert found.dof == 4
    assert found.alarm is alarm


def test_p_values() -> None:
    for table, p in ((vectors.DELFT, 0.694777), (vectors.VIENNA, 0.356281), (vectors.TILTED, 3.98668e-11)):
        found = no_signalling(table)
        assert found is not None
        assert isclose(found.p, p, rel_tol=1e-5)


def test_an_empty_cell_gives_nothing() -> None:
    assert no_signalling(vectors.DELFT | {"BX": Outcomes()}) is None


@pytest.mark.parametrize(
    ("table", "p"),
    [((3, 4, 1, 4), 0.485714286), ((8, 10, 1, 9), 0.005477494), ((0, 5, 0, 5), 1.0), ((5, 5, 0, 5), 2 / 252)],
)
def test_fisher(table: tuple[int, int, int, int], p: float) -> None:
    assert isclose(fisher(*table), p, rel_tol=1e-6)


@pytest.mark.parametrize("rounds", [16, 40])
def test_honest_quantum_pairs_are_not_accused(rounds: int) -> None:
    """The Wald form alone would accuse 15 % of them at 16 rounds."""
    rng = Random(100 + rounds)
    accused = 0
    for _ in range(400):
        table = dict.fromkeys(CROSS_CELLS, Outcomes())
        for _ in range(rounds):
            cell = rng.choice(CROSS_CELLS)
            luck = rng.random(), rng.random()
            first = first_outcome("quantum", cell[0], luck[0])
            turn = ANGLES[cell[0]] - ANGLES[cell[1]]
            second = second_outcome("quantum", 1.0, cell, turn, first, luck)
            table[cell] = table[cell].plus((first != "T") * 2 + (second != "T"))
        found = no_signalling(table)
        accused += found is not None and found.alarm
    assert accused == 0
