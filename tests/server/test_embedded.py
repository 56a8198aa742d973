"""A whole server within a program."""

import asyncio
from pathlib import Path

import httpx
import pytest

from gamekeeper.client import Client, ConnectionClosed
from gamekeeper.server.embedded import serving
from tests.server.kit import APPS, settings_in

pytestmark = pytest.mark.anyio


async def test_it_serves_and_then_it_is_gone(tmp_path: Path) -> None:
    async with serving(settings_in(tmp_path), APPS) as port, httpx.AsyncClient(trust_env=False) as client:
        url = port.url
        assert (await client.get(f"{url}/health/ready")).status_code == 200
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{url}/health/ready")


async def test_two_servers_share_nothing(tmp_path: Path) -> None:
    one, other = settings_in(tmp_path / "one"), settings_in(tmp_path / "other")
    async with (
        serving(one, APPS) as first,
        serving(other, APPS) as second,
        Client(first.url) as ann,
        Client(second.url) as bob,
    ):
        await ann.guest("Ann")
        await bob.guest("Bob")
        room = await ann.open("tally")
        assert [one["id"] for one in await ann.request("GET", "/rooms")] == [room["id"]]
        assert await bob.request("GET", "/rooms") == []
        async with ann.connect(room["id"]):
            assert [len(port._server.reception.connections) for port in (first, second)] == [1, 0]


async def test_nothing_is_left_running(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with serving(settings_in(tmp_path), APPS) as port, Client(port.url) as host:
        await host.guest("Host")
        room = await host.open("tally")
        live = host.connect(room["id"])
        async with live:
            assert live.seat == 1
        with pytest.raises(ConnectionClosed):
            await live.changed()
    assert asyncio.all_tasks() == before


async def test_going_down_sends_everybody_home_to_come_back(tmp_path: Path) -> None:
    states: list[str] = []
    async with serving(settings_in(tmp_path), APPS) as port, Client(port.url) as host:
        await host.guest("Host")
        room = await host.open("tally")
        live = host.connect(room["id"])
        await live.__aenter__()
        live.listen = lambda frame: states.append(getattr(frame, "code", ""))
    assert "draining" in states
    await live.close()
