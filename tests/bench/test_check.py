"""Goals, and the baseline that must not be lost."""

import json
from pathlib import Path

import pytest
from bench.check import Goal
from bench.results import Run

from bench import check

FASTER = Goal("faster", "saturation ours commands_per_s", "saturation theirs commands_per_s", at_least=2.0)
SMALLER = Goal("smaller", "idle ours kib", at_most=25.0)


def runs(ours: float, kib: float = 20.0) -> list[Run]:
    speeds = [("ours", ours), ("ours", ours), ("ours", ours * 100), ("theirs", 10.0)]
    measured: list[Run] = [{"phase": "saturation", "name": name, "commands_per_s": speed} for name, speed in speeds]
    return [*measured, {"phase": "idle", "name": "ours", "kib": kib}]


@pytest.fixture(autouse=True)
def two_goals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(check, "goals", lambda: [FASTER, SMALLER])
    monkeypatch.setattr(check, "BASELINE", tmp_path / "baseline.json")
    return tmp_path / "baseline.json"


def test_medians_are_compared() -> None:
    assert FASTER.value(runs(30.0)) == 3.0
    assert FASTER.value([]) is None, "what was not measured is neither met nor missed"
    assert check.report(runs(30.0)) == 0
    assert check.report(runs(19.0)) == 1 and check.report(runs(19.0), slack=1.5) == 0
    assert check.report(runs(30.0, kib=26.0)) == 1


def test_a_loss_of_more_than_a_tenth_of_a_ratio_fails(two_goals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check.save(runs(40.0))
    assert json.loads(two_goals.read_text()) == {"faster": 4.0}, "absolute figures belong to one machine"
    assert check.report(runs(37.0)) == 0
    assert check.report(runs(35.0)) == 1 and "REGRESSED" in capsys.readouterr().out
    assert check.report(runs(35.0), slack=2.0) == 1


def test_what_was_not_measured_stays_in_the_baseline(two_goals: Path) -> None:
    check.save(runs(40.0))
    check.save([])
    assert json.loads(two_goals.read_text()) == {"faster": 4.0}


def test_every_goal_of_the_file_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    found = check.goals()
    assert len({goal.name for goal in found}) == len(found) > 10
    for goal in found:
        assert (goal.at_least is None) is not (goal.at_most is None)
        assert len(goal.over.split()) == 3 and len(goal.under.split()) in (0, 3) and goal.wish
