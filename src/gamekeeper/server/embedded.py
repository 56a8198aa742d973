"""A whole server within a program, for as long as a block of code runs: what bots, tests and examples use."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from gamekeeper.app import App
from gamekeeper.server.lifecycle import Port
from gamekeeper.server.server import Server
from gamekeeper.server.settings import Settings


@asynccontextmanager
async def serving(settings: Settings, apps: Mapping[str, App] | None = None) -> AsyncGenerator[Port, None]:
    """Serve with these settings (port 0 takes a free one); drained and closed at the end. Raises `StartError`."""
    server = await Server.open(settings, apps)
    try:
        port = Port(server)
        answering = asyncio.Event()
        task = asyncio.create_task(port.serve(answering.set))
        await answering.wait()
        try:
            yield port
        finally:
            port.stop()
            await task
    finally:
        await server.close()
