"""What the tests of rooms are made of: a log and viewers they control, and a game with a secret, a clock and a bug."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from immutables import Map

from gamekeeper.core.context import Context
from gamekeeper.core.errors import InvariantViolated, Rejected
from gamekeeper.core.game import Decision, Game
from gamekeeper.core.messages import (
    HOST,
    PLAYER,
    Command,
    Config,
    Connected,
    Disconnected,
    Event,
    Joined,
    Left,
    Rate,
    Started,
    State,
    TimedOut,
    View,
)
from gamekeeper.core.personal import Aside, Personal, whole
from gamekeeper.core.record import Entry, decode_entries
from gamekeeper.core.seats import NO_SEAT, SPECTATOR, SYSTEM, Role, Seat
from gamekeeper.log.turnstile import Turnstile
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import JoinRoom, OpenRoom
from gamekeeper.room.limits import DEFAULT_LIMITS, Limits
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.room import Room
from gamekeeper.room.stage import answer
from gamekeeper.testing.virtual import VirtualTime
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.cursor import Cursors
from gamekeeper.wire.frames import Rejection, decode_from_server

OFTEN = Rate(10_000)


class Add(Command, by=PLAYER, rate=OFTEN):
    amount: int


class Hide(Command, by=PLAYER, rate=OFTEN):
    amount: int


class Break(Command, by=PLAYER, rate=OFTEN):
    """Runs into one of the author's bugs."""

    how: str


class Arm(Command, by=PLAYER, rate=OFTEN):
    """Starts a clock."""

    seconds: float


class Seldom(Command, by=PLAYER, rate=Rate(2, per_s=10.0)):
    pass


class Reset(Command, by=HOST):
    pass


class Added(Event, public=True, touches=()):
    seat: Seat
    amount: int


class Hidden(Event, touches="seat"):
    seat: Seat
    amount: int


class Armed(Event, touches=()):
    due: datetime


class Rang(Event, public=True, touches=()):
    name: str


class Noticed(Event, touches=()):
    """A lifecycle command reached the game."""

    what: str


Happened = Added | Hidden | Armed | Rang | Noticed
Wishes = Add | Hide | Break | Arm | Seldom | Reset


class Sums(State):
    total: int = 0
    hidden: Map[Seat, int] = Map()
    due: datetime | None = None
    rang: int = 0
    noticed: tuple[str, ...] = ()


class Public(View):
    total: int
    rang: int


class Secret(Exception):
    """Holds what nobody may be told."""


class Parameters(Config):
    start_at: int = 0


class Sum(Game[Sums, Wishes, Happened]):
    config: ClassVar[type[Config]] = Parameters
    start = "created"
    seats = 50
    grace_s = 5.0
    notices = False
    keeps_deadline = False

    def initial(self, config: Any) -> Sums:
        return Sums(total=config.start_at)

    def decide(self, state: Sums, command: Any, ctx: Context) -> Decision[Happened, Sums] | None:
        match command:
            case Add() | Hide() | Break() | Seldom() | Reset():
                return self._act(state, command, ctx)
            case Arm(seconds):
                return just(Armed(ctx.after(seconds=seconds)))
            case TimedOut(name):
                return just(Rang(name))
            case Started() | Joined() | Left() | Connected() | Disconnected() if self.notices:
                return just(Noticed(f"{command.__wire_name__} {getattr(command, 'seat', '')}".strip()))
            case _:
                return None

    def _act(self, state: Sums, command: Any, ctx: Context) -> Decision[Happened, Sums]:
        match command:
            case Add(amount):
                if amount < 0:
                    raise Rejected("negative", field="amount")
                yield Added(ctx.seat, amount)
            case Hide(amount):
                yield Hidden(ctx.seat, amount)
            case Break("type"):
                yield Added(ctx.seat, "a number")
            case Break("store"):
                yield Noticed(object())
            case Break(how):
                yield Added(ctx.seat, 1_000_000)
                self._break(how)
            case _:
                yield Added(ctx.seat, 1)

    def _break(self, how: str) -> None:
        if how == "decide":
            raise Secret("the answer is 42")
        if how == "reject":
            raise Rejected("halfway")

    def evolve(self, state: Sums, event: Happened) -> Sums:
        match event:
            case Added(_, amount):
                return msgspec.structs.replace(state, total=state.total + amount)
            case Hidden(seat, amount):
                return msgspec.structs.replace(state, hidden=state.hidden.set(seat, state.hidden.get(seat, 0) + amount))
            case Armed(due):
                return msgspec.structs.replace(state, due=due)
            case Rang():
                due = state.due if self.keeps_deadline else None
                return msgspec.structs.replace(state, rang=state.rang + 1, due=due)
            case Noticed(what):
                return msgspec.structs.replace(state, noticed=(*state.noticed, what))

    def invariants(self, state: Sums) -> None:
        if state.total >= 1_000_000:
            raise InvariantViolated("more than there is: the answer is 42")

    def deadlines(self, state: Sums) -> dict[str, datetime]:
        return {"clock": state.due} if state.due else {}

    def public(self, state: Sums) -> Any:
        return Public(state.total, state.rang)

    def private(self, state: Sums, seat: Seat) -> Any:
        return {"hidden": state.hidden.get(seat, 0)}


