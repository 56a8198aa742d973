"""Several whole servers in one process: one log, one territory, one exchange, one database."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from gamekeeper.app import App
from gamekeeper.client import Client
from gamekeeper.cluster.bus import Exchange
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.ownership import MemoryOwnership, Territory
from gamekeeper.server.lifecycle import Port
from gamekeeper.server.place import Place
from gamekeeper.server.server import Server
from tests.server.kit import APPS, settings_in

LEASE_S = 2.0


class Nodes:
    """Any number of servers; `start` makes one more."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        self.log = MemoryLog()
        self.territory = Territory()
        self.exchange = Exchange(loop.call_soon)
        self._folder = folder
        self._stack = stack

    async def start(
        self, node: str, owns: tuple[str, ...] | None = None, apps: Mapping[str, App] = APPS, **chosen: Any
    ) -> Port:
        """One more node, answering. `owns`: the applications whose rooms it runs; `apps`: those of its version."""
        ownership = MemoryOwnership(self.territory, node, node, lease_s=LEASE_S, margin_s=0.5, owns=owns)
        await ownership.register()
        database = f"sqlite+aiosqlite:///{self._folder / 'shared.sqlite'}"
        settings = settings_in(self._folder / node, database_url=database, lease_s=LEASE_S, **chosen)
        server = await Server.open(settings, apps, Place(self.log, ownership, self.exchange.bus(node)))
        self._stack.push_async_callback(server.close)
        port = Port(server)
        answering = asyncio.Event()
        task = asyncio.create_task(port.serve(answering.set))
        await answering.wait()
        self._stack.push_async_callback(_stop, port, task)
        return port


async def _stop(port: Port, task: asyncio.Task[None]) -> None:
    port.stop()
    await task


@asynccontextmanager
async def nodes_in(folder: Path) -> AsyncGenerator[Nodes, None]:
    async with AsyncExitStack() as stack:
        yield Nodes(folder, stack)


async def guest(port: Port, name: str) -> Client:
    client = Client(port.url)
    await client.guest(name)
    return client


def elsewhere(client: Client, port: Port) -> Client:
    """The same user at another node."""
    return Client(port.url, client.token)


async def until(condition: Callable[[], Any], timeout_s: float = 10.0) -> None:
    """Return once it holds; for what nobody announces."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
