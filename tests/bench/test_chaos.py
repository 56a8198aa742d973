"""A small `make chaos`: a few faults on a real cluster, and the history holds."""

import shutil
from pathlib import Path

import pytest
from bench.chaos import pauses, run

pytestmark = pytest.mark.anyio


async def test_a_few_faults_lose_nothing(tmp_path: Path, postgres_url: str) -> None:
    """R4-172, R3-152: killed, stopped, drained, cut off and without Redis, nothing is lost, phantom or twice."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine")
    figures = await run(5, 4, 11, postgres_url, tmp_path)
    assert (figures["lost"], figures["phantom"], figures["twice"]) == (0, 0, 0)
    assert figures["acknowledged"] > 50


def test_pauses_are_told_by_what_was_done() -> None:
    assert pauses({"kill": [0.1, 0.3, 0.2]}) == {"kill_pause_s_median": 0.2, "kill_pause_s_longest": 0.3}
