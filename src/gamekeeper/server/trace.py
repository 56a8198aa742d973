"""Ids that tie log lines together. `traceparent` as W3C Trace Context writes it."""

import re
from hashlib import blake2b
from random import getrandbits

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_NOTHING = "0" * 32


def trace_id_of(traceparent: str | None) -> str:
    """The caller's trace id, or a new one where it gave none that is valid."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    return found[1] if found and found[1] != _NOTHING else f"{getrandbits(128):032x}"


def new_request_id() -> str:
    """Random, not secret: it only has to be another one each time."""
    return f"{getrandbits(64):016x}"


def trace_id_of_command(room: str, session: str, id: int) -> str:
    """The trace of a command: the same however often and over whatever connection it is sent."""
    return blake2b(f"{room} {session} {id}".encode(), digest_size=16).hexdigest()
