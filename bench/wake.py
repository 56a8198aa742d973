"""How long a sleeping room keeps its first visitor waiting: `python -m bench.wake [--sizes 100,10000] [--rooms 5]`.

Rooms with so many events in their log (SQLite, every commit synced) are put to sleep by ending the server, which keeps
a snapshot of each. A new server wakes them for a member who connects: `asleep`, from dialling to the views. Beside it
the same member once more (`awake`), and what reading the room from its log alone takes (`from event 1`), which is what
would come on top without snapshots.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bench import results
from bench.results import Run, median, shown, table
from bench.room import Add, app
from gamekeeper.client import Client
from gamekeeper.core.seats import PLAYER
from gamekeeper.room import history
from gamekeeper.server.embedded import Port, serving
from gamekeeper.server.settings import load
from gamekeeper.server.storage import reading_log

AT_ONCE = 1_000
PAYLOAD = "x" * 50
PHASES = ("asleep", "awake", "from event 1")


@asynccontextmanager
async def started(data: Path) -> AsyncGenerator[Port, None]:
    async with serving(load(data=data, port=0, log_commands=False, log_level="error"), {app.name: app}) as port:
        yield port


async def fill(port: Port, events: int) -> tuple[str, str]:
    """A room with so many commands in its log; its id, and the token of a member."""
    guest = await port.server.accounts.guest("Member")
    registry = port.server.registry
    room = await registry.open(app.name, guest.user.id, "Owner")
    seat = (await registry.join(room.id, guest.user.id, "Member", PLAYER)).seat
    for first in range(0, events, AT_ONCE):
        adding = (
            registry.ask(room.id, Add(0, 0, number, f"key {number % 100}", number, PAYLOAD), seat=seat, role=PLAYER)
            for number in range(first, min(events, first + AT_ONCE))
        )
        await asyncio.gather(*adding)
    return room.id, guest.access_token


async def visit_ms(port: Port, room: str, token: str) -> float:
    """Until a member who dials has the views."""
    async with Client(port.url, token) as client:
        began = time.perf_counter()
        async with client.connect(room):
            return (time.perf_counter() - began) * 1000


async def measure(sizes: list[int], rooms: int, data: Path) -> list[Run]:
    places: list[tuple[int, str, str]] = []
    async with started(data) as port:
        places = [(size, *await fill(port, size)) for size in sizes for _ in range(rooms)]
        first = await fill(port, 1)
    runs: list[Run] = []
    async with started(data) as port:
        await visit_ms(port, *first)  # what the first visitor of all pays is another matter
        for size, room, token in places:
            for name in ("asleep", "awake"):
                runs.append({"phase": f"wake {size}", "name": name, "ms": await visit_ms(port, room, token)})
    async with reading_log(load(data=data)) as log:
        for size, room, _ in places:
            began = time.perf_counter()
            await history.replay(log, room, {app.name: app.game})
            ms = (time.perf_counter() - began) * 1000
            runs.append({"phase": f"wake {size}", "name": "from event 1", "ms": ms})
    return runs


def report(runs: list[Run]) -> None:
    rows = [
        [f"{int(phase.split()[1]):,}", *(shown(median(runs, phase, name, "ms"), 1) for name in PHASES)]
        for phase in dict.fromkeys(run["phase"] for run in runs)
    ]
    print(table(["events in the log", *(f"{name}, ms" for name in PHASES)], rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100,10000,100000", help="events of a room, by commas")
    parser.add_argument("--rooms", type=int, default=5, help="of each size")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="gamekeeper-wake-") as folder:
        runs = asyncio.run(measure([int(size) for size in options.sizes.split(",")], options.rooms, Path(folder)))
    results.save(runs)
    report(runs)


if __name__ == "__main__":
    main()
