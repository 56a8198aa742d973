"""Alive, ready, measured."""

import asyncio

import pytest

from gamekeeper.log.database import DatabaseError
from gamekeeper.log.protocol import LogUnavailable
from gamekeeper.server import server as module
from tests.server.kit import Site, error_of, site_in

pytestmark = pytest.mark.anyio


async def test_live_and_ready(site: Site) -> None:
    async with site.client() as client:
        assert (await client.get("/health/live")).json() == {"status": "live"}
        assert (await client.get("/health/ready")).json() == {"status": "ready"}


async def test_a_log_or_database_that_fails_is_told_and_recovers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away() -> None:
        raise LogUnavailable("disk on fire at /dev/secret")

    def gone() -> None:
        raise DatabaseError("password=hunter2")

    async with site.client() as client:
        for target, name, failing in ((site.server.log, "ping", away), (site.server.database, "read", gone)):
            with monkeypatch.context() as patch:
                patch.setattr(target, name, failing)
                answer = await client.get("/health/ready")
                assert (answer.status_code, error_of(answer)) == (503, "unavailable")
                assert "secret" not in answer.text and "hunter2" not in answer.text
        assert (await client.get("/health/ready")).status_code == 200


async def test_a_log_that_hangs_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READY_TIMEOUT_S", 0.01)
    monkeypatch.setattr(site.server.log, "ping", lambda: asyncio.sleep(60))
    async with site.client() as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503 and "more than" in answer.json()["error"]["message"]


async def test_metrics_are_for_the_network_of_the_server_and_for_administrators(site: Site) -> None:
    async with site.client() as stranger, site.client(address="127.0.0.1") as local:
        assert error_of(await stranger.get("/metrics")) == "forbidden"
        text = (await local.get("/metrics")).text
    for name in ("process_resident_memory_bytes", "python_gc_collections_total", "gamekeeper_rooms_awake",
                 "gamekeeper_connections", "gamekeeper_mailbox_commands", "gamekeeper_commit_seconds_bucket",
                 'gamekeeper_cache_entries{cache="request_rates"}'):  # fmt: skip
        assert name in text, name
    admin = await site.admin()
    assert (await admin.get("/metrics")).status_code == 200


async def test_a_server_going_down_is_not_ready(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with site_in(tmp_path_factory.mktemp("down")) as site:
        host = await site.guest("Host")
        await site.server.drain()
        async with site.client() as client:
            assert "going down" in (await client.get("/health/ready")).json()["error"]["message"]
            assert (await client.get("/health/live")).status_code == 200
        assert error_of(await host.post("/rooms", json={"app": "tally"})) == "draining"
