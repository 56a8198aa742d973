"""Keeping this node's lease alive, letting go of everything when it is lost, and taking over from the dead."""

import asyncio
import logging
import random

from gamekeeper.core.errors import Fault, Rejected
from gamekeeper.log.ownership import LeaseLost, Ownership
from gamekeeper.log.protocol import LogError
from gamekeeper.room import history
from gamekeeper.room.claims import Elsewhere
from gamekeeper.room.registry import Registry

log = logging.getLogger("gamekeeper.cluster")

ORPHANS_EVERY_S = 1.0
ORPHANS_AT_ONCE = 100
MAX_OTHERS = 10_000
"""Orphans that are for other nodes to take over, of which this one remembers that."""
FOLLOWER = "follower:"
"""What the claims of followers begin with; they are no rooms."""


class Tenure:
    """The lease of one node, and its rooms when the lease was lost."""

    def __init__(self, ownership: Ownership, registry: Registry, renew_s: float) -> None:
        self._ownership = ownership
        self._registry = registry
        self._renew_s = renew_s
        self._due: list[str] = []
        """Rooms that were let go of although something is due there; they are taken again if nobody else has."""

    async def run(self) -> None:
        """Renew until cancelled."""
        while True:
            await self.renew()
            await asyncio.sleep(self._renew_s)

    async def renew(self) -> None:
        """One attempt. When the lease had run out meanwhile, nothing that was held under it counts."""
        try:
            if not await self._ownership.renew():
                log.error("the lease had run out")
                self._let_go()
        except LeaseLost as error:
            log.error("%s", error)
            self._let_go()
            await self._begin_again()
        except LogError as error:
            log.warning("the lease cannot be renewed: %s", error)
            if not self._ownership.believes:
                self._let_go()
        if self._ownership.believes:
            due, self._due = self._due, []
            for room in due:
                await take_over(self._registry, room)

    async def _begin_again(self) -> None:
        try:
            await self._ownership.register()
        except LogError as error:
            log.warning("no lease yet: %s", error)

    def _let_go(self) -> None:
        self._due += self._registry.surrender()


class Orphans:
    """Rooms whose node died while they were awake: somebody has to keep their deadlines."""

    def __init__(self, ownership: Ownership, registry: Registry) -> None:
        self._ownership = ownership
        self._registry = registry
        self._others: set[str] = set()

    async def run(self) -> None:
        """Look until cancelled. Nodes look at different moments, so that they share what there is."""
        while True:
            await asyncio.sleep(ORPHANS_EVERY_S * random.uniform(0.5, 1.5))
            try:
                await self.look()
            except LogError as error:
                log.warning("rooms without a node cannot be looked for: %s", error)

    async def look(self) -> int:
        """Take over what there is, within bounds; how many rooms."""
        taken = 0
        found = await self._ownership.orphans(ORPHANS_AT_ONCE + len(self._others))
        self._others.intersection_update(found)
        for room in found:
            if not room.startswith(FOLLOWER) and room not in self._others and await self._is_for_us(room):
                taken += await take_over(self._registry, room)
        return taken

    async def _is_for_us(self, room: str) -> bool:
        """Whether this node runs rooms of its application. Those of others are remembered, so that they stand in the
        way of nothing."""
        if self._ownership.owns is None:
            return True
        try:
            if (await history.opening(self._registry.log, room)).app in self._ownership.owns:
                return True
        except Rejected:
            log.info("room %s is claimed and was never opened", room)
        if len(self._others) < MAX_OTHERS:
            self._others.add(room)
        return False


async def take_over(registry: Registry, room: str) -> bool:
    """Claim and wake a room whose node is gone; False: it is somebody's by now, or cannot be woken."""
    try:
        await registry.get(room)
    except (Rejected, Elsewhere, LogError, Fault) as error:
        log.info("room %s is not taken over: %s", room, error)
        return False
    return True
