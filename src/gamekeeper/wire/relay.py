"""What nodes of one cluster say to each other.

MessagePack, told apart by `type`. Fields may be added and kinds too: a node of the version before ignores what it does
not know, so that old and new run side by side during a rolling restart.

A *link* is one connection of a gateway's to a room on another node, numbered by the gateway.
"""

from typing import Any

import msgspec

from gamekeeper.core.frozen import Frozen

LENGTH_BYTES = 4


class _Body(Frozen, tag_field="type", forbid_unknown_fields=False, omit_defaults=True, gc=False):
    """Part of a parcel."""


# -- from the gateway, where the socket is ----------------------------------------------------------------


class Enter(_Body, tag="enter"):
    """Let this user in. The gateway has verified who it is."""

    link: int
    room: str
    user: str
    admin: bool = False
    session: str | None = None
    cursor: str | None = None
    device: str | None = None


class Wish(_Body, tag="wish"):
    """A client's command, its data not yet looked at."""

    link: int
    id: int
    name: str
    data: bytes
    rtt_ms: float | None = None


class Refresh(_Body, tag="refresh"):
    """The reader lagged and needs the newest views."""

    link: int


class Left(_Body, tag="left"):
    """The connection is gone."""

    link: int


# -- from the owner of the room ---------------------------------------------------------------------------


class Entered(_Body, tag="entered"):
    """The user is in; `welcome` is the payload of its first frame."""

    link: int
    seat: int
    role: str
    user: str
    session: str
    device: str
    timed: bool
    welcome: bytes
    last_id: int = 0


class Share(msgspec.Struct, array_like=True, gc=False):
    """One write for some of the links, in this order. Each part is payloads packed by `pack`."""

    links: list[int]
    events: bytes
    views: bytes
    answers: bytes


class Frames(_Body, tag="frames"):
    """What a commit owes the links of one gateway: each distinct write once."""

    shares: list[Share]


class Refreshed(_Body, tag="refreshed"):
    """The newest views of a link, packed."""

    link: int
    views: bytes


class Ended(_Body, tag="ended"):
    """The room does not (or no longer) let this link in; `code` is the word of a `ClosingCode`."""

    link: int
    code: str
    reason: str


class Moved(_Body, tag="moved"):
    """The room is not here. Ask again where it is."""

    link: int


# -- commands from within the server ----------------------------------------------------------------------


class Ask(_Body, tag="ask"):
    """Have a room carry out a command."""

    number: int
    room: str
    command: str
    data: bytes
    own: bool
    """One of the framework's commands rather than the game's."""
    seat: int
    role: str
    user: str = ""
    session: str = ""
    id: int = 0


class Answer(_Body, tag="answer"):
    """It is written down, or (`code`) why not. `moved`: the room is not here. `seat` and `role` are the user's."""

    number: int
    code: str | None = None
    message: str = ""
    field: str | None = None
    retry_after_s: float | None = None
    moved: bool = False
    seat: int = 0
    role: str = ""
    name: str = ""


# -- requests of polling sessions, from where they came to where the session lives --------------------------


class Poll(_Body, tag="poll"):
    """A POST's body or, None, a GET that waits."""

    number: int
    sid: str
    body: bytes | None = None


class PollLeft(_Body, tag="poll_left"):
    """Nobody waits for that GET any more."""

    number: int


class Polled(_Body, tag="polled"):
    """What the request is answered with."""

    number: int
    status: int
    body: bytes


Body = (
    Enter | Wish | Refresh | Left | Entered | Frames | Refreshed | Ended | Moved | Ask | Answer
    | Poll | PollLeft | Polled
)  # fmt: skip
"""Everything a parcel may hold."""


class Parcel(Frozen, array_like=True, forbid_unknown_fields=False, gc=False):
    """What one node sends another at once.

    `mine` and `yours`: the generations of the conversation as the sender knows them; `number` counts parcels within
    one; a `beat` holds nothing and says how many there have been.
    """

    sender: str
    mine: int
    yours: int
    number: int
    beat: bool = False
    bodies: list[msgspec.Raw] = []


encode = msgspec.msgpack.Encoder().encode
decode_parcel = msgspec.msgpack.Decoder(Parcel).decode
_decode_body = msgspec.msgpack.Decoder(Body).decode


def parcel(sender: str, mine: int, yours: int, number: int, bodies: list[Any]) -> bytes:
    """A parcel of bodies, in their order."""
    return encode([sender, mine, yours, number, False, bodies])


def beat(sender: str, mine: int, yours: int, number: int) -> bytes:
    """A parcel without content."""
    return encode([sender, mine, yours, number, True])


def read_body(raw: msgspec.Raw) -> Body | None:
    """One body; None: a newer node's, not for us. Raises `msgspec.DecodeError` on what is no message at all."""
    try:
        body: Body = _decode_body(raw)
        return body
    except msgspec.ValidationError:
        return None


def pack(payload: bytes) -> bytes:
    """A payload with its length before it: how frames travel between nodes, so that several can be joined."""
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload


def unpack(packed: bytes) -> list[bytes]:
    """The payloads of what was packed and joined."""
    found: list[bytes] = []
    position = 0
    while position < len(packed):
        begin = position + LENGTH_BYTES
        position = begin + int.from_bytes(packed[begin - LENGTH_BYTES : begin], "big")
        found.append(packed[begin:position])
    return found
