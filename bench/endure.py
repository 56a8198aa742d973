"""Come, go, be lost, and count what is left: `python -m bench.endure [--cycles 10000] [--big 1000]`.

Over real sockets, on a server in this process: members join and leave, close their connection, or lose it without a
word; then clients send a frame past the limit, which must end in close 1009 and leave memory flat. Exit status 1
when anything is left over.
"""

import argparse
import asyncio
import gc
import json
import logging
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.machine import rss_kib
from gamekeeper.core.seats import PLAYER
from gamekeeper.server.embedded import serving
from gamekeeper.server.server import Server
from gamekeeper.server.settings import load
from gamekeeper.testing.tally import app
from gamekeeper.transport.connection import Connection
from gamekeeper.transport.websocket import SocketPeer
from gamekeeper.wire.frames import MAX_FRAME_BYTES

GUESTS = 20
SETTLING_S = 10.0
GROWTH_KIB = 8 * 1024
"""What memory may grow by while oversized frames come: a thousand of them are 64 MiB."""


class Endurance:
    """One server, one room and a few guests who come and go."""

    def __init__(self, server: Server, url: str, room: str, guests: list[tuple[str, str]]) -> None:
        self._server = server
        self._url = f"{url.replace('http', 'ws', 1)}/rooms/{room}/socket"
        self._room = room
        self._guests = guests

    async def cycle(self, number: int) -> None:
        """One guest comes; by turns leaves the room, closes the connection, or loses it."""
        user, token = self._guests[number % GUESTS]
        await self._server.registry.join(self._room, user, "Guest", PLAYER)
        socket = await self._enter(token)
        if number % 3 == 0:
            await socket.send(json.dumps({"type": "command", "id": 1, "name": "leave_room", "data": {}}))
            await hear(socket, "ack")
        if number % 3 == 2:
            socket.transport.abort()
        await socket.close()

    async def big(self, number: int) -> int | None:
        """The code that ends the connection of one who sends too much."""
        user, token = self._guests[number % GUESTS]
        await self._server.registry.join(self._room, user, "Guest", PLAYER)
        socket = await self._enter(token)
        try:
            await socket.send("x" * (MAX_FRAME_BYTES + 1))
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    async def _enter(self, token: str) -> ClientConnection:
        socket = await connect(self._url, compression=None, max_size=None, ping_interval=None)
        await socket.send(json.dumps({"type": "hello", "token": token}))
        await hear(socket, "welcome")
        return socket

    async def left_over(self) -> dict[str, int]:
        """What the server holds, once those who went are gone."""
        room = await self._server.registry.get(self._room)
        async with asyncio.timeout(SETTLING_S):
            while self._server.reception.connections:  # noqa: ASYNC110 - nobody is told of the last
                await asyncio.sleep(0.01)
        await asyncio.sleep(1.0)  # the clients' own tasks, in this same process, end a little later
        gc.collect()
        ours = sum(type(each) in (Connection, SocketPeer) for each in gc.get_objects())
        return {
            "connections": len(self._server.reception.connections),
            "at the door": len(self._server.door),
            "viewers": len(room.stage.audience.viewers),
            "rooms": len(self._server.registry.rooms),
            "listeners": len(self._server.accounts.revocations.listeners) + len(self._server.registry.observers),
            "members": len(room.fold.members),
            "connection objects": ours,
            "tasks": len(asyncio.all_tasks()),
        }


async def hear(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of this type."""
    while True:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame["type"] == kind:
            return frame


async def endure(cycles: int, big: int, data: Path) -> int:
    settings = load(data=data, port=0, log_commands=False, log_level="error")
    async with serving(settings, {app.name: app}) as port:
        server = port.server
        people = [await server.accounts.guest(f"Guest {number}") for number in range(GUESTS)]
        room = await server.registry.open(app.name, people[0].user.id, "Owner")
        endurance = Endurance(server, port.url, room.id, [(each.user.id, each.access_token) for each in people])
        for number in range(GUESTS * 3):
            await endurance.cycle(number)
        before = await endurance.left_over()
        memory_kib = [rss_kib(os.getpid())]
        for number in range(cycles):
            await endurance.cycle(number)
        memory_kib.append(rss_kib(os.getpid()))
        codes = Counter([await endurance.big(number) for number in range(big)])
        after = await endurance.left_over()
        memory_kib.append(rss_kib(os.getpid()))
        print(f"{cycles:,} cycles, {big:,} oversized frames closed with {dict(codes)}")
        print(f"before {before}\nafter  {after}")
        print(f"memory {' -> '.join(f'{one / 1024:.1f}' for one in memory_kib)} MiB (the clients' included)")
        flat = memory_kib[-1] - memory_kib[-2] <= GROWTH_KIB
        return 0 if before == after and set(codes) <= {1009} and flat else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=10_000)
    parser.add_argument("--big", type=int, default=1_000)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # one line for each frame that is too big
    with tempfile.TemporaryDirectory(prefix="gamekeeper-endure-") as folder:
        return asyncio.run(endure(options.cycles, options.big, Path(folder)))


if __name__ == "__main__":
    raise SystemExit(main())
