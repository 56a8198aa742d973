"""Names are kept for a while: a stepped clock, a server with its log on the disk."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import select

from gamekeeper.core.errors import Rejected
from gamekeeper.core.seats import PLAYER
from gamekeeper.log.database import DatabaseError
from gamekeeper.room.fold import Fold
from gamekeeper.room.registry import Registry
from gamekeeper.server import retention as module
from gamekeeper.server.auth.tables import NAMELESS, users
from gamekeeper.server.retention import DAY_S, Retention
from gamekeeper.server.server import Server
from tests.server.kit import Site, site_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site, None]:
    async with site_in(tmp_path, log_store="sqlite") as site:
        yield site


def in_days(site: Site, days: float) -> Retention:
    """As it is so many days later."""
    server = site.server
    return Retention(server.registry, server.log, server.accounts, 90, lambda: Server.now() + days * DAY_S)


async def names(site: Site, room: str) -> list[str]:
    fold = Fold(site.server.registry.games["tally"])
    for entry in await site.server.log.read(room):
        fold.apply(entry)
    return [member.name for member in fold.members.values()]


async def test_a_room_keeps_its_names_for_its_time_and_then_no_longer(site: Site) -> None:
    host, player = await site.guest("Ann"), await site.guest("Bob")
    room = await site.room(host)
    await site.join(player, room)
    assert await in_days(site, 89).forget(90) == 0
    assert await names(site, room["id"]) == ["Ann", "Bob"]
    assert await in_days(site, 91).forget(90) == 1
    assert await names(site, room["id"]) == ["", ""]
    assert room["id"] not in site.server.registry.rooms, "nobody is there: it sleeps again"
    assert [member.name for member in (await site.server.registry.get(room["id"])).fold.members.values()] == ["", ""]


async def test_a_room_that_was_written_to_lately_keeps_them(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    room = await site.room(await site.guest("Ann"))
    entry = (await site.server.log.read(room["id"]))[-1]
    later = in_days(site, 91)

    async def remembered(before: int, after: str = "", limit: int = 1_000) -> list[str]:
        return [] if after else [room["id"]]

    monkeypatch.setattr(site.server.log, "remembered", remembered)
    before = entry.at / 1e6
    assert await later._forget_room(room["id"], before) is False
    assert await names(site, room["id"]) == ["Ann"]


async def test_guests_who_were_not_seen_since_lose_their_names(site: Site) -> None:
    await site.guest("Ann")
    await site.server.accounts.add("bob.account", "correct horse battery", "Bob", frozenset())
    query = select(users.c.name).order_by(users.c.name)
    for days, expected in ((89, ["Ann", "Bob"]), (91, ["Bob", NAMELESS])):
        await in_days(site, days).forget(90)
        async with site.server.database.read() as connection:
            assert list((await connection.execute(query)).scalars()) == expected


async def test_what_cannot_be_done_now_is_done_later(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room = await site.room(await site.guest("Ann"))
    later = in_days(site, 91)

    async def busy(self: Registry, id: str) -> bool:
        raise Rejected("capacity", "too many rooms are awake")

    with monkeypatch.context() as patched:
        patched.setattr(Registry, "forget", busy)
        assert await later.forget(90) == 0 and "keeps its names for now" in caplog.text
    rounds = asyncio.Semaphore(0)

    async def fails(before: float) -> int:
        rounds.release()
        raise DatabaseError("away")

    with monkeypatch.context() as patched:
        patched.setattr(later._accounts, "forget_guests", fails)
        patched.setattr(module, "LOOK_EVERY_S", 0)
        running = asyncio.create_task(later.run())
        for _ in range(2):
            await asyncio.wait_for(rounds.acquire(), 60)
        running.cancel()
    assert "names are kept for longer" in caplog.text
    assert await later.forget(90) == 1 and await names(site, room["id"]) == [""]


async def test_names_may_be_kept_for_ever(site: Site) -> None:
    server = site.server
    await Retention(server.registry, server.log, server.accounts, 0, Server.now).run()
    room = await site.room(await site.guest("Ann"))
    await server.registry.join(room["id"], "user", "Bob", PLAYER)
    assert await names(site, room["id"]) == ["Ann", "Bob"]
