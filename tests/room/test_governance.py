"""What the framework itself writes and takes."""

from typing import Any

import msgspec
import pytest

from gamekeeper.core.catalogue import FRAMEWORK_COMMANDS, FRAMEWORK_EVENTS, store
from gamekeeper.core.messages import Event
from gamekeeper.core.seats import ADMIN, HOST, PLAYER, SPECTATOR, SYSTEM, Seat
from gamekeeper.room.governance import (
    CloseRoom,
    JoinRoom,
    LeaveRoom,
    MemberJoined,
    MemberLeft,
    OpenRoom,
    RoomClosed,
    RoomOpened,
    RoomStarted,
    StartRoom,
    client_commands,
    is_governance,
    read_client_command,
    read_governance,
)

WRITTEN = [
    (RoomOpened("a", "n", msgspec.Raw(b'{"x":1}'), "s"), b'{"app":"a","name":"n","config":{"x":1},"seed":"s"}'),
    (MemberJoined(Seat(1), "u", "Ann", HOST), b'{"seat":1,"user":"u","name":"Ann","role":"host"}'),
    (MemberLeft(Seat(1), "left"), b'{"seat":1,"reason":"left"}'),
    (RoomStarted(), b"{}"),
    (RoomClosed("over", "u"), b'{"reason":"over","by":"u"}'),
]


@pytest.mark.parametrize(("event", "body"), WRITTEN)
def test_the_frameworks_events_are_for_ever(event: Event, body: bytes) -> None:
    stored = store(event)
    assert bytes(stored.data) == body
    assert stored.type.startswith(FRAMEWORK_EVENTS)
    assert is_governance(stored.type)
    assert store(read_governance(stored.type, stored.data)) == stored


@pytest.mark.parametrize(("type_name", "data"), [("room.moved", b"{}"), ("room.closed", b'{"reason":1}')])
def test_what_it_did_not_write_is_refused(type_name: str, data: bytes) -> None:
    with pytest.raises((KeyError, msgspec.ValidationError)):
        read_governance(type_name, msgspec.Raw(data))


def test_clients_may_leave_start_and_close() -> None:
    assert set(client_commands) == FRAMEWORK_COMMANDS, "games keep away from these names"
    assert read_client_command("leave_room", msgspec.Raw(b"{}")) == LeaveRoom()
    assert read_client_command("start_room", msgspec.Raw(b"{}")) == StartRoom()
    assert read_client_command("close_room", msgspec.Raw(b'{"reason":"over"}')) == CloseRoom("over")


@pytest.mark.parametrize("name", ["open_room", "join_room", "show", "", "started", "timed_out"])
def test_clients_may_neither_open_nor_join_by_command(name: str) -> None:
    assert read_client_command(name, msgspec.Raw(b"{}")) is None


@pytest.mark.parametrize("data", [b'{"reason":1}', b"{}", b"[]", b'{"reason":"x","by":"y"}'])
def test_wrong_data_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        read_client_command("close_room", msgspec.Raw(data))


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        (OpenRoom, {SYSTEM}),
        (JoinRoom, {SYSTEM}),
        (LeaveRoom, {PLAYER, HOST, SPECTATOR}),
        (StartRoom, {HOST}),
        (CloseRoom, {HOST, ADMIN, SYSTEM}),
    ],
)
def test_who_may_do_what(kind: Any, roles: set[str]) -> None:
    assert kind.__roles__ == roles
