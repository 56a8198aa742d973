"""All rooms of one process: one owner each, woken on demand, put to sleep when idle, gone when the server goes."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from gamekeeper.app import App
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.messages import Command
from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.core.record import Entry
from gamekeeper.core.seats import HOST, PLAYER, SPECTATOR, Role, Seat
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.protocol import Done, LogUnavailable, Snapshot
from gamekeeper.room import registry as module
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import StartRoom
from gamekeeper.room.limits import Limits
from gamekeeper.room.registry import Registry
from gamekeeper.room.room import Room
from gamekeeper.room.runtime import AsyncioRuntime
from gamekeeper.wire.closing import ClosingCode
from tests.room.kit import Add, Arm, Sum, Watching

pytestmark = pytest.mark.anyio

SUMS = App("sum", "Sums", Sum())
PLAYING = App("playing", "Sums of those who play alone", Sum(), creator=PLAYER)


class Clock(AsyncioRuntime):
    """The wall clock, set forward at will."""

    ahead_s = 0.0

    def now(self) -> float:
        return super().now() + self.ahead_s


class Table:
    """A registry on a log in memory."""

    def __init__(self, log: MemoryLog | None = None, limits: Limits | None = None) -> None:
        self.log = log or MemoryLog()
        self.clock = Clock()
        self.limits = limits or Limits()
        self.registry = self.again()

    def again(self) -> Registry:
        """As after a restart."""
        apps = {app.name: app for app in (SUMS, PLAYING)}
        self.registry = Registry(apps, self.log, b"secret", runtime=self.clock, limits=self.limits)
        return self.registry

    async def open(self) -> Room:
        return await self.registry.open("sum", "ann", "Ann")

    async def add(self, id: str, amount: int = 1, command_id: int = 0) -> None:
        await self.send(id, Add(amount), command_id)

    async def send(self, id: str, command: Command, command_id: int = 0) -> None:
        await self.registry.ask(id, command, seat=Seat(2), role=PLAYER, session="s", command_id=command_id)

    async def total(self, id: str) -> int:
        total: int = (await self.registry.get(id)).stage.state.total
        return total


class Forgetful(MemoryLog):
    """Keeps every event and no snapshot."""

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        raise LogUnavailable("no space left for that")


async def test_a_snapshot_that_cannot_be_written_is_a_warning_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    table = Table(Forgetful(), Limits(idle_s=10))
    room = await table.open()
    await table.registry.join(room.id, "bob", "Bob", PLAYER)
    await table.add(room.id, 5)
    table.clock.ahead_s += 60
    table.registry.sweep()
    await table.registry.drain()
    assert room.stopped
    assert f"room {room.id} has no snapshot" in caplog.text
    table.again()
    assert await table.total(room.id) == 5


async def refused(awaitable: Any) -> str:
    with pytest.raises(Rejected) as refusal:
        await awaitable
    return refusal.value.code


async def test_a_room_is_opened_joined_and_asked() -> None:
    table = Table()
    room = await table.registry.open("sum", "ann", "Ann", config={"start_at": 5}, name="First", seed="s")
    assert table.registry.rooms == {room.id: room}
    assert room.fold.opened is not None
    assert (room.fold.opened.app, room.fold.opened.name, room.fold.opened.seed) == ("sum", "First", "s")
    member = await table.registry.join(room.id, "bob", "Bob", PLAYER)
    assert (member.seat, member.role) == (2, PLAYER)
    assert await table.registry.join(room.id, "bob", "Robert", SPECTATOR) == member
    await table.add(room.id, 7)
    assert await table.total(room.id) == 12
    assert await table.log.last_seq(room.id) == room.stage.seq


async def test_ids_cannot_be_guessed_and_begin_harmlessly() -> None:
    table = Table()
    ids = [(await table.open()).id for _ in range(200)]
    assert len(set(ids)) == 200
    assert all(len(id) >= 22 and id[0].isalnum() for id in ids)


@pytest.mark.parametrize(
    ("app", "role", "expected"), [("sum", None, HOST), ("playing", None, PLAYER), ("sum", PLAYER, PLAYER)]
)
async def test_the_application_says_what_its_creator_is(app: str, role: Role | None, expected: Role) -> None:
    room = await Table().registry.open(app, "ann", "Ann", role=role)
    assert room.fold.members[Seat(1)].role is expected


async def test_what_cannot_be_opened_leaves_nothing() -> None:
    table = Table()
    assert await refused(table.registry.open("chess", "ann", "Ann")) == ErrorCode.UNKNOWN_APP
    assert await refused(table.registry.open("sum", "ann", "Ann", config={"stray": 1})) == ErrorCode.BAD_REQUEST
    assert table.registry.rooms == {}
    assert await table.log.rooms() == []


async def test_an_unknown_room_is_refused() -> None:
    table = Table()
    assert await refused(table.registry.get("nowhere")) == ErrorCode.UNKNOWN_ROOM
    assert await refused(table.registry.close("nowhere", "x")) == ErrorCode.UNKNOWN_ROOM


async def test_a_thousand_who_wake_a_room_get_one_room() -> None:
    """Two rooms of one id would both write."""
    table = Table()
    id = (await table.open()).id
    table.again()
    rooms = await asyncio.gather(*(table.registry.get(id) for _ in range(1_000)))
    assert len({*map(hash, rooms)}) == 1
    assert rooms[0] is table.registry.rooms[id]


async def test_giving_up_waiting_does_not_give_up_waking() -> None:
    table = Table()
    id = (await table.open()).id
    table.again()
    impatient = asyncio.ensure_future(table.registry.get(id))
    patient = asyncio.ensure_future(table.registry.get(id))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).id == id


async def test_a_restart_forgets_nothing() -> None:
    table = Table()
    id = (await table.open()).id
    await table.registry.join(id, "bob", "Bob", PLAYER)
    await table.add(id, 5, command_id=1)
    table.again()
    await table.add(id, 5, command_id=1)
    assert await table.total(id) == 5


async def test_a_restored_log_has_other_cursors() -> None:
    table = Table()
    room = await table.open()
    cursor = room.stage.cursors.at(1)
    table.log.epoch = 2
    table.again()
    assert (await table.registry.get(room.id)).stage.cursors.seq(cursor) is None


async def test_no_more_rooms_than_the_limit_are_awake() -> None:
    table = Table(limits=Limits(rooms=2))
    first = await table.open()
    await table.open()
    with pytest.raises(Rejected) as refusal:
        await table.open()
    assert (refusal.value.code, refusal.value.retry_after_s) == (ErrorCode.CAPACITY, 10.0)
    first.stop(ClosingCode.IDLE, "nobody")
    await table.open()


async def test_refusals_of_the_game_reach_who_asks() -> None:
    table = Table()
    id = (await table.open()).id
    await table.registry.join(id, "bob", "Bob", PLAYER)
    assert await refused(table.add(id, -1)) == "negative"
    assert (
        await refused(table.registry.ask(id, StartRoom(), seat=Seat(2), role=PLAYER, command_id=9))
        == ErrorCode.NOT_HOST
    )


class Silent(MemoryLog):
    """A log that answers nothing, or refuses everything, once told to."""

    silent = failing = False

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        if self.failing:
            asyncio.get_running_loop().call_soon(done, LogUnavailable("no space left"))
        elif not self.silent:
            super().append(room, first, last, body, done, aside)


async def test_a_room_that_does_not_answer_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Silent()
    table = Table(log)
    id = (await table.open()).id
    await table.registry.join(id, "bob", "Bob", PLAYER)
    log.silent = True
    monkeypatch.setattr(module, "ASK_TIMEOUT_S", 0.01)
    assert await refused(table.add(id)) == ErrorCode.UNAVAILABLE


async def test_a_room_whose_log_fails_is_woken_anew() -> None:
    log = Silent()
    table = Table(log)
    room = await table.open()
    await table.registry.join(room.id, "bob", "Bob", PLAYER)
    log.failing = True
    assert await refused(table.add(room.id, 5)) == ErrorCode.UNAVAILABLE
    assert room.stopped
    assert table.registry.rooms == {}
    log.failing = False
    assert await table.total(room.id) == 0
    await table.add(room.id, 6)
    assert await table.total(room.id) == 6


async def test_closing_is_for_ever_and_may_be_repeated() -> None:
    table = Table()
    room = await table.open()
    viewer = Watching(1, HOST, "ann")
    room.stage.welcome(viewer, room.id, None)
    await table.registry.close(room.id, "over", by="admin")
    assert viewer.ended is ClosingCode.ROOM_CLOSED
    await table.registry.close(room.id, "over")
    fold = (await table.registry.get(room.id)).fold
    assert fold.closed == "over"
    assert await refused(table.add(room.id)) == ErrorCode.ROOM_CLOSED


# -- sleep -------------------------------------------------------------------------------------------------------------


async def test_an_idle_room_goes_to_sleep_and_comes_back() -> None:
    table = Table(limits=Limits(idle_s=60))
    room = await table.open()
    await table.registry.join(room.id, "bob", "Bob", PLAYER)
    await table.add(room.id, 5)
    table.registry.sweep()
    assert table.registry.rooms, "not yet"
    table.clock.ahead_s = 120
    table.registry.sweep()
    assert table.registry.rooms == {}
    await asyncio.sleep(0)
    snapshot = await table.log.load_snapshot(room.id)
    assert snapshot is not None
    assert snapshot.seq == await table.log.last_seq(room.id)
    again = await table.registry.get(room.id)
    assert again is not room
    assert again.stage.state.total == 5


async def test_a_room_that_is_watched_or_has_something_due_stays_awake() -> None:
    table = Table(limits=Limits(idle_s=60))
    watched, due = await table.open(), await table.open()
    watched.stage.welcome(Watching(1, HOST), watched.id, None)
    await table.registry.join(due.id, "bob", "Bob", PLAYER)
    await table.send(due.id, Arm(10_000))
    table.clock.ahead_s = 120
    table.registry.sweep()
    assert set(table.registry.rooms.values()) == {watched, due}


async def test_a_sleeping_room_is_released() -> None:
    table = Table(limits=Limits(idle_s=60))
    held = weakref.ref(await table.open())
    table.clock.ahead_s = 120
    table.registry.sweep()
    await asyncio.sleep(0.01)
    gc.collect()
    assert held() is None


async def test_rooms_with_something_due_are_woken_at_the_start() -> None:
    table = Table(limits=Limits(idle_s=60))
    ids = [(await table.open()).id for _ in range(4)]
    asleep, due, crashed, closed = ids
    for id in ids:
        await table.registry.join(id, "bob", "Bob", PLAYER)
    table.clock.ahead_s = 120
    table.registry._sleep(table.registry.rooms[asleep], ClosingCode.IDLE, "test")
    await table.send(due, Arm(1))
    await table.registry.close(closed, "over")
    await asyncio.sleep(0)
    table.again()
    await table.registry.wake_due()
    assert {due, crashed} <= set(table.registry.rooms)
    assert asleep not in table.registry.rooms


async def test_a_room_that_cannot_be_woken_does_not_keep_the_others_asleep(caplog: pytest.LogCaptureFixture) -> None:
    table = Table(limits=Limits(rooms=3))
    for _ in range(3):
        await table.open()
    table.again()
    table.registry.limits = Limits(rooms=2)
    assert await table.registry.wake_due() == 2
    assert "could not be woken" in caplog.text


# -- snapshots ---------------------------------------------------------------------------------------------------------


async def test_snapshots_are_taken_as_the_log_grows_and_hold_only_what_is_written() -> None:
    table = Table(limits=Limits(snapshot_every=10))
    room = await table.open()
    await table.registry.join(room.id, "bob", "Bob", PLAYER)
    for _ in range(30):
        await table.add(room.id)
    await asyncio.sleep(0)
    snapshot = await table.log.load_snapshot(room.id)
    assert snapshot is not None
    assert 20 < snapshot.seq <= await table.log.last_seq(room.id)
    fold = Fold(Sum())
    fold.restore(snapshot.body)
    assert fold.seq == snapshot.seq
    for entry in await table.log.read(room.id, snapshot.seq):
        fold.apply(entry)
    assert fold.state == room.stage.state


# -- the end -----------------------------------------------------------------------------------------------------------


async def test_draining_writes_what_is_under_way_and_sends_everybody_home() -> None:
    table = Table()
    room = await table.open()
    await table.registry.join(room.id, "bob", "Bob", PLAYER)
    viewer = Watching(2, PLAYER, "bob")
    room.stage.welcome(viewer, room.id, None)
    asked = asyncio.ensure_future(table.add(room.id, 9))
    await asyncio.sleep(0)
    await table.registry.drain()
    await asked
    assert viewer.ended is ClosingCode.DRAINING
    assert table.registry.rooms == {}
    assert await refused(table.open()) == ErrorCode.DRAINING
    assert await refused(table.registry.get(room.id)) == ErrorCode.DRAINING
    table.again()
    assert await table.total(room.id) == 9


async def test_observers_are_told_of_what_is_committed() -> None:
    class Notes:
        def __init__(self) -> None:
            self.seqs: list[int] = []

        def committed(self, room: Room, entries: list[Entry]) -> None:
            assert room.stage.seq >= entries[-1].last
            self.seqs += [seq for entry in entries for seq in range(entry.seq, entry.last + 1)]

    table, notes = Table(), Notes()
    table.registry.observers.append(notes)
    room = await table.open()
    await table.registry.join(room.id, "bob", "Bob", PLAYER)
    await asyncio.gather(*(table.add(room.id) for _ in range(100)))
    assert notes.seqs == list(range(1, len(notes.seqs) + 1))


async def test_a_thousand_concurrent_commands_leave_no_gap() -> None:
    table = Table()
    room = await table.open()
    await table.registry.join(room.id, "bob", "Bob", PLAYER)
    await asyncio.gather(*(table.add(room.id, 1, command_id=number) for number in range(1, 1_001)))
    entries = await table.log.read(room.id)
    seqs = [seq for entry in entries for seq in range(entry.seq, entry.last + 1)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert await table.total(room.id) == 1_000
