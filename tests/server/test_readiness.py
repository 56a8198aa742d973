"""The gauge of readiness follows what the server finds, and a change is logged once."""

import logging

import pytest

from gamekeeper.log.protocol import LogUnavailable
from gamekeeper.server.readiness import Readiness
from tests.server.kit import Site

pytestmark = pytest.mark.anyio


async def test_a_change_is_kept_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    reasons: list[str | None] = [None, None, "away", "away", None]
    answers = iter(reasons)

    async def ask() -> str | None:
        return next(answers)

    readiness = Readiness(ask)
    seen = []
    with caplog.at_level(logging.INFO, "gamekeeper.server"):
        for _ in reasons:
            await readiness.look()
            seen.append(readiness.ready)
    assert seen == [True, True, False, False, True]
    assert [(record.levelname, record.__dict__["reason"]) for record in caplog.records] == [
        ("INFO", None), ("ERROR", "away"), ("INFO", None)]  # fmt: skip


async def test_a_server_without_its_log_says_so_to_prometheus(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """R2-130."""

    async def away() -> None:
        raise LogUnavailable("gone")

    await site.server.readiness.look()
    assert site.server.metrics.registry.get_sample_value("gamekeeper_ready") == 1
    with monkeypatch.context() as patch:
        patch.setattr(site.server.log, "ping", away)
        await site.server.readiness.look()
    assert site.server.metrics.registry.get_sample_value("gamekeeper_ready") == 0
    await site.server.readiness.look()
