"""Whether the server is ready, as it last found itself: the gauge that alerts are made of."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("gamekeeper.server")

CHECK_EVERY_S = 5.0


class Readiness:
    """Asks again and again. `ask` gives the reason why no work should come, or None."""

    def __init__(self, ask: Callable[[], Awaitable[str | None]]) -> None:
        self.ready = False
        self._ask = ask

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(CHECK_EVERY_S)

    async def look(self) -> None:
        """Ask once; a change is logged."""
        reason = await self._ask()
        if self.ready is not (reason is None):
            self.ready = reason is None
            log.log(logging.INFO if self.ready else logging.ERROR, "readiness", extra={"reason": reason})
