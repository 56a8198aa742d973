"""What client and server say to each other: two closed unions, named by sender. See docs/reference/wire.md.

JSON text frames, told apart by `type`. Every transport carries exactly these.
"""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from gamekeeper.core.codec import encode_map
from gamekeeper.core.frozen import Frozen

MAX_FRAME_BYTES = 64 * 1024
MAX_UNANSWERED = 32
"""How many commands a session may have unanswered at once."""


ViewPatch = Annotated[Any, Meta(extra_json_schema={"$ref": "#/$defs/ViewPatch"})]
"""What `core.patch` makes: `[]`, `[value]`, `[start, delete_count, [items]]` or `{key: patch}`."""
RoleName = Annotated[str, Meta(extra_json_schema={"$ref": "#/$defs/Role"})]


class _Frame(Frozen, tag_field="type", gc=False):
    """Told apart by `type`."""


class Hello(_Frame, tag="hello"):
    """First frame of a connection. `session` and `cursor` as the last welcome or patch gave them, to resume."""

    token: str | None = None
    session: str | None = None
    device: str | None = None
    cursor: str | None = None


class CommandFrame(_Frame, tag="command"):
    """A wish. `id` counts up within the session; the same id is the same command however often it is sent."""

    id: int
    name: str
    data: Raw = msgspec.field(default_factory=lambda: Raw(b"{}"))


class Pong(_Frame, tag="pong"):
    """The answer to a ping: its `t`, unchanged."""

    t: float


FromClient = Hello | CommandFrame | Pong
decode_from_client = msgspec.json.Decoder(FromClient).decode


class _ServerFrame(_Frame, forbid_unknown_fields=False):
    """Fields may be added; a client ignores those it does not know."""


class PublicEvent(Frozen, gc=False, forbid_unknown_fields=False):
    """One event of the public feed; `at` in milliseconds since the epoch."""

    type: str
    at: float
    data: Raw


class Welcome(_ServerFrame, tag="welcome"):
    """The answer to a hello. `resumed`: `events` are all public events since the client's cursor; otherwise the client
    starts over from the views. `last_id` is the highest command id of this session that took effect."""

    room: str
    app: str
    seat: int
    role: RoleName
    session: str
    last_id: int
    cursor: str
    resumed: bool
    public: Any
    shared: Any
    private: Any
    events: tuple[PublicEvent, ...]
    server_time: float
    stale: bool | UnsetType = UNSET
    """`shared` is older than the cursor and is being brought up to date; absent: it is not."""
    silence_s: float | UnsetType = UNSET
    """A client that heard nothing for so long has lost its connection."""


class Patch(_ServerFrame, tag="patch"):
    """What changed for this viewer. Absent views did not change."""

    cursor: str
    public: ViewPatch = UNSET
    shared: ViewPatch = UNSET
    private: ViewPatch = UNSET
    events: tuple[PublicEvent, ...] | UnsetType = UNSET
    stale: bool | UnsetType = UNSET
    """Whether `shared`, this patch applied, is older than the cursor; absent: as before."""


class Ack(_ServerFrame, tag="ack"):
    """The command took effect and is written down."""

    id: int


class Rejection(_ServerFrame, tag="rejected", omit_defaults=True):
    """The command (id 0: an unreadable frame) changed nothing, and why."""

    id: int
    code: str
    message: str
    field: str | None = None
    retry_after_s: float | None = None


class Presence(_ServerFrame, tag="presence"):
    """A seat came (or went, after its grace)."""

    seat: int
    online: bool


class Signal(_ServerFrame, tag="signal"):
    """Lossy progress of something slow; never part of a view."""

    name: str
    data: Any


class Ping(_ServerFrame, tag="ping", omit_defaults=True):
    """Are you there? `t`: server milliseconds since the epoch. With `rtt_ms` (of the ping before) a client knows the
    server's clock: t + rtt_ms / 2."""

    t: float
    rtt_ms: float | None = None


class Closing(_ServerFrame, tag="closing"):
    """Last frame. `reconnect`: whether coming back makes sense."""

    code: str
    reason: str
    reconnect: bool


FromServer = Welcome | Patch | Ack | Rejection | Presence | Signal | Ping | Closing
decode_from_server = msgspec.json.Decoder(FromServer).decode

encode = msgspec.json.Encoder(enc_hook=encode_map).encode
