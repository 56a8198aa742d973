"""The room's next deadline. There is no timer table: what is due is a function of the state."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gamekeeper.core.game import Game, defines
from gamekeeper.core.machine import next_deadline
from gamekeeper.room.runtime import Cancel, Runtime

log = logging.getLogger("gamekeeper.room")


class Alarm:
    """Rings `ring(name)` once when the earliest deadline of the state passes."""

    def __init__(self, game: Game[Any, Any, Any], runtime: Runtime, ring: Callable[[str], None]) -> None:
        self._game = game
        self._runtime = runtime
        self._ring = ring
        self._cancel: Cancel | None = None
        self._armed: tuple[str, datetime] | None = None
        self._rung: dict[tuple[str, datetime], bool] = {}
        """What rang and still stands, and whether that was complained of."""
        self._state: Any = None
        self._silent = not defines(game, "deadlines")

    def set(self, state: Any) -> None:
        """Arm for what is due first in this state."""
        if self._silent or state is self._state:
            return
        self._state = state
        due = self._next(self._game.deadlines(state))
        if due == self._armed:
            return
        self.cancel()
        if due is not None:
            self._armed = due
            self._cancel = self._runtime.call_at(due[1].timestamp(), self._rings)

    def _next(self, deadlines: Mapping[str, datetime]) -> tuple[str, datetime] | None:
        """The first of these that has not rung yet: one that the game keeps neither rings again nor silences others."""
        if not self._rung:
            return next_deadline(deadlines)
        self._rung = {due: told for due, told in self._rung.items() if deadlines.get(due[0]) == due[1]}
        for name, when in [due for due, told in self._rung.items() if not told]:
            log.error("deadline %s passed and the game keeps it: it will not ring again", name)
            self._rung[name, when] = True
        return next_deadline({name: when for name, when in deadlines.items() if (name, when) not in self._rung})

    def _rings(self) -> None:
        due, self._armed, self._cancel = self._armed, None, None
        if due is not None:
            self._rung[due] = False
            self._state = None
            self._ring(due[0])

    def is_due(self, state: Any, name: str) -> bool:
        """Whether a deadline that rang still stands in this state: a late one is discarded."""
        due: datetime | None = self._game.deadlines(state).get(name)
        return due is not None and due.timestamp() <= self._runtime.now()

    @property
    def due_at(self) -> float | None:
        """Seconds since the epoch; None: nothing is due."""
        return self._armed[1].timestamp() if self._armed else None

    def cancel(self) -> None:
        if self._cancel is not None:
            self._cancel()
        self._cancel = self._armed = None
