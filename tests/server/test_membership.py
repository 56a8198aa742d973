"""Two whole servers over one log: any node serves any room."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from gamekeeper import Rejected
from gamekeeper.server.lifecycle import Port
from tests.cluster.nodes import Nodes, elsewhere, guest, nodes_in, until

pytestmark = pytest.mark.anyio


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncGenerator[Nodes, None]:
    async with nodes_in(tmp_path) as nodes:
        yield nodes


@pytest.fixture
async def pair(nodes: Nodes) -> tuple[Port, Port]:
    return await nodes.start("north"), await nodes.start("south")


async def test_a_room_is_played_from_any_node(pair: tuple[Port, Port]) -> None:
    """R0-66, R4-178: commands go to the owner, frames come back, whoever holds the socket."""
    north, south = pair
    host, ann = await guest(north, "Host"), await guest(south, "Ann")
    room = await host.open("tally")
    await ann.join(room["code"])
    async with host.connect(room["id"]) as hosting, ann.connect(room["id"]) as live:
        assert (live.seat, live.private) == (2, {"secret": 0})
        await live.send("add", {"amount": 5})
        await live.until(lambda: live.public["total"] == 5, 5)
        await hosting.until(lambda: hosting.public["total"] == 5, 5)
        assert [event.type for event in live.take_events()] == [event.type for event in hosting.take_events()]
        with pytest.raises(Rejected, match="reset"):
            await live.send("reset")
    assert north.server.registry.rooms.keys() == {room["id"]}
    assert not south.server.registry.rooms


async def test_a_room_moves_when_its_node_drains(pair: tuple[Port, Port]) -> None:
    north, south = pair
    host, ann = await guest(north, "Host"), await guest(south, "Ann")
    room = await host.open("tally")
    await ann.join(room["code"])
    async with ann.connect(room["id"]) as live:
        await live.send("add", {"amount": 5})
        north.stop()
        await live.send("add", {"amount": 6})
        await live.until(lambda: live.public["total"] == 11, 5)
        assert live.reconnects == 1
        await until(lambda: room["id"] in south.server.registry.rooms)


async def test_a_user_is_one_user_everywhere(pair: tuple[Port, Port]) -> None:
    """One live connection per seat and device, wherever they are."""
    north, south = pair
    host = await guest(north, "Host")
    room = await host.open("tally")
    async with host.connect(room["id"]), elsewhere(host, south).connect(room["id"]) as second:
        assert second.seat == 1


async def test_rooms_are_run_where_their_application_is_and_served_by_any(nodes: Nodes) -> None:
    """R4-173: a pure gateway, and a node for each kind of game."""
    gate = await nodes.start("gate", ())
    games = await nodes.start("games", ("tally",))
    crowds = await nodes.start("crowds", ("crowd",))
    host = await guest(gate, "Host")
    tally, crowd = await host.open("tally"), await elsewhere(host, games).open("crowd")
    assert [list(port.server.registry.rooms) for port in (gate, games, crowds)] == [[], [tally["id"]], [crowd["id"]]]
    ann = await guest(crowds, "Ann")
    await ann.join(tally["code"])
    async with elsewhere(ann, gate).connect(tally["id"]) as live, host.connect(crowd["id"]) as other:
        await live.send("add", {"amount": 5})
        await live.until(lambda: live.public["total"] == 5, 5)
        await other.until(lambda: other.state == "live", 5)
    admin = await gate.server.registry.reset(tally["id"], "host")
    assert admin in games.server.registry.rooms and not gate.server.registry.rooms


async def test_without_a_node_for_it_a_room_is_refused_and_later_run(nodes: Nodes) -> None:
    gate = await nodes.start("gate", ())
    host = await guest(gate, "Host")
    with pytest.raises(Rejected, match="no node that runs rooms of 'tally'"):
        await host.open("tally")
    games = await nodes.start("games", ("tally",))
    room = await host.open("tally")
    assert room["id"] in games.server.registry.rooms
