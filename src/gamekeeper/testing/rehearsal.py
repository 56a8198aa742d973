"""A room in a unit test: the real loop on a log in memory and a fake clock. No server, no sockets, no sleeping."""

from collections.abc import Callable
from typing import Any

import msgspec

from gamekeeper.core.codec import encode_map
from gamekeeper.core.errors import Rejected
from gamekeeper.core.game import Game
from gamekeeper.core.messages import Command, Event
from gamekeeper.core.personal import Aside, Personal, whole
from gamekeeper.core.record import Entry, Record, decode_entries, records
from gamekeeper.core.seats import HOST, NO_SEAT, PLAYER, SPECTATOR, SYSTEM, Role, Seat
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import CloseRoom, JoinRoom, OpenRoom, StartRoom, is_governance
from gamekeeper.room.limits import DEFAULT_LIMITS, Limits
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.room import Room
from gamekeeper.room.stage import answer
from gamekeeper.testing.virtual import VirtualTime
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.cursor import Cursors
from gamekeeper.wire.frames import Welcome, decode_from_server
from gamekeeper.wire.replica import Replica, Viewing

ROOM = "rehearsal"


class _Log:
    """A log in memory that has written everything by the next turn."""

    def __init__(self, time: VirtualTime) -> None:
        self.bodies: list[bytes] = []
        self.kept: list[Personal] = []
        self._time = time

    def append(
        self, room: str, first: int, last: int, body: bytes, done: Callable[[Exception | None], None], aside: Aside
    ) -> None:
        self.bodies.append(body)
        self.kept = [*(one for one in self.kept if one.seat not in aside.forgotten), *aside.kept]
        self._time.call_soon(lambda: done(None))

    def when_ready(self, go: Callable[[], None]) -> None:
        go()


class _Watcher:
    def committed(self, room: Room, entries: list[Entry]) -> None:
        pass

    def stopped(self, room: Room) -> None:
        pass

    def view_failed(self, room: Room) -> None:
        pass


def _line(payload: bytes) -> bytes:
    """A frame of a rehearsal: one line (JSON has no line breaks of its own)."""
    return payload + b"\n"


class Seated(Viewing):
    """Somebody watching the rehearsal from a seat: what a client there would have, and every byte it was sent."""

    frame = staticmethod(_line)

    def __init__(self, rehearsal: "Rehearsal", seat: Seat, role: Role, user: str) -> None:
        self.seat = seat
        self.role = role
        self.user = user
        self.session = f"session-of-{user}"
        self.device = user
        self.replica = Replica(self.session)
        self.payloads: list[bytes] = []
        self.ended: ClosingCode | None = None
        self._rehearsal = rehearsal
        self._id = 0

    def answer(self, id: int, rejected: Rejected | None, ticket: bytes | None) -> bytes:
        return _line(answer(id, rejected))

    def deliver(self, events: bytes, views: bytes, answers: bytes) -> None:
        for payload in (events + views + answers).splitlines():
            self.take(payload)

    def take(self, payload: bytes) -> None:
        frame = decode_from_server(payload)
        if isinstance(frame, Welcome):
            self._id = frame.last_id
        self.payloads.append(payload)
        self.replica.feed(frame)

    def end(self, code: ClosingCode, reason: str) -> None:
        self.ended = code

    def send(self, command: Command) -> None:
        """Have a command carried out at once. Raises `Rejected`."""
        self._id += 1
        self._rehearsal.send(command, self, self._id)


class Rehearsal:
    """One room of a game, driven by hand.

    table = Rehearsal(Pennies())
    ann, bob = table.join("Ann"), table.join("Bob")
    ann.send(Show(HEADS))
    table.next_deadline()
    assert table.state.winner == ann.seat
    """

    def __init__(
        self,
        game: Game[Any, Any, Any],
        *,
        seed: str | None = "rehearsal",
        config: dict[str, Any] | None = None,
        creator: Role = HOST,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.time = VirtualTime()
        self.log = _Log(self.time)
        self.game = game
        self._cursors = Cursors(b"rehearsal", ROOM, 0)
        self.room = Room(ROOM, Fold(game), self.log, self.time, self._cursors, _Watcher(), limits)
        parameters = msgspec.Raw(msgspec.json.encode(config or {}, enc_hook=encode_map))
        self._tell(OpenRoom("rehearsal", "", parameters, seed, "creator", "Creator", creator))
        self.creator = self._seat("creator", Seat(1), creator)

    @property
    def host(self) -> Seated:
        """Who opened the room, where that makes a host."""
        return self.creator

    @property
    def state(self) -> Any:
        """The committed state."""
        return self.room.stage.state

    @property
    def entries(self) -> list[Entry]:
        bare = [entry for body in self.log.bodies for entry in decode_entries(body)]
        return whole(bare, {one.seq: one.fields for one in self.log.kept})

    @property
    def records(self) -> list[Record]:
        """Everything in the log, event by event."""
        return [record for entry in self.entries for record in records(entry)]

    @property
    def events(self) -> list[Event]:
        """The game's own events so far."""
        catalogue = self.game.catalogue
        return [
            catalogue.read_event(stored)
            for entry in self.entries
            for stored in entry.events
            if not is_governance(stored.type)
        ]

    def join(self, name: str, role: Role = PLAYER, user: str | None = None) -> Seated:
        """A new member takes a seat and watches. Raises `Rejected`."""
        user = user or f"user-{name}"
        self._tell(JoinRoom(user, name, role))
        return self._seat(user, self.room.fold.seat_of[user], role)

    def watch(self) -> Seated:
        """A spectator without a seat."""
        return self._seat("", NO_SEAT, SPECTATOR)

    def start(self) -> None:
        """The host starts the room."""
        self.creator.send(StartRoom())

    def close(self) -> None:
        self._tell(CloseRoom("over"))

    def forget(self) -> None:
        """All that is kept beside the log is gone, as after the time it may be kept."""
        self.log.kept = []

    def reconnect(self, member: Seated) -> Seated:
        """The same member on a new connection; the old one is gone."""
        self.leave(member)
        return self._seat(member.user, member.seat, member.role)

    def leave(self, member: Seated) -> None:
        """The member's connection is lost (the seat stays theirs)."""
        self.room.stage.audience.remove(member)
        self.room.presence.depart(member.seat)
        self.time.settle()

    def next_deadline(self) -> None:
        """Jump to the moment something is next due. Raises `LookupError` when nothing ever is."""
        due = self.room.alarm.due_at
        if due is None:
            raise LookupError("nothing is due in this state")
        self.time.advance(due - self.time.now())
        self.time.settle()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.time.advance(seconds)

    def replayed(self) -> Any:
        """The state as the log alone gives it."""
        fold = Fold(self.game)
        for entry in self.entries:
            fold.apply(entry)
        return fold.state

    def send(self, command: Command, sender: Seated, id: int) -> None:
        self._carry_out(Envelope(command, sender.seat, sender.role, sender.user, sender.session, id))

    def _tell(self, command: Command) -> None:
        self._carry_out(Envelope(command, NO_SEAT, SYSTEM, ""))

    def _carry_out(self, envelope: Envelope) -> None:
        outcome: list[Rejected | None] = []
        envelope.reply = outcome.append
        self.room.submit(envelope)
        self.time.settle()
        if outcome[0] is not None:
            raise outcome[0]

    def _seat(self, user: str, seat: Seat, role: Role) -> Seated:
        seated = Seated(self, seat, role, user)
        seated.take(self.room.stage.welcome(seated, ROOM, None))
        self.room.presence.arrive(seat)
        self.time.settle()
        return seated
