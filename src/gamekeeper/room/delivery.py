"""One commit, turned into one write for each viewer."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from gamekeeper.core.seats import Role
from gamekeeper.room.viewer import Viewer
from gamekeeper.wire.frames import Patch, PublicEvent, encode

Frame = Callable[[bytes], bytes]


class Delivery:
    """What one commit owes each viewer: built up part by part, then written once to each."""

    __slots__ = ("_answers", "_everyone_events", "_everyone_views", "_public", "_roles", "_shared", "_views", "cursor")

    def __init__(self, cursor: str) -> None:
        self.cursor = cursor
        self._everyone_events: bytes = b""
        self._everyone_views: bytes = b""
        self._public: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
        self._roles: dict[Role, bytes] = {}
        self._answers: dict[Viewer, list[bytes]] = {}
        self._views: dict[Viewer, list[bytes]] = {}
        self._shared: dict[tuple[Frame, Role], tuple[bytes, bytes, bytes]] = {}
        """What all viewers of one transport and role share, framed: events, everybody's views, the role's own."""

    def events(self, events: Iterable[PublicEvent]) -> None:
        self._everyone_events = encode(Patch(self.cursor, events=tuple(events)))

    def public(self, change: Any) -> None:
        """For everybody. Who is owed a private part as well gets both in one frame: call this before `private`."""
        self._public = msgspec.Raw(encode(change))
        self._everyone_views = encode(Patch(self.cursor, public=self._public))

    def shared(self, role: Role, change: Any, stale: bool | msgspec.UnsetType = msgspec.UNSET) -> None:
        self._roles[role] = encode(Patch(self.cursor, shared=change, stale=stale))

    def private(self, viewers: Iterable[Viewer], change: Any) -> None:
        payload = encode(Patch(self.cursor, public=self._public, private=change))
        for viewer in viewers:
            self._views.setdefault(viewer, []).append(viewer.frame(payload))

    def answer(self, viewer: Viewer, framed: bytes) -> None:
        answers = self._answers.get(viewer)
        if answers is None:
            self._answers[viewer] = [framed]
        else:
            answers.append(framed)

    def write(self, viewers: Iterable[Viewer]) -> None:
        """One write for each viewer that is owed something."""
        if not (self._everyone_events or self._everyone_views or self._roles):
            viewers = {**self._answers, **self._views}
        for viewer in tuple(viewers):
            key = (viewer.frame, viewer.role)
            events, everyone, role = self._shared.get(key) or self._share(*key)
            own = self._views.get(viewer)
            views = everyone + role if own is None else b"".join([role, *own])
            answers = b"".join(self._answers.get(viewer, ()))
            if events or views or answers:
                viewer.deliver(events, views, answers)

    def _share(self, frame: Frame, role: Role) -> tuple[bytes, bytes, bytes]:
        parts = (self._everyone_events, self._everyone_views, self._roles.get(role, b""))
        events, everyone, own = [frame(part) if part else b"" for part in parts]
        self._shared[frame, role] = events, everyone, own
        return events, everyone, own
