"""A gathering over real sockets and a real log: a host at the desk, players, and lines that are slow or cut."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import msgspec

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection
from gamekeeper.embedded import Embedded, serving
from gamekeeper_apps.quiz import app
from tests.apps.quiz.stage import QUICK, SINGLE

PATIENCE_S = 20.0


class Hall:
    """One room of a server."""

    def __init__(self, server: Embedded, stack: AsyncExitStack) -> None:
        self.server = server
        self.stack = stack
        self.room: dict[str, Any] = {}
        self.clients: dict[str, Client] = {}
        self.lines: dict[str, Connection] = {}

    async def client(self, name: str, url: str | None = None) -> Client:
        """Somebody signed in, perhaps over another line."""
        client = await self.stack.enter_async_context(Client(url or self.server.url, timeout_s=PATIENCE_S))
        await client.guest(name)
        self.clients[name] = client
        return client

    async def open(self, questions: Any = (SINGLE,), settings: dict[str, Any] | None = None) -> Connection:
        """A room with its host at the desk."""
        host = await self.client("Host")
        self.room = await host.open("quiz", {"title": "Hall", "settings": QUICK | (settings or {})})
        await self.add("One", questions)
        self.lines["Host"] = await self.stack.enter_async_context(host.connect(self.room["id"]))
        return self.lines["Host"]

    async def add(self, title: str, questions: Any) -> None:
        body = msgspec.to_builtins({"title": title, "questions": questions})
        await self.clients["Host"].request("POST", f"/api/quiz/rooms/{self.room['id']}/segments", body)

    async def join(self, name: str, *, code: str = "code", url: str | None = None) -> Connection:
        client = await self.client(name, url)
        await client.join(self.room[code])
        self.lines[name] = await self.stack.enter_async_context(client.connect(self.room["id"], device="phone"))
        return self.lines[name]

    @property
    def desk(self) -> Connection:
        return self.lines["Host"]

    async def show(self) -> dict[str, Any]:
        """Put the next question and wait until everybody has its options and it is open."""
        before = (self.desk.public["ask"] or {"ask": 0})["ask"]
        await self.desk.send("show")

        def out(line: Connection) -> bool:
            ask = line.public["ask"]
            return bool(ask and ask["ask"] > before and line.public["phase"] in ("open", "closed"))

        for line in self.lines.values():
            await line.until(lambda line=line: out(line), PATIENCE_S)
        ask = self.desk.public["ask"]
        await until(moment(ask["opens_at"]) + 0.005)
        return cast("dict[str, Any]", ask)

    async def reach(self, phase: str) -> None:
        for line in self.lines.values():
            await line.until(lambda line=line: line.public["phase"] == phase, PATIENCE_S)

    async def reveal(self) -> None:
        if self.desk.public["phase"] == "open":
            await self.desk.send("close")
        await self.desk.send("reveal")
        await self.reach("revealed")

    async def exported(self) -> dict[str, Any]:
        path = f"/api/quiz/rooms/{self.room['id']}/export?format=json"
        return cast("dict[str, Any]", json.loads(await self.clients["Host"].download(path)))


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Hall]:
    """A server for as long as the block runs, with its log on the disk."""
    async with serving(app, folder, log_store="sqlite") as server, AsyncExitStack() as stack:
        yield Hall(server, stack)


def moment(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


async def until(at: float) -> None:
    """Until a moment that the server has named."""
    await asyncio.sleep(max(0.0, at - time.time()))


async def outcome(line: Connection, command: str, data: dict[str, Any] | None = None) -> str:
    """What becomes of a command: its rejection's code, or an empty text."""
    try:
        await line.send(command, data or {})
    except Rejected as rejected:
        return rejected.code
    return ""


class Slow:
    """A line to a server: what goes through it arrives later, and it can be cut."""

    def __init__(self, target: str, delay_s: float) -> None:
        self._host, _, port = target.rpartition("/")[2].partition(":")
        self._port = int(port)
        self._delay_s = delay_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            self._start(self._carry(source, target))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while data := await source.read(65_536):
            loop.call_later(self._delay_s, target.write, data)
        loop.call_later(self._delay_s, target.close)
