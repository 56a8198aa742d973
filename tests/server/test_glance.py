"""A look at a room neither wakes it nor reads its log twice."""

from pathlib import Path

import pytest

from gamekeeper import Rejected, Seat
from gamekeeper.core.seats import PLAYER
from gamekeeper.server import glance as module
from gamekeeper.server.glance import Glances
from gamekeeper.testing.tally import Add
from gamekeeper.wire.closing import ClosingCode
from tests.server.kit import Site, site_in

pytestmark = pytest.mark.anyio


async def played(site: Site) -> str:
    host, ann = await site.guest("Host"), await site.guest("Ann")
    room = await site.room(host)
    await site.join(ann, room)
    await add(site, room["id"])
    return str(room["id"])


async def add(site: Site, room: str) -> None:
    await site.server.registry.ask(room, Add(5), seat=Seat(2), role=PLAYER)


async def test_a_room_that_runs_here_is_looked_at_as_it_is(tmp_path: Path) -> None:
    async with site_in(tmp_path) as site:
        room = await played(site)
        glances = site.server.glances
        assert (await glances.state(room)).total == 5
        await add(site, room)
        assert (await glances.state(room)).total == 10 and len(glances) == 0


async def test_one_that_sleeps_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with site_in(tmp_path) as site:
        registry, rooms = site.server.registry, [await played(site) for _ in range(3)]
        for room in rooms:
            (await registry.get(room)).stop(ClosingCode.IDLE, "nobody was here")
        reads = 0
        wake = module.history.wake

        async def counted(*arguments: object) -> object:
            nonlocal reads
            reads += 1
            return await wake(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(module.history, "wake", counted)
        monkeypatch.setattr(module, "KEPT", 2)
        glances = Glances(registry, site.server.log)
        first = await glances.state(rooms[0])
        assert first is await glances.state(rooms[0]) and reads == 1 and registry.rooms == {}
        for room in rooms:
            await glances.state(room)
        assert len(glances) == 2 and reads == 3
        with pytest.raises(Rejected):
            await glances.state("nothing")
