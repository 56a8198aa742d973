"""A room's committed state for those who ask over HTTP: from the room where it runs here, else from its log, and then
once for as long as nothing is written to it."""

from collections import OrderedDict
from typing import Any

from gamekeeper.log.protocol import EventLog
from gamekeeper.room import history
from gamekeeper.room.registry import Registry

KEPT = 64
"""States of rooms elsewhere or asleep that are remembered."""


class Glances:
    """Never wakes a room, and never replays what it has replayed already."""

    def __init__(self, registry: Registry, source: EventLog) -> None:
        self._registry = registry
        self._log = source
        self._kept: OrderedDict[str, tuple[int, Any]] = OrderedDict()

    async def state(self, room: str) -> Any:
        """Raises `Rejected("unknown_room")`."""
        awake = self._registry.rooms.get(room)
        if awake is not None and awake.stage.seq:
            return awake.stage.state
        seq = await self._log.last_seq(room)
        known = self._kept.get(room)
        if known is None or known[0] != seq:
            fold, _ = await history.wake(self._log, room, self._registry.games, self._registry.limits)
            known = self._kept[room] = fold.seq, fold.state
        self._kept.move_to_end(room)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return known[1]

    def __len__(self) -> int:
        return len(self._kept)
