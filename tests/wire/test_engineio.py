"""Packets, payloads, the handshake and the way to a WebSocket: what fits and, for whatever else arrives, why not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper.wire import engineio
from gamekeeper.wire.engineio import BadRequest, PacketError, Query, Upgrade, read_query


def test_what_a_request_asks_for() -> None:
    assert read_query({"EIO": "4", "transport": "polling", "t": "x1"}) == Query("polling", None)
    socket = read_query({"EIO": "4", "transport": "websocket", "sid": "s"})
    assert isinstance(socket, Query)
    assert (socket.sid, socket.polling) == ("s", False)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, BadRequest.VERSION),
        ({"transport": "polling"}, BadRequest.VERSION),
        ({"EIO": "3", "transport": "polling"}, BadRequest.VERSION),
        ({"EIO": "4"}, BadRequest.TRANSPORT),
        ({"EIO": "4", "transport": "webtransport"}, BadRequest.TRANSPORT),
        ({"EIO": "4", "transport": "polling", "sid": "s" * 65}, BadRequest.SESSION),
    ],
)
def test_what_no_request_may_ask_for(parameters: dict[str, str], reason: BadRequest) -> None:
    assert read_query(parameters) is reason
    told = json.loads(reason.body)
    assert told == {"code": reason.value[0], "message": reason.value[1]}


def test_the_handshake_tells_what_a_client_must_know() -> None:
    packet = engineio.handshake("sid", True, 15.0, 10.0)
    assert packet[:1] == engineio.OPEN
    assert json.loads(packet[1:]) == {
        "sid": "sid",
        "upgrades": ["websocket"],
        "pingInterval": 15_000,
        "pingTimeout": 10_000,
        "maxPayload": engineio.MAX_PAYLOAD_BYTES,
    }
    assert json.loads(engineio.handshake("sid", False, 1, 1)[1:])["upgrades"] == []


def test_several_packets_in_one_request() -> None:
    assert engineio.split(b"4hello\x1e3\x1e4world") == [b"4hello", b"3", b"4world"]
    assert engineio.join([b"2", b"4x"]) == b"2\x1e4x"


@pytest.mark.parametrize("payload", [b"", b"4a\x1e", b"\x1e4a", b"abc", b"7", b"\xff", b"4a\x1ex"])
def test_what_is_no_packet(payload: bytes) -> None:
    with pytest.raises(PacketError, match="not a packet"):
        engineio.split(payload)


def test_binary_is_refused_by_name() -> None:
    """Nothing of it is taken, and the reason is told."""
    with pytest.raises(PacketError, match="binary"):
        engineio.split(b"4hello\x1ebAQIDBA==")


@given(st.binary(max_size=200))
def test_any_payload_is_packets_or_an_error(payload: bytes) -> None:
    try:
        packets = engineio.split(payload)
    except PacketError:
        return
    assert all(packet[:1] in b"0123456" for packet in packets)
    assert engineio.join(packets) == payload


def test_an_upgrade() -> None:
    upgrade = Upgrade()
    assert upgrade.feed(b"2probe") == b"3probe"
    assert upgrade.probed
    assert upgrade.feed(b"5") is None
    assert upgrade.done


def test_an_abandoned_upgrade_may_be_tried_again() -> None:
    upgrade = Upgrade()
    upgrade.feed(b"2probe")
    upgrade.abandon()
    assert not upgrade.probed
    assert upgrade.feed(b"2probe") == b"3probe"
    upgrade.feed(b"5")
    upgrade.abandon()
    assert upgrade.done
    assert upgrade.probed


@given(st.lists(st.sampled_from([b"2probe", b"5", b"2", b"3probe", b"4x", b""]), max_size=8))
def test_there_is_one_way_through_an_upgrade(packets: list[bytes]) -> None:
    upgrade = Upgrade()
    fed: list[bytes] = []
    for packet in packets:
        try:
            upgrade.feed(packet)
        except PacketError:
            continue
        fed.append(packet)
    assert fed in ([], [b"2probe"], [b"2probe", b"5"])
    assert upgrade.done == (len(fed) == 2)
