"""What routes and reactors of one node want of rooms on another."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from gamekeeper import PLAYER, Rejected
from gamekeeper.cluster.asking import Asking
from gamekeeper.core.errors import ErrorCode
from gamekeeper.core.seats import Seat
from gamekeeper.room.claims import Elsewhere
from gamekeeper.room.governance import CloseRoom
from gamekeeper.room.mailbox import Envelope
from gamekeeper.server.server import Server
from gamekeeper.testing.tally import Add
from tests.cluster.nodes import Nodes, nodes_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncGenerator[Nodes, None]:
    async with nodes_in(tmp_path) as nodes:
        yield nodes


@pytest.fixture
async def pair(nodes: Nodes) -> tuple[Server, Server]:
    return (await nodes.start("north")).server, (await nodes.start("south")).server


async def opened(owner: Server) -> str:
    return (await owner.registry.open("tally", "host", "Host")).id


async def test_a_seat_is_taken_and_a_command_carried_out_from_elsewhere(pair: tuple[Server, Server]) -> None:
    north, south = pair
    id = await opened(north)
    member = await south.registry.join(id, "ann", "Ann", PLAYER)
    assert (member.seat, member.role, member.name) == (2, PLAYER, "Ann")
    await south.registry.ask(id, Add(4), seat=Seat(2), role=PLAYER, user="ann")
    await south.registry.close(id, "done")
    await south.registry.close(id, "done again")
    assert id not in north.registry.rooms


async def test_refusals_come_back_whole(pair: tuple[Server, Server]) -> None:
    north, south = pair
    id = await opened(north)
    with pytest.raises(Rejected) as caught:
        await south.registry.ask(id, CloseRoom("no"), seat=Seat(9), role=PLAYER, session="s", command_id=1)
    there = caught.value
    with pytest.raises(Rejected) as caught:
        await north.registry.ask(id, CloseRoom("no"), seat=Seat(9), role=PLAYER, session="s", command_id=1)
    here = caught.value
    assert (there.code, there.message, there.field) == (here.code, here.message, here.field)


async def test_a_command_with_an_id_takes_effect_once_wherever_it_is_asked(pair: tuple[Server, Server]) -> None:
    """I3: a reactor that moves to another node repeats itself without harm."""
    north, south = pair
    id = await opened(north)
    await north.registry.join(id, "ann", "Ann", PLAYER)
    for server in (south, north, south):
        await server.registry.ask(
            id, Add(4), seat=Seat(2), role=PLAYER, user="ann", session="reactor:x", command_id=7
        )  # fmt: skip
    assert north.registry.rooms[id].fold.state.total == 4


async def test_a_room_is_followed_to_its_new_node(nodes: Nodes, pair: tuple[Server, Server]) -> None:
    north, south = pair
    id = await opened(north)
    await south.registry.join(id, "ann", "Ann", PLAYER)
    await north.drain()
    await south.registry.ask(id, Add(4), seat=Seat(2), role=PLAYER, user="ann")
    assert id in south.registry.rooms


async def test_a_node_that_does_not_answer_is_not_asked(pair: tuple[Server, Server]) -> None:
    _, south = pair
    asking = south.registry.neighbours
    assert isinstance(asking, Asking)
    with pytest.raises(Elsewhere):
        await asking.ask("nobody", "room", Envelope(CloseRoom("x"), Seat(0), PLAYER, ""))
    with pytest.raises(Elsewhere):
        await asking.ask("nobody", "room", Envelope(CloseRoom("x"), Seat(0), PLAYER, ""))


async def test_a_room_that_is_not_there_is_said_to_be_unknown(pair: tuple[Server, Server]) -> None:
    north, south = pair
    for server in (north, south):
        with pytest.raises(Rejected) as caught:
            await server.registry.ask("nothing", CloseRoom("x"))
        assert caught.value.code == ErrorCode.UNKNOWN_ROOM
