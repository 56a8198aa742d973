"""Connections in great numbers: malformed frames, comings and goings, networks that are cut, readers that stop."""

import gc
import itertools
import json
import logging
from collections import Counter
from random import Random
from typing import Any

import pytest
from fuzz.making import frames

from gamekeeper import ErrorCode, Rejected
from gamekeeper.core.seats import Role
from gamekeeper.room.governance import JoinRoom
from gamekeeper.room.mailbox import Envelope
from gamekeeper.testing import Rehearsal
from gamekeeper.testing.tally import Tally
from gamekeeper.transport.connection import Admission, Connection, Patience
from gamekeeper.transport.heartbeat import Heartbeat, Patterns
from gamekeeper.transport.memory import MemorySocket
from gamekeeper.transport.reception import Reception
from gamekeeper.wire.frames import Hello, decode_from_server
from gamekeeper.wire.replica import Replica

TYPED = frozenset(ErrorCode) - {ErrorCode.INTERNAL, ErrorCode.INVARIANT, ErrorCode.UNAVAILABLE}


class Guest:
    """Somebody on a socket, and every frame that reached them."""

    def __init__(self, hall: "Hall", name: str, cursor: str | None = None) -> None:
        self.hall = hall
        self.heard: list[dict[str, Any]] = []
        self.heard_bytes = 0
        self.heard_at: list[float] = []
        self.id = 0
        self.replica = Replica()
        self.socket = MemorySocket(hall.time.call_soon, self._hear)
        assert self.socket.connect(hall.reception, "/rooms/rehearsal/socket") is None
        self.say({"type": "hello", "token": name, "cursor": cursor})

    def _hear(self, payload: bytes) -> None:
        self.heard.append(json.loads(payload))
        self.replica.feed(decode_from_server(payload))
        self.heard_bytes += len(payload)
        self.heard_at.append(self.hall.time.now())

    def say(self, frame: dict[str, Any]) -> None:
        self.socket.say(json.dumps(frame).encode())

    def command(self, name: str, **data: Any) -> None:
        self.id += 1
        self.say({"type": "command", "id": self.id, "name": name, "data": data})

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.heard if frame["type"] == kind]


class Tolerant(Tally):
    """Nobody's chair is kept warm: a lost connection is told at once."""

    grace_s = 0.0
    seats = 1_000


