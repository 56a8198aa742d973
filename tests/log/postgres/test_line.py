"""Connections that heal."""

import asyncio

import pytest

from gamekeeper.log.postgres.line import Connector, Line, Pool, describe, plain_url
from gamekeeper.log.protocol import LogUnavailable
from tests import postgres

pytestmark = pytest.mark.anyio
KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'gamekeeper log' AND datname = current_database()
"""


def test_urls_are_made_plain() -> None:
    for url in ("postgresql+asyncpg://me:pa%40ss@host:1/db", "postgresql://me:pa%40ss@host:1/db"):
        assert plain_url(url) == "postgresql://me:pa%40ss@host:1/db"


def test_an_error_without_words_is_named() -> None:
    assert describe(TimeoutError()) == "PostgreSQL: TimeoutError"
    assert describe(OSError("first\nsecond")) == "PostgreSQL: first"


async def test_a_commit_is_durable_whatever_the_server_says(postgres_url: str) -> None:
    line = Line(Connector(postgres_url), enable_seqscan="off")
    assert [(await line.fetch("SHOW synchronous_commit"))[0][0]] == ["on"]
    assert [(await line.fetch("SHOW enable_seqscan"))[0][0]] == ["off"]
    await line.close()


@pytest.mark.parametrize("kind", ["line", "pool"])
async def test_a_connection_that_was_cut_is_made_anew(postgres_url: str, kind: str) -> None:
    connector = Connector(postgres_url)
    source = Line(connector) if kind == "line" else Pool(connector, 1)
    first = (await source.fetch("SELECT pg_backend_pid()"))[0][0]
    await postgres.fetch(postgres_url, KILL)
    second = None
    async with asyncio.timeout(20):
        while second is None:
            try:
                second = (await source.fetch("SELECT pg_backend_pid()"))[0][0]
            except LogUnavailable:  # the cut may be noticed only now
                continue
    assert second != first
    await source.close()


@pytest.mark.parametrize("kind", ["line", "pool"])
async def test_a_statement_that_takes_too_long_is_given_up(postgres_url: str, kind: str) -> None:
    connector = Connector(postgres_url, timeout_s=1.0)
    source = Line(connector) if kind == "line" else Pool(connector, 1)
    with pytest.raises(LogUnavailable, match="statement timeout"):
        await source.fetch("SELECT pg_sleep(20)")
    await source.close()


async def test_a_server_that_stops_answering_is_given_up(own_postgres: postgres.Cluster) -> None:
    line = Line(Connector(own_postgres.url, timeout_s=0.2))
    await line.fetch("SELECT 1")
    own_postgres.freeze()
    try:
        with pytest.raises(LogUnavailable):
            await line.fetch("SELECT 1")
    finally:
        own_postgres.thaw()
    assert (await line.fetch("SELECT 1"))[0][0] == 1
    await line.close()


async def test_a_restarted_server_is_found_again(own_postgres: postgres.Cluster) -> None:
    connector = Connector(own_postgres.url)
    line, pool = Line(connector), Pool(connector, 2)
    for source in (line, pool):
        await source.fetch("SELECT 1")
    own_postgres.stop()
    for source in (line, pool):
        with pytest.raises(LogUnavailable):
            await source.fetch("SELECT 1")
    own_postgres.start()
    for source in (line, pool):
        assert (await source.fetch("SELECT 1"))[0][0] == 1
        await source.close()


async def test_a_pool_lends_no_more_than_it_has(postgres_url: str) -> None:
    pool = Pool(Connector(postgres_url), 2)
    assert pool.in_use == 0
    working = [asyncio.ensure_future(pool.fetch("SELECT pg_sleep(0.05)")) for _ in range(6)]
    await postgres.until(lambda: pool.waiting)
    assert pool.in_use <= 2
    await asyncio.gather(*working)
    assert (pool.in_use, pool.waiting, pool.size) == (0, 0, 2)
    await pool.close()


async def test_statements_are_timed(postgres_url: str) -> None:
    seen: list[str] = []
    connector = Connector(postgres_url, watch=lambda statement, seconds: seen.append(statement))
    line, pool = Line(connector), Pool(connector, 1)
    await line.fetch("SELECT 1")
    await pool.fetch("SELECT 2")
    assert seen == ["SELECT 1", "SELECT 2"]
    await line.close()
    await pool.close()
