"""A small `bench.resume`: everybody comes back to either node and to rooms that slept, and the history holds."""

import shutil
from pathlib import Path

import pytest
from bench.resume import run

pytestmark = pytest.mark.anyio


async def test_a_hundred_clients_come_back_and_see_what_the_log_says(tmp_path: Path, postgres_server: str) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine")
    figures = await run(100, 2, 100, postgres_server, tmp_path, 4.0)
    assert figures["resumed"] == 200 and figures["acknowledged"] == 100
    assert figures["storm_reads_per_room"] <= 1 <= figures["reads_before_storm"]
    assert (figures["lost"], figures["phantom"], figures["twice"]) == (0, 0, 0)
