"""The socket without a network does what real ones do."""

import json
from typing import Any

import pytest

from gamekeeper import PLAYER, Seat
from gamekeeper.testing import Rehearsal
from gamekeeper.testing.tally import Tally
from gamekeeper.transport.connection import Admission, Connection
from gamekeeper.transport.memory import MemorySocket
from gamekeeper.transport.reception import Reception, Refusal
from gamekeeper.wire.frames import MAX_FRAME_BYTES, Hello


class Hall:
    """A rehearsal with a reception; whoever says hello is Ann."""

    def __init__(self) -> None:
        self.room = Rehearsal(Tally())
        self.room.join("Ann")
        self.reception = Reception(self, self.room.time.now, capacity=2)
        self.left_count = 0

    def enter(self, connection: Connection, hello: Hello) -> None:
        connection.admit(Admission(self.room.room, Seat(2), PLAYER, "user-Ann", "session", "phone"))

    def left(self, connection: Connection) -> None:
        self.left_count += 1

    def dial(self) -> tuple[MemorySocket, list[dict[str, Any]]]:
        heard: list[dict[str, Any]] = []
        socket = MemorySocket(self.room.time.call_soon, lambda payload: heard.append(json.loads(payload)))
        assert socket.connect(self.reception, "/rooms/rehearsal/socket") is None
        socket.say(b'{"type":"hello"}')
        self.room.time.settle()
        return socket, heard


@pytest.fixture
def hall() -> Hall:
    return Hall()


def add(hall: Hall, socket: MemorySocket, id: int) -> None:
    socket.say(json.dumps({"type": "command", "id": id, "name": "add", "data": {"amount": 1}}).encode())
    hall.room.time.settle()


def test_a_conversation(hall: Hall) -> None:
    socket, heard = hall.dial()
    add(hall, socket, 1)
    assert [frame["type"] for frame in heard[:1]] == ["welcome"]
    assert heard[-1] == {"type": "ack", "id": 1}
    socket.hang_up()
    hall.room.time.settle()
    assert (hall.left_count, hall.reception.connections) == (1, set())
    socket.hang_up()
    hall.room.time.settle()
    assert hall.left_count == 1


def test_the_handshake_can_be_refused(hall: Hall) -> None:
    other = MemorySocket(hall.room.time.call_soon, print)
    assert isinstance(other.connect(hall.reception, "/nowhere"), Refusal)


def test_who_stops_reading_fills_the_buffer_and_gets_it_later(hall: Hall) -> None:
    socket, heard = hall.dial()
    socket.stop_reading()
    before = len(heard)
    for id in range(1, 200):
        add(hall, socket, id)
    assert len(heard) == before
    assert socket.buffered > 16 * 1024
    socket.read_on()
    hall.room.time.settle()
    assert socket.buffered == 0
    assert [frame["id"] for frame in heard if frame["type"] == "ack"] == list(range(1, 200))


def test_who_vanishes_is_not_noticed(hall: Hall) -> None:
    socket, heard = hall.dial()
    socket.vanish()
    before = len(heard)
    add(hall, socket, 1)
    assert len(heard) == before and len(hall.reception.connections) == 1
    assert hall.room.state.total == 0


def test_a_message_that_is_too_big_closes(hall: Hall) -> None:
    socket, _ = hall.dial()
    socket.say(b"x" * (MAX_FRAME_BYTES + 1))
    hall.room.time.settle()
    assert socket.close_code == 1009
    assert hall.reception.connections == set()
