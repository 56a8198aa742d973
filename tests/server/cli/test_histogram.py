"""Percentiles from buckets."""

import pytest

from gamekeeper.server.cli.histogram import Histogram


def test_percentiles_are_right_to_a_hundredth() -> None:
    histogram = Histogram()
    for number in range(1, 10_001):
        histogram.add(number / 1000)
    assert len(histogram) == 10_000
    for share in (0.01, 0.5, 0.99, 0.999, 1.0):
        assert histogram.at(share) == pytest.approx(share * 10, rel=0.01)
    assert histogram.longest_s == 10


def test_nothing_and_less_than_nothing() -> None:
    histogram = Histogram()
    assert histogram.at(0.5) is None
    histogram.add(0.0)
    histogram.add(-1.0)
    assert histogram.at(0.5) == pytest.approx(1e-6, rel=0.01) and histogram.longest_s == 0
