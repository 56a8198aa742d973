"""A room as of any seq."""

import pytest

from gamekeeper import Rejected, Seat
from gamekeeper.core.seats import PLAYER
from gamekeeper.server.replay import MAX_RECORDS, record_json, records_after, room_at
from gamekeeper.testing.tally import Add, Hide
from tests.server.kit import Site

pytestmark = pytest.mark.anyio


async def test_every_seq_shows_what_was_then(site: Site) -> None:
    room = (await site.room(await site.guest("Host")))["id"]
    for amount in (1, 2, 3):
        await site.server.registry.ask(room, Add(amount), seat=Seat(1), role=PLAYER)
    await site.server.registry.ask(room, Hide(9), seat=Seat(1), role=PLAYER)
    log, games = site.server.log, site.server.registry.games
    last = await room_at(log, games, room)
    totals = [(await room_at(log, games, room, seq))["state"]["total"] for seq in range(1, last["last_seq"] + 1)]
    assert totals == sorted(totals) and totals[-1] == 6
    assert last["private"] == {"1": {"secret": 9}} and "secret" not in str(last["public"])
    assert (await room_at(log, games, room, 10**9))["seq"] == last["seq"]


async def test_records_come_in_pages(site: Site) -> None:
    room = (await site.room(await site.guest("Host")))["id"]
    everything = await records_after(site.server.log, room, 0, 10 * MAX_RECORDS)
    assert [record.seq for record in everything] == [1, 2, 3]
    assert await records_after(site.server.log, room, 1, 1) == everything[1:2]
    shown = record_json(everything[0])
    assert shown["type"] == "room.opened" and shown["data"]["app"] == "tally" and shown["at"] == everything[0].at / 1000


async def test_unknown_rooms(site: Site) -> None:
    with pytest.raises(Rejected, match="unknown_room"):
        await room_at(site.server.log, site.server.registry.games, "nothing")
