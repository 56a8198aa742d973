"""Who was in a room can be forgotten, by the node that runs it and by no other."""

import asyncio

import pytest

from gamekeeper.core.errors import ErrorCode
from gamekeeper.core.seats import HOST, Seat
from gamekeeper.log.ownership import Claim, OwnedBy
from gamekeeper.log.protocol import Snapshot
from gamekeeper.room import history
from gamekeeper.room.claims import Alone
from gamekeeper.wire.closing import ClosingCode
from tests.room.kit import Watching
from tests.room.test_registry import Table, refused

pytestmark = pytest.mark.anyio


async def test_a_room_that_is_forgotten_is_read_anew_before_anybody_sees_it_again() -> None:
    table = Table()
    room = await table.open()
    viewer = Watching(1, HOST, "ann")
    room.stage.welcome(viewer, room.id, None)
    await table.log.save_snapshot(Snapshot(room.id, 1, 1, b"Ann"))
    forgetting = asyncio.ensure_future(table.registry.forget(room.id))
    await asyncio.sleep(0)
    assert viewer.ended is ClosingCode.IDLE
    again = await table.registry.get(room.id)
    assert again is not room and again.fold.members[Seat(1)].name == ""
    assert await forgetting is True and await table.registry.forget(room.id) is True
    assert b"Ann" not in (snapshot.body if (snapshot := await table.log.load_snapshot(room.id)) else b"")
    assert await refused(table.registry.forget("nothing")) == ErrorCode.UNKNOWN_ROOM


async def test_a_room_of_another_node_is_forgotten_there() -> None:
    table = Table()
    room = await table.open()
    room.stop(ClosingCode.IDLE, "nobody was here")

    class Theirs(Alone):
        async def claim(self, room: str) -> Claim | OwnedBy:
            return OwnedBy(room, "other", "")

    table.registry.claims = Theirs()
    assert await table.registry.forget(room.id) is False
    assert (await history.replay(table.log, room.id, table.registry.games)).members[Seat(1)].name == "Ann"
