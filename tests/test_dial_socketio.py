"""The Python client over Socket.IO: everything as over a plain WebSocket."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from gamekeeper import Rejected
from gamekeeper.client import Client, ConnectionClosed, Network
from gamekeeper.dial_socketio import SocketIoSession, dial_socketio
from gamekeeper.server import embedded
from gamekeeper.wire.engineio import PONG
from tests.server.kit import APPS, settings_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def url(tmp_path: Path) -> AsyncGenerator[str, None]:
    async with embedded.serving(settings_in(tmp_path, ping_interval_s=0.2), APPS) as port:
        yield port.url


@pytest.fixture
async def ann(url: str) -> AsyncGenerator[Client, None]:
    async with Client(url, network=Network(dial=dial_socketio)) as client:
        await client.guest("Ann")
        yield client


async def test_commands_are_answered_and_views_follow(ann: Client) -> None:
    room = (await ann.open("duel"))["id"]
    async with ann.connect(room) as live:
        await live.send("add", {"amount": 5})
        await live.until(lambda: live.public["total"] == 5, 60)
        with pytest.raises(Rejected) as caught:
            await live.send("add", {"amount": -1})
        assert caught.value.code and caught.value.message
        with pytest.raises(Rejected):
            await live.send("nothing")
        assert [event.type for event in live.take_events()] == ["added"]


async def test_who_is_cut_resumes_and_what_was_not_answered_takes_effect_once(ann: Client) -> None:
    room = (await ann.open("duel"))["id"]
    async with ann.connect(room) as live:
        for amount in range(1, 6):
            live.drop()
            await live.send("add", {"amount": amount})
        await live.until(lambda: live.public["total"] == 15, 60)
        assert live.reconnects >= 1 and [event.type for event in live.take_events()].count("added") == 5


async def test_pings_are_answered(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answered: list[bytes] = []
    write = SocketIoSession._write
    monkeypatch.setattr(
        SocketIoSession, "_write", lambda self, message: (answered.append(message), write(self, message))
    )
    room = (await ann.open("duel"))["id"]
    async with ann.connect(room) as live:
        async with asyncio.timeout(60):
            while PONG not in answered:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.05)
        assert live.state == "live"


async def test_a_room_that_is_denied_closes_the_connection_with_the_reason(ann: Client) -> None:
    with pytest.raises(ConnectionClosed) as caught:
        await ann.connect("none").__aenter__()
    assert caught.value.code == "unknown_room"


async def test_a_room_that_ends_says_so(ann: Client) -> None:
    room = (await ann.open("tally"))["id"]
    async with ann.connect(room) as live:
        await live.send("close_room", {"reason": "enough"})
        await live.until(lambda: live.state == "closed", 60)


async def test_where_nobody_answers(url: str) -> None:
    with pytest.raises(OSError):
        await dial_socketio("ws://127.0.0.1:1/rooms/none/socket", Client(url).connect("none"))
