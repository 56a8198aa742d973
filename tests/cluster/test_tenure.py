"""Leases kept, lost and taken over."""

from typing import Any

import pytest

from gamekeeper import PLAYER
from gamekeeper.cluster.tenure import FOLLOWER, Orphans, Tenure
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.ownership import MemoryOwnership, Territory
from gamekeeper.log.protocol import LogUnavailable
from gamekeeper.room.registry import Registry
from gamekeeper.room.room import Room
from gamekeeper.testing.tally import Add
from gamekeeper.testing.tally import app as tally

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class Land:
    """A clock, a log and as many nodes as wanted."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.territory = Territory(self.clock)
        self.log = MemoryLog()

    async def node(self, name: str, owns: tuple[str, ...] | None = None) -> tuple[MemoryOwnership, Registry]:
        ownership = MemoryOwnership(self.territory, name, lease_s=6.0, margin_s=1.0, owns=owns)
        await ownership.register()
        return ownership, Registry({"tally": tally}, self.log, b"k" * 32, claims=ownership)


async def test_a_lease_that_is_renewed_is_kept() -> None:
    land = Land()
    ownership, registry = await land.node("a")
    room = await registry.open("tally", "host", "Host")
    tenure = Tenure(ownership, registry, 2.0)
    for _ in range(5):
        land.clock.at += 4.0
        await tenure.renew()
    assert (ownership.believes, room.stopped) == (True, False)


async def test_who_was_away_for_too_long_lets_go() -> None:
    """A node that was stopped past its lease: what others took is theirs, what nobody took and is due goes on."""
    land = Land()
    ownership, registry = await land.node("a")
    calm = await registry.open("tally", "host", "Host")
    due, taken = await busy(registry), await busy(registry)
    land.clock.at += 10.0
    other, survivor = await land.node("b")
    await survivor.get(taken.id)
    await Tenure(ownership, registry, 2.0).renew()
    assert calm.stopped and due.stopped and taken.stopped
    assert registry.rooms.keys() == {due.id}
    assert survivor.rooms.keys() == {taken.id}
    assert await other.orphans(10) == []


async def test_whose_place_was_given_away_begins_again() -> None:
    land = Land()
    ownership, registry = await land.node("a")
    room = await registry.open("tally", "host", "Host")
    land.territory.leases.pop("a")
    await Tenure(ownership, registry, 2.0).renew()
    assert (room.stopped, ownership.believes) == (True, True)


async def test_a_storage_that_is_away_is_waited_for_until_the_lease_has_run_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    land = Land()
    ownership, registry = await land.node("a")
    room = await registry.open("tally", "host", "Host")

    async def refuse(*_: Any) -> None:
        raise LogUnavailable("away")

    monkeypatch.setattr(ownership, "renew", refuse)
    tenure = Tenure(ownership, registry, 2.0)
    await tenure.renew()
    assert not room.stopped
    land.clock.at += 5.5
    await tenure.renew()
    assert room.stopped
    monkeypatch.undo()
    await tenure.renew()
    assert ownership.believes


async def busy(registry: Registry) -> Room:
    """A room with a deadline."""
    room = await registry.open("tally", "host", "Host")
    member = await registry.join(room.id, "ann", "Ann", PLAYER)
    await registry.ask(room.id, Add(1), seat=member.seat, role=PLAYER, user="ann")
    assert room.alarm.due_at is not None
    return room


async def test_rooms_of_the_dead_are_taken_over() -> None:
    """R4-172: the other node goes on with them."""
    land = Land()
    first, registry = await land.node("a")
    second, survivor = await land.node("b")
    room = await registry.open("tally", "host", "Host")
    await registry.join(room.id, "ann", "Ann", PLAYER)
    await first.claim(FOLLOWER + "directory")
    orphans = Orphans(second, survivor)
    assert await orphans.look() == 0
    land.clock.at += 6.5
    await second.register()
    assert await orphans.look() == 1
    assert survivor.rooms.keys() == {room.id}
    assert await orphans.look() == 0


async def test_a_room_that_cannot_be_taken_over_does_not_stop_the_others() -> None:
    land = Land()
    first, _ = await land.node("a")
    second, survivor = await land.node("b")
    await first.claim("never opened")
    await first.leave()
    assert await Orphans(second, survivor).look() == 0


async def test_rooms_for_other_nodes_to_take_over_stand_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of them there are, those for this node are found behind them."""
    monkeypatch.setattr("gamekeeper.cluster.tenure.ORPHANS_AT_ONCE", 2)
    land = Land()
    first, registry = await land.node("a")
    gate, other = await land.node("gate", ())
    for _ in range(5):
        await registry.open("tally", "host", "Host")
    await first.leave()
    orphans = Orphans(gate, other)
    assert [await orphans.look() for _ in range(5)] == [0] * 5 and not other.rooms
    second, survivor = await land.node("b", ("tally",))
    taking = Orphans(second, survivor)
    assert sum([await taking.look() for _ in range(5)]) == 5
    await second.claim("never opened")
    gate.owns = ("tally",)
    orphans = Orphans(gate, other)
    await second.leave()
    assert sum([await orphans.look() for _ in range(6)]) == 5
