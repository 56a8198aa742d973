"""A connection between a room and a socket of our own: who lags, what is kept, what is refused."""

import json
from typing import Any

import pytest

from gamekeeper import PLAYER, Seat
from gamekeeper.testing import Rehearsal
from gamekeeper.testing.tally import Tally
from gamekeeper.transport.connection import Admission, Connection, Patience
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Hello
from gamekeeper.wire.replica import Replica


def line(payload: bytes) -> bytes:
    return payload + b"\n"


class Wire:
    """A peer whose buffer fills when told, and the door that lets its connection in."""

    frame = staticmethod(line)

    def __init__(self, room: Rehearsal, patience: Patience) -> None:
        self.buffered = 0
        self.writes: list[bytes] = []
        self.closed: int | None = None
        self._room = room
        self.connection = Connection("rehearsal", self, self, 0.0, patience)
        self.left_count = 0

    def write(self, framed: bytes) -> None:
        self.writes.append(framed)

    def close(self, code: int, reason: str) -> None:
        self.closed = code

    def abort(self) -> None: ...

    def enter(self, connection: Connection, hello: Hello) -> None:
        connection.admit(Admission(self._room.room, Seat(2), PLAYER, "user-Ann", "session", "phone"))

    def left(self, connection: Connection) -> None:
        self.left_count += 1

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [json.loads(one) for write in self.writes for one in write.splitlines()]


@pytest.fixture
def room() -> Rehearsal:
    room = Rehearsal(Tally())
    room.join("Ann")
    room.join("Bob")
    return room


def welcomed(room: Rehearsal, **patience: int) -> Wire:
    wire = Wire(room, Patience(**patience))
    wire.connection.received(b'{"type":"hello","token":"ann"}', 1.0)
    room.time.settle()
    assert wire.frames[0]["type"] == "welcome"
    wire.writes.clear()
    return wire


def send(room: Rehearsal, wire: Wire, id: int, name: str, data: str) -> None:
    wire.connection.received(f'{{"type":"command","id":{id},"name":"{name}","data":{data}}}'.encode(), 2.0)
    room.time.settle()


def test_one_write_for_all_a_commit_owes(room: Rehearsal) -> None:
    wire = welcomed(room)
    send(room, wire, 1, "add", '{"amount":4}')
    assert len(wire.writes) == 1
    assert [frame["type"] for frame in wire.frames] == ["patch", "patch", "ack"], "views first, so an ack finds them"


def test_a_lagging_reader_keeps_answers_and_events_and_gets_the_newest_views(room: Rehearsal) -> None:
    """R2-122: nothing is lost that must arrive, nothing is written meanwhile."""
    wire = welcomed(room, high_water_bytes=100)
    replica = Replica()
    wire.buffered = 10_000
    send(room, wire, 1, "add", '{"amount":1}')
    assert wire.connection.behind
    wire.writes.clear()
    for id in range(2, 12):
        send(room, wire, id, "add", '{"amount":1}')
    assert wire.writes == []
    wire.buffered = 0
    wire.connection.drained()
    assert len(wire.writes) == 1
    assert [frame["id"] for frame in wire.frames if frame["type"] == "ack"] == list(range(2, 12))
    assert sum(len(frame.get("events", ())) for frame in wire.frames) == 10
    kinds = [frame["type"] for frame in wire.frames]
    newest = wire.frames[kinds.index("ack") - 1]
    assert newest["public"][0]["total"] == 11, "views first, so an ack finds them"
    assert set(kinds[kinds.index("ack") :]) == {"ack"}
    assert replica.public is None
    assert not wire.connection.behind


def test_patience_has_an_end(room: Rehearsal) -> None:
    wire = welcomed(room, high_water_bytes=100, kept_bytes=500)
    wire.buffered = 10_000
    for id in range(1, 20):
        send(room, wire, id, "add", '{"amount":1}')
    assert wire.closed == ClosingCode.SLOW.websocket_code
    closing = next(frame for frame in wire.frames if frame["type"] == "closing")
    assert (closing["code"], closing["reconnect"]) == ("slow", True)
    assert wire.left_count == 1


def test_a_lost_socket_leaves_nothing(room: Rehearsal) -> None:
    wire = welcomed(room)
    viewers = len(room.room.stage.audience.viewers)
    wire.connection.lost()
    wire.connection.lost()
    wire.connection.end(ClosingCode.FAULT, "late")
    assert len(room.room.stage.audience.viewers) == viewers - 1
    assert wire.writes == []
    assert wire.closed is None


def test_before_the_welcome_nothing_is_let_through(room: Rehearsal) -> None:
    wire = Wire(room, Patience())
    wire.connection.received(b'{"type":"command","id":1,"name":"add","data":{"amount":1}}', 1.0)
    assert wire.frames[0]["code"] == "bad_frame"
    assert not wire.connection.live
