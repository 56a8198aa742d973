"""A whole server without a port, and the client that visits it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gamekeeper import Rejected
from gamekeeper.client import ConnectionClosed
from gamekeeper.testing import House, house
from gamekeeper.testing.tally import Add, app

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[House]:
    async with house(app, tmp_path) as server:
        yield server


async def test_a_game_is_played_without_a_port(server: House) -> None:
    """R0-54: the shipped client, requests and sockets, all within the process."""
    async with server.client() as ann, server.client() as bob:
        await ann.guest("Ann")
        await bob.guest("Bob")
        room = await ann.open("tally")
        await bob.join(room["code"])
        async with ann.connect(room["id"]) as one, bob.connect(room["id"]) as other:
            await one.command(Add(2))
            await other.send("hide", {"amount": 3})
            await one.until(lambda: one.public["total"] == 2, 5)
            await other.until(lambda: other.private == {"secret": 3}, 5)
            assert one.private == {"secret": 0}
            with pytest.raises(Rejected, match="less than nothing"):
                await other.send("add", {"amount": -1})


async def test_a_lost_connection_comes_back_and_nothing_is_lost(server: House) -> None:
    async with server.client() as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            for round in range(20):
                if round % 5 == 0:
                    live.drop()
                await live.send("add", {"amount": 1})
            await live.until(lambda: live.public["total"] == 20, 5)
            assert live.reconnects > 0


async def test_strangers_are_turned_away_as_by_a_real_server(server: House) -> None:
    async with server.client() as ann, server.client() as eve:
        await ann.guest("Ann")
        room = await ann.open("tally")
        await eve.guest("Eve")
        with pytest.raises(ConnectionClosed, match="no seat"):
            async with asyncio.timeout(5), eve.connect(room["id"]):
                pass
        with pytest.raises(Rejected):
            await eve.request("GET", f"/rooms/{room['id']}")


async def test_settings_are_the_servers_own(tmp_path: Path) -> None:
    async with house(app, tmp_path, guests=False) as server, server.client() as ann:
        with pytest.raises(Rejected):
            await ann.guest("Ann")


async def test_after_ten_thousand_messages_no_database_connection_is_out(server: House) -> None:
    """R2-113: nothing that comes over a socket holds one."""
    async with server.client() as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            for _ in range(500):
                await asyncio.gather(*(live.send("add", {"amount": 1}) for _ in range(20)))
            await live.until(lambda: live.public["total"] == 10_000, 5)
    await server._server.settled()
    async with asyncio.timeout(5):
        while server._server.database.pool_use.in_use:  # noqa: ASYNC110 - followers of the log come to their end
            await asyncio.sleep(0.01)


async def test_a_network_that_is_cut_without_a_word_is_noticed_by_its_silence(tmp_path: Path) -> None:
    async with house(app, tmp_path, ping_interval_s=1.0, ping_timeout_s=1.0) as server, server.client() as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            socket: Any = live._socket
            socket.wire.vanish()
            await live.send("add", {"amount": 1})
            assert (live.reconnects, live.state) == (1, "live")
