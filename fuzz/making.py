"""Frames that nobody should send: random bytes, broken JSON, wrong types, near misses of real frames."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from gamekeeper.wire.frames import MAX_FRAME_BYTES

REAL: tuple[dict[str, Any], ...] = (
    {"type": "hello", "token": "ann", "session": "s", "device": "d", "cursor": "c"},
    {"type": "command", "id": 1, "name": "add", "data": {"amount": 1}},
    {"type": "command", "id": 2, "name": "hide", "data": {"amount": 3}},
    {"type": "command", "id": 3, "name": "leave_room", "data": {}},
    {"type": "command", "id": 4, "name": "close_room", "data": {"reason": "fun"}},
    {"type": "pong", "t": 1.5},
)
NAMES = ("add", "hide", "open_room", "join_room", "start_room", "timed_out", "woken", "__init__", "", "a" * 300, "\x00")
NUMBERS = (0, -1, 1, 2**53, 2**63, 2**64, -(2**63), 10**400, 0.5, 1e308, -0.0)
SPECIAL = (b"NaN", b"-Infinity", b"1e999", b'"\\ud800"', b"\xff\xfe", b"\xc0\x80", b"\x00", b"\xef\xbb\xbf", b"{", b"]")


def frames(rng: Random, count: int) -> Iterator[bytes]:
    """`count` frames; most of them cannot be read, none may do harm."""
    for _ in range(count):
        yield rng.choice(_KINDS)(rng)[:MAX_FRAME_BYTES]


def _noise(rng: Random) -> bytes:
    return rng.randbytes(rng.randrange(60))


def _text(rng: Random) -> bytes:
    return "".join(chr(rng.randrange(1, 0x3000)) for _ in range(rng.randrange(30))).encode("utf-8", "replace")


def _value(rng: Random, depth: int = 0) -> Any:
    kind = rng.randrange(8 if depth < 4 else 6)
    if kind == 6:
        return [_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 7:
        return {rng.choice(("type", "id", "data", "x")): _value(rng, depth + 1) for _ in range(rng.randrange(4))}
    return (None, True, rng.choice(NUMBERS), rng.choice(NAMES), "x" * rng.randrange(200), rng.random())[kind]


def _json(rng: Random) -> bytes:
    return json.dumps(_value(rng)).encode()


def _wrong_types(rng: Random) -> bytes:
    """A real frame in which something is of another type, missing, or too much."""
    frame = dict(rng.choice(REAL))
    field = rng.choice((*frame, "extra"))
    if rng.random() < 0.3:
        frame.pop(field, None)
    else:
        frame[field] = _value(rng)
    return json.dumps(frame).encode()


def _unfit_data(rng: Random) -> bytes:
    data = rng.choice(({"amount": _value(rng)}, _value(rng), {"amount": 1, "more": 2}, {}))
    frame = {"type": "command", "id": rng.choice((*NUMBERS, 7)), "name": rng.choice(NAMES), "data": data}
    return json.dumps(frame).encode()


def _damaged(rng: Random) -> bytes:
    """A real frame with some bytes changed, cut out or put in."""
    frame = bytearray(json.dumps(rng.choice(REAL)).encode())
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(frame))
        change = rng.randrange(4)
        if change == 0:
            frame[place] = rng.randrange(256)
        elif change == 1:
            del frame[place : place + rng.randrange(1, 6)]
        elif change == 2:
            frame[place:place] = rng.choice(SPECIAL)
        else:
            del frame[place:]
        if not frame:
            break
    return bytes(frame)


def _deep(rng: Random) -> bytes:
    """Nested deeper than any reader should follow."""
    depth = rng.choice((100, 2_000, 20_000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    nested = opening * depth + b"1" + closing * depth
    return nested if rng.random() < 0.5 else b'{"type":"command","id":1,"name":"add","data":' + nested + b"}"


_Make = Callable[[Random], bytes]
_COMMON: tuple[_Make, ...] = (_noise, _text, _json, _wrong_types, _unfit_data, _damaged)
_KINDS: tuple[_Make, ...] = (*_COMMON * 30, _deep)
