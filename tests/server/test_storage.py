"""Where a server keeps things: opened in order, waited for, refused when it would not be safe."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gamekeeper import PLAYER
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.seats import Seat
from gamekeeper.log.backup import DATABASE_FILE
from gamekeeper.log.migrate import migrate
from gamekeeper.log.postgres.log import PostgresLog
from gamekeeper.log.protocol import LogDamaged, Snapshot
from gamekeeper.room.fold import SNAPSHOT_VERSION
from gamekeeper.room.registry import Registry
from gamekeeper.room.runtime import cancelled
from gamekeeper.server.addresses import read_address, write_address
from gamekeeper.server.metrics import Metrics
from gamekeeper.server.server import Server
from gamekeeper.server.settings import Settings
from gamekeeper.server.storage import StartError, connector, database_url, open_storage, owner_url, reading_log, step
from gamekeeper.testing.tally import Add
from tests import postgres
from tests.log.logs import open_postgres
from tests.server.kit import APPS, SECRET, settings_in

pytestmark = pytest.mark.anyio


def on(url: str, folder: Path, **chosen: Any) -> Settings:
    """Settings of a server whose log is in PostgreSQL."""
    return settings_in(folder, **{"database_url": url, "log_store": "postgres", "node": "test"} | chosen)


async def play(server: Server, room: str, amount: int = 1) -> None:
    await server.registry.ask(room, Add(amount), seat=Seat(1), role=PLAYER)


async def total(server: Server, room: str) -> int:
    found: int = (await server.registry.get(room)).fold.state.total
    return found


async def _ready(server: Server) -> bool:
    return await server.unreadiness() is None


@pytest.fixture
def role(postgres_server: str, empty_postgres_url: str) -> Iterator[str]:
    """A role that may do nothing yet."""
    name = postgres.new_name("gamekeeper_role")
    postgres.run(postgres_server, f"CREATE ROLE {name} LOGIN")
    yield name
    postgres.run(empty_postgres_url, f"DROP OWNED BY {name}")
    postgres.run(postgres_server, f"DROP ROLE {name}")


async def test_rooms_outlive_their_server(postgres_url: str, tmp_path: Path) -> None:
    settings = on(postgres_url, tmp_path)
    server = await Server.open(settings, APPS)
    room = (await server.registry.open("tally", "ann", "Ann")).id
    await play(server, room, 3)
    assert await server.unreadiness() is None
    await server.close()
    again = await Server.open(settings, APPS)
    assert await total(again, room) == 3
    await play(again, room, 4)
    assert await total(again, room) == 7
    await again.settled()
    assert [found.id for found in await again.directory.all()] == [room]
    await again.close()


async def test_a_process_that_hangs_is_replaced_when_its_lease_has_run_out_and_writes_nothing_more(
    postgres_url: str, tmp_path: Path
) -> None:
    dead = await Server.open(on(postgres_url, tmp_path), APPS)
    room = (await dead.registry.open("tally", "ann", "Ann")).id
    assert dead.membership is not None
    await cancelled(dead.membership.tasks)
    await postgres.fetch(postgres_url, "UPDATE gamekeeper_log.nodes SET expires_at = now()")
    again = await Server.open(on(postgres_url, tmp_path / "again"), APPS)
    await play(again, room)
    with pytest.raises(Rejected) as refused:
        await play(dead, room)
    assert refused.value.code == ErrorCode.UNAVAILABLE
    assert await total(again, room) == 1
    assert not await dead.storage.ownership.renew(), "it had run out"
    assert await again.unreadiness() is None
    await again.close()
    await dead.close()


async def test_a_database_that_restarts_is_not_ready_and_then_is(
    own_postgres: postgres.Cluster, tmp_path: Path
) -> None:
    """R2-118: told within two seconds, and back with it. No room has forgotten anything."""
    server = await Server.open(on(own_postgres.url, tmp_path), APPS)
    room = (await server.registry.open("tally", "ann", "Ann")).id
    await play(server, room)
    own_postgres.stop()
    assert await server.unreadiness() == "LogUnavailable: log or database failed"
    with pytest.raises(Rejected):
        await play(server, room)
    own_postgres.start()
    await postgres.until_async(lambda: _ready(server))
    await play(server, room)
    assert await total(server, room) == 2
    own_postgres.freeze()
    try:
        reason = await server.unreadiness()
    finally:
        own_postgres.thaw()
    assert reason == "log or database took more than 2 s"
    assert await server.unreadiness() is None
    await server.close()


async def test_a_database_away_at_the_start_is_waited_for(own_postgres: postgres.Cluster, tmp_path: Path) -> None:
    """R0-4."""
    own_postgres.stop()
    starting = asyncio.create_task(Server.open(on(own_postgres.url, tmp_path), APPS))
    await asyncio.sleep(0)
    await asyncio.to_thread(own_postgres.start)
    server = await starting
    assert await server.unreadiness() is None
    await server.close()


async def test_waiting_for_it_ends(tmp_path: Path) -> None:
    nobody = "postgresql://postgres@127.0.0.1:1/postgres"
    with pytest.raises(StartError, match="database: PostgreSQL"):
        await Server.open(on(nobody, tmp_path, database_wait_s=0), APPS)


async def test_a_database_that_refuses_is_not_waited_for(postgres_url: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="does not exist"):
        await Server.open(on(postgres_url + "_not", tmp_path), APPS)


async def test_production_serves_as_a_role_that_only_adds(empty_postgres_url: str, role: str, tmp_path: Path) -> None:
    url = postgres.as_role(empty_postgres_url, role)
    production = {
        "profile": "production",
        "secret": SECRET,
        "public_url": "https://play.example",
        "trusted_proxies": "10.0.0.0/8",
    }
    with pytest.raises(StartError, match="migration"):
        await Server.open(on(url, tmp_path, **production), APPS)
    await asyncio.to_thread(migrate, empty_postgres_url, runtime_url=url)
    with pytest.raises(StartError, match="could change what is written down"):
        await Server.open(on(empty_postgres_url, tmp_path, **production), APPS)
    server = await Server.open(on(url, tmp_path, **production), APPS)
    room = (await server.registry.open("tally", "ann", "Ann")).id
    await play(server, room)
    await server.accounts.add("ann", "correct horse battery", None, frozenset())
    await server.settled()
    assert await server.unreadiness() is None
    await server.close()


async def test_the_owners_address_is_for_migrating(empty_postgres_url: str, role: str, tmp_path: Path) -> None:
    url = postgres.as_role(empty_postgres_url, role)
    settings = on(url, tmp_path, database_owner_url=empty_postgres_url)
    assert owner_url(settings) == empty_postgres_url
    assert empty_postgres_url not in repr(settings)
    storage = await open_storage(settings, Metrics())
    assert isinstance(storage.log, PostgresLog)
    await storage.close()


async def test_a_server_leaves_nothing_behind(postgres_url: str, tmp_path: Path) -> None:
    settings = on(postgres_url, tmp_path)
    storage = await open_storage(settings, Metrics())
    write_address(settings, "http://127.0.0.1:1")
    assert read_address(settings) == "http://127.0.0.1:1", "commands on this machine see that it runs"
    assert {name: size() for name, size in storage.sizes.items()}["log_readers_limit"] == 5
    await storage.close()
    assert read_address(settings) is None
    assert await postgres.fetch(postgres_url, "SELECT * FROM gamekeeper_log.nodes") == []


async def test_the_log_can_be_read_beside_a_server(postgres_url: str, tmp_path: Path) -> None:
    settings = on(postgres_url, tmp_path)
    server = await Server.open(settings, APPS)
    room = (await server.registry.open("tally", "ann", "Ann")).id
    async with reading_log(settings) as log:
        assert [head.room for head in await log.rooms()] == [room]
    await server.close()


HISTORY = """
INSERT INTO gamekeeper_log.batches
SELECT first, room, greatest(first, head + 1), first + 999, 'not an entry'
FROM gamekeeper_log.rooms, generate_series(1, 1000000, 1000) AS first
"""


async def test_a_room_with_a_million_events_wakes_from_its_snapshot(postgres_url: str, tmp_path: Path) -> None:
    """What lies before the snapshot cannot even be read here."""
    server = await Server.open(on(postgres_url, tmp_path), APPS)
    room = (await server.registry.open("tally", "ann", "Ann")).id
    await play(server, room, 5)
    fold = (await server.registry.get(room)).fold
    fold.seq = 1_000_000
    await server.log.save_snapshot(Snapshot(room, fold.seq, SNAPSHOT_VERSION, fold.snapshot(None)))
    await server.close()
    await postgres.fetch(postgres_url, HISTORY)
    await postgres.fetch(postgres_url, "UPDATE gamekeeper_log.rooms SET head = 1000000")
    log = await open_postgres(postgres_url)
    registry = Registry(APPS, log, SECRET.encode())
    await registry.ask(room, Add(2), seat=Seat(1), role=PLAYER)
    assert (await registry.get(room)).fold.state.total == 7
    assert await log.last_seq(room) > 1_000_000
    with pytest.raises(LogDamaged):
        await log.read(room)
    await registry.drain()
    await log.close()


async def test_connections_are_counted_and_statements_timed(postgres_url: str, tmp_path: Path) -> None:
    """R0-41, R0-42, R2-131."""
    server = await Server.open(on(postgres_url, tmp_path), APPS)
    await server.registry.open("tally", "ann", "Ann")
    text = server.metrics.text().decode()
    for name in ("database_connections_waiting", "database_connections_overflow", "log_readers_in_use"):
        assert f"\ngamekeeper_{name} 0.0\n" in text
    assert 'gamekeeper_database_statement_seconds_count{statement="WITH given AS' in text
    assert "gamekeeper_database_wait_seconds_count" in text
    await server.close()


def test_where_things_are(tmp_path: Path) -> None:
    assert database_url(settings_in(tmp_path)).endswith(f"data/{DATABASE_FILE}")
    assert database_url(settings_in(tmp_path, database_url="sqlite:///x")) == "sqlite+aiosqlite:///x"
    settings = settings_in(tmp_path, database_url="postgres://me@db/x", log_store="")
    assert settings.log_kind == "postgres"
    assert connector(settings).timeout_s == settings.database_statement_s


def test_a_step_turns_the_expected_alone_into_a_start_error() -> None:
    with pytest.raises(StartError, match="disk: full"), step("disk", OSError):
        raise OSError("full")
    with pytest.raises(ValueError), step("disk", OSError):
        raise ValueError
