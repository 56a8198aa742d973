"""Registries that share a log: each room is one's at a time, and given back."""

import asyncio

import pytest

from gamekeeper import PLAYER, Rejected
from gamekeeper.core.errors import ErrorCode
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.ownership import Claim, MemoryOwnership, Territory
from gamekeeper.room.claims import ALONE, Elsewhere
from gamekeeper.room.registry import Registry
from gamekeeper.testing.tally import Add
from gamekeeper.testing.tally import app as tally
from gamekeeper.wire.closing import ClosingCode

pytestmark = pytest.mark.anyio


class Land:
    def __init__(self) -> None:
        self.at = 0.0
        self.territory = Territory(lambda: self.at)
        self.log = MemoryLog()

    async def node(self, name: str) -> tuple[MemoryOwnership, Registry]:
        ownership = MemoryOwnership(self.territory, name, lease_s=6.0)
        await ownership.register()
        return ownership, Registry({"tally": tally}, self.log, b"k" * 32, claims=ownership)


async def test_a_room_is_elsewhere_until_it_is_given_back() -> None:
    land = Land()
    _, first = await land.node("a")
    _, second = await land.node("b")
    room = await first.open("tally", "host", "Host")
    with pytest.raises(Elsewhere) as caught:
        await second.get(room.id)
    assert (caught.value.room, caught.value.node) == (room.id, "a")
    room.stop(ClosingCode.IDLE, "nobody was here")
    await asyncio.sleep(0)
    assert (await second.get(room.id)).fold.seq == room.fold.seq


async def test_a_room_that_is_wanted_while_it_is_given_back_is_claimed_after_that() -> None:
    land = Land()
    ownership, registry = await land.node("a")
    room = await registry.open("tally", "host", "Host")
    room.stop(ClosingCode.IDLE, "nobody was here")
    again = await registry.get(room.id)
    await asyncio.sleep(0)
    assert again is not room
    assert ownership.epoch_of(room.id) is not None, "the new claim stands"


async def test_a_room_that_cannot_be_woken_is_given_back() -> None:
    land = Land()
    _, first = await land.node("a")
    room = await first.open("tally", "host", "Host")
    room.stop(ClosingCode.IDLE, "nobody was here")
    await asyncio.sleep(0)
    ownership = MemoryOwnership(land.territory, "b")
    await ownership.register()
    without = Registry({}, land.log, b"k" * 32, claims=ownership)
    with pytest.raises(Rejected, match="not installed"):
        await without.get(room.id)
    await asyncio.sleep(0)
    assert await ownership.owner(room.id) is None


async def test_nothing_is_claimed_that_is_not() -> None:
    land = Land()
    ownership, registry = await land.node("a")
    with pytest.raises(Rejected, match="no such room"):
        await registry.get("nothing")
    assert await ownership.owner("nothing") is None


async def test_without_a_lease_nothing_is_shown() -> None:
    land = Land()
    _, registry = await land.node("a")
    room = await registry.open("tally", "host", "Host")
    land.at += 7.0
    with pytest.raises(Rejected) as caught:
        await registry.get(room.id)
    assert caught.value.code == ErrorCode.UNAVAILABLE
    assert registry.surrender() == []
    assert room.stopped


async def test_going_down_gives_rooms_back_but_leaves_those_with_something_due_to_be_found() -> None:
    land = Land()
    ownership, registry = await land.node("a")
    calm = await registry.open("tally", "host", "Host")
    busy = await registry.open("tally", "host", "Host")
    member = await registry.join(busy.id, "ann", "Ann", PLAYER)
    await registry.ask(busy.id, Add(1), seat=member.seat, role=PLAYER, user="ann")
    assert busy.alarm.due_at is not None
    await registry.drain()
    await ownership.leave()
    other = MemoryOwnership(land.territory, "b")
    await other.register()
    assert await other.orphans(10) == [busy.id]
    assert await other.owner(calm.id) is None


async def test_alone_everything_is_ours() -> None:
    assert isinstance(await ALONE.claim("room"), Claim)
    await ALONE.release(["room"])
    assert ALONE.believes