class Hall:
    """The real connections, session, room and heartbeat on virtual time."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.rehearsal = Rehearsal(Tolerant())
        self.room = self.rehearsal.room
        self.time = self.rehearsal.time
        self.reception = Reception(self, self.time.now, patience=patience or Patience())
        self.heartbeat = Heartbeat(self.reception, Patterns())
        self.time.settle()

    def enter(self, connection: Connection, hello: Hello) -> None:
        """A door that believes everybody: a seat, and in."""
        name = hello.token or "nobody"

        def seated(rejected: Rejected | None) -> None:
            assert rejected is None
            member = self.room.fold.members[self.room.fold.seat_of[name]]
            since = self.room.stage.cursors.seq(hello.cursor) if hello.cursor else None
            connection.admit(Admission(self.room, member.seat, member.role, name, name, "phone", since))

        self.room.submit(Envelope(JoinRoom(name, name, Role.PLAYER), 0, Role.SYSTEM, name, reply=seated))

    def left(self, connection: Connection) -> None:
        pass

    def guest(self, name: str, cursor: str | None = None) -> Guest:
        guest = Guest(self, name, cursor)
        self.settle()
        return guest

    def settle(self) -> None:
        self.time.settle()

    def pass_by(self, seconds: int) -> None:
        for _ in range(seconds):
            self.time.advance(1.0)
            self.heartbeat.look()
            self.settle()


def test_a_hundred_thousand_malformed_frames_get_typed_errors_only(caplog: pytest.LogCaptureFixture) -> None:
    """R0-52: through connection, session and room; `python -m fuzz` sends a million over real sockets."""
    caplog.set_level(logging.ERROR)
    hall = Hall()
    watching = hall.guest("bob")
    found: Counter[str] = Counter()
    names = (f"eve {number}" for number in itertools.count())
    eve = hall.guest(next(names))
    for payload in frames(Random(52), 100_000):
        before = len(eve.heard)
        eve.socket.say(payload)
        hall.settle()
        for frame in eve.heard[before:]:
            found[frame["code"] if frame["type"] == "rejected" else frame["type"]] += 1
        if eve.of("closing"):
            found["closing: " + eve.of("closing")[-1]["code"]] += 1
            eve = hall.guest(next(names))
        else:
            eve.heard.clear()
    codes = {kind for kind in found if kind not in {"ack", "patch", "closing", "welcome", "presence"}}
    assert {code for code in codes if not code.startswith("closing")} <= TYPED
    assert {code for code in codes if code.startswith("closing")} <= {"closing: protocol", "closing: forbidden"}
    assert found["bad_frame"] > 50_000
    assert {"bad_command", "unknown_command", "unknown_field", "not_host"} <= set(found)
    assert caplog.records == []
    assert not watching.of("rejected") and not watching.of("closing")
    watching.command("add", amount=1)
    hall.settle()
    assert watching.heard[-1] == {"type": "ack", "id": 1}
    assert hall.rehearsal.replayed() == hall.rehearsal.state


def objects_of(*kinds: type) -> int:
    gc.collect()
    return sum(type(each) in kinds for each in gc.get_objects())


def residue(hall: Hall) -> dict[str, int]:
    """Everything a guest could leave behind, counted; who opened the rehearsal watches from a chair of their own."""
    room = hall.room
    return {
        "connections": len(hall.reception.connections),
        "viewers": len(room.stage.audience.viewers),
        "seats watched": len(room.stage.audience._by_seat),
        "private views": len(room.stage.audience._private),
        "online": len(room.presence.online),
        "members": len(room.fold.members),
        "rate buckets": len(room._buckets),
        "waiting calls": len(hall.time._waiting),
        "objects": objects_of(Connection, MemorySocket, Envelope, Guest),
    }


def come_and_go(hall: Hall, cycles: int) -> None:
    """Join, play, and go in one of four ways: leave the room, hang up, vanish, say too much at once."""
    for number in range(cycles):
        guest = hall.guest(f"guest {number % 20}")
        guest.id = guest.of("welcome")[0]["last_id"]
        guest.command("add", amount=1)
        if number % 4 == 0:
            guest.command("leave_room")
        elif number % 4 == 1:
            guest.socket.hang_up()
        elif number % 4 == 2:
            guest.socket.vanish()
        else:
            guest.socket.say(b"x" * (64 * 1024 + 1))
        hall.settle()
        if number % 100 == 99:
            hall.pass_by(30)


def test_ten_thousand_comings_and_goings_leave_nothing() -> None:
    """R1-73: everything a connection held is gone, however it ended; `bench.endure` does it over real sockets."""
    hall = Hall()
    come_and_go(hall, 200)
    before = residue(hall)
    come_and_go(hall, 10_000)
    after = residue(hall)
    assert after == before
    assert (after["connections"], after["viewers"], after["online"], after["members"]) == (0, 1, 1, 21)


def test_a_thousand_sockets_cut_without_a_word_are_gone_within_interval_and_timeout() -> None:
    """R1-84, R0-45: nobody said goodbye, and no session entry is left."""
    hall = Hall()
    before = residue(hall)
    guests = [hall.guest(f"guest {number % 900}") for number in range(1_000)]
    assert len(hall.reception.connections) == 1_000
    for guest in guests:
        guest.socket.vanish()
    patterns = Patterns()
    hall.pass_by(int(patterns.ping_interval_s + patterns.ping_timeout_s) - 1)
    assert len(hall.reception.connections) == 1_000, "they could still answer"
    hall.pass_by(3)
    after = residue(hall)
    entries = ("connections", "viewers", "seats watched", "private views", "online")
    assert [after[name] for name in entries] == [before[name] for name in entries]
    del guest
    guests.clear()
    assert objects_of(Connection, MemorySocket) == 0


def test_a_thousand_oversized_frames_leave_nothing() -> None:
    """R1-106: each closes with 1009 and is let go; `bench.endure` judges the memory of a process."""
    hall = Hall()
    for number in range(1_000):
        guest = hall.guest(f"guest {number % 10}")
        guest.socket.say(b"x" * (64 * 1024 + 1))
        hall.settle()
        assert guest.socket.close_code == 1009
    del guest
    assert objects_of(Connection, MemorySocket) == 0


def talk(hall: Hall, guests: list[Guest], rounds: int) -> None:
    """Everybody who reads on says something each tenth of a second."""
    for _ in range(rounds):
        for guest in guests:
            guest.command("add", amount=1)
        hall.settle()
        hall.time.advance(0.1)


def evening(stalled: int) -> tuple[Hall, list[Guest], list[Guest]]:
    """Twenty guests who play; besides, some who stop reading (or, for comparison, read on) and only look."""
    hall = Hall(Patience(high_water_bytes=4_096, kept_bytes=100_000))
    players = [hall.guest(f"player {number}") for number in range(20)]
    lookers = [hall.guest(f"looker {number}") for number in range(2)]
    for guest in lookers[:stalled]:
        guest.socket.stop_reading()
    talk(hall, players, 20)
    return hall, players, lookers


def test_readers_that_stop_change_nothing_for_the_others() -> None:
    """R2-122: to the byte and to the moment, the others get what they would get anyhow; what is kept is bounded."""
    hall, players, lookers = evening(stalled=2)
    _, undisturbed, _ = evening(stalled=0)
    for one, other in zip(players, undisturbed, strict=True):
        assert (one.heard_bytes, one.heard_at) == (other.heard_bytes, other.heard_at)
        assert [frame["type"] for frame in one.heard] == [frame["type"] for frame in other.heard]
    frame_bytes = 4_096
    for connection in hall.reception.connections:
        assert connection._kept_bytes <= 100_000
        assert connection._peer.buffered <= 4_096 + frame_bytes
    assert sum(connection.behind for connection in hall.reception.connections) == 2
    for guest in lookers:
        guest.socket.read_on()
    hall.settle()
    for guest in lookers:
        assert guest.replica.public["total"] == 400
        assert [event.type for event in guest.replica.events].count("added") == 400, "every public event came, late"


def test_a_reader_past_patience_is_closed_and_resumes_where_it_was() -> None:
    """The bound on memory, and the way back: every public event once, in order, and the newest view."""
    hall = Hall(Patience(high_water_bytes=4_096, kept_bytes=20_000))
    player, slow = hall.guest("player"), hall.guest("slow")
    slow.socket.stop_reading()
    talk(hall, [player], 300)
    hall.pass_by(5)
    assert len(hall.reception.connections) == 1, "cut off once it was owed too much"
    slow.socket.read_on()
    hall.settle()
    again = hall.guest("slow", slow.replica.cursor)
    welcome = again.of("welcome")[0]
    assert welcome["resumed"]
    seen = [*slow.replica.events, *again.replica.events]
    assert [event.type for event in seen].count("added") == 300
    assert again.replica.public["total"] == 300
