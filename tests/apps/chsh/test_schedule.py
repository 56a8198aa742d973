"""Which cell comes next: uniform, balanced, committed (check 9)."""

from collections import Counter
from random import Random

from gamekeeper_apps.chsh.cells import CROSS_CELLS, MODES
from gamekeeper_apps.chsh.schedule import (
    BLOCK_ROUNDS,
    commitment,
    committed_cell,
    draw_balanced,
    draw_iid,
    verify_commitment,
)
from gamekeeper_apps.chsh.statistics.uniformity import uniformity
from gamekeeper_apps.chsh.strategies import Moment, Player, block_counts


def test_iid_is_uniform() -> None:
    rng = Random(20_000)
    counts = Counter(draw_iid(CROSS_CELLS, rng)[0] for _ in range(20_000))
    found = uniformity([counts[cell] for cell in CROSS_CELLS])
    assert found is not None
    assert found[0] < 30.66
    assert draw_iid(MODES["symmetric"].cells, rng)[1] == 1 / 12


def test_balanced_asks_every_cell_equally_often_for_any_seed() -> None:
    """R0-12: every cell reaches its count in every block, whatever the seed."""
    for mode, block in BLOCK_ROUNDS.items():
        cells = MODES[mode].cells
        for seed in range(50):
            rng, asked = Random(seed), Counter[str]()
            for done in range(block):
                cell, q = draw_balanced(cells, asked, block // len(cells), rng)
                assert q == 1 / sum(asked[one] < block // len(cells) for one in cells), done
                asked[cell] += 1
            assert set(asked.values()) == {block // len(cells)}


def predictor_wins(schedule: str, rounds: int) -> int:
    rng = Random(7)
    pair = [Player("predictor", "seed", Random(1)), Player("predictor", "seed", Random(2))]
    past: list[str] = []
    won = 0
    for number in range(rounds):
        block = block_counts(past, 16)
        cell, _ = draw_iid(CROSS_CELLS, rng) if schedule == "iid" else draw_balanced(CROSS_CELLS, block, 4, rng)
        answers = [bot.answer(Moment(cell[i], number, i + 1, block=block)) for i, bot in enumerate(pair)]
        won += (answers[0] != answers[1]) is (set(cell) == {"B", "Y"})
        past.append(cell)
        del past[: len(past) - 32 if len(past) % 16 == 0 and len(past) > 32 else 0]
    return won


def test_a_predictor_gains_by_balance_only() -> None:
    """20,000 rounds: at most 15,298 under iid; 17,033 to 17,510 under balanced (mean 0.863585)."""
    assert predictor_wins("iid", 20_000) <= 15_298
    assert 17_033 <= predictor_wins("balanced", 20_000) <= 17_510


def test_a_commitment_fixes_the_questions() -> None:
    secret = bytes(range(32))
    asked = {(1, number): committed_cell(secret, "room", 1, 1, number, CROSS_CELLS) for number in range(1, 400)}
    counts = Counter(asked.values())
    found = uniformity([counts[cell] for cell in CROSS_CELLS])
    assert found is not None
    assert found[2] > 1e-6
    assert verify_commitment(commitment(secret), secret, "room", 1, asked, CROSS_CELLS) == []
    assert verify_commitment(commitment(secret), secret, "other", 1, asked, CROSS_CELLS) != []
