"""What nodes under measurement share: a database and a Redis made for them, gone after it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from secrets import token_hex, token_urlsafe

import asyncpg

from bench.ground import Redis

USUAL = "postgresql://postgres@127.0.0.1:5432/postgres"


@asynccontextmanager
async def database_in(server: str) -> AsyncGenerator[str, None]:
    """The address of a database of this run alone."""
    name = f"gamekeeper_bench_{token_hex(4)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()


@asynccontextmanager
async def shared_by_nodes(server: str) -> AsyncGenerator[dict[str, str], None]:
    """The settings that nodes of one cluster have in common."""
    redis = Redis()
    await redis.start()
    try:
        async with database_in(server) as database:
            yield {
                "database_url": database,
                "redis_url": f"redis://127.0.0.1:{redis.port}",
                "secret": token_urlsafe(48),
            }
    finally:
        await redis.kill()
