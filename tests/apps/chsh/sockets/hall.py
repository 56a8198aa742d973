"""A host and players on real sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection
from gamekeeper.embedded import Embedded, serving
from gamekeeper_apps.chsh import app

PATIENCE_S = 60.0


class Hall:
    """One room; the players sit in pairs in the order of `players`."""

    def __init__(self, url: str, stack: AsyncExitStack, server: Embedded | None = None) -> None:
        self.url = url
        self.players: list[Connection] = []
        self.clients: list[Client] = []
        self._server = server
        self._stack = stack

    async def client(self, name: str) -> Client:
        client = await self._stack.enter_async_context(Client(self.url, timeout_s=PATIENCE_S))
        await client.guest(name)
        return client

    async def connect(self, client: Client) -> Connection:
        return await self._stack.enter_async_context(client.connect(self.id))

    async def open(self, pairs: int, seed: str | None = None, prefix: str = "Player") -> "Hall":
        self.host = await self.client("Host")
        if self._server is not None:
            self.room = await self._server.open("chsh", self.host, seed=seed)
        else:
            self.room = await self.host.open("chsh")
        self.id: str = self.room["id"]
        self.desk = await self.connect(self.host)
        for number in range(2 * pairs):
            await self.join(f"{prefix} {number}")
        return self

    async def join(self, name: str) -> Connection:
        client = await self.client(name)
        await client.join(self.room["code"], name)
        live = await self.connect(client)
        await live.until(lambda: live.private is not None, PATIENCE_S)
        self.clients.append(client)
        self.players.append(live)
        return live

    async def start(self, **plan: Any) -> int:
        await self.desk.send("open_run", {"planned_rounds": None, "deadline_s": None, "feedback_pause_s": 0} | plan)
        run: int = self.desk.public["run"]["id"]
        await self.desk.send("start_run", {"run": run})
        return run

    async def play(self, run: int, rounds: int, answer: Callable[[Connection, int], str]) -> None:
        """Everybody answers up to this round."""
        await asyncio.gather(*(play_seat(live, run, rounds, answer) for live in self.players))

    async def export(self, form: str = "rounds-csv") -> str:
        return await self.host.download(f"/api/chsh/rooms/{self.id}/export?format={form}")


async def play_seat(live: Connection, run: int, rounds: int, answer: Callable[[Connection, int], str]) -> None:
    """One seat, until it has answered that many rounds or the run is over. It dismisses the feedback at once."""

    def due() -> bool:
        view = live.private
        question = view["question"]
        return bool(view["result"] or (question and question["answer"] is None) or (view["last"] and not view["ready"]))

    while True:
        await live.until(due, PATIENCE_S)
        view = live.private
        if view["result"]:
            return
        if view["question"] is None:
            await live.send("be_ready", {"run": run, "round": view["last"]["round"]})
            if view["last"]["round"] == rounds:
                return
            continue
        number = view["question"]["round"]
        if number > rounds:
            return
        await live.send("answer", {"run": run, "round": number, "answer": answer(live, number)})


@asynccontextmanager
async def hall(
    data: Path, pairs: int, *, seed: str | None = None, log_store: str = "memory", rate_factor: float = 1e6
) -> AsyncIterator[Hall]:
    async with serving(app, data, log_store=log_store, rate_factor=rate_factor) as server, AsyncExitStack() as stack:
        yield await Hall(server.url, stack, server).open(pairs, seed)


async def refusal(live: Connection, name: str, data: Any) -> str:
    """The code a command is refused with."""
    try:
        await live.send(name, data)
    except Rejected as rejected:
        return rejected.code
    return "accepted"
