"""All rooms of one process: woken on demand, put to sleep when idle, one `Room` per id and no other owner.

With other nodes around, a room is claimed before it is read and given back when it stops; what is asked of one that
is elsewhere goes there.
"""

import asyncio
import contextlib
import logging
import string
from collections.abc import Coroutine, Mapping
from secrets import choice, token_urlsafe
from typing import Any, Protocol

import msgspec

from gamekeeper.app import App
from gamekeeper.core.errors import ErrorCode, Fault, Rejected
from gamekeeper.core.messages import Command
from gamekeeper.core.personal import FORGOTTEN
from gamekeeper.core.record import Entry
from gamekeeper.core.seats import NO_SEAT, SYSTEM, Role, Seat
from gamekeeper.log.ownership import OwnedBy
from gamekeeper.log.protocol import EventLog, LogError, Snapshot
from gamekeeper.room import history
from gamekeeper.room.claims import ALONE, Claims, Elsewhere, Neighbours
from gamekeeper.room.fold import SNAPSHOT_VERSION, Fold, due_in
from gamekeeper.room.governance import CloseRoom, JoinRoom, Member, OpenRoom
from gamekeeper.room.limits import DEFAULT_LIMITS, Limits
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.room import Room
from gamekeeper.room.runtime import AsyncioRuntime, Runtime
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.cursor import Cursors

log = logging.getLogger("gamekeeper.registry")

ASK_TIMEOUT_S = 15.0
ASK_AGAIN_S = 0.2
"""When to look again for a room whose node did not answer."""
_FIRST = string.ascii_letters + string.digits
DRAIN_TIMEOUT_S = 10.0
DRAIN_POLL_S = 0.01


class Observer(Protocol):
    """Told of every committed entry: the audit log, metrics, reactors and projections listen here. Must not block."""

    def committed(self, room: Room, entries: list[Entry]) -> None: ...


