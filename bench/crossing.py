"""From one node to clients of another: `python -m bench.crossing [--seconds 10] [--database postgresql://...]`.

Two server processes over one PostgreSQL (a database made for it) and a Redis of its own. A room of twenty runs on the
one, all its members are connected to the other; one of them sends twenty commands a second. Tells how long an event
took from the sender, through both nodes, the log and Redis, to each of the others, beside the same with everybody at
the node that runs the room. Exit status 1: the 99th percentile across nodes is above 50 ms.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import results
from bench.cluster import USUAL, shared_by_nodes
from bench.ground import UNLIMITED, Node
from bench.results import Run, percentile, shown, table
from gamekeeper.client import Client, Connection
from gamekeeper.wire.frames import Patch

MEMBERS = 20
PER_S = 20.0
LIMIT_MS = 50.0


class Watcher:
    """One member, who notes when each total came."""

    def __init__(self, live: Connection) -> None:
        self.live = live
        self.seen: dict[int, float] = {}
        live.listen = self._heard

    def _heard(self, frame: Any) -> None:
        if isinstance(frame, Patch):
            asyncio.get_running_loop().call_soon(self._note, time.perf_counter())

    def _note(self, at: float) -> None:
        self.seen.setdefault(self.live.public["total"], at)


async def measure(name: str, owner: Node, at: Node, seconds: float) -> Run:
    """Events of a room that runs on `owner`, to members connected to `at`."""
    clients = [Client(owner.url)] + [Client(at.url) for _ in range(MEMBERS)]
    host, *members = clients
    await host.guest("Host")
    room = await host.open("tally")
    lives: list[Connection] = []
    async with host.connect(room["id"]):
        for number, member in enumerate(members):
            await member.guest(f"Member {number}")
            await member.join(room["code"])
            lives.append(await member.connect(room["id"]).__aenter__())
        watchers = [Watcher(live) for live in lives]
        sent: dict[int, float] = {}
        for total in range(1, int(seconds * PER_S) + 1):
            sent[total] = time.perf_counter()
            await lives[0].send("add", {"amount": 1})
            await asyncio.sleep(max(0.0, sent[1] + total / PER_S - time.perf_counter()))
        for live in lives:
            await live.until(lambda live=live: live.public["total"] == len(sent), 30.0)
        await asyncio.sleep(0)
    for live in lives:
        await live.close()
    for client in clients:
        await client.__aexit__(None, None, None)
    took = [(at - sent[total]) * 1000 for watcher in watchers[1:] for total, at in watcher.seen.items()]
    return {
        "phase": "crossing", "name": name, "events": len(took), "p50_ms": percentile(took, 0.5),
        "p99_ms": percentile(took, 0.99),
    }  # fmt: skip


async def compare(seconds: float, database: str) -> list[Run]:
    with tempfile.TemporaryDirectory(prefix="gamekeeper-crossing-") as folder:
        async with shared_by_nodes(database) as shared:
            nodes = [Node(Path(folder), name, UNLIMITED | shared) for name in ("north", "south")]
            try:
                for node in nodes:
                    await node.start()
                for node in nodes:
                    await node.ready()
                north, south = nodes
                return [
                    await measure("at its node", north, north, seconds),
                    await measure("at the other", north, south, seconds),
                ]
            finally:
                for node in nodes:
                    await node.kill()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--database", default=USUAL, help="a PostgreSQL in which databases may be made")
    options = parser.parse_args()
    runs = asyncio.run(compare(options.seconds, options.database))
    results.save(runs)
    rows = [[one["name"], f"{one['events']:,}", shown(one["p50_ms"]), shown(one["p99_ms"])] for one in runs]
    print(table(["members connected", "events received", "p50 ms", "p99 ms"], rows))
    return 0 if runs[-1]["p99_ms"] <= LIMIT_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
