"""Packets of Socket.IO and what of our conversation is in them; for whatever else arrives, why it is none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from gamekeeper.core.errors import Rejected
from gamekeeper.wire import socketio
from gamekeeper.wire.engineio import PacketError
from gamekeeper.wire.frames import Ack, CommandFrame, Hello, Patch, encode
from gamekeeper.wire.socketio import Call, Packet, read_call, read_hello, read_packet

ROOM = b"/rooms/R1"


@pytest.mark.parametrize(
    ("message", "packet"),
    [
        (b"40", Packet(socketio.CONNECT, b"/", b"", b"")),
        (b'40{"token":"t"}', Packet(socketio.CONNECT, b"/", b"", b'{"token":"t"}')),
        (b'40/rooms/R1,{"token":"t"}', Packet(socketio.CONNECT, ROOM, b"", b'{"token":"t"}')),
        (b"40/rooms/R1", Packet(socketio.CONNECT, ROOM, b"", b"")),
        (b"41/rooms/R1,", Packet(socketio.DISCONNECT, ROOM, b"", b"")),
        (b'42["show"]', Packet(socketio.EVENT, b"/", b"", b'["show"]')),
        (b'42/rooms/R1,["show"]', Packet(socketio.EVENT, ROOM, b"", b'["show"]')),
        (b'42/rooms/R1,17["show"]', Packet(socketio.EVENT, ROOM, b"17", b'["show"]')),
        (b'4212["show"]', Packet(socketio.EVENT, b"/", b"12", b'["show"]')),
        (b"43/rooms/R1,0[]", Packet(socketio.ACK, ROOM, b"0", b"[]")),
        (b'451-/rooms/R1,3["x",{}]', Packet(socketio.BINARY_EVENT, ROOM, b"3", b'["x",{}]')),
        (b'42/rooms/R1,["a\nb"]', Packet(socketio.EVENT, ROOM, b"", b'["a\nb"]')),
    ],
)
def test_packets(message: bytes, packet: Packet) -> None:
    assert read_packet(message) == packet


@pytest.mark.parametrize("message", [b"", b"4", b"47", b"4x", b"2", b"\xff", b"4\xff", b"b4AQ=="])
def test_what_is_no_packet(message: bytes) -> None:
    with pytest.raises(PacketError):
        read_packet(message)


@pytest.mark.parametrize(
    ("namespace", "room"),
    [
        (b"/rooms/R-1_x", "R-1_x"),
        (b"/", None),
        (b"/rooms/", None),
        (b"/rooms/a/b", None),
        (b"/rooms/" + b"x" * 65, None),
        (b"/rooms/R1?token=t", None),
    ],
)
def test_a_namespace_is_a_room(namespace: bytes, room: str | None) -> None:
    assert socketio.room_of(namespace) == room


@pytest.mark.parametrize(
    ("data", "call"),
    [
        (b'["start_room"]', Call("start_room")),
        (b'["show",{"side":"heads"}]', Call("show", socketio.Raw(b'{"side":"heads"}'))),
        (b'["show",{"side":"heads"},7]', Call("show", socketio.Raw(b'{"side":"heads"}'), 7)),
        (b'["show",{},null]', Call("show", socketio.Raw(b"{}"))),
    ],
)
def test_an_event_is_a_command(data: bytes, call: Call) -> None:
    assert read_call(data) == call


@pytest.mark.parametrize("data", [b'["show",{},"7"]', b'["show",{},1,2]', b'["show",{},1.5]', b'["show",{},{}]'])
def test_an_event_that_is_no_command_is_told_why(data: bytes) -> None:
    found = read_call(data)
    assert isinstance(found, str)
    assert found.startswith("an event has a name")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"[1]", b"[null]", b'"show"', b'["show"', b"[" * 5_000])
def test_what_is_no_event_at_all(data: bytes) -> None:
    with pytest.raises(PacketError):
        read_call(data)


def test_auth_is_a_hello() -> None:
    assert read_hello(b"") == Hello()
    auth = {"token": "t", "session": "s", "cursor": "c", "device": "d"}
    assert read_hello(json.dumps(auth).encode()) == Hello("t", "s", "d", "c")


@pytest.mark.parametrize("data", [b"[]", b'{"token":1}', b'{"user":"ann"}', b"{", b"\xff"])
def test_auth_that_is_none(data: bytes) -> None:
    """Nothing in it says who is speaking but a token."""
    assert isinstance(read_hello(data), str)


@given(st.binary(max_size=120))
def test_any_message_is_a_packet_or_an_error(rest: bytes) -> None:
    for message in (b"4" + rest, b"42" + rest, b"42/rooms/R1,7[" + rest):
        try:
            packet = read_packet(message)
            assert packet.kind in b"0123456"
            assert not packet.ack or packet.ack.isdigit()
            assert isinstance(read_hello(packet.data), Hello | str)
            assert isinstance(read_call(packet.data), Call | str)
        except PacketError:
            continue


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.text(), JSON, st.integers(0, 10**9))
def test_what_a_client_sends_comes_out(name: str, data: Any, ack: int) -> None:
    packet = read_packet(f"42/rooms/R1,{ack}{json.dumps([name, data])}".encode())
    assert (packet.kind, packet.namespace, int(packet.ack)) == (socketio.EVENT, ROOM, ack)
    call = read_call(packet.data)
    assert isinstance(call, Call)
    assert (call.name, json.loads(bytes(call.data))) == (name, data)


def test_a_frame_is_an_event_of_its_type() -> None:
    carried = socketio.event(ROOM)
    payload = encode(Patch("c", public=[1]))
    assert carried(payload) == b'42/rooms/R1,["patch",' + payload + b"]"
    assert socketio.event(b"/")(encode(Ack(1))) == b'42["ack",{"type":"ack","id":1}]'


def test_acknowledgements() -> None:
    assert socketio.acknowledgement(ROOM, b"7", None) == b'43/rooms/R1,7[{"ok":true}]'
    told = socketio.acknowledgement(ROOM, b"0", Rejected("too_fast", "slower", field="x", retry_after_s=1.5))
    assert json.loads(told.removeprefix(b"43/rooms/R1,0")) == [
        {"ok": False, "code": "too_fast", "message": "slower", "field": "x", "retry_after_s": 1.5}
    ]


def test_coming_and_going() -> None:
    assert socketio.connected(ROOM, "sid") == b'40/rooms/R1,{"sid":"sid"}'
    assert socketio.disconnected(ROOM) == b"41/rooms/R1,"
    denied = socketio.denied(ROOM, "forbidden", "no seat")
    assert denied == b'44/rooms/R1,{"message":"no seat","data":{"code":"forbidden","reconnect":false}}'


def test_what_our_client_says_is_what_the_server_reads() -> None:
    hello = Hello("token", "session", "phone", "cursor")
    asked = socketio.read_packet(socketio.connect(b"/rooms/a", hello))
    assert (asked.kind, asked.namespace, socketio.read_hello(asked.data)) == (socketio.CONNECT, b"/rooms/a", hello)
    said = socketio.read_packet(socketio.call(b"/rooms/a", CommandFrame(7, "add", Raw(b'{"amount":1}'))))
    call = socketio.read_call(said.data)
    assert isinstance(call, socketio.Call) and (said.ack, call.name, bytes(call.data), call.id) == (
        b"7", "add", b'{"amount":1}', 7,
    )  # fmt: skip


def test_what_the_server_says_is_what_our_client_reads() -> None:
    frame = b'{"type":"patch","cursor":"x"}'
    assert socketio.read_event(socketio.read_packet(socketio.event(b"/rooms/a")(frame)).data) == frame
    refused = socketio.read_packet(socketio.acknowledgement(b"/rooms/a", b"7", Rejected("no", "not now")))
    outcome = socketio.read_outcome(refused.data)
    assert (refused.ack, outcome.ok, outcome.code, outcome.message) == (b"7", False, "no", "not now")
    assert socketio.read_outcome(socketio.read_packet(socketio.acknowledgement(b"/", b"8", None)).data).ok
    denied = socketio.read_packet(socketio.denied(b"/rooms/a", "full", "later", True))
    assert socketio.read_denial(denied.data) == ("full", "later", True)
