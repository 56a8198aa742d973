"""Where one server keeps things: its log, who owns which room, and its database. Opened together, let go together."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from gamekeeper.log.backup import DATABASE_FILE, LOG_FILE
from gamekeeper.log.database import Database, DatabaseError
from gamekeeper.log.filelock import FileLock
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.migrate import migrate
from gamekeeper.log.ownership import MemoryOwnership, Ownership
from gamekeeper.log.protocol import EventLog, LogError
from gamekeeper.log.readmodels import ReadModels
from gamekeeper.log.sqlite import SqliteLog
from gamekeeper.server.metrics import Metrics, Sizes
from gamekeeper.server.place import Place, node_name
from gamekeeper.server.settings import Settings

if TYPE_CHECKING:
    from gamekeeper.log.postgres.line import Connector
    from gamekeeper.log.postgres.log import PostgresLog
    from gamekeeper.server.tracing import Spans

log = logging.getLogger("gamekeeper.server")

LEASE_MARGIN = 1 / 6
"""The part of a lease by which a node stops believing in it early."""


class StartError(Exception):
    """The server cannot start; `step` says where it stopped. Nothing was announced, the port is not open."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason


@contextmanager
def step(name: str, *expected: type[Exception]) -> Generator[None, None, None]:
    """A named part of the start: what it is expected to fail with becomes a `StartError`."""
    try:
        yield
    except expected as error:
        raise StartError(name, str(error)) from error


@dataclass
class Storage:
    """Make it with `open_storage`."""

    log: EventLog
    ownership: Ownership
    database: Database
    replica: Database | None
    sizes: Sizes
    folder: FileLock | TemporaryDirectory[str] | None = None

    @cached_property
    def read_models(self) -> ReadModels:
        """For reading what may be a moment old."""
        return ReadModels(self.database, self.replica)

    async def close(self) -> None:
        """Write what waits, give the rooms back, let go of connections and files."""
        if self.replica is not None:
            await self.replica.close()
        await self.database.close()
        await self.log.close()
        try:
            await self.ownership.leave()
        except LogError as error:
            log.warning("the lease is left to run out: %s", error)
        if isinstance(self.folder, FileLock):
            self.folder.release()
        elif self.folder is not None:
            self.folder.cleanup()


async def open_storage(
    settings: Settings, metrics: Metrics, spans: "Spans | None" = None, place: Place | None = None, worker: int = 0
) -> Storage:
    """`place`: among the other nodes, whatever the settings say of the log. `worker`: only the first locks the data
    folder. Raises `StartError`."""
    with step("data folder", OSError):
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.database_url.startswith("postgresql"):
        with step("database", LogError, ModuleNotFoundError):
            from gamekeeper.log.postgres.line import reach

            await reach(connector(settings), settings.database_wait_s)
    if place is None and settings.log_kind == "postgres":
        return await _open_postgres(settings, metrics, spans, worker)
    return await _open_embedded(settings, metrics, spans, place)


async def _open_embedded(settings: Settings, metrics: Metrics, spans: "Spans | None", place: Place | None) -> Storage:
    in_memory = settings.log_kind == "memory"
    log: EventLog
    with step("log", LogError, OSError):
        log = place.log if place is not None else _embedded_log(settings)
    scratch = TemporaryDirectory(prefix="gamekeeper-") if in_memory else None
    url = database_url(settings, Path(scratch.name) if scratch else settings.data)
    await _migrate(settings, url)
    ownership: Ownership = MemoryOwnership() if place is None else place.ownership
    if place is None:
        await ownership.register()
    return Storage(log, ownership, *_open_databases(settings, url, metrics, spans), {}, scratch)


