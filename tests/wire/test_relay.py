"""Messages between nodes, of this version and its neighbours."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper.wire import relay
from gamekeeper.wire.relay import (
    Answer,
    Ask,
    Ended,
    Enter,
    Entered,
    Frames,
    Left,
    Moved,
    Poll,
    Polled,
    PollLeft,
    Refresh,
    Refreshed,
    Share,
    Wish,
    beat,
    decode_parcel,
    pack,
    parcel,
    read_body,
    unpack,
)

BODIES = [
    Enter(1, "room", "ann", True, "session", "cursor", "phone"),
    Wish(1, 2, "add", b'{"amount":1}', 3.5),
    Refresh(1),
    Left(1),
    Entered(1, 2, "player", "ann", "session", "phone", True, b"welcome"),
    Frames([Share([1, 2], b"events", b"views", b"answers")]),
    Refreshed(1, b"views"),
    Ended(1, "replaced", "elsewhere"),
    Moved(1),
    Ask(1, "room", "add", b"{}", False, 2, "player", "ann", "session", 3),
    Answer(1, "capacity", "full", "amount", 1.0, False, 2, "player", "Ann"),
    Poll(1, "sid.mark", b"2"),
    PollLeft(1),
    Polled(1, 200, b"ok"),
]


def test_what_is_sent_arrives() -> None:
    arrived = decode_parcel(parcel("a", 1, 2, 3, BODIES))
    assert (arrived.sender, arrived.mine, arrived.yours, arrived.number, arrived.beat) == ("a", 1, 2, 3, False)
    assert [msgspec.to_builtins(read_body(raw)) for raw in arrived.bodies] == [
        msgspec.to_builtins(body) for body in BODIES
    ]


def test_every_kind_is_in_the_sample() -> None:
    assert {type(body) for body in BODIES} == set(relay.Body.__args__)


def test_a_beat_has_no_content() -> None:
    arrived = decode_parcel(beat("a", 1, 2, 3))
    assert (arrived.beat, arrived.number, arrived.bodies) == (True, 3, [])


def test_fields_and_kinds_of_a_newer_node_are_ignored() -> None:
    """Two versions run side by side during a rolling restart."""
    newer = relay.encode(["a", 1, 2, 3, False, [{"type": "left", "link": 7, "why": "?"}, {"type": "later"}], "more"])
    assert [read_body(raw) for raw in decode_parcel(newer).bodies] == [Left(7), None]


@pytest.mark.parametrize("nonsense", [b"", b"x", b"\x93\x01\x02\x03", relay.encode({"a": 1})])
def test_nonsense_is_no_parcel(nonsense: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_parcel(nonsense)


@given(st.lists(st.binary(max_size=100), max_size=10))
def test_payloads_are_joined_and_taken_apart(payloads: list[bytes]) -> None:
    assert unpack(b"".join(map(pack, payloads))) == payloads