def just(event: Happened) -> Decision[Happened, Sums]:
    yield event


class HeldLog:
    """A log that writes when the test says so. `bodies` is what is durable."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.kept: list[Personal] = []
        self.busy = False
        """Whether a commit of other rooms is under way."""
        self.turnstile = Turnstile()
        self.waiting: list[tuple[int, int, bytes, Callable[[Exception | None], None], Aside]] = []

    def append(
        self, room: str, first: int, last: int, body: bytes, done: Callable[[Exception | None], None], aside: Aside
    ) -> None:
        self.waiting.append((first, last, body, done, aside))

    def when_ready(self, go: Callable[[], None]) -> None:
        if self.busy:
            self.turnstile.wait(go)
        else:
            go()

    def occupy(self, busy: bool) -> None:
        """A commit of other rooms begins, or is over."""
        self.busy = busy
        if not busy:
            self.turnstile.release()

    def write(self) -> None:
        """The oldest append becomes durable."""
        first, _, body, done, aside = self.waiting.pop(0)
        assert first == self.last + 1, "appended where the log ends"
        self.bodies.append(body)
        self.kept = [*(one for one in self.kept if one.seat not in aside.forgotten), *aside.kept]
        done(None)

    def write_all(self) -> None:
        while self.waiting:
            self.write()

    def fail(self, error: Exception | None = None) -> None:
        """The oldest append is refused."""
        self.waiting.pop(0)[3](error or OSError("no space left"))

    @property
    def entries(self) -> list[Entry]:
        bare = [entry for body in self.bodies for entry in decode_entries(body)]
        return whole(bare, {one.seq: one.fields for one in self.kept})

    @property
    def last(self) -> int:
        return self.entries[-1].last if self.bodies else 0


def line(payload: bytes) -> bytes:
    return payload + b"\n"


class Watching:
    """A viewer that keeps every write, and every frame of it."""

    frame = staticmethod(line)

    def __init__(self, seat: int = 0, role: Role = SPECTATOR, user: str = "", session: str = "s") -> None:
        self.seat = Seat(seat)
        self.role = role
        self.user = user
        self.session = session
        self.device = ""
        self.writes: list[tuple[bytes, bytes, bytes]] = []
        self.ended: ClosingCode | None = None

    def answer(self, id: int, rejected: Rejected | None, ticket: bytes | None) -> bytes:
        return line(answer(id, rejected))

    def deliver(self, events: bytes, views: bytes, answers: bytes) -> None:
        self.writes.append((events, views, answers))

    def end(self, code: ClosingCode, reason: str) -> None:
        self.ended = code

    @property
    def frames(self) -> list[Any]:
        return [decode_from_server(payload) for parts in self.writes for payload in b"".join(parts).splitlines()]

    def of(self, kind: type[Any]) -> list[Any]:
        return [frame for frame in self.frames if isinstance(frame, kind)]


class Notes:
    """A watcher of rooms."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.stops = 0
        self.view_faults = 0

    def committed(self, room: Room, entries: list[Entry]) -> None:
        self.entries += entries

    def stopped(self, room: Room) -> None:
        self.stops += 1

    def view_failed(self, room: Room) -> None:
        self.view_faults += 1


