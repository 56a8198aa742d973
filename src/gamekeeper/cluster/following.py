"""Projections and reactors follow the log on one node at a time: whoever has claimed their name.

Nothing depends on it being exactly one: a projection moves its place by comparing it, a reactor's commands carry ids.
It saves the others the work.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from gamekeeper.cluster.tenure import FOLLOWER
from gamekeeper.log.ownership import Claim, Ownership
from gamekeeper.log.protocol import LogError
from gamekeeper.room.runtime import cancelled

log = logging.getLogger("gamekeeper.cluster")

LOOK_EVERY_S = 1.0


class Following:
    """Runs followers where this node may."""

    def __init__(self, ownership: Ownership) -> None:
        self._ownership = ownership
        self._keys: set[str] = set()

    async def run(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Until cancelled: while this node has the name, `work` runs."""
        key = FOLLOWER + name
        self._keys.add(key)
        while True:
            if await self._claim(key):
                await self._run(key, work())
            await asyncio.sleep(LOOK_EVERY_S)

    async def release(self) -> None:
        """They have stopped: another node may run them."""
        try:
            await self._ownership.release(sorted(self._keys))
        except LogError as error:
            log.warning("followers stay claimed until the lease runs out: %s", error)

    async def _claim(self, key: str) -> bool:
        try:
            return isinstance(await self._ownership.claim(key), Claim)
        except LogError as error:
            log.warning("%s waits: %s", key, error)
            return False

    async def _run(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        """Let it work while the name is ours; its fault is raised."""
        task = asyncio.create_task(work)
        try:
            while not task.done() and self._ownership.epoch_of(key) is not None:
                await asyncio.wait({task}, timeout=LOOK_EVERY_S)
        finally:
            await cancelled({task})
        if not task.cancelled():
            task.result()
