"""Who is watching, what each was last shown, and what a commit changes for them.

Everything here is computed from *committed* states. Shared parts are encoded and framed once for all who see them;
each viewer is written to once per commit, and not at all when nothing it may see has changed.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET, Raw, UnsetType

from gamekeeper.core.game import Game, defines
from gamekeeper.core.messages import Event
from gamekeeper.core.patch import SAME, diff
from gamekeeper.core.seats import NO_SEAT, Role, Seat
from gamekeeper.room.viewer import Viewer
from gamekeeper.wire.frames import encode


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A role's view of a newer state, and its patch as it is written."""

    view: Any
    change: Raw | UnsetType
    spent_s: float


class Audience:
    """The viewers of one room and the views they were last shown."""

    def __init__(self, game: Game[Any, Any, Any], spent: Callable[[], float] = time.thread_time) -> None:
        self.spent_s: dict[Role, float] = {}
        """Processor seconds that each role's view took the last time it was computed here."""
        self._game = game
        self._spent = spent
        self._kept: set[Role] = set()
        self.viewers: dict[Viewer, None] = {}
        """In the order they came, so that a seed decides the order of writes too."""
        self._watching: dict[Role, int] = {}
        self._by_seat: dict[Seat, list[Viewer]] = {}
        self._public: Any = None
        self._shared: dict[Role, Any] = {}
        self._private: dict[Seat, Any] = {}
        self._has_public = defines(game, "public")
        self._has_shared = defines(game, "shared")
        self._has_private = defines(game, "private")

    def add(self, viewer: Viewer, state: Any) -> tuple[Any, Any, Any]:
        """Let a viewer in; its three views in full, the same objects others were last shown where they exist.

        What others were last shown is brought up to date only by `changes`, so a role that is refreshed rarely sees a
        newcomer start from the same (older) view.
        """
        self.viewers[viewer] = None
        self._watching[viewer.role] = self._watching.get(viewer.role, 0) + 1
        if viewer.seat != NO_SEAT:
            self._by_seat.setdefault(viewer.seat, []).append(viewer)
        if viewer.role not in self._shared:
            began_s = self._spent()
            self._shared[viewer.role] = self._game.shared(state, viewer.role)
            self.spent_s[viewer.role] = self._spent() - began_s
        if viewer.seat != NO_SEAT and viewer.seat not in self._private:
            self._private[viewer.seat] = self._game.private(state, viewer.seat)
        if len(self.viewers) == 1:
            self._public = self._game.public(state)
        return self._public, self._shared[viewer.role], self._private.get(viewer.seat)

    def remove(self, viewer: Viewer) -> None:
        """Forget a viewer; views nobody looks at are forgotten with it."""
        if viewer not in self.viewers:
            return
        del self.viewers[viewer]
        others = self._by_seat.get(viewer.seat, [])
        if viewer in others:
            others.remove(viewer)
            if not others:
                del self._by_seat[viewer.seat]
                self._private.pop(viewer.seat, None)
        self._watching[viewer.role] -= 1
        if not self._watching[viewer.role]:
            del self._watching[viewer.role]
            if viewer.role not in self._kept:
                self._shared.pop(viewer.role, None)
        if not self.viewers:
            self._public = None

    def watching(self, role: Role) -> int:
        """How many viewers of a role there are."""
        return self._watching.get(role, 0)

    def at_seat(self, seat: Seat) -> list[Viewer]:
        return self._by_seat.get(seat, [])

    def views(self, viewer: Viewer) -> tuple[Any, Any, Any]:
        """What the viewer was last shown."""
        return self._public, self._shared.get(viewer.role), self._private.get(viewer.seat)

    def touched(self, events: Iterable[Event], state: Any) -> Iterable[Seat]:
        """The watched seats whose private view these events may have changed."""
        if not self._has_private:
            return ()
        seats: set[Seat] = set()
        for event in events:
            if event.__touches_all__:
                return list(self._by_seat)
            seats.update(type(event).__touches__(event, state))
        return [seat for seat in seats if seat in self._by_seat]

    def public_change(self, state: Any) -> Any:
        """The patch of the public view, `UNSET` when it did not change. What it returns is taken as shown."""
        if not self._has_public or not self.viewers:
            return UNSET
        new = self._game.public(state)
        old, self._public = self._public, new
        return _patch(old, new)

    def shared_change(self, state: Any, role: Role) -> Any:
        """The same for one role's shared view."""
        began_s = self._spent()
        new = self._game.shared(state, role)
        old, self._shared[role] = self._shared[role], new
        change = _patch(old, new)
        self.spent_s[role] = self._spent() - began_s
        return change

    def keep(self, role: Role) -> None:
        """From now on the role's view stays when nobody looks: who comes next is shown it at once."""
        self._kept.add(role)

    def refreshed(self, state: Any, role: Role) -> Refreshed:
        """The role's view of a newer state, to be adopted. Changes nothing and may run in another thread, as long as
        the view is not changed here meanwhile."""
        began_s = self._spent()
        new = self._game.shared(state, role)
        change = _patch(self._shared[role], new)
        written = change if change is UNSET else Raw(encode(change))
        return Refreshed(new, written, self._spent() - began_s)

    def adopt(self, role: Role, view: Any) -> None:
        """This is now what the role was last shown."""
        self._shared[role] = view

    def private_change(self, state: Any, seat: Seat) -> Any:
        """The same for one seat's private view."""
        new = self._game.private(state, seat)
        old, self._private[seat] = self._private[seat], new
        return _patch(old, new)

    @property
    def roles(self) -> list[Role]:
        """The roles that are watching and have a shared view."""
        return list(self._watching) if self._has_shared else []


def _patch(old: Any, new: Any) -> Any:
    change = diff(old, new)
    return UNSET if change is SAME else change
