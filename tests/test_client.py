"""The async client against a real server: rooms opened and joined, typed refusals, logins that go on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection, Joined
from gamekeeper.embedded import Embedded, serving
from gamekeeper.testing.tally import Add, app

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Embedded]:
    async with serving(app, tmp_path) as server:
        yield server


async def test_a_room_is_opened_joined_and_played(server: Embedded) -> None:
    async with Client(server.url) as ann, Client(server.url) as bob:
        await ann.guest("Ann")
        await bob.guest("Bob")
        room = await ann.open("tally")
        assert await bob.join(room["code"]) == Joined(room["id"], 2, "player")
        async with ann.connect(room["id"]) as one, bob.connect(room["id"]) as other:
            assert isinstance(one, Connection)
            await one.send("add", {"amount": 2})
            await other.command(Add(3))
            await one.until(lambda: one.public["total"] == 5, 5)
            assert (one.seat, other.seat) == (1, 2)
            assert [event.type for event in one.take_events()] == ["added", "added"]
            assert one.take_events() == []


async def test_refusals_are_typed(server: Embedded) -> None:
    async with Client(server.url) as ann:
        with pytest.raises(Rejected, match="unauthenticated"):
            await ann.open("tally")
        await ann.guest("Ann")
        with pytest.raises(Rejected, match="unknown_app"):
            await ann.open("chess")
        with pytest.raises(Rejected, match="unknown_code"):
            await ann.join("ZZZZZZ")
        with pytest.raises(Rejected, match="unauthenticated"):
            await ann.login("nobody", "a long enough password")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            with pytest.raises(Rejected) as refused:
                await live.send("add", {"amount": -1})
            assert refused.value.field == "amount"
            with pytest.raises(TimeoutError):
                await live.until(lambda: False, 0.05)


async def test_text_can_be_downloaded(server: Embedded) -> None:
    async with Client(server.url) as ann:
        assert '"name":"tally"' in await ann.download("/apps")
        with pytest.raises(Rejected):
            await ann.download("/rooms")


async def test_a_server_that_is_not_there_is_an_error_of_the_connection() -> None:
    with socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        async with Client(f"http://127.0.0.1:{unheard.getsockname()[1]}") as ann:
            with pytest.raises(ConnectionError, match="no answer from http"):
                await ann.guest("Ann")


async def test_a_login_goes_on_when_its_token_has_expired(server: Embedded) -> None:
    accounts: Any = server._server.accounts
    accounts._tokens.life_s = 0.2
    async with Client(server.url) as ann:
        await ann.guest("Ann")
        first = ann.token
        await asyncio.sleep(0.3)
        rooms = await asyncio.gather(*(ann.open("tally") for _ in range(3)))
        assert len({room["id"] for room in rooms}) == 3
        assert ann.token != first
        accounts._tokens.life_s = 60.0
        assert await ann.renew()
        await ann.request("POST", "/auth/logout")
        assert not await ann.renew()
        with pytest.raises(Rejected, match="unauthenticated"):
            await ann.open("tally")
