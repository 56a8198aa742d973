"""Storages that nodes share, with the means to let a lease run out."""

import asyncio
from typing import Protocol, Self

from gamekeeper.core.record import encode_entries
from gamekeeper.log.ownership import MemoryOwnership, Ownership, Territory
from gamekeeper.log.postgres.line import Connector, Line
from gamekeeper.log.postgres.ownership import PostgresOwnership
from gamekeeper.log.postgres.writer import APPEND
from tests import postgres
from tests.log.logs import entry

Owns = tuple[str, ...] | None


class Place(Protocol):
    def ownership(self, node: str, owns: Owns = None) -> Ownership: ...

    async def expire(self, node: str) -> None:
        """By the storage's clock the node's lease has run out; the node itself knows nothing of it."""
        ...

    async def close(self) -> None: ...


class MemoryPlace:
    def __init__(self) -> None:
        self._territory = Territory()

    def ownership(self, node: str, owns: Owns = None) -> Ownership:
        return MemoryOwnership(self._territory, node, f"{node}:8000", lease_s=60.0, margin_s=1.0, owns=owns)

    async def expire(self, node: str) -> None:
        self._territory.expire(node)

    async def close(self) -> None: ...


class SlowWriter:
    """A node whose commit takes as long as the test wants."""

    def __init__(self, connection: postgres.Connection, room: str) -> None:
        self._connection = connection
        self._transaction = connection.transaction()
        self._room = room

    @classmethod
    async def begin(cls, url: str, room: str) -> Self:
        """It owns one room."""
        connection = await postgres.connect(url)
        await connection.execute("INSERT INTO gamekeeper_log.rooms (room, node, epoch) VALUES ($1, 'slow', 1)", room)
        return cls(connection, room)

    async def write(self) -> None:
        await self._transaction.start()
        body = encode_entries([entry(1)])
        written = await self._connection.fetch(APPEND, [self._room], [1], [1], [1], [body], "slow", 0)
        assert len(written) == 1

    async def commit(self) -> None:
        await self._transaction.commit()
        await self._connection.close()

    async def give_up(self) -> None:
        await self._transaction.rollback()
        await self._connection.close()


class PostgresPlace:
    def __init__(self, url: str) -> None:
        self.connector = Connector(url)
        self._line = Line(self.connector)
        self._made: list[PostgresOwnership] = []

    def ownership(self, node: str, owns: Owns = None, lease_s: float = 60.0) -> PostgresOwnership:
        made = PostgresOwnership(self.connector, node, f"{node}:8000", lease_s=lease_s, owns=owns)
        self._made.append(made)
        return made

    async def expire(self, node: str) -> None:
        await self._line.fetch(
            "UPDATE gamekeeper_log.nodes SET expires_at = now() - interval '1 second' WHERE node = $1", node
        )

    async def close(self) -> None:
        await asyncio.gather(*(ownership.leave() for ownership in self._made))
        await self._line.close()
