"""What may be said of a run's figures, and when not."""

import pytest

from gamekeeper import Map
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.state import Figures
from gamekeeper_apps.chsh.statistics.evidence import EProcess
from gamekeeper_apps.chsh.verdicts import (
    has_badge,
    log10_e,
    log10_e_void_as_loss,
    p_local,
    signals,
    supra_quantum,
    why_no_evidence,
    why_no_p,
)


def won(rounds: int, cells: tuple[str, ...] = ("AX", "AY", "BX", "BY"), voids: int = 0) -> Figures:
    """So many rounds, all won, spread over the cells; before them, so many voids."""
    figures = Figures()
    for _ in range(voids):
        figures = figures.voided(True)
    for number in range(rounds):
        cell = cells[number % len(cells)]
        figures = figures.scored(cell, (1 + number // 4 % 2) if cell == "BY" else 3 * (number // 4 % 2), True, True)
    return figures


def test_everything_is_said_of_an_honest_run() -> None:
    of, plan = won(40), m.Plan(planned_rounds=40)
    assert why_no_evidence(of, plan) is None
    assert p_local(of, plan, 40) == pytest.approx(0.75**40)
    assert log10_e(of, plan) == pytest.approx(of.e.log_value / 2.302585093, rel=1e-9)
    assert has_badge(of, plan)
    assert not supra_quantum(of, plan) and supra_quantum(won(100), plan)
    assert not signals(of, plan)


@pytest.mark.parametrize(("planned", "scored", "reason"), [(None, 40, "declared"), (41, 40, "41"), (40, 39, "40")])
def test_a_fixed_n_that_was_none(planned: int | None, scored: int, reason: str) -> None:
    of, plan = won(40), m.Plan(planned_rounds=planned)
    assert reason in (why_no_p(of, plan, scored) or "")
    assert p_local(of, plan, scored) is None
    assert log10_e(of, plan) is not None, "the e-value stays"


@pytest.mark.parametrize(
    ("of", "plan", "reason"),
    [
        (won(200), m.Plan(schedule="balanced", planned_rounds=200), "balanced"),
        (won(200, ("AX", "AY")), m.Plan(planned_rounds=200), "not uniform"),
    ],
)
def test_where_nothing_may_be_said(of: Figures, plan: m.Plan, reason: str) -> None:
    assert reason in (why_no_p(of, plan, 200) or "")
    assert p_local(of, plan, 200) is log10_e(of, plan) is None
    assert not has_badge(of, plan)
    assert not supra_quantum(of, plan)


def test_voids_are_lost_where_badges_are_given() -> None:
    of, plan = won(16, voids=8), m.Plan()
    assert not has_badge(of, plan)
    assert has_badge(won(16), plan)
    shown = log10_e_void_as_loss(of, plan)
    assert shown is not None and shown < (log10_e(of, plan) or 0)
    assert log10_e_void_as_loss(won(16), plan) is None


def test_more_pairs_need_more() -> None:
    assert has_badge(won(16), m.Plan())
    assert not has_badge(won(16), m.Plan(), pairs=50)


def test_a_leak_is_told() -> None:
    cells = {"AX": Outcomes(45, 0, 0, 5), "AY": Outcomes(45, 0, 0, 5), "BX": Outcomes(45, 0, 0, 5)}
    cells["BY"] = Outcomes(0, 45, 5, 0)
    assert signals(Figures(200, 200, 0, Map(cells), EProcess(200, 200)), m.Plan())
