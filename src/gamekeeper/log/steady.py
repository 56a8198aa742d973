"""SQLite connections that a cancelled task cannot break.

aiosqlite runs statements in a thread of its own. A task that is cancelled while it waits for one leaves it running, and
what SQLAlchemy then does to the connection may never return. So a statement that was begun is waited for, and the
cancellation is kept until the task waits for something else: a unit of work is finished, or was never begun.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import aiosqlite

Result = TypeVar("Result")
PREFETCHED_ROWS = 64


class SteadyConnection(aiosqlite.Connection):
    """An aiosqlite connection. The three methods are the ones that wait for its thread."""

    async def _connect(self) -> "SteadyConnection":
        parent: Any = super()
        await _undisturbed(parent._connect())
        return self

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        parent: Any = super()
        return await _undisturbed(parent._execute(fn, *args, **kwargs))

    async def close(self) -> None:
        await _undisturbed(super().close())


def connect(path: str) -> Awaitable[aiosqlite.Connection]:
    """Open a database file, or `:memory:`."""
    return SteadyConnection(lambda: sqlite3.connect(path), PREFETCHED_ROWS)


async def _undisturbed(work: Coroutine[Any, Any, Result]) -> Result:
    """The result, whoever cancels meanwhile; the caller is then cancelled at its next other wait."""
    task, caller = asyncio.ensure_future(work), asyncio.current_task()
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled and caller is not None:
        caller.uncancel()  # `asyncio.timeout` counts: this is still the same cancellation
        caller.cancel()
    return task.result()
