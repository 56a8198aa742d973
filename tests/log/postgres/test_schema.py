"""The log's schema: made once, by its owner; the role at run time adds and never changes."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from gamekeeper.log.postgres.line import Connector, Pool
from gamekeeper.log.postgres.log import PostgresLog
from gamekeeper.log.postgres.schema import Meta, may_change, new_epoch, prepare, read_meta
from gamekeeper.log.protocol import LogUnavailable
from tests import postgres
from tests.log.logs import append, entry, open_postgres

pytestmark = pytest.mark.anyio
FAR = """
INSERT INTO gamekeeper_log.batches SELECT position + (1::bigint << 50), 'x', 1, 1, body FROM gamekeeper_log.batches
"""


@pytest.fixture
def role(postgres_server: str) -> Iterator[str]:
    """A role that may do nothing yet."""
    name = postgres.new_name("gamekeeper_role")
    postgres.run(postgres_server, f"CREATE ROLE {name} LOGIN")
    yield name
    postgres.run(postgres_server, f"DROP ROLE {name}")


@pytest.fixture
def runtime_url(empty_postgres_url: str, role: str) -> Iterator[str]:
    """The address of the run-time role, in a database with the log's schema."""
    url = postgres.as_role(empty_postgres_url, role)
    postgres.apart(prepare(empty_postgres_url, url))
    yield url
    postgres.run(empty_postgres_url, f"DROP OWNED BY {role}")


async def test_eight_at_once_make_one(empty_postgres_url: str) -> None:
    made = await asyncio.gather(*(prepare(empty_postgres_url) for _ in range(8)))
    assert sorted(made) == [False] * 7 + [True]
    log = await open_postgres(empty_postgres_url)
    assert log.epoch == 1
    await log.close()


async def test_the_role_at_run_time_can_do_all_a_node_does(runtime_url: str) -> None:
    log = await open_postgres(runtime_url)
    assert await append(log, "room", entry(1)) is None
    await log.ping()
    assert [batch.room for batch in await log.tail(0)] == ["room"]
    await log.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE gamekeeper_log.batches SET body = ''",
        "DELETE FROM gamekeeper_log.batches",
        "TRUNCATE gamekeeper_log.batches",
        "UPDATE gamekeeper_log.meta SET value = 9",
        "DROP TRIGGER batches_are_for_ever ON gamekeeper_log.batches",
    ],
)
async def test_the_role_at_run_time_cannot_change_the_log(runtime_url: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await postgres.fetch(runtime_url, statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE gamekeeper_log.batches SET body = ''", "DELETE FROM gamekeeper_log.batches"]
)
async def test_nor_does_the_owner_by_mistake(postgres_url: str, statement: str) -> None:
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await postgres.fetch(postgres_url, statement)


async def test_a_role_that_could_is_found_out(postgres_url: str, runtime_url: str) -> None:
    for url, expected in ((postgres_url, True), (runtime_url, False)):
        pool = Pool(Connector(url), 1)
        assert await may_change(pool) is expected
        await pool.close()


async def test_a_new_epoch_frees_every_room(postgres_url: str) -> None:
    log = await open_postgres(postgres_url)
    await append(log, "room", entry(1))
    epoch = await new_epoch(postgres_url)
    assert epoch > log.epoch
    again = await open_postgres(postgres_url, "two")
    assert again.epoch == epoch
    assert await append(again, "room", entry(2)) is None
    assert type(await append(log, "room", entry(3))).__name__ == "Fenced"
    await log.close()
    await again.close()


async def test_a_copy_from_another_server_is_noticed_and_goes_on_behind_what_it_holds(postgres_url: str) -> None:
    """There the numbers of transactions may begin anew, and what is written would come before what is there."""
    log = await open_postgres(postgres_url)
    await append(log, "room", entry(1))
    await log.close()
    await postgres.fetch(postgres_url, FAR)
    with pytest.raises(LogUnavailable, match="gamekeeper restore --database"):
        await PostgresLog.open(Connector(postgres_url), None)
    await new_epoch(postgres_url)
    log = await open_postgres(postgres_url)
    await append(log, "room", entry(2))
    assert [(batch.room, batch.first) for batch in await log.tail(0)] == [("room", 1), ("x", 1), ("room", 2)]
    await log.close()


async def test_a_database_without_a_log_says_what_to_do(empty_postgres_url: str) -> None:
    with pytest.raises(LogUnavailable, match="gamekeeper migrate"):
        await PostgresLog.open(Connector(empty_postgres_url), None)


async def test_an_older_schema_is_brought_up_by_its_owner(postgres_url: str) -> None:
    await postgres.fetch(postgres_url, "DROP TABLE gamekeeper_log.personal")
    await postgres.fetch(postgres_url, "UPDATE gamekeeper_log.meta SET value = 1 WHERE name = 'schema'")
    with pytest.raises(LogUnavailable, match="gamekeeper migrate"):
        await PostgresLog.open(Connector(postgres_url), None)
    await prepare(postgres_url)
    log = await PostgresLog.open(Connector(postgres_url), None)
    assert await log.remembered(2**60) == [] and await log.read("nothing") == []
    await log.close()


async def test_a_newer_schema_is_refused(postgres_url: str) -> None:
    pool = Pool(Connector(postgres_url), 1)
    assert await read_meta(pool) == Meta(1, 0)
    await postgres.fetch(postgres_url, "UPDATE gamekeeper_log.meta SET value = 9 WHERE name = 'schema'")
    with pytest.raises(LogUnavailable, match="newer version"):
        await read_meta(pool)
    await pool.close()


async def test_a_server_that_is_away_is_named() -> None:
    nobody = "postgresql://postgres@127.0.0.1:1/postgres"
    for work in (prepare(nobody), new_epoch(nobody)):
        with pytest.raises(LogUnavailable):
            await work
