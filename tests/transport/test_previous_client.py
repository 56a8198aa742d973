"""A client of protocol 0.1 against today's server, and today's client against a server of 0.1.

`tests/golden/conversation_0_1.json` is a whole conversation as it was when 0.1 was released. It is never changed; a
later release adds a file of its own.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from gamekeeper.wire.frames import decode_from_server
from gamekeeper.wire.replica import Replica
from tests.transport.test_connection_load import Hall

GOLDEN = Path(__file__).parents[1] / "golden" / "conversation_0_1.json"
CLIENT: list[list[dict[str, Any]]] = [
    [
        {"type": "hello", "token": "ann", "device": "phone"},
        {"type": "command", "id": 1, "name": "add", "data": {"amount": 5}},
        {"type": "command", "id": 2, "name": "hide", "data": {"amount": 7}},
        {"type": "command", "id": 3, "name": "add", "data": {"amount": -1}},
        {"type": "command", "id": 3, "name": "add", "data": {"amount": "x"}},
        {"type": "command", "id": 3, "name": "fly"},
        {"type": "command", "id": 2, "name": "hide", "data": {"amount": 7}},
        {"type": "pong", "t": 1.5},
    ],
    [
        {"type": "hello", "token": "ann", "session": "ann", "device": "phone", "cursor": ""},
        {"type": "command", "id": 1, "name": "add", "data": {"amount": 5}},
        {"type": "command", "id": 4, "name": "leave_room", "data": {}},
    ],
]
"""Two connections of one user; the second resumes from the cursor of the first's last patch."""


def converse(connections: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """What the server answers on each connection, frame by frame as they are asked."""
    hall, answers, cursor = Hall(), list[list[dict[str, Any]]](), ""
    bob = hall.guest("bob")
    for number, frames in enumerate(connections):
        token = frames[0]["token"]
        guest = hall.guest(token, cursor=cursor or None)
        for frame in frames[1:]:
            guest.say(frame)
            hall.settle()
        guest.socket.hang_up()
        hall.settle()
        answers.append(guest.heard)
        cursor = [frame["cursor"] for frame in guest.heard if "cursor" in frame][-1]
        if number == 0:
            bob.command("add", amount=2)
            hall.settle()
    return answers


def lacking(old: Any, new: Any) -> bool:
    """Whether something that stood in the old value is not so in the new one; what is added is no loss."""
    if isinstance(old, dict):
        return not isinstance(new, dict) or any(key not in new or lacking(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return not isinstance(new, list) or len(old) != len(new) or any(map(lacking, old, new))
    return bool(old != new)


def test_the_previous_client_gets_what_it_got() -> None:
    """R2-129: every frame, in order, with every field that it had."""
    stored = json.loads(GOLDEN.read_text())
    answers = converse(stored["client"])
    for old, new in zip(stored["server"], answers, strict=True):
        assert [frame["type"] for frame in new] == [frame["type"] for frame in old]
        for one, other in zip(old, new, strict=True):
            assert not lacking(one, other), (one, other)


def test_the_previous_server_is_understood() -> None:
    stored = json.loads(GOLDEN.read_text())
    replica = Replica()
    for connection in stored["server"]:
        for frame in connection:
            replica.feed(decode_from_server(msgspec.json.encode(frame)))
    assert (replica.public["total"], replica.private, replica.seat) == (7, {"secret": 7}, 3)
    assert [event.type for event in replica.events] == ["added", "added"]


def test_a_field_that_is_gone_is_seen() -> None:
    assert lacking({"a": [1, {"b": 2}]}, {"a": [1, {}], "c": 3})
    assert not lacking({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "d": 4}], "c": 3})
    assert lacking([1], [1, 2]) and lacking({"a": None}, {}) and lacking({"a": 1}, {"a": 2})
