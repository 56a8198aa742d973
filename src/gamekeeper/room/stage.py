"""What of a room is shown: committed states to viewers, answers to senders. Nothing else leaves a room."""

from collections.abc import Callable
from typing import Any

import msgspec

from gamekeeper.core.errors import Rejected
from gamekeeper.core.seats import HOST, NO_SEAT, Role, Seat
from gamekeeper.room.aside import Aside
from gamekeeper.room.audience import Audience
from gamekeeper.room.batch import Batch
from gamekeeper.room.delivery import Delivery
from gamekeeper.room.feed import Feed, public_event
from gamekeeper.room.fold import Fold
from gamekeeper.room.limits import Limits
from gamekeeper.room.runtime import Cancel, Runtime
from gamekeeper.room.viewer import Viewer
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.cursor import Cursors
from gamekeeper.wire.frames import Ack, Patch, Presence, PublicEvent, Rejection, Signal, Welcome, encode


class Stage:
    """The shown side of one room. `seq` and `state` are the last committed ones."""

    def __init__(
        self, fold: Fold, runtime: Runtime, cursors: Cursors, limits: Limits, view_failed: Callable[[], None]
    ) -> None:
        self.seq = fold.seq
        self.state: Any = fold.state
        self.audience = Audience(fold.game, runtime.spent)
        self.aside = Aside(self.audience, runtime, self._computed, view_failed)
        self.feed = Feed(limits.recent_events, fold.seq)
        self.cursors = cursors
        self.changed_at = runtime.now()
        self._silence_s = limits.silence_s
        self._refreshed_per_s = limits.refreshed_per_s
        self._fold = fold
        self._game = fold.game
        self._runtime = runtime
        self._refreshes: dict[Role, Cancel] = {}
        self._noticed = fold.seq
        """Of the last commit that everybody was told something of."""

    def publish(self, batch: Batch) -> None:
        """A batch is committed: adopt it, show what changed, answer its senders; one write each."""
        if batch.entries:
            self.seq, self.state = batch.last, batch.state
            self.changed_at = self._runtime.now()
        delivery = Delivery(self.cursors.at(self.seq))
        if batch.public_events:
            events = [(seq, public_event(stored, at)) for seq, at, stored in batch.public_events]
            self.feed.add(events)
            delivery.events([event for _, event in events])
        viewers = self.audience.viewers
        if batch.entries and viewers:
            self._show(delivery, batch)
        for envelope, rejected in batch.answers:
            if envelope.viewer in viewers:
                delivery.answer(envelope.viewer, envelope.viewer.answer(envelope.id, rejected, envelope.ticket))
        delivery.write(viewers)
        for envelope, rejected in batch.answers:
            if envelope.reply is not None:
                envelope.reply(rejected)
        for seat in batch.left:
            self._dismiss(seat)

    def _dismiss(self, seat: Seat) -> None:
        """The member has left: what their seat may see is not theirs any more."""
        for viewer in tuple(self.audience.at_seat(seat)):
            viewer.end(ClosingCode.FORBIDDEN, "you have left this room")
            self.audience.remove(viewer)

    def _show(self, delivery: Delivery, batch: Batch) -> None:
        """The views that changed. A role whose views are refreshed at intervals waits for its turn."""
        audience = self.audience
        change = audience.public_change(self.state)
        if change is not msgspec.UNSET:
            delivery.public(change)
        if change is not msgspec.UNSET or batch.public_events:
            self._noticed = self.seq
        for role in audience.roles:
            if role in self.aside.views:
                self._share(delivery, role, msgspec.UNSET)
                self._bring_up_to_date(role)
            elif role not in self._refreshes:
                change = audience.shared_change(self.state, role)
                self.aside.consider(role, self.seq)
                if change is not msgspec.UNSET:
                    delivery.shared(role, change)
                    self._pace(role, 0.0)
        for seat in audience.touched(batch.events, self.state):
            change = audience.private_change(self.state, seat)
            if change is not msgspec.UNSET:
                delivery.private(audience.at_seat(seat), change)

    def _pace(self, role: Role, least_s: float) -> None:
        interval_s = self._game.refresh_s.get(role, 0.0)
        if interval_s:
            interval_s = max(interval_s, self.audience.watching(role) / self._refreshed_per_s)
        interval_s = max(interval_s, least_s)
        if interval_s:
            self._refreshes[role] = self._runtime.call_at(self._runtime.now() + interval_s, lambda: self._refresh(role))

    def _refresh(self, role: Role) -> None:
        """The interval is over: show what has changed since, if anything has."""
        del self._refreshes[role]
        if role not in self.audience.roles:
            return
        if role in self.aside.views:
            self._bring_up_to_date(role)
            return
        change = self.audience.shared_change(self.state, role)
        if change is not msgspec.UNSET:
            delivery = Delivery(self.cursors.at(self.seq))
            delivery.shared(role, change)
            self._pace(role, 0.0)
            delivery.write(self.audience.viewers)
        self.aside.consider(role, self.seq)

    def _bring_up_to_date(self, role: Role) -> None:
        """Have a slow view computed, unless it was so lately that this would take more than half of a processor."""
        if role not in self._refreshes:
            self.aside.compute(role, self.seq, self.state)

    def _computed(self, role: Role, change: Any, spent_s: float) -> None:
        """A slow view is there; what was committed meanwhile makes it stale at once, and is next."""
        self._pace(role, spent_s)
        if role in self.audience.roles:
            delivery = Delivery(self.cursors.at(self.seq))
            self._share(delivery, role, change)
            delivery.write(self.audience.viewers)

    def _share(self, delivery: Delivery, role: Role, change: Any) -> None:
        """What changed of a slow view, and whether it is stale if that is different from what its viewers were told."""
        view, stale = self.aside.views[role], self._is_stale(role)
        if change is not msgspec.UNSET or stale != view.stale:
            delivery.shared(role, change, stale if stale != view.stale else msgspec.UNSET)
        view.stale = stale

    def _is_stale(self, role: Role) -> bool:
        """Whether something is missing in a slow view that its viewers may know of. All but hosts are told only of what
        everybody was told something of: the mark alone would say that something hidden has happened."""
        return self.aside.views[role].seq < (self.seq if role is HOST else self._noticed)

    def welcome(self, viewer: Viewer, room: str, since: int | None, missed: tuple[PublicEvent, ...] = ()) -> bytes:
        """Let a viewer in; the payload of its welcome. `since`: the seq it resumes from, None to start over; `missed`:
        the public events after it that the feed no longer holds."""
        public, shared, private = self.audience.add(viewer, self.state)
        stale = self._enter(viewer.role)
        events = () if since is None else missed + self.feed.after(since)
        opened = self._fold.opened
        last_id = self._fold.ledger.last_id(viewer.seat, viewer.session) or 0
        return encode(
            Welcome(
                room,
                opened.app if opened else "",
                viewer.seat,
                viewer.role,
                viewer.session,
                last_id,
                self.cursors.at(self.seq),
                since is not None,
                public,
                shared,
                private,
                events,
                self._runtime.now() * 1000,
                stale,
                self._silence_s,
            )
        )

    def _enter(self, role: Role) -> bool | msgspec.UnsetType:
        """Somebody in this role has come: whether what they are shown of a slow view is stale."""
        self.aside.consider(role, self.seq)
        view = self.aside.views.get(role)
        if view is None:
            return msgspec.UNSET
        view.stale = self._is_stale(role)
        self._bring_up_to_date(role)
        return view.stale or msgspec.UNSET

    def views_again(self, viewer: Viewer) -> bytes:
        """A patch that replaces all views: for a reader that lagged behind the ones in between."""
        public, shared, private = self.audience.views(viewer)
        slow = self.aside.views.get(viewer.role)
        stale = msgspec.UNSET if slow is None else slow.stale
        return encode(
            Patch(self.cursors.at(self.seq), public=[public], shared=[shared], private=[private], stale=stale)
        )

    def announce(self, seat: Seat, online: bool) -> None:
        """Tell those who may know that a seat came or went."""
        if self._game.presence == "nobody":
            return
        everyone = self._game.presence == "everyone"
        self._tell(encode(Presence(seat, online)), lambda viewer: everyone or viewer.role is HOST)

    def signal(self, name: str, data: Any, seat: Seat = NO_SEAT) -> None:
        """Lossy progress, to everybody or to one seat."""
        self._tell(encode(Signal(name, data)), lambda viewer: seat in (NO_SEAT, viewer.seat))

    def _tell(self, payload: bytes, chosen: Callable[[Viewer], bool]) -> None:
        for viewer in tuple(self.audience.viewers):
            if chosen(viewer):
                viewer.deliver(b"", viewer.frame(payload), b"")

    def close(self, code: ClosingCode, reason: str) -> None:
        """Everybody out."""
        for cancel in self._refreshes.values():
            cancel()
        self._refreshes.clear()
        self.aside.close()
        for viewer in tuple(self.audience.viewers):
            self.audience.remove(viewer)
            viewer.end(code, reason)


def answer(id: int, rejected: Rejected | None) -> bytes:
    """The frame that answers a command."""
    if rejected is None:
        return encode(Ack(id))
    return encode(Rejection(id, rejected.code, rejected.message, rejected.field, rejected.retry_after_s))
