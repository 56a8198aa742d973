"""Simulated nature: joint laws, marginals, order (check 19)."""

from collections import Counter
from itertools import product
from math import cos, isclose, log, pi, sqrt
from random import Random

import pytest

from gamekeeper_apps.chsh.cells import CROSS_CELLS, must_differ, outcome
from gamekeeper_apps.chsh.device import ANGLES, HARDY_JOINT, DeviceKind, first_outcome, second_outcome
from gamekeeper_apps.chsh.statistics.evidence import BADGE_E, EProcess
from gamekeeper_apps.chsh.statistics.uniformity import chi2_sf

ROUNDS = 4_000


def play(kind: DeviceKind, cell: str, first: int, rng: Random, turn: float | None = None, v: float = 1.0) -> int:
    angle = turn if turn is not None else ANGLES[cell[0]] - ANGLES[cell[1]]
    luck = rng.random(), rng.random()
    one = first_outcome(kind, cell[first - 1], luck[0])
    other = second_outcome(kind, v, cell, angle, one, luck)
    return outcome(one, other) if first == 1 else outcome(other, one)


@pytest.mark.parametrize("v", [1.0, 0.9, 0.0])
def test_correlations_follow_the_cosine(v: float) -> None:
    rng = Random(1)
    for turn in (0.0, pi / 4, pi / 2, 3 * pi / 4, pi):
        n = Counter(play("quantum", "AX", rng.choice((1, 2)), rng, turn, v) for _ in range(ROUNDS))
        e = (n[0] + n[3] - n[1] - n[2]) / ROUNDS
        assert abs(e - v * cos(turn)) <= 4.9 * sqrt(max(1 - (v * cos(turn)) ** 2, 1e-3) / ROUNDS)


def test_marginals_do_not_depend_on_the_partners_angle() -> None:
    rng = Random(2)
    chi2 = 0.0
    for _, turn in product(range(4), (0.1, 0.8, 1.9, 2.7)):
        plus = sum(play("quantum", "AX", 1, rng, turn) in (0, 2) for _ in range(ROUNDS))
        chi2 += (plus - ROUNDS / 2) ** 2 / (ROUNDS / 4)
    assert chi2_sf(chi2, 16) > 1e-6


@pytest.mark.parametrize("kind", ["quantum", "pr-box", "hardy"])
def test_who_measures_first_decides_nothing_about_the_win(kind: DeviceKind) -> None:
    """The agree-or-differ bit comes from one number a round."""
    for cell in CROSS_CELLS:
        for seed in range(200):
            one, other = (play(kind, cell, first, Random(seed)) for first in (1, 2))
            assert (one in (0, 3)) == (other in (0, 3))


@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("cell", CROSS_CELLS)
def test_the_hardy_state(cell: str, first: int) -> None:
    rng = Random(3)
    n = Counter(play("hardy", cell, first, rng) for _ in range(ROUNDS))
    for index, p in enumerate(HARDY_JOINT[cell]):
        assert abs(n[index] / ROUNDS - p) <= 4.9 * sqrt(max(p * (1 - p), 1e-9) / ROUNDS)
    assert all(n[index] == 0 for index, p in enumerate(HARDY_JOINT[cell]) if p == 0)


def test_a_pr_box_always_wins() -> None:
    rng = Random(4)
    for cell, first, _ in product(CROSS_CELLS, (1, 2), range(50)):
        assert (play("pr-box", cell, first, rng) in (1, 2)) is must_differ(cell)


def test_the_best_angles() -> None:
    for cell in CROSS_CELLS:
        e = cos(ANGLES[cell[0]] - ANGLES[cell[1]])
        assert isclose(-e if must_differ(cell) else e, 1 / sqrt(2))


def test_a_noisy_device_earns_nothing() -> None:
    """Check 19: at v = 0.7071 the best angles reach the local bound, and e stays below 20 in 95 % of the pairs."""
    rng, reached = Random(19), 0
    for _ in range(1_000):
        process = EProcess()
        for _ in range(200):
            cell = CROSS_CELLS[rng.randrange(4)]
            index = play("quantum", cell, 1 + rng.randrange(2), rng, v=0.7071)
            process = process.step((index in (1, 2)) is must_differ(cell))
        reached += process.log_max >= log(BADGE_E)
    assert reached <= 50
