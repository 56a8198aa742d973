"""A live connection against a real server: exactly once over lost lines, a clean end, and a login that goes on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gamekeeper.client import Client
from gamekeeper.connection import Connection, ConnectionClosed
from gamekeeper.embedded import Embedded, serving
from gamekeeper.testing.tally import app
from gamekeeper.wire.frames import Patch, encode

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Embedded]:
    async with serving(app, tmp_path) as server:
        yield server


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


async def test_who_has_no_seat_is_told_and_does_not_come_back(server: Embedded) -> None:
    async with Client(server.url) as ann, Client(server.url) as bob:
        await ann.guest("Ann")
        await bob.guest("Bob")
        room = await ann.open("tally")
        with pytest.raises(ConnectionClosed) as closed:
            async with bob.connect(room["id"]):
                pass
        assert closed.value.code == "forbidden"


async def test_a_mark_on_the_shared_view_is_told(server: Embedded) -> None:
    async with Client(server.url) as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            assert not live.stale
            live.frame_received(encode(Patch(live.replica.cursor or "", stale=True)))
            assert live.stale


async def test_an_expired_token_keeps_nobody_from_coming_back(server: Embedded) -> None:
    """A bot that ran for longer than its token was sent away for ever by the first lost line after that."""
    accounts: Any = server._server.accounts
    accounts._tokens.life_s = 0.5
    async with Client(server.url) as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            for lost in (1, 2):
                await asyncio.sleep(0.6)
                live.drop()
                await live.send("add", {"amount": 1})
                assert (live.public["total"], live.reconnects) == (lost, lost)


async def test_a_login_that_is_over_ends_the_connection(server: Embedded) -> None:
    accounts: Any = server._server.accounts
    accounts._tokens.life_s = 0.5
    async with Client(server.url) as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            ann._login = "made up"
            await asyncio.sleep(0.6)
            live.drop()
            with pytest.raises(ConnectionClosed) as closed:
                await live.send("add", {"amount": 1})
            assert closed.value.code == "unauthenticated"


async def test_a_server_that_does_not_answer_meanwhile_ends_nothing() -> None:
    """The login is renewed on the next way back."""
    answers: list[Any] = [ConnectionError("nobody there"), True, False]

    async def renew() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    live = Connection("ws://127.0.0.1:1", lambda: None, renew=renew)
    assert await live._renewed("unauthenticated")
    assert await live._renewed("unauthenticated")
    assert not await live._renewed("unauthenticated"), "once for every welcome"
    assert not await live._renewed("room_closed")
    assert answers == [False]
