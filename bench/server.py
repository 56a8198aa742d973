"""Gamekeeper under measurement: `python -m bench.server STORE PORT ROOMS OTHERS MEMBERS TARGETS [socketio]`, STORE
sqlite, memory, postgres, postgres-slow or shared, OTHERS the number of rooms of another application, socketio for
clients that speak it. PostgreSQL is one of its own on the generator's core; postgres-slow takes 6 ms more for each
commit; shared is the one that the environment names, for several nodes.

The whole server with its rooms open and its members seated; TARGETS gets a line for each client: room, path, token.
Told to go (SIGTERM), it says how long its event loop kept a timer waiting since SIGUSR1, and before that.
"""

import asyncio
import gc
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from bench.machine import GENERATOR_CORE, cpu_seconds
from bench.postgres import DURABLE_BUT_SMALL, Cluster, programs
from bench.room import apps
from gamekeeper.core.seats import PLAYER
from gamekeeper.server import embedded
from gamekeeper.server.loopwatch import STALL_S, LoopWatch
from gamekeeper.server.server import Server
from gamekeeper.server.settings import load

SLOW_COMMITS = " -c commit_delay=6000 -c commit_siblings=0"


class Longest:
    """How late timers of the event loop came. What other processes take of the core counts too."""

    def __init__(self) -> None:
        self.joining_s = 0.0
        """The longest before the measurement began: while everybody connected."""
        self.stalls = 0
        self.longest_s = 0.0

    def measuring(self) -> None:
        """From here on it counts."""
        self.joining_s = self.longest_s
        self.stalls, self.longest_s = 0, 0.0

    def turned(self, late_s: float, spent_s: float) -> None:
        self.stalls += late_s > STALL_S
        self.longest_s = max(self.longest_s, late_s)


async def seat(server: Server, app: str, rooms: int, members: int) -> list[str]:
    """Open the rooms of one application and seat their members; a line for each."""
    lines: list[str] = []
    for number in range(rooms):
        owner = await server.accounts.guest("Owner")
        room = await server.registry.open(app, owner.user.id, "Owner")

        async def come(each: int, room: str = room.id) -> str:
            guest = await server.accounts.guest(f"Guest {each}")
            await server.registry.join(room, guest.user.id, f"Guest {each}", PLAYER)
            return guest.access_token

        tokens = await asyncio.gather(*map(come, range(members)))
        lines += [f"{app}{number} /rooms/{room.id}/socket {token}" for token in tokens]
    return lines


def over_socketio(line: str) -> str:
    """The same client, whose room is a namespace."""
    _, path, token = line.split()
    return f"{path.split('/')[2]} /socket.io/?EIO=4&transport=websocket {token}"


class Store:
    """Where the log is, and what processor time it took elsewhere than in this process since `measuring`."""

    def __init__(self, name: str, database: Cluster | None) -> None:
        self._database = database
        self._before = 0.0
        self.settings: dict[str, Any] = {"log_store": "postgres" if name == "shared" else name}
        if database is not None:
            self.settings = {"log_store": "postgres", "database_url": database.url}

    def _cpu_s(self) -> float:
        return sum(map(cpu_seconds, self._database.processes())) if self._database is not None else 0.0

    def measuring(self) -> None:
        self._before = self._cpu_s()

    def told(self) -> dict[str, float]:
        return {"store_cpu_s": self._cpu_s() - self._before}


class Commits:
    """How long the log took to commit, on average, since `measuring`."""

    def __init__(self, server: Server) -> None:
        self._registry = server.metrics.registry
        self._before = self._now()

    def _now(self) -> tuple[float, float]:
        values = [self._registry.get_sample_value(f"gamekeeper_commit_seconds_{part}") for part in ("sum", "count")]
        return values[0] or 0.0, values[1] or 0.0

    def measuring(self) -> None:
        self._before = self._now()

    def told(self) -> dict[str, float]:
        spent_s, number = (now - before for now, before in zip(self._now(), self._before, strict=True))
        return {"commit_ms": spent_s / max(1.0, number) * 1000}


@contextmanager
def stored(name: str) -> Iterator[Store]:
    """Raises `FileNotFoundError` when there is no PostgreSQL to be had."""
    if not name.startswith("postgres"):
        yield Store(name, None)
        return
    found = programs()
    if found is None:
        raise FileNotFoundError("no PostgreSQL on this machine")
    slow = SLOW_COMMITS if name == "postgres-slow" else ""
    database = Cluster(found, DURABLE_BUT_SMALL + slow, core=GENERATOR_CORE)
    try:
        yield Store(name, database)
    finally:
        database.remove()


async def main(store: Store, port: int, rooms: int, others: int, members: int, targets: Path, socketio: bool) -> None:
    gone = asyncio.Event()
    with tempfile.TemporaryDirectory(dir=targets.parent) as data:
        settings = load(
            data=Path(data), port=port, log_commands=False, log_level="error", rate_read="100000000/minute",
            **store.settings,
        )  # fmt: skip
        async with embedded.serving(settings, apps) as open_port:
            lines = await seat(open_port.server, "adding", rooms, members)
            lines += await seat(open_port.server, "other", others, members)
            if socketio:
                lines = [over_socketio(line) for line in lines]
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, gone.set)
            gc.freeze()  # as `gamekeeper serve` does
            watch = Longest()
            commits = Commits(open_port.server)
            LoopWatch(watch.turned).start()

            def measuring() -> None:
                watch.measuring()
                store.measuring()
                commits.measuring()

            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, measuring)
            targets.with_suffix(".new").write_text("\n".join(lines) + "\n")
            targets.with_suffix(".new").rename(targets)
            await gone.wait()
            told = {"stalls_over_50_ms": watch.stalls, "longest_wait_ms": watch.longest_s * 1000}
            told["joining_wait_ms"] = watch.joining_s * 1000
            sys.stdout.write(json.dumps(told | store.told() | commits.told()) + "\n")


if __name__ == "__main__":
    name, port, rooms, others, members, targets, *rest = sys.argv[1:]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to go before it serves: the database goes as well
    with stored(name) as where:
        uvloop.run(main(where, int(port), int(rooms), int(others), int(members), Path(targets), "socketio" in rest))
