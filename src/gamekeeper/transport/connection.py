"""A live connection: where the conversation (`wire.session`), what it is attached to and a transport's socket meet.

A transport makes one per accepted handshake and tells it what arrives; the room tells it what to send. It holds no
task and no timer: the heartbeat looks at all connections at once.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gamekeeper.core.errors import Rejected
from gamekeeper.core.seats import NO_SEAT, SPECTATOR, Role, Seat
from gamekeeper.room.room import Room
from gamekeeper.room.stage import answer
from gamekeeper.transport.attachment import Attachment, LocalAttachment
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Closing, CommandFrame, Hello, Ping, Pong, PublicEvent, encode
from gamekeeper.wire.session import Phase, Session

FIRST_ROUND_TRIPS = 5
"""How many round trips are measured at once where the game is `timed`."""
ROUND_TRIPS = 8
"""Of how many of the last round trips the least is taken."""
_CLOSED = Phase.CLOSED  # looked up once, like those of `room/ledger.py`


class Receiver(Protocol):
    """Who is told what happens on a socket: a connection, or what multiplexes several."""

    @property
    def closed(self) -> bool: ...

    def opened(self) -> None:
        """The handshake is over; what is written from now on arrives."""
        ...

    def received(self, payload: bytes, now: float) -> None: ...

    def drained(self) -> None: ...

    def lost(self) -> None: ...

    def end(self, code: ClosingCode, reason: str) -> None: ...


class Peer(Protocol):
    """The far end, as a transport offers it."""

    @property
    def frame(self) -> Callable[[bytes], bytes]:
        """Turns a payload into what `write` takes; one plain function per transport."""
        ...

    @property
    def buffered(self) -> int:
        """Bytes written but not yet taken by the network."""
        ...

    def write(self, framed: bytes) -> None: ...

    def close(self, code: int, reason: str) -> None:
        """Send the close frame; the socket goes when the far end has answered it, or the heartbeat aborts it."""
        ...

    def abort(self) -> None: ...


@dataclass(frozen=True)
class Admission:
    """A hello that was let in. `since`: the seq it resumes from (None: it starts over); `missed`: public events after
    it that the room no longer holds in memory."""

    room: Room
    seat: Seat
    role: Role
    user: str
    session: str
    device: str
    since: int | None = None
    missed: tuple[PublicEvent, ...] = ()


class Door(Protocol):
    """Who decides on a hello. Later calls `connection.admit` or `connection.end`, unless the connection has closed."""

    def enter(self, connection: "Connection", hello: Hello) -> None: ...

    def left(self, connection: "Connection") -> None: ...


@dataclass(frozen=True)
class Patience:
    """How much a slow reader is allowed. Past it the connection closes with `slow` and may come back and resume."""

    high_water_bytes: int = 64 * 1024
    kept_bytes: int = 1024 * 1024


DEFAULT_PATIENCE = Patience()


class Connection:
    """One client's live connection to one room."""

    pings = True
    """Whether the heartbeat pings it; otherwise its transport does."""

    __slots__ = (
        "__weakref__",
        "_attachment",
        "_behind",
        "_door",
        "_frame",
        "_kept",
        "_kept_bytes",
        "_patience",
        "_peer",
        "_session",
        "behind_since",
        "credential",
        "device",
        "ended_at",
        "heard_at",
        "pinged_at",
        "role",
        "room_id",
        "round_trips_ms",
        "rtt_ms",
        "seat",
        "session",
        "user",
    )

    def __init__(
        self,
        room_id: str,
        peer: Peer,
        door: Door,
        now: float,
        patience: Patience = DEFAULT_PATIENCE,
        credential: str | None = None,
    ) -> None:
        self.room_id = room_id
        self.credential = credential
        """A token that came with the handshake (a cookie); the hello's own comes first."""
        self._attachment: Attachment | None = None
        self.seat = NO_SEAT
        self.role: Role = SPECTATOR
        self.user = ""
        self.session = ""
        self.device = ""
        self._frame = peer.frame
        self.heard_at = now
        """When anything last arrived. The heartbeat keeps the next three."""
        self.pinged_at = 0.0
        self.behind_since = 0.0
        self.ended_at = 0.0
        self.rtt_ms: float | None = None
        self.round_trips_ms: deque[float] = deque(maxlen=ROUND_TRIPS)
        self._peer = peer
        self._door = door
        self._session = Session()
        self._patience = patience
        self._behind = False
        self._kept: list[tuple[bytes, bytes]] = []
        self._kept_bytes = 0

    @property
    def frame(self) -> Callable[[bytes], bytes]:
        return self._frame

    # -- what arrives ------------------------------------------------------------------------------------------------

    def opened(self) -> None:
        """The client speaks first."""

    def received(self, payload: bytes, now: float) -> None:
        """One text message from the client."""
        self.heard_at = now
        frame = self._session.feed(payload)
        kind = type(frame)
        if kind is CommandFrame:
            self._submit(frame, now)  # type: ignore[arg-type]
        elif kind is Hello:
            self._door.enter(self, frame)  # type: ignore[arg-type]
        elif kind is Pong:
            self._ponged(frame, now)  # type: ignore[arg-type]
        else:
            self._reject(self.frame(encode(frame)))

    def _reject(self, answer: bytes) -> None:
        """Something unreadable came."""
        self._write(answer)
        if self._session.exhausted:
            self.end(ClosingCode.PROTOCOL, "too many unreadable frames")

    def _submit(self, frame: CommandFrame, now: float, ticket: bytes | None = None) -> None:
        if self._attachment is not None:
            self._attachment.command(frame, now, ticket)

    def _ponged(self, pong: Pong, now: float) -> None:
        if self.pinged_at and pong.t == self.pinged_at * 1000:
            self.measured(round((now - self.pinged_at) * 1000, 3))

    def measured(self, rtt_ms: float) -> None:
        """A ping was answered after so long."""
        self.rtt_ms = rtt_ms
        self.round_trips_ms.append(rtt_ms)

    def drained(self) -> None:
        """The network has taken what was written: a reader that lagged gets what was kept and the newest views."""
        if self._behind and self._attachment is not None:
            self._attachment.refresh()

    def refreshed(self, views: bytes) -> None:
        """The newest views for a reader that lagged, framed."""
        if not self._behind or self.closed:
            return
        self._behind = False
        kept, self._kept, self._kept_bytes = self._kept, [], 0
        events, answers = (b"".join(part) for part in zip(*kept, strict=True)) if kept else (b"", b"")
        self._write(events + views + answers)  # views first, so an answer finds them

    def lost(self) -> None:
        """The socket is gone."""
        self._session.close()
        self._leave()

    # -- what the server wants of it ---------------------------------------------------------------------------------

    @property
    def live(self) -> bool:
        return self._session.phase is Phase.LIVE

    @property
    def waiting(self) -> bool:
        """Said hello and not been answered."""
        return self._session.phase is Phase.JOINING

    @property
    def sampling(self) -> bool:
        """Its room judges how fast it answers, and too few round trips are known yet."""
        attachment = self._attachment
        return attachment is not None and attachment.timed and len(self.round_trips_ms) < FIRST_ROUND_TRIPS

    @property
    def behind(self) -> bool:
        """The reader lags: its socket's buffer is full."""
        return self._behind

    @property
    def closed(self) -> bool:
        return self._session.phase is _CLOSED

    def admit(self, admission: Admission) -> None:
        """Let it into a room of this process and send its welcome."""
        if self.closed:
            return
        room = admission.room
        self.place(admission.seat, admission.role, admission.user, admission.session, admission.device)
        welcome = room.stage.welcome(self, self.room_id, admission.since, admission.missed)
        self.attach(LocalAttachment(room, self), welcome)
        room.presence.arrive(self.seat)

    def place(self, seat: Seat, role: Role, user: str, session: str, device: str) -> None:
        """Who it is, as a verified credential and the room have it."""
        self.seat, self.role, self.user, self.session, self.device = seat, role, user, session, device

    def attach(self, attachment: Attachment, welcome: bytes) -> None:
        """It is in; from here on what it wants goes to `attachment`."""
        self._attachment = attachment
        self._session.joined()
        self._greet(attachment.last_id, welcome)

    def reply(self, framed: bytes) -> None:
        """Send at once."""
        self._write(framed)

    def relayed(self, payload: bytes, tickets: dict[int, bytes]) -> bytes:
        """The framed answer that another node made; `tickets` are those of its commands by id, and it takes its own."""
        return self._frame(payload)

    def _greet(self, last_id: int, welcome: bytes) -> None:
        """Send the welcome. `last_id`: of the session's commands, the last that has come to the room."""
        self._write(self.frame(welcome))

    def abort(self) -> None:
        """Cut the socket without waiting for the far end."""
        self._peer.abort()

    def ping(self, now: float) -> None:
        self.pinged_at = now
        self._write(self.frame(encode(Ping(now * 1000, self.rtt_ms))))

    def answer(self, id: int, rejected: Rejected | None, ticket: bytes | None) -> bytes:
        return self._frame(answer(id, rejected))

    def deliver(self, events: bytes, views: bytes, answers: bytes) -> None:
        """One write. While the reader lags, events and answers wait (within bounds) and views are dropped."""
        if not self._behind:
            self._write(events + views + answers)
            return
        self._kept.append((events, answers))
        self._kept_bytes += len(events) + len(answers)
        if self._kept_bytes > self._patience.kept_bytes:
            self.end(ClosingCode.SLOW, "the reader is too slow")

    def _write(self, framed: bytes) -> None:
        self._peer.write(framed)
        if not self._behind and self._peer.buffered > self._patience.high_water_bytes:
            self._behind = True

    def end(self, code: ClosingCode, reason: str) -> None:
        """Say goodbye and close."""
        if self.closed:
            return
        self._part(code, reason, encode(Closing(code.word, reason, code.reconnect)))
        self._session.close()
        self._leave()

    def _part(self, code: ClosingCode, reason: str, closing: bytes) -> None:
        self._peer.write(self.frame(closing))
        self._peer.close(code.websocket_code, reason)

    def _leave(self) -> None:
        attachment, self._attachment = self._attachment, None
        if attachment is not None:
            attachment.leave()
        self._kept.clear()
        self._door.left(self)
