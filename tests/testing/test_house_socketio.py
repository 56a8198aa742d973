"""The usual client over Socket.IO, without a port."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection, ConnectionClosed
from gamekeeper.dial_socketio import TARGET, SocketIoSession
from gamekeeper.testing import House, house
from gamekeeper.testing.house import InsideSocket
from gamekeeper.testing.tally import Add, app
from gamekeeper.transport.heartbeat import Patterns
from gamekeeper.wire import engineio
from gamekeeper.wire.frames import Pong, encode

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[House]:
    async with house(app, tmp_path) as server:
        yield server


# region play
async def test_a_game_is_played_over_socketio_without_a_port(server: House) -> None:
    """R0-54."""
    async with server.client(socketio=True) as ann, server.client() as bob:
        await ann.guest("Ann")
        await bob.guest("Bob")
        room = await ann.open("tally")
        await bob.join(room["code"])
        async with ann.connect(room["id"]) as one, bob.connect(room["id"]) as other:
            await one.send("add", {"amount": 2})
            await other.send("add", {"amount": 3})
            await one.until(lambda: one.public["total"] == 5, 60)
            # endregion
            assert len(server._server.engines.sessions) == 1, "one of the two speaks Socket.IO"
            assert [event.type for event in one.take_events()] == ["added", "added"]
            with pytest.raises(Rejected, match="less than nothing") as refused:
                await one.command(Add(-1))
            assert refused.value.code == "bad_request"


async def test_the_session_ends_with_its_client(server: House) -> None:
    async with server.client(socketio=True) as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]):
            assert len(server._server.engines.sessions) == 1
        async with asyncio.timeout(60):
            while server._server.engines.sessions:  # noqa: ASYNC110 - the socket is told a turn later
                await asyncio.sleep(0.01)


async def test_over_lost_connections_each_command_takes_effect_once(server: House) -> None:
    async with server.client(socketio=True) as ann:
        await ann.guest("Ann")
        room = await ann.open("tally")
        async with ann.connect(room["id"]) as live:
            for number in range(20):
                if number % 5 == 0:
                    live.drop()
                await live.send("add", {"amount": 1})
            await live.until(lambda: live.public["total"] == 20, 60)
            assert live.reconnects > 0
            assert live.replica.starts_over == 1, "resumed ever after"


async def entering(client: Client, room: str) -> None:
    async with asyncio.timeout(60), client.connect(room):
        pass


async def test_strangers_are_turned_away_and_the_end_is_told(server: House) -> None:
    async with server.client(socketio=True) as ann, server.client(socketio=True) as eve:
        await ann.guest("Ann")
        await eve.guest("Eve")
        room = await ann.open("tally")
        with pytest.raises(ConnectionClosed, match="no seat"):
            await entering(eve, room["id"])
        async with ann.connect(room["id"]) as live:
            await server._server.registry.close(room["id"], "enough")
            with pytest.raises(ConnectionClosed, match="enough"):
                await live.until(lambda: False, 60)


async def test_what_travels_are_packets(server: House) -> None:
    async with server.client() as ann:
        await ann.guest("Ann")
        room = (await ann.open("tally"))["id"]
        live = Connection("", lambda: ann.token)
        packets: list[bytes] = []
        socket = SocketIoSession(live, room)

        def heard(packet: bytes) -> None:
            packets.append(packet)
            socket.frame_received(packet)

        below = InsideSocket(heard)
        assert below.wire.connect(server._server.reception, TARGET) is None
        socket.socket_opened(below)
        await live.until(lambda: live.state == "live", 60)
        socket.send(encode(Pong(1.0)))
        await live.send("add", {"amount": 1})
        head, welcomed, *rest = (packet.partition(b",")[0] for packet in packets[1:])
        assert msgspec.json.decode(packets[0][1:])["sid"]
        assert (head, welcomed) == (b"40/rooms/%b" % room.encode(), b"42/rooms/%b" % room.encode())
        assert b"43/rooms/%b" % room.encode() in rest
        (session,) = server._server.engines.sessions.values()
        for number in (1, 2):  # the second ping shows that the first one was answered
            session.look(server._server.now(), Patterns(ping_interval_s=0.0, ping_timeout_s=60.0))
            await live.send("add", {"amount": 1})
            assert packets.count(engineio.PING) == number
        socket.close()
        async with asyncio.timeout(60):
            await socket.gone()