class Desk:
    """One room on a log, a clock and viewers that the test controls."""

    def __init__(
        self, game: Game[Any, Any, Any] | None = None, limits: Limits = DEFAULT_LIMITS, time: VirtualTime | None = None
    ) -> None:
        self.time = time or VirtualTime()
        self.log = HeldLog()
        self.notes = Notes()
        self.game = game or Sum()
        self.limits = limits
        self.ids: dict[str, int] = {}
        self.room = self.make_room()

    def make_room(self) -> Room:
        """The room as its log has it: call again after a crash."""
        fold = Fold(self.game, self.limits.sessions_per_seat)
        for entry in self.log.entries:
            fold.apply(entry)
        return Room("room", fold, self.log, self.time, Cursors(b"secret", "room", 1), self.notes, self.limits)

    def settle(self) -> None:
        """Let everything happen that can, and be written."""
        self.time.settle()
        while self.log.waiting:
            self.log.write()
            self.time.settle()

    def open(self, role: Role = HOST, config: bytes = b"{}", seed: str | None = None) -> None:
        outcome = self.tell(OpenRoom("sum", "", msgspec.Raw(config), seed, "creator", "Creator", role))
        assert outcome == [None], outcome

    def join(self, user: str, role: Role = PLAYER) -> Watching:
        """A member on a live connection."""
        outcome = self.tell(JoinRoom(user, user.title(), role))
        assert outcome == [None], outcome
        return self.connect(user)

    def connect(self, user: str, session: str = "") -> Watching:
        member = self.room.fold.members[self.room.fold.seat_of[user]]
        viewer = Watching(member.seat, member.role, user, session or f"session of {user}")
        self.room.stage.welcome(viewer, "room", None)
        self.room.presence.arrive(viewer.seat)
        self.settle()
        viewer.writes.clear()
        return viewer

    def tell(self, command: Command, settle: bool = True) -> list[Rejected | None]:
        """The framework's own command; what it was answered."""
        outcome: list[Rejected | None] = []
        self.room.submit(Envelope(command, NO_SEAT, SYSTEM, "", reply=outcome.append))
        if settle:
            self.settle()
        return outcome

    def submit(self, viewer: Watching, command: Command, id: int = 0) -> int:
        """A client's command, next in its session or with a given id; nothing happens yet."""
        key = viewer.session
        id = id or self.ids.get(key, 0) + 1
        self.ids[key] = max(id, self.ids.get(key, 0))
        self.room.submit(Envelope(command, viewer.seat, viewer.role, viewer.user, key, id, viewer=viewer))
        return id

    def do(self, viewer: Watching, command: Command) -> Any:
        """A client's command carried out to the end; its answer."""
        self.submit(viewer, command)
        self.settle()
        return viewer.frames[-1]


class Notices(Sum):
    """Writes down what happens to the room."""

    notices = True


def table(game: Sum | None = None, limits: Limits | None = None) -> tuple[Desk, Watching, Watching]:
    """An open room with two players on live connections, seats 2 and 3."""
    desk = Desk(game, limits or Limits())
    desk.open()
    ann, bob = desk.join("ann"), desk.join("bob")
    ann.writes.clear()
    return desk, ann, bob


def codes(viewer: Watching) -> list[str]:
    """What the viewer was refused with, in order."""
    return [frame.code for frame in viewer.of(Rejection)]
