"""The world of several nodes; thousands of its histories are in `tests/sim/test_cluster.py`."""

import pytest

from gamekeeper.testing.simulation import ClusterParts, ClusterReport, Violation, simulate_cluster
from gamekeeper.testing.simulation.storage import StoredOwnership
from gamekeeper.testing.tally import Tally, wish


def test_a_report_says_what_happened() -> None:
    report = simulate_cluster(Tally, 3, wish, steps=100)
    assert isinstance(report, ClusterReport)
    assert (report.seed, report.steps) == (3, 100)
    assert report.seq > 0 and report.welcomes >= 2


class Believer(StoredOwnership):
    @property
    def believes(self) -> bool:
        return True


def test_a_violation_names_its_seed() -> None:
    with pytest.raises(Violation, match=r"^I2 .* \(seed \d+, after \d+ steps\)$"):
        for seed in range(100):
            simulate_cluster(Tally, seed, wish, parts=ClusterParts(ownership=Believer))
