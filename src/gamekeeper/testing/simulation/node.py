"""A server process that can die between any two steps: everything in it is forgotten, the disk is not."""

import random
from collections.abc import Callable
from typing import TypeVar

from gamekeeper.core.errors import Rejected
from gamekeeper.core.record import Entry
from gamekeeper.core.seats import NO_SEAT, PLAYER, SYSTEM, Seat
from gamekeeper.room.feed import public_events
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import JoinRoom
from gamekeeper.room.limits import Limits
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.room import Room
from gamekeeper.room.runtime import Cancel, Runtime
from gamekeeper.room.sessions import resume
from gamekeeper.testing.simulation.disk import Disk, DiskLog
from gamekeeper.testing.simulation.link import Link, line
from gamekeeper.transport.connection import Admission, Connection, Patience
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.cursor import Cursors
from gamekeeper.wire.frames import Hello, PublicEvent

T = TypeVar("T")
ADMIT_S = 0.01
SMALL = Patience(high_water_bytes=600, kept_bytes=6_000)
LIMITS = Limits(recent_events=5, snapshot_every=10**9, sessions_per_seat=3)

RoomFactory = Callable[..., Room]


class Mortal:
    """A runtime whose callbacks die with the node."""

    def __init__(self, time: Runtime) -> None:
        self._time = time
        self.alive = True

    def now(self) -> float:
        return self._time.now()

    def call_soon(self, callback: Callable[[], None]) -> None:
        self._time.call_soon(lambda: callback() if self.alive else None)

    def call_at(self, when: float, callback: Callable[[], None]) -> Cancel:
        return self._time.call_at(when, lambda: callback() if self.alive else None)

    def spent(self) -> float:
        return self._time.spent()

    def work(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        self._time.work(job, lambda result: done(result) if self.alive else None)


class ServerEnd:
    """The server's end of a link, as a transport would offer it to a connection."""

    def __init__(self, node: "Node", link: Link, room: str) -> None:
        self._link = link
        self._node = node
        self.frame = line
        self.connection = Connection(room, self, node, node.runtime.now(), SMALL)
        link.drained = lambda: self.connection.drained() if node.runtime.alive else None

    @property
    def buffered(self) -> int:
        return self._link.buffered

    def write(self, framed: bytes) -> None:
        self._link.down(framed)

    def close(self, code: int, reason: str) -> None:
        self._link.close()

    def abort(self) -> None:
        self._link.cut()

    def arrived(self, payload: bytes, whole: bool = True) -> None:
        if self._node.runtime.alive and not self.connection.closed:
            self.connection.received(payload, self._node.runtime.now())

    def cut(self) -> None:
        if self._node.runtime.alive and not self.connection.closed:
            self.connection.lost()


class Node:
    """One life of the server, with one room."""

    def __init__(
        self,
        time: Runtime,
        rng: random.Random,
        disk: Disk,
        fold: Callable[[], Fold],
        make_room: RoomFactory,
        cursors: Cursors,
        failure_rate: float,
    ) -> None:
        self.runtime = Mortal(time)
        self._rng = rng
        self._disk = disk
        self._log = DiskLog(disk, self.runtime, rng, failure_rate)
        self._make_fold = fold
        self._make_room = make_room
        self._cursors = cursors
        self._room: Room | None = None
        self._links: list[Link] = []

    def accept(self, link: Link, room: str) -> None:
        """A client has connected."""
        link.up_end = ServerEnd(self, link, room)
        self._links.append(link)

    def room(self, id: str) -> Room:
        """The room, read back from the log when it is not in memory."""
        if self._room is None:
            fold = self._make_fold()
            for entry in self._disk.entries(id):
                fold.apply(entry)
            self._room = self._make_room(id, fold, self._log, self.runtime, self._cursors, self, LIMITS)
        return self._room

    def committed(self, room: Room, entries: list[Entry]) -> None:
        pass

    def stopped(self, room: Room) -> None:
        if self._room is room:
            self._room = None

    def view_failed(self, room: Room) -> None:
        pass

    def enter(self, connection: Connection, hello: Hello) -> None:
        """A hello: take the seat if need be, then welcome. All later, as in life."""
        delay_s = self._rng.uniform(0, ADMIT_S)
        self.runtime.call_at(self.runtime.now() + delay_s, lambda: self._admit(connection, hello))

    def left(self, connection: Connection) -> None:
        pass

    def _admit(self, connection: Connection, hello: Hello) -> None:
        user = hello.token or ""
        room = self.room(connection.room_id)

        def seated(rejected: Rejected | None) -> None:
            if rejected is not None or connection.closed:
                connection.end(ClosingCode.FAULT, "not now")
            else:
                connection.admit(self._admission(room, room.fold.seat_of[user], user, hello))

        if user in room.fold.seat_of and room.settled:
            seated(None)
            return
        try:
            room.submit(Envelope(JoinRoom(user, user, PLAYER), NO_SEAT, SYSTEM, user, reply=seated))
        except Rejected:
            connection.end(ClosingCode.FAULT, "not now")

    def _admission(self, room: Room, seat: Seat, user: str, hello: Hello) -> Admission:
        session = resume(hello.session, room.fold.ledger, seat, self._cursors, room.stage.seq)
        since = self._cursors.seq(hello.cursor) if hello.cursor else None
        missed: tuple[PublicEvent, ...] = ()
        if since is not None and not room.stage.feed.covers(since):
            entries = [entry for entry in self._disk.entries(room.id) if since < entry.last <= room.stage.seq]
            held = {id(event) for event in room.stage.feed.after(since)}
            found = public_events(room.fold.game.catalogue, entries, since)
            missed = tuple(event for _, event in found[: len(found) - len(held)])
        return Admission(room, seat, PLAYER, user, session, user, since, missed)

    def die(self) -> None:
        """kill -9."""
        self.runtime.alive = False
        self._log.die()
        for link in self._links:
            link.cut()
