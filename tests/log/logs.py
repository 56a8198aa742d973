"""Every log there is, opened for a test, and entries to put in."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import msgspec

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.core.record import Entry, Stored, encode_entries
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.postgres.line import Connector
from gamekeeper.log.postgres.log import PostgresLog
from gamekeeper.log.postgres.ownership import PostgresOwnership
from gamekeeper.log.protocol import Done, EventLog, LogError
from gamekeeper.log.sqlite import SqliteLog

KINDS = ("memory", "postgres", "sqlite")


class Gated(Protocol):
    """What can be waited for: a log, or its writer alone."""

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None: ...

    def when_ready(self, go: Callable[[], None]) -> None: ...


async def open_log(kind: str, folder: Path, postgres_url: Callable[[], str]) -> EventLog:
    """An empty log; the address of a database is asked for only where one is needed."""
    match kind:
        case "memory":
            return MemoryLog()
        case "postgres":
            return await open_postgres(postgres_url())
        case _:
            return SqliteLog(folder / "log.sqlite3")


async def open_postgres(url: str, node: str = "one", *, lease_s: float = 60.0) -> PostgresLog:
    """The log as one node sees it. Its lease ends with the test's database."""
    ownership = PostgresOwnership(Connector(url), node, lease_s=lease_s)
    await ownership.register()
    return await PostgresLog.open(Connector(url), ownership)


def entry(seq: int, events: int = 1, session: str = "session", n: int = 1, kind: str = "added") -> Entry:
    stored = tuple(Stored(kind, 1, msgspec.Raw(b'{"amount":%d}' % number)) for number in range(events))
    return Entry(seq, 1_000_000 + seq, "user", 1, session, n, "add", stored)


async def append(log: EventLog, room: str, *entries: Entry, aside: Aside = NOTHING) -> LogError | None:
    """What the log says to these entries."""
    answered: asyncio.Future[LogError | None] = asyncio.get_running_loop().create_future()
    body = encode_entries(list(entries))
    log.append(room, entries[0].seq, entries[-1].last, body, answered.set_result, aside)
    return await answered


async def append_when_ready(log: Gated, room: str, ready: list[str]) -> LogError | None:
    """Append a room's first entry once the log calls for it; the room is then in `ready`."""
    answered: asyncio.Future[LogError | None] = asyncio.get_running_loop().create_future()

    def go() -> None:
        ready.append(room)
        log.append(room, 1, 1, encode_entries([entry(1)]), answered.set_result)

    log.when_ready(go)
    return await answered


async def all_of(*waiting: Awaitable[LogError | None]) -> list[LogError | None]:
    return list(await asyncio.gather(*waiting))
