"""A server within a program: what bots, examples and an application's own tools use.

    async with serving(app, folder) as server:
        client = Client(server.url)

`serving_apart` does the same in a child process. `records_of` reads a room from a data folder without any server.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from gamekeeper.app import App, load_apps, resolve
from gamekeeper.client import Client
from gamekeeper.core.record import Record, records
from gamekeeper.server.apart import Apart, serving_apart

__all__ = ["Apart", "Embedded", "find_room", "records_of", "room_of_code", "serving", "serving_apart"]


class Embedded:
    """A running server; `url` is where it answers."""

    def __init__(self, url: str, server: Any) -> None:
        self.url = url
        self._server = server

    async def open(
        self, app: str, owner: Client, config: dict[str, Any] | None = None, seed: str | None = None
    ) -> dict[str, Any]:
        """A new room of a signed-in client's, with its codes. `seed`: chance in it is a function of the seed, which
        no request from outside can ask for. Raises `Rejected`."""
        user = owner.user
        room = await self._server.registry.open(app, user["id"], user["name"], config=config, seed=seed)
        await self._server.directory.give_codes(room.id)
        await self._server.settled()
        found: dict[str, Any] = await owner.request("GET", f"/rooms/{room.id}")
        return found


@asynccontextmanager
async def serving(
    app: App, data: Path, *, log_store: str = "memory", rate_factor: float = 1e6
) -> AsyncGenerator[Embedded, None]:
    """Serve one application on a free port of this machine for as long as the block runs."""
    from gamekeeper.server import embedded
    from gamekeeper.server.settings import load

    settings = load(
        data=data,
        log_store=log_store,
        port=0,
        host="127.0.0.1",
        log_level="error",
        log_commands=False,
        command_rate_factor=rate_factor,
        rate_guest="1000000/minute",
        rate_code="1000000/minute",
        rate_code_digits="1000000/minute",
        rate_digits="1000000/minute",
        rate_write="1000000/minute",
        rate_read="1000000/minute",
    )
    async with embedded.serving(settings, {app.name: app}) as port:
        yield Embedded(port.url, port.server)


async def records_of(room: str, data: Path | None = None) -> list[Record]:
    """Every event of a room, from the log of a data folder (None: the configured log); empty: there is no such room.

    A server may be running on it. Raises `LookupError` when there is no log.
    """
    from gamekeeper.log.protocol import LogError
    from gamekeeper.server.settings import load
    from gamekeeper.server.storage import reading_log

    found: list[Record] = []
    try:
        async with reading_log(load(data=data) if data is not None else load()) as log:
            while entries := await log.read(room, found[-1].seq if found else 0):
                found += [
                    record for entry in entries for record in records(entry) if not found or record.seq > found[-1].seq
                ]
    except LogError as error:
        raise LookupError(str(error)) from error
    return found


async def find_room(room: str, app: str, data: Path | None = None) -> tuple[str, list[Record]]:
    """The id and every event of a room of an application, by id or join code; no events: it has no such room.

    A server may be running on it. Raises `LookupError` when there is no log.
    """
    found = await records_of(room, data)
    if not found and (id := await room_of_code(room, data)) is not None:
        room, found = id, await records_of(id, data)
    opened = bool(found) and found[0].type == "room.opened" and msgspec.json.decode(found[0].data)["app"] == app
    return room, found if opened else []


async def room_of_code(code: str, data: Path | None = None) -> str | None:
    """The open room a join code leads to, from the database of a data folder (None: the configured one); None: none."""
    from gamekeeper.core.errors import Rejected
    from gamekeeper.log.database import Database
    from gamekeeper.server.directory import Directory
    from gamekeeper.server.settings import load
    from gamekeeper.server.storage import database_url

    database = Database(database_url(load(data=data) if data is not None else load()))
    try:
        return (await Directory(database).invitation(code)).room
    except Rejected:
        return None
    finally:
        await database.close()


async def _serve(app: str, data: Path, log_store: str) -> None:
    """The child: tells its address, and goes when its standard input ends."""
    logging.getLogger("gamekeeper").addHandler(logging.NullHandler())
    found: App = resolve(app) if ":" in app else load_apps()[app]
    async with serving(found, data, log_store=log_store) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    import uvloop  # as `gamekeeper serve` does

    uvloop.run(_serve(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
