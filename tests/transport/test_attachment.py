"""What a connection is attached to: how commands are read, and a room of this process."""

import pytest

from gamekeeper import Rejected
from gamekeeper.testing import Rehearsal
from gamekeeper.testing.tally import Add, Tally
from gamekeeper.transport.attachment import LocalAttachment, read_command
from gamekeeper.transport.connection import Connection, Patience
from gamekeeper.wire.frames import CommandFrame, Raw
from tests.transport.test_connection import Wire


@pytest.fixture
def room() -> Rehearsal:
    room = Rehearsal(Tally())
    room.join("Ann")
    return room


def entered(room: Rehearsal) -> Connection:
    wire = Wire(room, Patience())
    wire.connection.received(b'{"type":"hello","token":"ann"}', 1.0)
    room.time.settle()
    return wire.connection


def test_a_local_room_is_left_once_and_not_after_its_end(room: Rehearsal) -> None:
    attachment = LocalAttachment(room.room, entered(room))
    viewers = len(room.room.stage.audience.viewers)
    attachment.leave()
    assert len(room.room.stage.audience.viewers) == viewers - 1
    assert not attachment.timed


@pytest.mark.parametrize(
    ("name", "data", "code", "field"),
    [
        ("add", b'{"amount":"x"}', "bad_command", "amount"),
        ("add", b'{"amount":1,"x":2}', "unknown_field", "x"),
        ("add", b"{}", "bad_command", "amount"),
        ("add", b"[]", "bad_command", None),
        ("nothing", b"{}", "unknown_command", None),
        ("open_room", b"{}", "unknown_command", None),
        ("join_room", b"{}", "unknown_command", None),
        ("timed_out", b'{"deadline":"round"}', "unknown_command", None),
    ],
)
def test_what_a_command_cannot_be(room: Rehearsal, name: str, data: bytes, code: str, field: str | None) -> None:
    """R0-34, R0-51: a client sends its game's commands and nothing of the framework's own."""
    with pytest.raises(Rejected) as refused:
        read_command(room.room, CommandFrame(1, name, Raw(data)))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_what_a_command_can_be(room: Rehearsal) -> None:
    assert read_command(room.room, CommandFrame(1, "add", Raw(b'{"amount":3}'))) == Add(3)
