"""Who comes in by socket: the credential of a hello, the seat it has, where its session goes on.

The credential is verified where the socket is, the rest is decided where the room is; both are here, and what is
between them (`Enter`) goes over the bus when these are two nodes.
"""

import asyncio
import logging
import random
from collections.abc import Coroutine, Mapping
from typing import Protocol
from weakref import WeakValueDictionary

from gamekeeper.app import App
from gamekeeper.cluster.gateway import Gateway
from gamekeeper.cluster.visitors import Visitor
from gamekeeper.core.errors import ErrorCode, Fault, Rejected
from gamekeeper.core.seats import ADMIN, NO_SEAT, SYSTEM, Role, Seat
from gamekeeper.log.protocol import EventLog, LogError
from gamekeeper.room import history
from gamekeeper.room.claims import Elsewhere
from gamekeeper.room.governance import JoinRoom, Member
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.registry import Registry
from gamekeeper.room.room import Room
from gamekeeper.room.sessions import resume
from gamekeeper.server.auth.accounts import Accounts
from gamekeeper.server.auth.identity import LOCAL_ADMIN, Identity
from gamekeeper.server.limits import HttpLimits
from gamekeeper.transport.connection import Admission, Connection
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Hello, PublicEvent
from gamekeeper.wire.relay import Enter

log = logging.getLogger("gamekeeper.door")

MAX_DEVICE_CHARACTERS = 64
CATCH_UPS = 5
"""Times a client's missed events are read again because the room has meanwhile forgotten the newest of them."""
FURTHER_BACK = 200
"""How far before a client's cursor the log is read for it, so that others with older ones are spared a read."""
LOOK_FOR_S = 8.0
"""How long a room is looked for whose node does not answer: long enough for a dead node's lease to run out."""
LOOK_AGAIN_S = (0.05, 0.25)

_CLOSINGS: dict[str, ClosingCode] = {
    ErrorCode.UNAUTHENTICATED: ClosingCode.UNAUTHENTICATED,
    ErrorCode.FORBIDDEN: ClosingCode.FORBIDDEN,
    ErrorCode.UNKNOWN_ROOM: ClosingCode.UNKNOWN_ROOM,
    ErrorCode.UNKNOWN_APP: ClosingCode.UNKNOWN_ROOM,
    ErrorCode.ROOM_CLOSED: ClosingCode.ROOM_CLOSED,
    ErrorCode.DRAINING: ClosingCode.DRAINING,
    ErrorCode.CAPACITY: ClosingCode.FULL,
    ErrorCode.RATE_LIMITED: ClosingCode.FULL,
}


class Guest(Protocol):
    """Who wants in: a connection of this node, or a visitor whose socket is on another."""

    room_id: str

    @property
    def closed(self) -> bool: ...

    def admit(self, admission: Admission) -> None: ...

    def end(self, code: ClosingCode, reason: str) -> None: ...


