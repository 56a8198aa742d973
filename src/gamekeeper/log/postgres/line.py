"""Connections to PostgreSQL that heal: the one of a writer, and a small pool for whoever reads."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from gamekeeper.log.patience import outlast
from gamekeeper.log.protocol import LogUnavailable

driver: Any = asyncpg
"""It has no types."""

FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""The database's own errors, the driver's, and those of the network (`TimeoutError` among them)."""
AWAY = (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, asyncpg.ConnectionDoesNotExistError)
"""It may be there later."""
NOT_WRITTEN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""The statement was rolled back for the sake of another; once more is safe."""

Watch = Callable[[str, float], None]
"""Called after each statement with its text and the seconds it took."""

CONNECT_S = 10.0
"""Seconds a server may take to let us in."""

KEYED = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""A writer looks rows up by key; a plan that is kept from the time the tables were empty must do so too."""


async def reach(connector: "Connector", patience_s: float) -> None:
    """Return once the server lets us in, with growing pauses between the tries.

    Raises `LogUnavailable`: at once when it answers and refuses, else after `patience_s`.
    """

    async def let_in() -> None:
        (await connector.connect()).terminate()

    try:
        await outlast(let_in, AWAY, patience_s, describe)
    except FAULTS as error:
        raise LogUnavailable(describe(error)) from error


def plain_url(url: str) -> str:
    """The URL as the driver wants it: without SQLAlchemy's `+asyncpg`."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class Connector:
    """How to connect, and how long anything may take."""

    def __init__(
        self, url: str, *, timeout_s: float = 10.0, watch: Watch | None = None, name: str = "gamekeeper log"
    ) -> None:
        self.timeout_s = timeout_s
        self._url = plain_url(url)
        self._watch = watch
        self._server = {
            "application_name": name,
            "synchronous_commit": "on",
            "statement_timeout": f"{round(timeout_s * 1000)}",
            "idle_in_transaction_session_timeout": f"{round(timeout_s * 2000)}",
            "jit": "off",
        }

    async def connect(self, **server: str) -> Any:
        """A connection to a server that can be written to, with further settings of it."""
        return await driver.connect(
            self._url,
            timeout=min(self.timeout_s, CONNECT_S),
            command_timeout=self.timeout_s + 1,
            server_settings=self._server | server,
        )

    def pool(self, size: int) -> Any:
        """Connects when first used."""
        return driver.create_pool(
            self._url,
            min_size=0,
            max_size=size,
            timeout=min(self.timeout_s, CONNECT_S),
            command_timeout=self.timeout_s + 1,
            server_settings=self._server,
        )

    def timed(self, statement: str, began: float) -> None:
        if self._watch is not None:
            self._watch(statement, perf_counter() - began)


class Line:
    """One connection for one purpose. It is made when needed, and anew after any fault."""

    def __init__(self, connector: Connector, **server: str) -> None:
        self._connector = connector
        self._server = server
        self._connection: Any = None
        self._turn = asyncio.Lock()

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        """One statement, its own transaction. Raises `LogUnavailable`: it may have been carried out or not."""
        async with self._turn:
            began = perf_counter()
            connection = self._connection
            try:
                if connection is None or connection.is_closed():
                    connection = self._connection = await self._connector.connect(**self._server)
                rows: list[Any] = await connection.fetch(statement, *values)
                return rows
            except FAULTS as error:
                self._drop()
                raise LogUnavailable(describe(error)) from error
            finally:
                self._connector.timed(statement, began)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def close(self) -> None:
        async with self._turn:
            self._drop()


class Pool:
    """Connections for reading, lent out for one statement each."""

    def __init__(self, connector: Connector, size: int) -> None:
        self.size = size
        self.waiting = 0
        self._connector = connector
        self._pool = connector.pool(size)
        self._opened = False

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        """Raises `LogUnavailable`."""
        began = perf_counter()
        try:
            if not self._opened:
                await self._pool
                self._opened = True
            self.waiting += 1
            try:
                connection = await self._pool.acquire(timeout=self._connector.timeout_s)
            finally:
                self.waiting -= 1
            try:
                rows: list[Any] = await connection.fetch(statement, *values)
                return rows
            except FAULTS:
                connection.terminate()
                raise
            finally:
                await self._pool.release(connection)
        except FAULTS as error:
            raise LogUnavailable(describe(error)) from error
        finally:
            self._connector.timed(statement, began)

    @property
    def in_use(self) -> int:
        """Connections lent out now."""
        return self._pool.get_size() - self._pool.get_idle_size() if self._opened else 0

    async def close(self) -> None:
        """Interrupts whoever still reads."""
        if self._opened:
            self._pool.terminate()


def describe(error: BaseException) -> str:
    """An error in one line; some of the driver's say nothing but their type."""
    return f"PostgreSQL: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
