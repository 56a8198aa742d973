"""Views that cost more than the loop can give: computed beside it, and shown when they are ready.

A role's shared view that was once measured to take longer than `BUDGET_S` is from then on computed by the runtime's
worker: one computation at a time for each role, always of the newest state. Meanwhile its viewers keep what they were
last shown. States are frozen, so nothing has to be copied or locked.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from msgspec import UNSET

from gamekeeper.core.seats import Role
from gamekeeper.room.audience import Audience, Refreshed
from gamekeeper.room.runtime import Runtime

log = logging.getLogger("gamekeeper.room")

BUDGET_S = 0.010
"""Processor seconds that a shared view may take of the loop."""


@dataclass(slots=True)
class SlowView:
    """One role's view that is computed beside the loop."""

    seq: int
    """Of the state that it shows."""
    tried: int
    """Of the newest state that it was computed of; later than `seq` while that is under way, or after a fault."""
    busy: bool = False
    stale: bool = False
    """What its viewers were told."""


class Aside:
    """The slow views of one room. `show(role, change, spent_s)` is called on the loop when one was computed; the change
    is `UNSET` where nothing changed, and after a fault, which is told to `failed`."""

    def __init__(
        self, audience: Audience, runtime: Runtime, show: Callable[[Role, Any, float], None], failed: Callable[[], None]
    ) -> None:
        self.views: dict[Role, SlowView] = {}
        self._audience = audience
        self._runtime = runtime
        self._show = show
        self._failed = failed
        self._closed = False

    def consider(self, role: Role, seq: int) -> None:
        """A view was just computed on the loop, of the state at `seq`: was that the last time?"""
        spent_s = self._audience.spent_s.get(role, 0.0)
        if spent_s > BUDGET_S and role not in self.views:
            log.info("the view of role %s took %.0f ms: it leaves the loop", role, spent_s * 1000)
            self.views[role] = SlowView(seq, seq)
            self._audience.keep(role)

    def compute(self, role: Role, seq: int, state: Any) -> None:
        """Bring a view up to this state, unless that was tried or it is being computed already."""
        view = self.views[role]
        if not view.busy and view.tried < seq:
            view.busy, view.tried = True, seq
            self._runtime.work(partial(self._attempt, role, seq, state), partial(self._computed, role, seq))

    def _attempt(self, role: Role, seq: int, state: Any) -> Refreshed | None:
        try:
            return self._audience.refreshed(state, role)
        except Exception:
            log.exception("fault in the view of role %s at seq %d: the last one stays", role, seq)
            return None

    def _computed(self, role: Role, seq: int, refreshed: Refreshed | None) -> None:
        if self._closed:
            return
        view = self.views[role]
        view.busy = False
        if refreshed is None:
            self._failed()
            self._show(role, UNSET, BUDGET_S)
            return
        view.seq = seq
        self._audience.adopt(role, refreshed.view)
        self._show(role, refreshed.change, refreshed.spent_s)

    def close(self) -> None:
        """What is under way is of no use any more."""
        self._closed = True
