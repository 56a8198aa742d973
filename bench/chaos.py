"""Break a real cluster again and again under load and compare what every client saw with the log.

    python -m bench.chaos --faults 50 --database postgresql://postgres@127.0.0.1:5432/postgres

Three server processes over one PostgreSQL (a database made for it) and a Redis of its own; clients over real sockets
that never stop sending and come back to any node. Nodes are killed, stopped past their lease, drained; Redis is killed;
clients are cut off. At the end the log alone is replayed, and every acknowledgement and every view that a client ever
had is checked.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from statistics import median
from typing import Any

from bench.cluster import USUAL, Redis, database_in
from bench.crash import Server, Watched, compare, finish, free_port, seat_players
from gamekeeper import client as client_module
from gamekeeper.log.postgres.line import Connector
from gamekeeper.log.postgres.log import PostgresLog
from gamekeeper.testing.simulation.reference import Violation

NODES = 3
LEASE_S = 2.0
RECOVERY_S = 60.0


class Node(Server):
    """One server process of the cluster."""

    def __init__(self, folder: Path, name: str, settings: dict[str, str]) -> None:
        super().__init__(folder / name, free_port())
        given = [f"GAMEKEEPER_{key.upper()}={value}" for key, value in (settings | {"node": name}).items()]
        self._command = ["env", *given, *self._command]
        self.name = name

    def signal(self, number: signal.Signals) -> None:
        if self.pid:
            os.kill(self.pid, number)


class Chaos:
    """The cluster, its clients, and what is done to them."""

    def __init__(self, folder: Path, database: str, secret: str, rng: random.Random) -> None:
        self.redis = Redis()
        settings = {
            "database_url": database,
            "redis_url": self.redis.url,
            "secret": secret,
            "lease_s": str(LEASE_S),
            "log_level": "error",
            "log_commands": "false",
            "command_rate_factor": "1000",
        }
        self.nodes = [Node(folder, f"node-{number}", settings) for number in range(NODES)]
        self.watched: list[Watched] = []
        self.pauses_s: dict[str, list[float]] = {}
        self._rng = rng

    async def start(self) -> None:
        await self.redis.start()
        for node in self.nodes:
            await node.start()
            await node.ready()

    async def stop(self) -> None:
        for node in self.nodes:
            with suppress(ProcessLookupError):
                node.signal(signal.SIGCONT)
            await node.kill()
        await self.redis.kill()

    async def wander(self) -> None:
        """Whoever comes back comes back to any node."""
        urls = [node.url.replace("http", "ws", 1) for node in self.nodes]
        while True:
            for each in self.watched:
                path = each.connection.url.split("/", 3)[3]
                each.connection.url = f"{self._rng.choice(urls)}/{path}"
            await asyncio.sleep(0.05)

    async def fault(self) -> None:
        """Do one thing, and wait until every client has had an answer since."""
        kind = self._rng.choice(["kill", "stop", "drain", "redis", "cut"])
        before = self._answered()
        began = time.monotonic()
        await getattr(self, f"_{kind}")()
        async with asyncio.timeout(RECOVERY_S):
            while any(map(int.__ge__, before, self._answered())):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.01)
        self.pauses_s.setdefault(kind, []).append(time.monotonic() - began)

    def _answered(self) -> list[int]:
        return [len(each.witness.acknowledged) for each in self.watched]

    async def _kill(self) -> None:
        node = self._rng.choice(self.nodes)
        await node.kill()
        await node.start()

    async def _drain(self) -> None:
        node = self._rng.choice(self.nodes)
        await node.kill(signal.SIGTERM)
        await node.start()

    async def _stop(self) -> None:
        node = self._rng.choice(self.nodes)
        node.signal(signal.SIGSTOP)
        await asyncio.sleep(self._rng.uniform(0, 2 * LEASE_S))
        node.signal(signal.SIGCONT)

    async def _redis(self) -> None:
        await self.redis.kill()
        await asyncio.sleep(self._rng.uniform(0, 2.0))
        await self.redis.start()

    async def _cut(self) -> None:
        self._rng.choice(self.watched).connection.drop()


async def run(faults: int, clients: int, seed: int, database: str, folder: Path) -> dict[str, Any]:
    """Play and break; the figures. Raises `Violation`, and `TimeoutError` when a client never goes on."""
    rng = random.Random(seed)
    client_module.LAST_RETRY_S = 0.5
    secret = token_hex(32)
    chaos = Chaos(folder, database, secret, rng)
    try:
        await chaos.start()
        players, chaos.watched = await seat_players(chaos.nodes[0].url, clients, rng)
        tasks = [asyncio.create_task(each.play()) for each in chaos.watched]
        wandering = asyncio.create_task(chaos.wander())
        for number in range(1, faults + 1):
            await asyncio.sleep(rng.expovariate(1 / 0.5))
            await chaos.fault()
            if number % 10 == 0:
                print(f"{number} faults, {sum(len(w.witness.acknowledged) for w in chaos.watched):,} acknowledged")
        for node in chaos.nodes:
            await node.ready()
        await finish(tasks, chaos.watched)
        wandering.cancel()
        for player in players:
            await player.__aexit__(None, None, None)
    finally:
        await chaos.stop()
    log = await PostgresLog.open(Connector(database), None)
    try:
        figures = await compare(log, [secret], [each.witness for each in chaos.watched])
    finally:
        await log.close()
    return {"faults": faults, "clients": clients, "seed": seed} | figures | pauses(chaos.pauses_s)


def pauses(found: dict[str, list[float]]) -> dict[str, float]:
    """Seconds until every client had an answer again, by what was done: the usual one and the longest."""
    figures: dict[str, float] = {}
    for kind, seconds in sorted(found.items()):
        figures[f"{kind}_pause_s_median"] = round(median(seconds), 2)
        figures[f"{kind}_pause_s_longest"] = round(max(seconds), 2)
    return figures


async def in_own_database(server: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """A database for this run alone, gone after it."""
    async with database_in(server) as database:
        return await run(options.faults, options.clients, options.seed, database, folder)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=50)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--database", default=USUAL, help="a server where a database may be made")
    options = parser.parse_args(arguments)
    if shutil.which("redis-server") is None:
        print("no redis-server on this machine", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="gamekeeper-chaos-") as folder:
        try:
            figures = asyncio.run(in_own_database(options.database, options, Path(folder)))
        except Violation as violation:
            print(f"seed {options.seed}: {violation}")
            return 1
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