async def _open_postgres(settings: Settings, metrics: Metrics, spans: "Spans | None", worker: int) -> Storage:
    from gamekeeper.log.postgres.log import PostgresLog
    from gamekeeper.log.postgres.ownership import PostgresOwnership

    await _migrate(settings, settings.database_url)
    timed = connector(settings, metrics)
    node = node_name(settings)
    margin_s = settings.lease_s * LEASE_MARGIN
    ownership = PostgresOwnership(
        timed, node, node, lease_s=settings.lease_s, margin_s=margin_s, owns=settings.owned_apps
    )
    async with AsyncExitStack() as opened:  # what was opened is closed again if a later step fails
        with step("data folder", LogError, OSError):
            folder = None
            if worker == 0:  # by it commands on this machine see a server
                folder = FileLock(settings.data / f"{LOG_FILE}.lock")
                opened.callback(folder.release)
        with step("log", LogError):
            log = await PostgresLog.open(timed, ownership, pool_size=settings.log_readers)
            opened.push_async_callback(log.close)
            await _refuse_power(settings, log)
            await ownership.register()
        opened.pop_all()
    sizes: Sizes = {
        "log_readers_in_use": lambda: log.pool.in_use,
        "log_readers_limit": lambda: log.pool.size,
        "log_readers_waiting": lambda: log.pool.waiting,
    }
    return Storage(log, ownership, *_open_databases(settings, settings.database_url, metrics, spans), sizes, folder)


def _embedded_log(settings: Settings) -> EventLog:
    return MemoryLog() if settings.log_kind == "memory" else SqliteLog(settings.data / LOG_FILE)


@asynccontextmanager
async def reading_log(settings: Settings) -> AsyncGenerator[EventLog, None]:
    """The log for reading, whether a server runs or not. Raises `LogError`."""
    found: EventLog
    if settings.log_kind == "postgres":
        from gamekeeper.log.postgres.log import PostgresLog

        found = await PostgresLog.open(connector(settings), None)
    else:
        found = SqliteLog(settings.data / LOG_FILE, read_only=True)
    try:
        yield found
    finally:
        await found.close()


async def _refuse_power(settings: Settings, log: "PostgresLog") -> None:
    """In production the role at run time must not be able to change what is written down."""
    from gamekeeper.log.postgres.schema import may_change

    if settings.production and await may_change(log.pool):
        raise StartError(
            "log", "the role of GAMEKEEPER_DATABASE_URL could change what is written down; see docs/howto/deploy.md"
        )


async def _migrate(settings: Settings, url: str) -> None:
    """In a thread: Alembic waits for what it does, and PostgreSQL's driver wants a loop of its own."""
    with step("migration", DatabaseError, SQLAlchemyError, OSError):
        await asyncio.to_thread(migrate, owner_url(settings) or url, runtime_url=url)


def owner_url(settings: Settings) -> str:
    """The database as the role that owns its tables; empty: nobody said."""
    return settings.database_owner_url.get_secret_value()


def connector(settings: Settings, metrics: Metrics | None = None) -> "Connector":
    """How to reach a log in PostgreSQL."""
    from gamekeeper.log.postgres.line import Connector

    watch = metrics.statement if metrics is not None else None
    return Connector(settings.database_url, timeout_s=settings.database_statement_s, watch=watch)


def _open_databases(
    settings: Settings, url: str, metrics: Metrics, spans: "Spans | None"
) -> tuple[Database, Database | None]:
    """The database and, where there is one, its replica."""
    replica = open_database(settings, settings.replica_url, metrics, spans) if settings.replica_url else None
    return open_database(settings, url, metrics, spans), replica


def open_database(settings: Settings, url: str, metrics: Metrics, spans: "Spans | None" = None) -> Database:
    """The pool of connections the settings describe; every statement is timed, and traced where tracing is on."""

    def watch(text: str, elapsed_s: float) -> None:
        metrics.statement(text, elapsed_s)
        if spans is not None:
            spans.statement(text, elapsed_s)

    return Database(
        url,
        pool_size=settings.database_pool,
        max_overflow=settings.database_overflow,
        pool_timeout_s=settings.database_timeout_s,
        pool_recycle_s=settings.database_recycle_s,
        statement_timeout_s=settings.database_statement_s,
        watch=watch,
        waited=metrics.database_waits.observe,
    )


def database_url(settings: Settings, folder: Path | None = None) -> str:
    """Where accounts and read models are; `folder` stands in for the data folder."""
    return settings.database_url or f"sqlite+aiosqlite:///{(folder or settings.data) / DATABASE_FILE}"
