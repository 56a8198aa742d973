"""A registry behind each transport, on a real port, with a door that believes whoever gives a name."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import uvicorn
from websockets.asyncio.client import connect

from gamekeeper import PLAYER
from gamekeeper.log.memory import MemoryLog
from gamekeeper.room.registry import Registry
from gamekeeper.room.sessions import resume
from gamekeeper.testing.tally import app as tally
from gamekeeper.transport.connection import Admission, Connection, Patience
from gamekeeper.transport.engine import Engines
from gamekeeper.transport.heartbeat import Patterns
from gamekeeper.transport.polling import Polling
from gamekeeper.transport.reception import Reception
from gamekeeper.transport.websocket import protocol_class
from gamekeeper.transport.websocket_asgi import AsgiPeer
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Hello
from tests.transport.talk import Talk

TRANSPORTS = ("picows-httptools", "picows-h11", "asgi")
SOCKETIO = ("socketio", "socketio-asgi", "socketio-h11-upgrade", "socketio-asgi-upgrade", "socketio-polling")


PATTERNS = Patterns()


class Spoken(Protocol):
    """What a test speaks to, over whatever transport."""

    async def send(self, text: str, /) -> None: ...

    async def recv(self) -> Any: ...


class OpenDoor:
    """Everybody is who they say."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._tasks: set[asyncio.Task[None]] = set()
        self.gone = 0

    def enter(self, connection: Connection, hello: Hello) -> None:
        task = asyncio.create_task(self._enter(connection, hello))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def left(self, connection: Connection) -> None:
        self.gone += 1

    async def _enter(self, connection: Connection, hello: Hello) -> None:
        if hello.token is None:
            connection.end(ClosingCode.UNAUTHENTICATED, "who are you?")
            return
        member = await self._registry.join(connection.room_id, hello.token, hello.token, PLAYER)
        room = await self._registry.get(connection.room_id)
        session = resume(hello.session, room.fold.ledger, member.seat, room.stage.cursors, room.stage.seq)
        since = room.stage.cursors.seq(hello.cursor) if hello.cursor else None
        connection.admit(Admission(room, member.seat, member.role, hello.token, session, "", since))


class Hall:
    """One running server and a room on it."""

    def __init__(self, transport: str, server: uvicorn.Server, registry: Registry, engines: Engines, room: str) -> None:
        self.transport = transport
        self.port: int = server.servers[0].sockets[0].getsockname()[1]
        self.registry = registry
        self.reception = engines.reception
        self.engines = engines
        self.room = room

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/rooms/{self.room}/socket"

    def dial(self, **options: Any) -> Any:
        """A connection of the transport's own kind."""
        if self.transport.startswith("socketio"):
            return Talk(self.transport, self.port, self.room, **options)
        return connect(self.url, compression=None, **options)


async def ask(socket: Spoken, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


async def hear(socket: Spoken, *kinds: str) -> dict[str, Any]:
    """The next frame of one of these types."""
    async with asyncio.timeout(5):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["type"] in kinds:
                return frame


async def enter(socket: Spoken, name: str, **hello: Any) -> dict[str, Any]:
    await ask(socket, type="hello", token=name, **hello)
    return await hear(socket, "welcome")


@asynccontextmanager
async def hall(
    transport: str, patience: Patience | None = None, patterns: Patterns = PATTERNS, **options: Any
) -> AsyncIterator[Hall]:
    registry = Registry({"tally": tally}, MemoryLog(), b"k" * 32)
    reception = Reception(OpenDoor(registry), time.time, patience=patience or Patience(), **options)

    engines = Engines(reception, patterns)
    polling = Polling(engines)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await AsgiPeer().serve(reception, scope, receive, send)
            return
        if scope["path"] == polling.path:
            await polling(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"http on the same port"})

    ws: Any = "websockets-sansio" if "asgi" in transport else protocol_class(reception)
    http: Any = "h11" if "h11" in transport else "httptools"
    config = uvicorn.Config(application, port=0, ws=ws, http=http, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    room = await registry.open("tally", "owner", "Owner")
    try:
        yield Hall(transport, server, registry, engines, room.id)
    finally:
        await registry.drain()
        server.should_exit = True
        await task
