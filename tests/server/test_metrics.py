"""What Prometheus is told."""

import logging

import pytest

from gamekeeper import Seat
from gamekeeper.core.seats import PLAYER
from gamekeeper.room.aside import SlowView
from gamekeeper.server.metrics import Metrics
from gamekeeper.testing.tally import Add
from tests.server.kit import Site

pytestmark = pytest.mark.anyio


def value(metrics: Metrics, name: str, **labels: str) -> float:
    found = metrics.registry.get_sample_value(name, labels)
    assert found is not None, name
    return found


async def test_rooms_and_commands_are_counted(site: Site) -> None:
    metrics = site.server.metrics
    room = await site.room(await site.guest("Host"))
    awake = value(metrics, "gamekeeper_rooms_awake")
    commands, events = (value(metrics, f"gamekeeper_{name}_total", app="tally") for name in ("commands", "events"))
    commits = value(metrics, "gamekeeper_commit_seconds_count")
    await site.server.registry.ask(room["id"], Add(1), seat=Seat(1), role=PLAYER)
    assert value(metrics, "gamekeeper_commands_total", app="tally") == commands + 1
    assert value(metrics, "gamekeeper_events_total", app="tally") == events + 1
    assert value(metrics, "gamekeeper_commit_seconds_count") == commits + 1
    assert value(metrics, "gamekeeper_room_bytes_of_largest") > 0
    await site.room(await site.guest("Host"))
    assert value(metrics, "gamekeeper_rooms_awake") == awake + 1


async def test_slow_views_and_their_faults_are_counted(site: Site) -> None:
    room = await site.server.registry.get((await site.room(await site.guest("Host")))["id"])
    assert (
        value(site.server.metrics, "gamekeeper_slow_views"),
        value(site.server.metrics, "gamekeeper_view_faults_total"),
    ) == (0, 0)
    room.stage.aside.views[PLAYER] = SlowView(1, 1)
    site.server.registry.view_failed(room)
    assert value(site.server.metrics, "gamekeeper_slow_views") == 1
    assert value(site.server.metrics, "gamekeeper_view_faults_total") == 1


async def test_sizes_and_caches_are_read_when_asked(site: Site) -> None:
    held = value(site.server.metrics, "gamekeeper_cache_entries", cache="request_rates")
    async with site.client(address="198.51.100.77") as client:
        await client.get("/apps")
    assert value(site.server.metrics, "gamekeeper_cache_entries", cache="request_rates") == held + 1
    assert value(site.server.metrics, "gamekeeper_connections") == 0
    assert value(site.server.metrics, "gamekeeper_database_connections_in_use") == 0


def test_requests_by_pattern_and_known_method() -> None:
    metrics = Metrics()
    metrics.request("GET", "/rooms/{room}", 200, 0.002)
    metrics.request("BREW", "/rooms/{room}", 405, 0.002)
    assert value(
        metrics, "gamekeeper_http_request_seconds_count", method="other", route="/rooms/{room}", status="405"
    ) == 1.0  # fmt: skip


def test_each_server_counts_for_itself() -> None:
    one, other = Metrics(), Metrics()
    one.refused_commits.inc()
    assert value(other, "gamekeeper_refused_commits_total") == 0
    assert b"gamekeeper_refused_commits_total 1.0" in one.text()


def test_statements_are_timed_by_text_and_slow_ones_logged(caplog: pytest.LogCaptureFixture) -> None:
    """R0-41."""
    metrics = Metrics(slow_statement_s=0.1)
    metrics.statement("SELECT 1\n  FROM x", 0.01)
    metrics.statement("SELECT 2", 0.2)
    found = value(metrics, "gamekeeper_database_statement_seconds_count", statement="SELECT 1 FROM x")
    assert found == 1 and [record.getMessage() for record in caplog.records] == ["slow statement"]
    for number in range(300):
        metrics.statement(f"SELECT {number + 10}", 0.01)
    assert value(metrics, "gamekeeper_database_statement_seconds_count", statement="other") > 0


async def test_the_database_of_a_server_is_watched(site: Site) -> None:
    await site.guest("Ann")
    assert b'statement="INSERT INTO users' in site.server.metrics.text()
    assert value(site.server.metrics, "gamekeeper_database_connections_limit") == 15
    settings = ("pool_connections", 5), ("overflow_connections", 10), ("timeout_seconds", 30)
    for name, set_to in settings:
        assert value(site.server.metrics, f"gamekeeper_database_{name}") == set_to, "R0-42"


def test_statements_are_logged_where_somebody_develops(caplog: pytest.LogCaptureFixture) -> None:
    """R2-117; production refuses it."""
    caplog.set_level(logging.INFO)
    Metrics().statement("SELECT 1", 0.01)
    assert caplog.records == []
    Metrics(log_statements=True).statement("SELECT 1", 0.01)
    assert [record.statement for record in caplog.records] == ["SELECT 1"]  # type: ignore[attr-defined]
