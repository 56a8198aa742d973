"""What nodes under measurement share: a database and a Redis made for them, gone after it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from secrets import token_hex, token_urlsafe

import asyncpg

from bench.measure import free_port

USUAL = "postgresql://postgres@127.0.0.1:5432/postgres"


class Redis:
    """A Redis of its own, in memory only."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    async def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()


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
            yield {"database_url": database, "redis_url": redis.url, "secret": token_urlsafe(48)}
    finally:
        await redis.kill()


def environment(settings: dict[str, str]) -> list[str]:
    """The settings as arguments of `env`."""
    return [f"GAMEKEEPER_{name.upper()}={value}" for name, value in settings.items()]
