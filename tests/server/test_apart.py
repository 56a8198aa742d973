"""A server in a process of its own."""

from pathlib import Path

import httpx
import pytest

from gamekeeper.server.apart import serving_apart
from tests.server.process import GAME


@pytest.mark.anyio
async def test_it_serves_an_application_that_is_not_installed_and_goes_with_the_block(tmp_path: Path) -> None:
    async with serving_apart(GAME, tmp_path) as server:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            assert [app["name"] for app in (await client.get("/apps")).json()] == ["tally"]
        assert server.rss_mib and server.peak_rss_mib and server.rss_mib <= server.peak_rss_mib
        assert server.cpu_s is not None and server.cpu_s > 0
    assert server.rss_mib is None and server.cpu_s is None, "the process is gone"


@pytest.mark.anyio
async def test_one_that_does_not_start_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OSError, match="did not start"):
        async with serving_apart("no.such:app", tmp_path):
            pass
    assert "no.such" in capfd.readouterr().err
