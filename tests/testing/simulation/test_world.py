"""A seed is a history, and a failure prints its seed."""

from typing import Any

import pytest

from gamekeeper.testing.simulation import Parts, Violation, simulate
from gamekeeper.testing.tally import Tally, wish


def test_a_report_tells_what_happened() -> None:
    reports = [simulate(Tally, seed, wish, steps=200) for seed in range(20)]
    assert all(report.steps >= 200 for report in reports)
    assert all(report.acknowledged + report.rejected > 0 for report in reports)
    assert sum(report.crashes for report in reports) > 0
    assert sum(report.cuts for report in reports) > 0
    assert [report.seed for report in reports] == list(range(20))


def test_the_same_seed_is_the_same_history_and_another_is_not() -> None:
    assert simulate(Tally, 3, wish, steps=100) == simulate(Tally, 3, wish, steps=100)
    assert simulate(Tally, 3, wish, steps=100) != simulate(Tally, 4, wish, steps=100)


def test_a_failure_names_its_seed() -> None:
    def never(state: Any) -> None:
        raise Violation("I8 cannot be")

    with pytest.raises(Violation, match=r"I8 cannot be \(seed 11, after \d+ steps\)"):
        simulate(Tally, 11, wish, parts=Parts(check=never))
