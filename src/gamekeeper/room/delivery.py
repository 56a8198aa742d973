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

    __slots__ = ("_answers", "_everyone_events", "_everyone_views", "_framed", "_public", "_roles", "_views", "cursor")

    def __init__(self, cursor: str) -> None:
        self.cursor = cursor
        self._everyone_events: bytes = b""
        self._everyone_views: bytes = b""
        self._public: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
        self._roles: dict[Role, bytes] = {}
        self._answers: dict[Viewer, list[bytes]] = {}
        self._views: dict[Viewer, list[bytes]] = {}
        self._framed: dict[tuple[Frame, bytes], bytes] = {}

    def events(self, events: tuple[PublicEvent, ...]) -> None:
        self._everyone_events = encode(Patch(self.cursor, events=events))

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
            events = self._shared_bytes(viewer, self._everyone_events)
            own = self._views.get(viewer)
            views = self._shared_bytes(viewer, self._everyone_views) if own is None else b""
            role = self._roles.get(viewer.role)
            if role is not None:
                views += self._shared_bytes(viewer, role)
            if own is not None:
                views += b"".join(own)
            answers = b"".join(self._answers.get(viewer, ()))
            if events or views or answers:
                viewer.deliver(events, views, answers)

    def _shared_bytes(self, viewer: Viewer, payload: bytes) -> bytes:
        if not payload:
            return b""
        key = (viewer.frame, payload)
        framed = self._framed.get(key)
        if framed is None:
            framed = self._framed[key] = viewer.frame(payload)
        return framed
