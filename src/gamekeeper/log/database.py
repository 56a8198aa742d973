"""The relational side: accounts, room codes, projections and checkpoints, through SQLAlchemy.

One unit of work everywhere, for HTTP and sockets alike: `async with database.begin() as connection`. Leaving it
commits; an exception rolls back; either way the connection goes back to its pool, fit for use.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Engine, Integer, MetaData, Table, Text, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from gamekeeper.log import steady
from gamekeeper.log.columns import bounded

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the framework. Applications' projections bring their own."""

checkpoints = Table(
    "checkpoints",
    metadata,
    bounded("name", 128, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("tables", Text, nullable=False, server_default=""),
)
"""How far each follower of the log has come, and which tables it owns (names, separated by spaces)."""

SQLITE_PRAGMAS = (
    "PRAGMA busy_timeout=10000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
)
READ_ONLY = "gamekeeper_read_only"
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

Watch = Callable[[str, float], None]
"""Called after each statement with its text (places instead of values) and the seconds it took."""


Waited = Callable[[float], None]
"""Called with the seconds a unit of work waited for its connection."""


class DatabaseError(SQLAlchemyError):
    """The database failed or is away. The work was rolled back; trying again may help."""


class DatabaseAway(DatabaseError):
    """The database cannot be reached now."""


@dataclass(frozen=True)
class PoolUse:
    """Connections lent out now, how many can be at most, how many of them are beyond those kept open, and how many
    units of work wait for one."""

    in_use: int
    limit: int
    overflow: int = 0
    waiting: int = 0


class Database:
    """A pool of connections to one database. Raises `DatabaseError`; `IntegrityError` passes, since callers mean it."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 5,
        max_overflow: int = 10,
        pool_timeout_s: float = 30.0,
        pool_recycle_s: float = 3600.0,
        statement_timeout_s: float = 30.0,
        watch: Watch | None = None,
        waited: Waited | None = None,
    ) -> None:
        """Connects on first use. A database in memory lives in its one connection, so transactions take turns there."""
        self.url = url
        sqlite = make_url(url).get_backend_name() == "sqlite"
        in_memory = sqlite and make_url(url).database in (None, "", ":memory:")
        if in_memory:
            pool_size, max_overflow, pool_recycle_s = 1, 0, -1
        self._limit = pool_size + max_overflow
        self._waiting = 0
        self._reading: dict[str, Any] = {READ_ONLY: True} if sqlite else SNAPSHOT
        self._turns = asyncio.Lock() if sqlite else None
        """SQLite has one writer at a time, and who waits for it there asks now and then, so that the unlucky starve:
        here they take turns."""
        self._timeout_s = pool_timeout_s
        self._waited = waited
        self.engine = create_async_engine(
            asynchronous(url),
            poolclass=AsyncAdaptedQueuePool,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=pool_timeout_s,
            pool_recycle=int(pool_recycle_s),
            pool_pre_ping=not sqlite,
            hide_parameters=True,
            async_creator=_steadily(url) if sqlite else _connector(url, statement_timeout_s),
        )
        if sqlite:
            event.listen(self.engine.sync_engine, "connect", _tune_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine.sync_engine, "handle_error", _name_fault)
        if watch is not None:
            _time_statements(self.engine.sync_engine, watch)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncConnection, None]:
        """One unit of work."""
        async with self._turn(), self._transaction() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection, None]:
        """One unit of work that only reads, in one consistent state. On SQLite it neither waits for a writer nor
        holds one up."""
        async with self._transaction(**self._reading) as connection:
            yield connection

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None, None]:
        """Alone among this process's writers, where the database has one at a time."""
        if self._turns is None:
            yield
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._turns.acquire()
        except TimeoutError:
            raise DatabaseError("too many wait to write") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    @asynccontextmanager
    async def _transaction(self, **options: Any) -> AsyncGenerator[AsyncConnection, None]:
        await asyncio.sleep(0)  # a cancellation that was kept through the unit of work before this one takes effect
        connection = await self._connect()
        try:
            await connection.execution_options(**options)
            async with connection.begin():
                yield connection
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise DatabaseError(str(error)) from error
        finally:
            await connection.close()

    async def _connect(self) -> AsyncConnection:
        began = perf_counter()
        self._waiting += 1
        try:
            return await self.engine.connect()
        except OSError as error:
            raise DatabaseAway(str(error)) from error
        except (DBAPIError, PoolTimeout) as error:
            raise DatabaseError(str(error)) from error
        finally:
            self._waiting -= 1
            if self._waited is not None:
                self._waited(perf_counter() - began)

    @property
    def pool_use(self) -> PoolUse:
        """For metrics."""
        pool = self.engine.pool
        if not isinstance(pool, AsyncAdaptedQueuePool):
            return PoolUse(0, self._limit)
        return PoolUse(pool.checkedout(), self._limit, max(0, pool.overflow()), self._waiting)

    async def wipe(self) -> None:
        """Have no file hold what was deleted: until it is folded in, SQLite's WAL does. While somebody reads nothing is
        done; the next time will do."""
        path = make_url(self.url).database
        if not is_postgres(self.url) and path not in (None, "", ":memory:"):
            await asyncio.to_thread(_fold_in, path)

    async def close(self) -> None:
        await self.engine.dispose()


def _fold_in(path: str) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=0.1)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise DatabaseError(str(error)) from error


def asynchronous(url: str) -> str:
    """The URL with the asyncio driver of its database. `postgres://` is PostgreSQL too."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[parsed.get_backend_name()]
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def _steadily(url: str) -> Callable[[], Awaitable[Any]]:
    path = make_url(url).database or ":memory:"

    async def connect() -> Any:
        return await steady.connect(path)

    return connect


def _connector(url: str, statement_timeout_s: float) -> Callable[[], Awaitable[Any]]:
    from gamekeeper.log.postgres.line import Connector

    return Connector(url, timeout_s=statement_timeout_s, name="gamekeeper").connect


def _name_fault(context: ExceptionContext) -> None:
    """A statement that the network has lost is the database's fault; what the driver raises then is not its own."""
    if isinstance(context.original_exception, OSError):
        raise DatabaseAway(f"{type(context.original_exception).__name__} during a statement")


def is_postgres(url: str) -> bool:
    """Whether the address is one of PostgreSQL; otherwise it is SQLite."""
    return make_url(asynchronous(url)).get_backend_name() == "postgresql"


def _tune_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first and writes later could otherwise fail halfway."""
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _time_statements(engine: Engine, watch: Watch) -> None:
    began = "gamekeeper_began"

    @event.listens_for(engine, "before_cursor_execute")
    def before(connection: Connection, *_: Any) -> None:
        connection.info[began] = perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def after(connection: Connection, _: Any, statement: str, *__: Any) -> None:
        watch(statement, perf_counter() - connection.info[began])
