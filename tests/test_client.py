"""The async client against a real server: exactly once over lost connections, typed refusals, a clean end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection, ConnectionClosed, Joined
from gamekeeper.embedded import Embedded, serving
from gamekeeper.testing.tally import Add, app
from gamekeeper.wire.frames import Patch, encode

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


async def test_commands_take_effect_once_however_often_the_connection_is_lost(server: Embedded) -> None:
    async with Client(server.url) as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:

            async def cut() -> None:
                for _ in range(5):
                    await asyncio.sleep(0.05)
                    live.drop()

            cutting = asyncio.create_task(cut())
            for _ in range(200):
                await live.send("add", {"amount": 1})
            await cutting
            await live.until(lambda: live.state == "live" and live.public["total"] == 200, 5)
            assert live.reconnects >= 1


async def test_what_is_sent_between_the_socket_and_the_welcome_waits_for_it(server: Embedded) -> None:
    """A bot whose answer fell into that moment was told `bad_frame`, and its answer was gone."""
    async with Client(server.url) as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            opened, sending = live.socket_opened, asyncio.get_running_loop().create_future()

            def open_and_send(transport: Any) -> None:
                opened(transport)
                sending.set_result(asyncio.ensure_future(live.send("add", {"amount": 7})))

            live.socket_opened = open_and_send  # type: ignore[method-assign]
            live.drop(away_s=0.01)
            await (await sending)
            assert live.reconnects == 1
            assert live.last_command == f"{live.replica.session}:1"
            assert 0 < live.frames < live.bytes


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


async def test_who_has_no_seat_is_told_and_does_not_come_back(server: Embedded) -> None:
    async with Client(server.url) as ann, Client(server.url) as bob:
        await ann.guest("Ann")
        await bob.guest("Bob")
        room = await ann.open("tally")
        with pytest.raises(ConnectionClosed) as closed:
            async with bob.connect(room["id"]):
                pass
        assert closed.value.code == "forbidden"


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


async def test_a_mark_on_the_shared_view_is_told(server: Embedded) -> None:
    async with Client(server.url) as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            assert not live.stale
            live.frame_received(encode(Patch(live.replica.cursor or "", stale=True)))
            assert live.stale