class Registry:
    """Owns the rooms. Everything that wants something of a room asks here."""

    def __init__(
        self,
        apps: Mapping[str, App],
        log: EventLog,
        secret: bytes,
        *,
        runtime: Runtime | None = None,
        limits: Limits = DEFAULT_LIMITS,
        claims: Claims = ALONE,
    ) -> None:
        self.apps = apps
        self.games: history.Games = {name: app.game for name, app in apps.items()}
        self.log = log
        self.limits = limits
        self.rooms: dict[str, Room] = {}
        self.observers: list[Observer] = []
        self.draining = False
        self.claims = claims
        self.neighbours: Neighbours | None = None
        """Who asks rooms on other nodes; None: there are none."""
        self._secret = secret
        self.view_faults = 0
        """How often a view that is computed beside the loop could not be."""
        self._runtime = runtime or AsyncioRuntime()
        self._waking: dict[str, asyncio.Task[Room]] = {}
        self._snapshots: dict[str, int] = {}
        self._held: dict[str, Snapshot] = {}
        self._saving: set[asyncio.Task[None]] = set()
        self._returning: set[str] = set()
        self._release: asyncio.Task[None] | None = None
        self._abandoned: set[str] = set()

    # -- rooms -------------------------------------------------------------------------------------------------------

    async def open(
        self,
        app: str,
        user: str,
        user_name: str,
        *,
        config: Mapping[str, Any] | None = None,
        name: str = "",
        seed: str | None = None,
        role: Role | None = None,
        by: str = "",
    ) -> Room:
        """A new room with its creator in seat 1; `by`: who had it opened, if somebody else. Raises `Rejected` (unknown
        app, bad config, no capacity)."""
        if app not in self.apps:
            raise Rejected(ErrorCode.UNKNOWN_APP, f"there is no application {app!r}", field="app")
        id = _new_id()
        self._check_capacity()
        await self.claims.claim(id)
        room = self._admit(id, Fold(self.games[app], self.limits.sessions_per_seat))
        parameters = msgspec.Raw(msgspec.json.encode(config or {}))
        creator_role = role or self.apps[app].creator
        command = OpenRoom(app, name, parameters, seed, user, user_name, creator_role)
        try:
            await self._ask(room, Envelope(command, NO_SEAT, SYSTEM, by or user))
        except Rejected:
            room.stop(ClosingCode.UNKNOWN_ROOM, "the room was not opened")
            raise
        return room

    async def get(self, id: str) -> Room:
        """The room, claimed and woken if it sleeps. Raises `Rejected` (unknown, capacity, unavailable) and
        `Elsewhere`."""
        room = self.rooms.get(id)
        if room is not None:
            if not self.claims.believes:
                raise Rejected(ErrorCode.UNAVAILABLE, "this node has lost its lease", retry_after_s=1.0)
            return room
        return await asyncio.shield(self._waking.get(id) or self._waken(id, self._wake(id)))

    def _waken(self, id: str, work: Coroutine[Any, Any, Room]) -> asyncio.Task[Room]:
        task = self._waking[id] = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._waking.pop(id, None))
        return task

    async def _wake(self, id: str, *, forget: bool = False) -> Room:
        self._check_capacity()
        if not await self.log.last_seq(id):
            raise Rejected(ErrorCode.UNKNOWN_ROOM, "there is no such room")
        while id in self._returning and self._release is not None:
            await asyncio.shield(self._release)
        claimed = await self.claims.claim(id)
        if isinstance(claimed, OwnedBy):
            raise Elsewhere(claimed.room, claimed.node)
        try:
            if forget:
                await asyncio.gather(*self._saving, return_exceptions=True)  # or a snapshot would come back
                await self.log.forget(id)
            fold, taken_at = await history.wake(self.log, id, self.games, self.limits)
            room = self._admit(id, fold)
        except (Rejected, Fault, LogError, asyncio.CancelledError):
            self._give_back(id)
            raise
        self._snapshots[id] = taken_at
        return room

    def _check_capacity(self) -> None:
        if self.draining:
            raise Rejected(ErrorCode.DRAINING, "the server is going down", retry_after_s=2.0)
        if len(self.rooms) >= self.limits.rooms:
            raise Rejected(ErrorCode.CAPACITY, f"{self.limits.rooms} rooms are awake", retry_after_s=10.0)

    def _admit(self, id: str, fold: Fold) -> Room:
        self._check_capacity()
        cursors = Cursors(self._secret, id, self.log.epoch)
        room = self.rooms[id] = Room(id, fold, self.log, self._runtime, cursors, self, self.limits)
        return room

    # -- commands from within the server -----------------------------------------------------------------------------

    async def ask(
        self,
        id: str,
        command: Command,
        *,
        seat: Seat = NO_SEAT,
        role: Role = SYSTEM,
        user: str = "",
        session: str = "",
        command_id: int = 0,
    ) -> None:
        """Have a room carry out a command, wherever it is; returns once it is written down. Raises `Rejected`."""
        await self._carry(id, Envelope(command, seat, role, user, session, command_id))

    async def join(self, id: str, user: str, name: str, role: Role) -> Member:
        """Take a seat (or come back to one's own). Raises `Rejected`."""
        member = await self._carry(id, Envelope(JoinRoom(user, name, role), NO_SEAT, SYSTEM, user))
        assert member is not None, "who has joined has a seat"
        return member

    async def close(self, id: str, reason: str, by: str = "") -> None:
        """End a room for ever; all its viewers are told. Safe to repeat."""
        try:
            await self.ask(id, CloseRoom(reason), user=by)
        except Rejected as rejected:
            if rejected.code != ErrorCode.ROOM_CLOSED:
                raise

    async def reset(self, id: str, by: str) -> Room:
        """End a room and open it anew as it was in the beginning: its application, name, config and creator. Both logs
        say who did it. Raises `Rejected`."""
        old = await history.replay(self.log, id, self.games)
        opened, creator = old.opened, old.members.get(Seat(1))
        if old.closed is not None or opened is None or creator is None:
            raise Rejected(ErrorCode.ROOM_CLOSED, "this room has ended")
        config = msgspec.json.decode(opened.config)
        room = await self.open(
            opened.app, creator.user, creator.name, config=config, name=opened.name, seed=opened.seed,
            role=creator.role, by=by,
        )  # fmt: skip
        await self.close(id, f"reset: it begins again as {room.id}", by)
        return room

    async def _carry(self, id: str, wish: Envelope) -> Member | None:
        """Have it carried out here or on the room's node; the seat of its user, if that is a member."""
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                while True:
                    try:
                        return await self.ask_here(id, wish)
                    except Elsewhere as elsewhere:
                        if self.neighbours is not None:
                            with contextlib.suppress(Elsewhere):
                                return await self.neighbours.ask(elsewhere.node, id, wish)
                    await asyncio.sleep(ASK_AGAIN_S)
        except TimeoutError:
            raise Rejected(ErrorCode.UNAVAILABLE, "the room does not answer", retry_after_s=5.0) from None

    async def ask_here(self, id: str, wish: Envelope) -> Member | None:
        """The same on this node only. Raises `Elsewhere`."""
        room = await self.get(id)
        await self._ask(room, wish)
        return room.fold.members.get(room.fold.seat_of.get(wish.user, NO_SEAT))

    async def _ask(self, room: Room, wish: Envelope) -> None:
        answered: asyncio.Future[Rejected | None] = asyncio.get_running_loop().create_future()

        def reply(rejected: Rejected | None) -> None:
            if not answered.done():
                answered.set_result(rejected)

        wish.reply = reply
        room.submit(wish)
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                rejected = await answered
        except TimeoutError:
            raise Rejected(ErrorCode.UNAVAILABLE, "the room does not answer", retry_after_s=5.0) from None
        if rejected is not None:
            raise rejected

    async def forget(self, id: str) -> bool:
        """Remove all personal data of a room: it is read anew from what is left before anybody sees it again. False: it
        is another node's, who will do it. Raises `Rejected` and `LogError`."""
        while id in self._waking:
            await asyncio.wait([self._waking[id]])
        room = self.rooms.get(id)
        if room is not None:
            room.stop(ClosingCode.IDLE, "this room's names are forgotten")
        try:
            room = await asyncio.shield(self._waken(id, self._wake(id, forget=True)))
        except Elsewhere:
            return False
        if not room.stage.audience.viewers:
            self._sleep(room, ClosingCode.IDLE, "nobody was here")
        return True

    # -- told by rooms -----------------------------------------------------------------------------------------------

    def committed(self, room: Room, entries: list[Entry]) -> None:
        for observer in self.observers:
            observer.committed(room, entries)
        if any(stored.type == FORGOTTEN for entry in entries for stored in entry.events):
            self._snapshots[room.id] = -self.limits.snapshot_every  # one without that name, after any with it
            self._held.pop(room.id, None)
        self._keep_snapshot(room)

    def stopped(self, room: Room) -> None:
        if self.rooms.get(room.id) is room:
            del self.rooms[room.id]
            if room.fold.closed is not None and room.stage.seq == room.fold.seq:
                self._save_last(room)
        self._snapshots.pop(room.id, None)
        self._held.pop(room.id, None)
        self._give_back(room.id)

    def view_failed(self, room: Room) -> None:
        self.view_faults += 1

    def _give_back(self, id: str) -> None:
        """Let another node have the room. Not one with something due while going down: it stays claimed by a node that
        is no more, so that another notices."""
        if id in self._abandoned:
            return
        self._returning.add(id)
        if self._release is None or self._release.done():
            self._release = asyncio.create_task(self._give_back_all())

    async def _give_back_all(self) -> None:
        while self._returning:
            rooms = list(self._returning)
            try:
                await self.claims.release(rooms)
            except LogError as error:
                log.warning("%d rooms stay claimed until the lease runs out: %s", len(rooms), error)
            self._returning.difference_update(rooms)

    def surrender(self) -> list[str]:
        """The lease is lost: others may have every room by now. Those with something due."""
        due = [room.id for room in self.rooms.values() if room.alarm.due_at is not None]
        for room in list(self.rooms.values()):
            room.stop(ClosingCode.MOVED, "this node has lost its lease")
        return due

    def _save_last(self, room: Room) -> None:
        """A closed room is never woken for its deadlines again: its last snapshot says so."""
        snapshot = self._snapshot(room)
        if snapshot is not None:
            self._save(snapshot)

    # -- snapshots, sleep, end ---------------------------------------------------------------------------------------

    def _keep_snapshot(self, room: Room) -> None:
        """Every so many events take a snapshot; it is saved only once all it contains is committed."""
        held = self._held.pop(room.id, None)
        if held is None and room.fold.seq - self._snapshots.get(room.id, 0) >= self.limits.snapshot_every:
            self._snapshots[room.id] = room.fold.seq
            held = self._snapshot(room)
        if held is not None and room.stage.seq >= held.seq:
            self._save(held)
        elif held is not None:
            self._held[room.id] = held

    def _snapshot(self, room: Room) -> Snapshot | None:
        try:
            return Snapshot(room.id, room.fold.seq, SNAPSHOT_VERSION, room.fold.snapshot(room.alarm.due_at))
        except (TypeError, NotImplementedError) as error:
            log.warning("room %s has no snapshots: its state cannot be written: %s", room.id, error)
            return None

    def _save(self, snapshot: Snapshot) -> None:
        task = asyncio.create_task(self._write(snapshot))
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    async def _write(self, snapshot: Snapshot) -> None:
        """Without it the room is read from further back, no more."""
        try:
            await self.log.save_snapshot(snapshot)
        except LogError as error:
            log.warning("room %s has no snapshot at %d: %s", snapshot.room, snapshot.seq, error)

    def sweep(self) -> None:
        """Put idle rooms to sleep: nobody watches, nothing is due, nothing is under way."""
        horizon = self._runtime.now() - self.limits.idle_s
        for room in list(self.rooms.values()):
            if not room.stage.audience.viewers and room.stage.changed_at < horizon:
                self._sleep(room, ClosingCode.IDLE, "nobody was here")

    def _sleep(self, room: Room, code: ClosingCode, reason: str) -> None:
        if room.alarm.due_at is not None or not room.settled:
            return
        if room.fold.seq > self._snapshots.get(room.id, 0):
            snapshot = self._snapshot(room)
            if snapshot is not None:
                self._save(snapshot)
        room.stop(code, reason)

    async def wake_due(self) -> int:
        """After a start: wake the rooms that did not go to sleep in order, so that their deadlines pass on time.

        A room that slept has a snapshot of its last event with nothing due. Returns how many were woken.
        """
        woken = 0
        position = ""
        while heads := await self.log.rooms(position):
            for head in heads:
                snapshot = await self.log.load_snapshot(head.room)
                if snapshot is None or snapshot.seq != head.seq or due_in(snapshot.body) is not None:
                    woken += await self._wake_quietly(head.room)
            position = heads[-1].room
        return woken

    async def _wake_quietly(self, id: str) -> bool:
        try:
            await self.get(id)
        except Rejected as rejected:
            log.warning("room %s could not be woken: %s", id, rejected)
            return False
        return True

    async def drain(self) -> None:
        """Going down: let what is under way be written, send everybody home to reconnect, keep snapshots."""
        self.draining = True
        for _ in range(round(DRAIN_TIMEOUT_S / DRAIN_POLL_S)):
            if all(room.settled for room in self.rooms.values()):
                break
            await asyncio.sleep(DRAIN_POLL_S)
        for room in list(self.rooms.values()):
            if room.alarm.due_at is not None:
                self._abandoned.add(room.id)
            self._sleep(room, ClosingCode.DRAINING, "the server restarts")
            room.stop(ClosingCode.DRAINING, "the server restarts")
        ending = self._saving if self._release is None else {*self._saving, self._release}
        if ending:
            await asyncio.wait(ending, timeout=DRAIN_TIMEOUT_S)


def _new_id() -> str:
    """22 URL-safe characters, 131 random bits; the first is a letter or digit, so that no program takes an id for an
    option."""
    return choice(_FIRST) + token_urlsafe(16)[:21]