class FrontDoor:
    """The server's `Door`. Nobody is let in who has no seat, except administrators, who have none and see what is
    public."""

    def __init__(
        self,
        apps: Mapping[str, App],
        registry: Registry,
        log: EventLog,
        accounts: Accounts,
        limits: HttpLimits,
        *,
        auth: bool = True,
    ) -> None:
        self._apps = apps
        self._registry = registry
        self._log = log
        self._accounts = accounts
        self._limits = limits
        self._auth = auth
        self.gateway: Gateway | None = None
        """The way to rooms on other nodes; None: there are none."""
        self._reads: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """Of rooms whose log is read for somebody who comes back."""
        self._entering: set[asyncio.Task[None]] = set()
        self._by_subject: dict[str, set[Connection]] = {}
        self._subjects: dict[Connection, tuple[str, ...]] = {}
        accounts.revocations.listeners.append(self._revoked)

    def __len__(self) -> int:
        return len(self._subjects)

    def enter(self, connection: Connection, hello: Hello) -> None:
        self._begin(self._enter(connection, hello))

    def receive(self, visitor: Visitor, enter: Enter) -> None:
        """Somebody whose credential another node has verified."""
        self._begin(self._receive(visitor, enter))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    def left(self, connection: Connection) -> None:
        if self.gateway is not None:
            self.gateway.left(connection)
        for subject in self._subjects.pop(connection, ()):
            connections = self._by_subject[subject]
            connections.discard(connection)
            if not connections:
                del self._by_subject[subject]

    async def _enter(self, connection: Connection, hello: Hello) -> None:
        try:
            identity = self._identify(connection, hello)
            self._limits.hit("write", identity.user)
            self._remember(connection, identity)
            await self._find_room(connection, _enter(connection.room_id, identity, hello))
        except Rejected as rejected:
            connection.end(_CLOSINGS.get(rejected.code, ClosingCode.FAULT), rejected.message)
        except (LogError, Fault) as error:
            log.error("room %s: nobody can be let in: %s", connection.room_id, error)
            connection.end(ClosingCode.FAULT, "the room cannot be read now")

    async def _receive(self, visitor: Visitor, enter: Enter) -> None:
        try:
            await self._decide(visitor, enter)
        except Elsewhere:
            visitor.moved()
        except Rejected as rejected:
            if rejected.code == ErrorCode.DRAINING:
                visitor.moved()
            else:
                visitor.end(_CLOSINGS.get(rejected.code, ClosingCode.FAULT), rejected.message)
        except (LogError, Fault) as error:
            log.error("room %s: nobody can be let in: %s", visitor.room_id, error)
            visitor.end(ClosingCode.FAULT, "the room cannot be read now")

    async def _find_room(self, connection: Connection, enter: Enter) -> None:
        """Let it in here, or have it let in where the room is. A node that does not answer is waited out."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + LOOK_FOR_S
        while not connection.closed:
            try:
                await self._decide(connection, enter)
                return
            except Elsewhere as elsewhere:
                if await self._enter_elsewhere(connection, elsewhere.node, enter):
                    return
            if loop.time() > give_up_at:
                connection.end(ClosingCode.MOVED, "the room's node does not answer")
            await asyncio.sleep(random.uniform(*LOOK_AGAIN_S))

    async def _enter_elsewhere(self, connection: Connection, node: str, enter: Enter) -> bool:
        if self.gateway is None:
            return False
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.gateway.enter(connection, node, enter, answered.set_result)
        return await answered

    async def _decide(self, guest: Guest, enter: Enter) -> None:
        """Let somebody into a room of this node. Raises `Rejected`, `Elsewhere`, `LogError`, `Fault`."""
        room = await self._registry.get(enter.room)
        member = self._member(room, enter)
        if member is not None and not room.settled:
            await self._written(room, member)
        self._admit(guest, await self._admission(room, member, enter))

    def _identify(self, connection: Connection, hello: Hello) -> Identity:
        token = hello.token or connection.credential
        if token is None and not self._auth:
            return LOCAL_ADMIN
        return self._accounts.identify(token or "")

    def _member(self, room: Room, enter: Enter) -> Member | None:
        """The caller's seat; None: an administrator's look from outside. Raises `Rejected`."""
        if room.fold.closed is not None:
            raise Rejected(ErrorCode.ROOM_CLOSED, room.fold.closed)
        member = room.fold.members.get(room.fold.seat_of.get(enter.user, NO_SEAT))
        if member is not None and member.present:
            return member
        if not enter.admin:
            raise Rejected(ErrorCode.FORBIDDEN, "you have no seat in this room")
        return None

    async def _written(self, room: Room, member: Member) -> None:
        """Wait until the seat is certainly written down: joining again changes nothing and is answered after that."""
        answered: asyncio.Future[Rejected | None] = asyncio.get_running_loop().create_future()
        command = JoinRoom(member.user, member.name, member.role)
        room.submit(Envelope(command, NO_SEAT, SYSTEM, member.user, reply=answered.set_result))
        rejected = await answered
        if rejected is not None:
            raise rejected

    async def _admission(self, room: Room, member: Member | None, enter: Enter) -> Admission:
        seat, role = (member.seat, member.role) if member else (NO_SEAT, ADMIN)
        since, missed = await self._missed(room, enter.cursor)
        session = resume(enter.session, room.fold.ledger, seat, room.stage.cursors, room.stage.seq)
        return Admission(room, seat, role, enter.user, session, enter.device or "", since, missed)

    async def _missed(self, room: Room, cursor: str | None) -> tuple[int | None, tuple[PublicEvent, ...]]:
        """Where a client resumes, and the public events before that which it has missed; None: it starts over."""
        position = room.stage.cursors.seq(cursor) if cursor else None
        if position is None or position > room.stage.seq:
            return None, ()
        missed: list[PublicEvent] = []
        for _ in range(CATCH_UPS):
            if room.stage.feed.covers(position):
                return position, tuple(missed)
            async with self._reads.setdefault(room.id, asyncio.Lock()):  # who comes meanwhile finds it in the feed
                if room.stage.feed.covers(position):
                    continue
                begin = max(0, position - FURTHER_BACK)
                limit = room.limits.resume_events - len(missed) + position - begin
                found = await history.missed_events(self._log, room.id, room.fold.game, begin, limit)
                if found is None:
                    break
                events, reached = found
                room.stage.feed.reach_back(begin, events, reached)
            if not room.stage.feed.covers(position):
                shown = (
                    room.stage.seq
                )  # the log may be ahead: what is beyond this is shown to the viewer when it is due
                missed += [event for seq, event in events if position < seq <= shown]
                position = min(reached, shown)
        return None, ()

    def _admit(self, guest: Guest, admission: Admission) -> None:
        room = admission.room
        if room.stopped:
            guest.end(ClosingCode.FAULT, "the room has just stopped")
        elif len(room.stage.audience.viewers) >= room.limits.viewers:
            guest.end(ClosingCode.FULL, f"at most {room.limits.viewers} connections to a room")
        elif not guest.closed and self._make_way(room, admission.seat, admission.role, admission.device):
            guest.admit(admission)
        else:
            guest.end(ClosingCode.ALREADY_CONNECTED, "this seat is connected already")

    def _make_way(self, room: Room, seat: Seat, role: Role, device: str) -> bool:
        """One live connection per seat and device, as the application has it."""
        policy = self._apps[room.fold.opened.app].connections if room.fold.opened else "replace"
        if role is ADMIN or policy == "allow":
            return True
        others = [viewer for viewer in room.stage.audience.at_seat(seat) if viewer.device == device]
        if policy == "reject":
            return not others
        for other in others:
            other.end(ClosingCode.REPLACED, "this seat has connected elsewhere")
        return True

    def _remember(self, connection: Connection, identity: Identity) -> None:
        """Whose connection it is: before anything is waited for, so that no revocation is missed meanwhile."""
        subjects = tuple(filter(None, (identity.user, identity.login)))
        self._subjects[connection] = subjects
        for subject in subjects:
            self._by_subject.setdefault(subject, set()).add(connection)

    def _revoked(self, subject: str, at: float) -> None:
        for connection in tuple(self._by_subject.get(subject, ())):
            connection.end(ClosingCode.REVOKED, "signed out")


def _enter(room: str, identity: Identity, hello: Hello) -> Enter:
    """What whoever has the room needs to know."""
    device = hello.device and hello.device[:MAX_DEVICE_CHARACTERS]
    return Enter(0, room, identity.user, identity.is_admin, hello.session, hello.cursor, device)
