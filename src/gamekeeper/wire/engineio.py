"""Engine.IO, version 4: what lies below Socket.IO. Packets, payloads of several, the handshake, the way to a WebSocket.

Text only: a packet is one character for its type and the rest its data. No sockets, no clock, no ids of its own.
"""

from collections.abc import Mapping, Sequence
from enum import Enum

import msgspec

from gamekeeper.core.frozen import Frozen
from gamekeeper.wire.frames import MAX_FRAME_BYTES

PATH = "/socket.io/"
MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES
"""Of one packet over a WebSocket, of one request's packets together over polling."""

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = b"0", b"1", b"2", b"3", b"4", b"5", b"6"
PROBE = PING + b"probe"
PROBE_ANSWER = PONG + b"probe"
SEPARATOR = b"\x1e"

_KINDS = frozenset((OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP))
_POLLING, _WEBSOCKET = "polling", "websocket"
_MAX_SID_CHARACTERS = 64
_MARK = "."
"""Between what is random in a session's id and the mark of the node where the session lives."""


class PacketError(Exception):
    """Not a packet of this protocol; its text says why. The session ends."""


class BadRequest(Enum):
    """Why a request is refused: the protocol's own number and our words."""

    TRANSPORT = (0, "there is polling and websocket")
    SESSION = (1, "there is no such session")
    METHOD = (2, "a session begins with GET")
    REQUEST = (3, "this request does not fit the session")
    FORBIDDEN = (4, "this origin is not allowed")
    VERSION = (5, "the version is EIO=4")

    @property
    def body(self) -> bytes:
        """The answer, as clients read it."""
        return refusal(self)


class _Refusal(Frozen):
    code: int
    message: str


def refusal(reason: BadRequest, message: str = "") -> bytes:
    """The body of a refused request; `message` where there is more to say."""
    return msgspec.json.encode(_Refusal(reason.value[0], message or reason.value[1]))


def marked(random: str, mark: str) -> str:
    """The id of a session; without a mark there is one server alone."""
    return random + _MARK + mark if mark else random


def mark_of(sid: str) -> str:
    """The mark in a session's id; empty: there is none."""
    return sid.partition(_MARK)[2]


class Query(Frozen):
    """What the parameters of a request ask for."""

    transport: str
    sid: str | None

    @property
    def polling(self) -> bool:
        return self.transport == _POLLING


def read_query(parameters: Mapping[str, str]) -> Query | BadRequest:
    """Anything but these parameters (the time against caches, say) is ignored."""
    if parameters.get("EIO") != "4":
        return BadRequest.VERSION
    transport, sid = parameters.get("transport", ""), parameters.get("sid")
    if transport not in (_POLLING, _WEBSOCKET):
        return BadRequest.TRANSPORT
    if sid is not None and len(sid) > _MAX_SID_CHARACTERS:
        return BadRequest.SESSION
    return Query(transport, sid)


class _Handshake(Frozen, rename="camel"):
    sid: str
    upgrades: tuple[str, ...]
    ping_interval: int
    ping_timeout: int
    max_payload: int


def handshake(sid: str, polling: bool, ping_interval_s: float, ping_timeout_s: float) -> bytes:
    """The packet that opens a session."""
    upgrades = (_WEBSOCKET,) if polling else ()
    found = _Handshake(sid, upgrades, int(ping_interval_s * 1000), int(ping_timeout_s * 1000), MAX_PAYLOAD_BYTES)
    return OPEN + msgspec.json.encode(found)


def split(payload: bytes) -> list[bytes]:
    """The packets of a request's body. Raises `PacketError`."""
    packets = payload.split(SEPARATOR)
    for packet in packets:
        check(packet)
    return packets


def check(packet: bytes) -> None:
    """Raises `PacketError` for what is no packet with text in it."""
    if packet[:1] == b"b":
        raise PacketError("binary is not taken: send JSON")
    if packet[:1] not in _KINDS:
        raise PacketError("not a packet")


def join(packets: Sequence[bytes]) -> bytes:
    """One answer for several packets."""
    return SEPARATOR.join(packets)


class Upgrade:
    """The way from polling to a WebSocket.

    polling --2probe--> probed --5--> done; a WebSocket lost on the way leaves the session at polling.
    """

    __slots__ = ("done", "probed")

    def __init__(self) -> None:
        self.probed = False
        self.done = False

    def feed(self, packet: bytes) -> bytes | None:
        """What came over the WebSocket; the answer, or None: the upgrade is done. Raises `PacketError`."""
        if not self.probed and packet == PROBE:
            self.probed = True
            return PROBE_ANSWER
        if self.probed and not self.done and packet == UPGRADE:
            self.done = True
            return None
        raise PacketError("not a step of an upgrade")

    def abandon(self) -> None:
        if not self.done:
            self.probed = False
