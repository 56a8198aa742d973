"""Where read models are read: in the database that they are written to, or in a replica that follows it."""

import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from gamekeeper.log.database import Database, DatabaseAway

log = logging.getLogger("gamekeeper.log")

AGAIN_S = 5.0
"""How long a replica that did not answer is left alone."""


class ReadModels:
    """Reads what may be a moment old, and has no way to write. A replica that is away is done without."""

    def __init__(
        self, database: Database, replica: Database | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._replica = replica
        self._now = now
        self._again_at = float("-inf")

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection, None]:
        """One unit of work that only reads, in one consistent state. Raises `DatabaseError`."""
        async with AsyncExitStack() as stack:
            yield await self._connection(stack)

    async def _connection(self, stack: AsyncExitStack) -> AsyncConnection:
        if self._replica is not None and self._now() >= self._again_at:
            try:
                return await stack.enter_async_context(self._replica.read())
            except DatabaseAway as error:
                self._again_at = self._now() + AGAIN_S
                log.warning("the replica is away, the database itself is read: %s", error)
        return await stack.enter_async_context(self._database.read())
