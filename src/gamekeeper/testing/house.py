"""A whole server in a test, without a port: requests and sockets stay within the process and its event loop.

async with house(app, tmp_path) as server, server.client() as ann:
    await ann.guest("Ann")
    room = await ann.open(app.name)
    async with ann.connect(room["id"]) as live:
        await live.send("show", {"side": "heads"})
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from gamekeeper.app import App
from gamekeeper.client import Client, Network
from gamekeeper.dial import Caller, Socket
from gamekeeper.dial_socketio import TARGET, SocketIoSession
from gamekeeper.embedded import Embedded
from gamekeeper.transport.memory import MemorySocket
from gamekeeper.transport.reception import Reception

URL = "http://127.0.0.1"
UNLIMITED = "1000000/minute"


class House(Embedded):
    """The server of `house`: what `gamekeeper.embedded.Embedded` has, and clients that need no network."""

    def __init__(self, server: Any, network: Network, over_socketio: Network) -> None:
        super().__init__(URL, server)
        self._networks = {False: network, True: over_socketio}

    def client(self, *, socketio: bool = False) -> Client:
        """Somebody new. Use it as an async context manager; it can do all that a client over the network can.
        `socketio`: its connections to rooms speak Socket.IO, each in a session of its own."""
        return Client(URL, network=self._networks[socketio])


class _Inside:
    """Sockets to one server in this process."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def dial(self, url: str, caller: Caller) -> Socket:
        socket = InsideSocket(caller.frame_received)
        refusal = socket.wire.connect(self._reception, urlsplit(url).path)
        if refusal is not None:
            raise OSError(f"{refusal.status.value} {refusal.reason}")
        caller.socket_opened(socket)
        return socket

    async def dial_socketio(self, url: str, caller: Caller) -> Socket:
        session = SocketIoSession(caller, urlsplit(url).path.split("/")[2])
        below = InsideSocket(session.frame_received)
        refusal = below.wire.connect(self._reception, TARGET)
        if refusal is not None:
            raise OSError(f"{refusal.status.value} {refusal.reason}")
        session.socket_opened(below)  # before it hears anything: what the server says is carried a turn later
        return session


class InsideSocket:
    """A client's end of a socket without a network."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._gone = asyncio.Event()
        self.wire = MemorySocket(asyncio.get_running_loop().call_soon, heard, self._gone.set)

    def send(self, payload: bytes) -> None:
        self.wire.say(payload)

    def abort(self) -> None:
        self.wire.hang_up()

    def close(self) -> None:
        self.wire.hang_up()

    async def gone(self) -> None:
        await self._gone.wait()


@asynccontextmanager
async def house(app: App, data: Path, **settings: Any) -> AsyncGenerator[House, None]:
    """A server of one application while the block runs, its log in memory. `settings`: those of the server; by default
    no command and no request is refused for its rate."""
    from gamekeeper.server.app import http_application
    from gamekeeper.server.server import Server
    from gamekeeper.server.settings import load

    chosen: dict[str, Any] = {
        "data": data,
        "log_store": "memory",
        "log_level": "error",
        "command_rate_factor": 1e6,
        **dict.fromkeys(("rate_guest", "rate_write", "rate_read", "rate_login"), UNLIMITED),
    }
    server = await Server.open(load(**chosen | settings), {app.name: app})
    try:
        http = httpx.ASGITransport(http_application(server))
        inside = _Inside(server.reception)
        yield House(server, Network(http, inside.dial), Network(http, inside.dial_socketio))
    finally:
        await server.close()
