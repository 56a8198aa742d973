"""Names are kept for a while and not for ever: what says who somebody was goes some time after a room's last event.

Points and answers stay; a room reads as before, with stand-ins for names. Every node looks; of each room it is done by
the one that can claim it, which is the one that may have it in memory.
"""

import asyncio
import logging
from collections.abc import Callable

from gamekeeper.core.errors import Rejected
from gamekeeper.core.record import MICROSECONDS
from gamekeeper.log.database import DatabaseError
from gamekeeper.log.protocol import EventLog, LogError
from gamekeeper.room.registry import Registry
from gamekeeper.server.auth.accounts import Accounts

log = logging.getLogger("gamekeeper.server")

DAY_S = 86_400.0
LOOK_EVERY_S = 3_600.0


class Retention:
    """Forgets what is older than `days`; 0: keeps it for ever."""

    def __init__(
        self, registry: Registry, source: EventLog, accounts: Accounts, days: float, now: Callable[[], float]
    ) -> None:
        self._registry = registry
        self._log = source
        self._accounts = accounts
        self._days = days
        self._now = now

    async def run(self) -> None:
        """Look now and then until cancelled."""
        while self._days:
            try:
                await self.forget(self._days)
            except (DatabaseError, LogError) as error:
                log.warning("names are kept for longer than they should be: %s", error)
            await asyncio.sleep(LOOK_EVERY_S)

    async def forget(self, days: float) -> int:
        """Forget who was in the rooms that were not written to for so long, and the names of guests not seen since;
        how many rooms. Raises `LogError`, `DatabaseError`."""
        before = self._now() - days * DAY_S
        await self._accounts.forget_guests(before)
        forgotten, after = 0, ""
        while rooms := await self._log.remembered(int(before * MICROSECONDS), after):
            for room in rooms:
                forgotten += await self._forget_room(room, before)
            after = rooms[-1]
        if forgotten:
            log.info("personal data of rooms removed", extra={"count": forgotten})
        return forgotten

    async def _forget_room(self, room: str, before: float) -> bool:
        last = await self._log.read(room, await self._log.last_seq(room) - 1, 1)
        if last and last[-1].at >= before * MICROSECONDS:
            return False
        try:
            return await self._registry.forget(room)
        except Rejected as rejected:
            log.warning("room %s keeps its names for now: %s", room, rejected)
            return False
