"""A small `make chaos`: a few faults on a real cluster, and the history holds."""

import shutil

import pytest
from bench.chaos import asked, on_own_ground
from bench.pauses import Pauses
from bench.postgres import programs

pytestmark = pytest.mark.anyio


async def test_a_few_faults_lose_nothing() -> None:
    """R4-172, R3-152: killed, stopped, drained, cut off, without Redis and PostgreSQL, nothing is lost or twice."""
    if shutil.which("redis-server") is None or programs() is None:
        pytest.skip("this needs redis-server and PostgreSQL's programs")
    figures = await on_own_ground(asked(["--faults", "5", "--clients", "4", "--seed", "11", "--halls", "0"]))
    assert (figures["lost"], figures["phantom"], figures["twice"]) == (0, 0, 0)
    assert figures["acknowledged"] > 50


def test_pauses_are_told_by_what_was_done() -> None:
    pauses = Pauses()
    pauses.found = {"kill": [0.1, 0.3, 0.2], "failover": [2.5]}
    figures = pauses.figures(2.0)
    assert (figures["kill"], figures["kill_pause_s_median"], figures["kill_pause_s_longest"]) == (3, 0.2, 0.3)
    assert figures["failover_pause_s_p99"] == 0.5
