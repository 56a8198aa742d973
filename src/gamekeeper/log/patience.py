"""Waiting for a database that is not there now."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

log = logging.getLogger("gamekeeper.database")

FIRST_PAUSE_S = 0.2
LAST_PAUSE_S = 5.0


async def outlast(
    attempt: Callable[[], Awaitable[object]],
    away: tuple[type[Exception], ...],
    patience_s: float,
    describe: Callable[[Exception], str] = str,
) -> None:
    """Try until it works, with growing pauses as long as it fails with one of `away`.

    Raises what the attempt raises: at once if it is none of these, else after `patience_s`.
    """
    pause_s, deadline = FIRST_PAUSE_S, monotonic() + patience_s
    while True:
        try:
            await attempt()
            return
        except away as error:
            if monotonic() + pause_s > deadline:
                raise
            log.warning("waiting %.1f s for the database: %s", pause_s, describe(error))
        await asyncio.sleep(pause_s)
        pause_s = min(LAST_PAUSE_S, pause_s * 2)
