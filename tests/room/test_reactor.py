"""Slow work that follows the log: at least once, in order, and its answer takes effect once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gamekeeper.app import App
from gamekeeper.core.context import Context
from gamekeeper.core.errors import Rejected
from gamekeeper.core.messages import PLAYER, SYSTEM, Command
from gamekeeper.core.record import Record
from gamekeeper.core.seats import Seat
from gamekeeper.log.memory import MemoryLog
from gamekeeper.room import reactor as module
from gamekeeper.room.reactor import ReactorRunner
from gamekeeper.room.registry import Registry
from tests.room.kit import Add, Added, Sum, Sums, just

pytestmark = pytest.mark.anyio


class Double(Command, by=SYSTEM):
    """What the reactor answers to an `Add`."""

    amount: int


class Doubling(Sum):
    """Takes the reactor's word for it."""

    def decide(self, state: Sums, command: Any, ctx: Context) -> Any:
        if isinstance(command, Double):
            return just(Added(Seat(1), command.amount))
        return super().decide(state, command, ctx)


class Places:
    """Checkpoints in memory."""

    def __init__(self) -> None:
        self.saved: dict[str, int] = {}

    async def load(self, name: str) -> int:
        return self.saved.get(name, 0)

    async def save(self, name: str, position: int) -> None:
        self.saved[name] = position


class Doubler:
    """Answers each player's `added` with a command of ten times its amount; fails when told to."""

    name = "doubler"

    def __init__(self) -> None:
        self.seen: list[tuple[int, str]] = []
        self.fail: Callable[[Record], Exception | None] = lambda record: None

    async def react(self, room: str, record: Record) -> Command | None:
        self.seen.append((record.seq, record.type))
        error = self.fail(record)
        if error is not None:
            raise error
        if record.type != "added" or record.command != "add":
            return None
        amount = int(bytes(record.data).rpartition(b":")[2].rstrip(b"}"))
        return Double(amount * 10)


class World:
    """A registry, a room with one player, and a reactor beside it."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.registry = Registry({"sum": App("sum", "Sums", Doubling(), creator=PLAYER)}, self.log, b"secret")
        self.reactor = Doubler()
        self.places = Places()
        self.room = ""

    async def add(self, amount: int) -> None:
        await self.registry.ask(self.room, Add(amount), seat=Seat(1), role=PLAYER)

    def total(self) -> int:
        state: Sums = self.registry.rooms[self.room].stage.state
        return state.total

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[ReactorRunner]:
        runner = ReactorRunner(self.reactor, self.log, self.registry, self.places)
        task = asyncio.create_task(runner.run())
        try:
            yield runner
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    async def caught_up(self) -> None:
        async def behind() -> bool:
            return bool(await self.log.tail(self.places.saved.get("reactor:doubler", 0)))

        async with asyncio.timeout(10):
            while await behind():  # noqa: ASYNC110
                await asyncio.sleep(0.001)


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(module, "POLL_S", 0.01)
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.001)
    world = World()
    world.room = (await world.registry.open("sum", "ann", "Ann")).id
    return world


async def test_every_record_is_seen_once_in_order_and_answered(world: World) -> None:
    async with world.running():
        for amount in (1, 2, 3):
            await world.add(amount)
        await world.until(lambda: world.total() == 66)
        await world.caught_up()
    assert [seq for seq, _ in world.reactor.seen] == list(range(1, world.registry.rooms[world.room].stage.seq + 1))


async def test_what_was_committed_before_it_ran_is_caught_up_with(world: World) -> None:
    await world.add(5)
    async with world.running():
        await world.until(lambda: world.total() == 55)


async def test_work_done_twice_takes_effect_once(world: World) -> None:
    """The process died after the answer was written and before the checkpoint was."""
    await world.add(5)
    async with world.running():
        await world.until(lambda: world.total() == 55)
        await world.caught_up()
    world.places.saved.clear()
    seen = len(world.reactor.seen)
    async with world.running():
        await world.until(lambda: len(world.reactor.seen) >= seen * 2)
        await world.caught_up()
    assert world.total() == 55


async def test_a_checkpoint_spares_what_is_done(world: World) -> None:
    await world.add(5)
    async with world.running():
        await world.caught_up()
    world.reactor.seen.clear()
    async with world.running():
        await world.add(6)
        await world.until(lambda: world.total() == 121)
    assert len(world.reactor.seen) <= 2


@pytest.mark.parametrize("error", [OSError("no network"), Rejected("busy", retry_after_s=0.001)])
async def test_what_fails_is_tried_again_and_nothing_overtakes_it(world: World, error: Exception) -> None:
    failures = 0

    def fail(record: Record) -> Exception | None:
        nonlocal failures
        if record.type == "added" and failures < 3:
            failures += 1
            return error
        return None

    world.reactor.fail = fail
    async with world.running():
        await world.add(1)
        await world.add(2)
        await world.until(lambda: world.total() == 33)
    seqs = [seq for seq, _ in world.reactor.seen]
    assert seqs == sorted(seqs)
    assert max(map(seqs.count, seqs)) == 4


async def test_an_answer_the_room_refuses_is_dropped(world: World) -> None:
    async with world.running():
        await world.add(1)
        world.reactor.fail = lambda record: Rejected("thirteen") if b":2}" in bytes(record.data) else None
        await world.add(2)
        await world.add(3)
        await world.until(lambda: world.total() == 1 + 10 + 2 + 3 + 30)


async def test_news_wakes_it_before_the_next_poll(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_S", 3_600.0)
    async with world.running() as runner:
        await world.caught_up()
        await asyncio.sleep(0.01)
        await world.add(1)
        runner.wake()
        await world.until(lambda: world.total() == 11)


async def test_news_at_the_moment_it_is_told_to_stop_does_not_keep_it_running(world: World) -> None:
    runner = ReactorRunner(world.reactor, world.log, world.registry, world.places)
    task = asyncio.create_task(runner.run())
    await world.caught_up()
    await asyncio.sleep(0.002)
    runner.wake()
    await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert done and task.cancelled()
