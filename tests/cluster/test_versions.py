"""R4-171: nodes of an old and a new version of an application over one log, forwards and back."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from gamekeeper import PLAYER, Command, Event, Game, Rejected, State
from gamekeeper.app import App
from gamekeeper.client import Client
from gamekeeper.core.context import Context
from gamekeeper.core.game import Decision
from gamekeeper.server.lifecycle import Port
from tests.cluster.nodes import Nodes, guest, nodes_in, until

pytestmark = pytest.mark.anyio


class Put(Command, by=PLAYER):
    amount: int


class Placed(Event, public=True, touches=()):
    amount: int


class Doubled(Event, public=True, touches=()):
    """What the second release knows of and the third writes."""

    amount: int


class Sum(State):
    total: int = 0


class First(Game[Sum, Put, Placed]):
    start = "created"

    def decide(self, state: Sum, command: Any, ctx: Context) -> Decision[Placed, Sum]:
        if isinstance(command, Put):
            yield Placed(command.amount)

    def evolve(self, state: Sum, event: Placed) -> Sum:
        return Sum(state.total + event.amount)

    def public(self, state: Sum) -> Any:
        return {"total": state.total}


class Second(Game[Sum, Put, Placed | Doubled]):
    """Reads what it does not write yet."""

    start = "created"

    def decide(self, state: Sum, command: Any, ctx: Context) -> Decision[Placed | Doubled, Sum]:
        if isinstance(command, Put):
            yield self.put(command.amount)

    def put(self, amount: int) -> Placed | Doubled:
        return Placed(amount)

    def evolve(self, state: Sum, event: Placed | Doubled) -> Sum:
        return Sum(state.total + event.amount * (2 if isinstance(event, Doubled) else 1))

    def public(self, state: Sum) -> Any:
        return {"total": state.total}


class Third(Second):
    def put(self, amount: int) -> Placed | Doubled:
        return Doubled(amount)


def release(game: Game[Any, Any, Any]) -> dict[str, App]:
    return {"sum": App("sum", "Sum", game, "For tests.", creator=PLAYER)}


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncGenerator[Nodes, None]:
    async with nodes_in(tmp_path) as nodes:
        yield nodes


async def replaced(nodes: Nodes, room: str, old: Port, name: str, game: Game[Any, Any, Any]) -> Port:
    """The next node of a rolling restart: a new one is there before the old one goes, whose rooms it takes."""
    fresh = await nodes.start(name, apps=release(game))
    old.stop()
    await until(lambda: room not in old.server.registry.rooms)
    return fresh


async def test_one_release_apart_they_play_on_together_forwards_and_back(nodes: Nodes) -> None:
    node = await nodes.start("n1", apps=release(First()))
    ann = await guest(node, "Ann")
    room = (await ann.open("sum"))["id"]
    total = 0
    for number, (game, worth) in enumerate(
        [(Second(), 1), (Third(), 2), (Second(), 1), (Third(), 2), (Second(), 1)], 2
    ):
        node = await replaced(nodes, room, node, f"n{number}", game)
        async with Client(node.url, ann.token) as again, again.connect(room) as live:
            await live.send("put", {"amount": 5})
            total += 5 * worth
            await live.until(lambda live=live, total=total: live.public["total"] == total, 5)
    assert total == 35


async def test_side_by_side_each_runs_its_rooms_and_serves_all(nodes: Nodes) -> None:
    old, new = await nodes.start("old", apps=release(Second())), await nodes.start("new", apps=release(Third()))
    ann, bob = await guest(old, "Ann"), await guest(new, "Bob")
    rooms = [(await ann.open("sum"))["id"], (await bob.open("sum"))["id"]]
    for there in (old, new):
        for user, room in zip((ann, bob), rooms, strict=True):
            async with Client(there.url, user.token) as again, again.connect(room) as live:
                await live.send("put", {"amount": 1})
    assert old.server.registry.rooms[rooms[0]].fold.state.total == 2
    assert new.server.registry.rooms[rooms[1]].fold.state.total == 4


async def test_a_release_too_far_back_refuses_the_room_and_takes_nothing_from_it(nodes: Nodes) -> None:
    new = await nodes.start("new", apps=release(Third()))
    ann = await guest(new, "Ann")
    room, untouched = await ann.open("sum"), (await ann.open("sum"))["id"]
    async with ann.connect(room["id"]) as live:
        await live.send("put", {"amount": 5})
    old = await replaced(nodes, room["id"], new, "old", First())
    bob = await guest(old, "Bob")
    with pytest.raises(Rejected) as refused:
        await bob.join(room["code"])
    assert refused.value.code == "unavailable"
    async with Client(old.url, ann.token) as again, again.connect(untouched) as live:
        await live.send("put", {"amount": 5})
    newest = await nodes.start("newest", apps=release(Third()))
    await Client(newest.url, bob.token).join(room["code"])
    async with Client(newest.url, ann.token) as again, again.connect(room["id"]) as live:
        await live.until(lambda: live.public["total"] == 10, 5)
