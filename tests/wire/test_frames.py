"""What is said on the wire, to the byte."""

from typing import Any

import msgspec
import pytest
from immutables import Map
from msgspec import Raw

from gamekeeper.wire.frames import (
    Ack,
    Closing,
    CommandFrame,
    Hello,
    Patch,
    Ping,
    Pong,
    Presence,
    PublicEvent,
    Rejection,
    Signal,
    Welcome,
    decode_from_client,
    decode_from_server,
    encode,
)

EVENT = PublicEvent("closed", 5.0, Raw(b'{"winner":1}'))

SAID = [
    (Hello("t", "s", "d", "c"), b'{"type":"hello","token":"t","session":"s","device":"d","cursor":"c"}'),
    (CommandFrame(1, "show", Raw(b"[]")), b'{"type":"command","id":1,"name":"show","data":[]}'),
    (Pong(1.5), b'{"type":"pong","t":1.5}'),
    (Ack(7), b'{"type":"ack","id":7}'),
    (Rejection(7, "late", "too late"), b'{"type":"rejected","id":7,"code":"late","message":"too late"}'),
    (
        Rejection(7, "late", "too late", "side", 1.5),
        b'{"type":"rejected","id":7,"code":"late","message":"too late","field":"side","retry_after_s":1.5}',
    ),
    (Presence(2, True), b'{"type":"presence","seat":2,"online":true}'),
    (Signal("progress", 0.5), b'{"type":"signal","name":"progress","data":0.5}'),
    (Ping(1.0), b'{"type":"ping","t":1.0}'),
    (Ping(1.0, 2.0), b'{"type":"ping","t":1.0,"rtt_ms":2.0}'),
    (Closing("idle", "nobody", True), b'{"type":"closing","code":"idle","reason":"nobody","reconnect":true}'),
    (Patch("c", public={"a": [1]}), b'{"type":"patch","cursor":"c","public":{"a":[1]}}'),
    (Patch("c", private=[None]), b'{"type":"patch","cursor":"c","private":[null]}'),
    (
        Patch("c", events=(EVENT,)),
        b'{"type":"patch","cursor":"c","events":[{"type":"closed","at":5.0,"data":{"winner":1}}]}',
    ),
    (
        Welcome("r", "pennies", 1, "player", "s", 3, "c", False, Map(a=1), None, {"b": 2}, (EVENT,), 9.0),
        b'{"type":"welcome","room":"r","app":"pennies","seat":1,"role":"player","session":"s","last_id":3,"cursor":"c",'
        b'"resumed":false,"public":{"a":1},"shared":null,"private":{"b":2},'
        b'"events":[{"type":"closed","at":5.0,"data":{"winner":1}}],"server_time":9.0}',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "payload"), SAID)
def test_frames_are_written_as_the_protocol_says(frame: Any, payload: bytes) -> None:
    assert encode(frame) == payload


@pytest.mark.parametrize(("frame", "payload"), SAID)
def test_frames_are_read_back(frame: Any, payload: bytes) -> None:
    decode = decode_from_client if isinstance(frame, Hello | CommandFrame | Pong) else decode_from_server
    assert encode(decode(payload)) == payload


def test_a_frame_is_a_line() -> None:
    """Frames may be joined by line breaks in recordings: none has any of its own."""
    assert b"\n" not in encode(Signal("text", "two\nlines\r"))


@pytest.mark.parametrize("payload", [b'{"type":"hello"}', b'{"token":"t","type":"hello"}'])
def test_a_hello_may_be_bare(payload: bytes) -> None:
    assert isinstance(decode_from_client(payload), Hello)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"type":"hello","stray":1}',
        b'{"type":"command","id":1,"name":"a","data":{},"by":"system"}',
        b'{"type":"pong","t":1,"t2":1}',
        b'{"type":"welcome"}',
        b'{"type":"ack","id":1}',
        b'{"type":"Hello"}',
        b'{"type":null}',
        b'{"type":1}',
        b"{}",
        b"[]",
        b'"hello"',
        b'{"type":"command","id":"1","name":"a"}',
        b'{"type":"command","id":1.5,"name":"a"}',
        b'{"type":"command","id":true,"name":"a"}',
        b'{"type":"command","name":"a"}',
        b'{"type":"command","id":1}',
        b'{"type":"pong","t":"1"}',
        b'{"type":"pong"}',
        b'{"type":"pong","t":NaN}',
        b'{"type":"pong","t":1e999}',
        b'{"type":"hello","token":5}',
    ],
)
def test_the_server_takes_nothing_it_does_not_know(payload: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_from_client(payload)


def test_a_client_ignores_fields_of_a_newer_server() -> None:
    assert decode_from_server(b'{"type":"ack","id":7,"new":true}') == Ack(7)
    patch = b'{"type":"patch","cursor":"c","events":[{"type":"x","at":1,"data":{},"new":1}],"new":1}'
    assert isinstance(decode_from_server(patch), Patch)


def test_absent_and_null_are_two_things_in_a_patch() -> None:
    absent = decode_from_server(b'{"type":"patch","cursor":"c"}')
    assert isinstance(absent, Patch)
    assert absent.public is absent.events is msgspec.UNSET
