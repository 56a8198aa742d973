"""Whatever a client sends: a frame to act on, or a typed answer, and never an exception."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper.core.errors import ErrorCode
from gamekeeper.wire.frames import CommandFrame, Hello, Pong, Rejection, encode
from gamekeeper.wire.session import MAX_BAD_FRAMES, MAX_ID, Phase, Session

HELLO = b'{"type":"hello"}'
SHOW = b'{"type":"command","id":1,"name":"show","data":{"side":"heads"}}'
PONG = b'{"type":"pong","t":1}'


def live() -> Session:
    session = Session()
    session.feed(HELLO)
    session.joined()
    return session


def assert_refused(answer: object, id: int = 0) -> None:
    assert isinstance(answer, Rejection)
    assert (answer.id, answer.code) == (id, ErrorCode.BAD_FRAME)
    assert 0 < len(answer.message) <= 200


def test_the_life_of_a_conversation() -> None:
    session = Session()
    assert session.phase is Phase.NEW
    assert isinstance(session.feed(HELLO), Hello)
    assert session.phase is Phase.JOINING
    session.joined()
    assert session.phase is Phase.LIVE
    assert isinstance(session.feed(SHOW), CommandFrame)
    assert isinstance(session.feed(PONG), Pong)
    session.close()
    assert session.phase is Phase.CLOSED
    assert_refused(session.feed(SHOW), id=1)


def test_commands_wait_for_the_welcome() -> None:
    session = Session()
    assert_refused(session.feed(SHOW), id=1)
    session.feed(HELLO)
    assert_refused(session.feed(SHOW), id=1)


def test_hello_is_said_once() -> None:
    session = Session()
    session.feed(HELLO)
    assert_refused(session.feed(HELLO))
    assert session.phase is Phase.JOINING
    assert_refused(live().feed(HELLO))


@pytest.mark.parametrize("id", [0, -1, -(2**63), MAX_ID + 1, 2**63, 2**64 - 1, 2**64, 10**400])
def test_ids_count_up_from_one(id: int) -> None:
    assert_refused(live().feed(b'{"type":"command","id":%d,"name":"show","data":{}}' % id))
    assert_refused(Session().feed(b'{"type":"command","id":%d,"name":"show","data":{}}' % id))


@pytest.mark.parametrize("id", [1, MAX_ID])
def test_the_ends_of_the_range_are_ids(id: int) -> None:
    assert isinstance(live().feed(b'{"type":"command","id":%d,"name":"show"}' % id), CommandFrame)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b" ",
        b"null",
        b"{",
        b"[]",
        b'"',
        b"\x00",
        b"\xff\xfe\xfd",
        b'{"type":"hello","token":"\xff"}',
        b'{"type":"hello","token":"\\ud800"}',
        b'{"type":"\xc0\x80"}',
        b"\xef\xbb\xbf" + HELLO,
        HELLO + HELLO,
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"type":"hello","token":' + b"[" * 100_000,
        b'{"type":"command","id":1,"name":"a","data":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b'{"type":"pong","t":NaN}',
        b'{"type":"pong","t":Infinity}',
        b'{"type":"pong","t":' + b"9" * 10_000 + b"}",
        b'{"type":"command","id":1,"name":"a","data":NaN}',
        b'{"type":"command","id":1,"name":"a","data":{',
        b"9" * 100_000,
        b'{"type":"' + b"x" * 60_000 + b'"}',
    ],
    ids=range(24),
)
def test_malformed_frames_are_answered(payload: bytes) -> None:
    session = live()
    assert_refused(session.feed(payload))
    assert session.phase is Phase.LIVE
    assert isinstance(session.feed(SHOW), CommandFrame), "and the conversation goes on"


def test_of_a_repeated_key_the_last_counts() -> None:
    frame = live().feed(b'{"type":"command","id":1,"id":2,"name":"a","name":"b"}')
    assert isinstance(frame, CommandFrame)
    assert (frame.id, frame.name) == (2, "b")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_payload_may_be_any_buffer(kind: type) -> None:
    assert isinstance(Session().feed(kind(HELLO)), Hello)


@given(st.binary(max_size=200))
def test_random_bytes_are_answered(payload: bytes) -> None:
    assert_refused(live().feed(payload))


frames = st.fixed_dictionaries(
    {"type": st.sampled_from(["hello", "command", "pong", "welcome", "patch", "x", 1, None])},
    optional={
        "id": st.none() | st.integers() | st.floats() | st.text(max_size=3),
        "name": st.none() | st.text(max_size=5) | st.integers(),
        "data": st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=5),
        "t": st.floats() | st.text(max_size=3),
        "token": st.none() | st.text() | st.integers(),
        "stray": st.booleans(),
    },
)


@given(st.lists(frames | st.sampled_from(["joined"]), max_size=8))
def test_any_conversation_gets_typed_answers(steps: list[object]) -> None:
    session = Session()
    for step in steps:
        if step == "joined":
            session.joined()
            continue
        before, answer = session.phase, session.feed(json.dumps(step).encode())
        assert isinstance(answer, Hello | CommandFrame | Pong | Rejection)
        if isinstance(answer, CommandFrame):
            assert before is Phase.LIVE
            assert 0 < answer.id <= MAX_ID
        if isinstance(answer, Hello):
            assert before is Phase.NEW
        encode(answer)


def test_a_hundred_thousand_malformed_frames_get_typed_answers_only() -> None:
    """Mutations of good frames, from one seed: each is understood or refused by name."""
    rng = random.Random("malformed")
    good = [HELLO, SHOW, PONG]
    session = live()
    refused = 0
    for _ in range(100_000):
        payload = bytearray(rng.choice(good))
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(payload))
            payload[at : at + rng.randint(0, 2)] = rng.randbytes(rng.randint(0, 2))
        answer = session.feed(payload)
        assert type(answer) in (CommandFrame, Pong, Rejection)
        refused += type(answer) is Rejection
    assert refused == session.bad_frames > 90_000


def test_too_much_of_it_exhausts_patience() -> None:
    session = Session()
    for _ in range(MAX_BAD_FRAMES):
        session.feed(b"x")
    assert not session.exhausted
    session.feed(b"x")
    assert session.exhausted
