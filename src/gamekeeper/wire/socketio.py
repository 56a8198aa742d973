"""Socket.IO, version 5, and how our conversation is carried in it. A namespace is a room, an event's name a command's.

    0/rooms/ID,{"token": …}          hello           40/rooms/ID,{"sid": …} then 42/rooms/ID,["welcome", {…}]
    2/rooms/ID,7["show", {…}]        command         43/rooms/ID,7[{"ok": true}]

The frames of `wire.frames` are the events' arguments as they are. No sockets, no clock.
"""

import re
from collections.abc import Callable

import msgspec
from msgspec import Raw

from gamekeeper.core.errors import Rejected
from gamekeeper.core.frozen import Frozen
from gamekeeper.wire.engineio import MESSAGE, PacketError
from gamekeeper.wire.frames import CommandFrame, Hello

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = b"0", b"1", b"2", b"3", b"4", b"5", b"6"
MAX_ROOMS = 16
"""Namespaces of one session at once."""

_PACKET = re.compile(rb"4([0-6])(?:\d{1,9}-)?(?:(/[^,]{0,255})(?:,|\Z))?(\d{0,15})(.*)", re.DOTALL)
_ROOM = re.compile(rb"/rooms/([A-Za-z0-9_-]{1,64})")
_NAME_AT = len(b'{"type":"')
_ACCEPTED = b'{"ok":true}'


class Packet(Frozen, gc=False):
    """One packet. `ack`: the number the sender wants its answer under, as it wrote it."""

    kind: bytes
    namespace: bytes
    ack: bytes
    data: bytes


def read_packet(message: bytes) -> Packet:
    """A packet from its Engine.IO message. Raises `PacketError`."""
    found = _PACKET.fullmatch(message)
    if found is None:
        raise PacketError("not a packet of Socket.IO")
    kind, namespace, ack, data = found.groups()
    return Packet(kind, namespace or b"/", ack, data)


def room_of(namespace: bytes) -> str | None:
    """The room a namespace stands for; None: for none."""
    found = _ROOM.fullmatch(namespace)
    return found[1].decode() if found else None


class Call(Frozen, array_like=True, gc=False):
    """An event from the client: a command, and its id where the client gives ids itself."""

    name: str
    data: Raw = Raw(b"{}")
    id: int | None = None


class _Named(Frozen, array_like=True, gc=False, forbid_unknown_fields=False):
    name: str


class Auth(Frozen):
    """What a client says when it asks for a room: a hello."""

    token: str | None = None
    session: str | None = None
    device: str | None = None
    cursor: str | None = None


_read_call = msgspec.json.Decoder(Call).decode
_read_named = msgspec.json.Decoder(_Named).decode
_read_auth = msgspec.json.Decoder(Auth).decode


def read_call(data: bytes) -> Call | str:
    """The command of an event, or why it is none. Raises `PacketError` for what is no event at all."""
    try:
        return _read_call(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = str(error)
    try:
        _read_named(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise PacketError(f"not an event: {reason}"[:100]) from None
    return f"an event has a name, one object and at most an id: {reason}"


def read_hello(data: bytes) -> Hello | str:
    """The hello of a connect packet, or what is wrong with it."""
    try:
        auth = _read_auth(data or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"auth is not as it should be: {error}"[:200]
    return Hello(auth.token, auth.session, auth.device, auth.cursor)


def event(namespace: bytes) -> Callable[[bytes], bytes]:
    """What makes an event of a frame's payload: its type is the name, the whole frame the argument."""
    head = MESSAGE + EVENT + _prefix(namespace) + b'["'

    def carried(payload: bytes) -> bytes:
        name = payload[_NAME_AT : payload.index(b'"', _NAME_AT)]
        return b'%b%b",%b]' % (head, name, payload)

    return carried


class Outcome(Frozen, omit_defaults=True):
    """What an acknowledgement says."""

    ok: bool
    code: str = ""
    message: str = ""
    field: str | None = None
    retry_after_s: float | None = None


def acknowledgement(namespace: bytes, ack: bytes, rejected: Rejected | None) -> bytes:
    """The answer to an event that wants one."""
    outcome = _ACCEPTED
    if rejected is not None:
        found = Outcome(False, rejected.code, rejected.message, rejected.field, rejected.retry_after_s)
        outcome = msgspec.json.encode(found)
    return b"%b%b%b%b[%b]" % (MESSAGE, ACK, _prefix(namespace), ack, outcome)


class _Sid(Frozen):
    sid: str


def connected(namespace: bytes, sid: str) -> bytes:
    """The client may speak to the room."""
    return MESSAGE + CONNECT + _prefix(namespace) + msgspec.json.encode(_Sid(sid))


class _Why(Frozen):
    code: str
    reconnect: bool


class _Denied(Frozen):
    message: str
    data: _Why


def denied(namespace: bytes, code: str, reason: str, reconnect: bool = False) -> bytes:
    """The client may not."""
    why = _Denied(reason, _Why(code, reconnect))
    return MESSAGE + CONNECT_ERROR + _prefix(namespace) + msgspec.json.encode(why)


def disconnected(namespace: bytes) -> bytes:
    """No more of this room."""
    return MESSAGE + DISCONNECT + _prefix(namespace)


# -- the client's side -----------------------------------------------------------------------------------------------

_read_outcome = msgspec.json.Decoder(tuple[Outcome]).decode
_read_event = msgspec.json.Decoder(tuple[str, Raw]).decode
_read_denied = msgspec.json.Decoder(_Denied).decode


def connect(namespace: bytes, hello: Hello) -> bytes:
    """Ask for a room."""
    auth = Auth(hello.token, hello.session, hello.device, hello.cursor)
    return MESSAGE + CONNECT + _prefix(namespace) + msgspec.json.encode(auth)


def call(namespace: bytes, command: CommandFrame) -> bytes:
    """A command; its answer is wanted under its id."""
    event = msgspec.json.encode((command.name, command.data, command.id))
    return b"%b%b%b%d%b" % (MESSAGE, EVENT, _prefix(namespace), command.id, event)


def read_event(data: bytes) -> bytes:
    """The frame an event of the server carries. Raises `msgspec.DecodeError`."""
    return bytes(_read_event(data)[1])


def read_outcome(data: bytes) -> Outcome:
    """What an acknowledgement says. Raises `msgspec.DecodeError`."""
    return _read_outcome(data)[0]


def read_denial(data: bytes) -> tuple[str, str, bool]:
    """Why a room was denied: code, reason, whether coming back makes sense. Raises `msgspec.DecodeError`."""
    denied = _read_denied(data)
    return denied.data.code, denied.message, denied.data.reconnect


def _prefix(namespace: bytes) -> bytes:
    return b"" if namespace == b"/" else namespace + b","
