"""Break a real cluster again and again under load and compare what every client saw with the log.

    python -m bench.chaos --faults 50 [--clients 8] [--halls 1] [--seed 7]

Three server processes over a PostgreSQL and a Redis of their own, each on a host (network namespace) of its own where
the machine allows that; clients over real sockets that never stop sending and come back to any node, and whole CHSH
sessions beside them. Nodes are killed, left dead, stopped past their lease, drained, restarted in turn and cut off from
the network; Redis and PostgreSQL are killed; clients are cut off. At the end the log alone is replayed, and every
acknowledgement and every view that a client ever had is checked. Exit status 1: something was lost, phantom, twice, out
of order, or a client never went on.
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
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from bench.crash import compare, finish, seat_players
from bench.ground import Host, Node, Redis
from bench.hall import Hall
from bench.pauses import Pauses
from bench.planted import PLANTS
from bench.postgres import DURABLE_BUT_SMALL, Cluster, programs
from gamekeeper import connection as connection_module
from gamekeeper.log.postgres.line import Connector
from gamekeeper.log.postgres.log import PostgresLog
from gamekeeper.testing.simulation.reference import Violation

NODES = 3
LEASE_S = 2.0
RECOVERY_S = 60.0


class Chaos:
    """The cluster, its clients, and what is done to them."""

    def __init__(
        self, folder: Path, database: Cluster, hosts: Sequence[Host], rng: random.Random, plant: str | None
    ) -> None:
        self.redis = Redis(everywhere=bool(hosts))
        self.database = database
        self.secret = token_hex(32)
        self.hosts = hosts
        self.pauses = Pauses()
        self.halls: list[Hall] = []
        self._rng = rng
        self._settings = {
            "secret": self.secret,
            "lease_s": str(LEASE_S),
            "log_level": "error",
            "log_commands": "false",
            "command_rate_factor": "1000",
        }
        self.nodes = [self._node(folder, number, plant) for number in range(NODES)]

    def _node(self, folder: Path, number: int, plant: str | None) -> Node:
        host = self.hosts[number] if self.hosts else None
        reach = host.above if host is not None else "127.0.0.1"
        places = {
            "database_url": self.database.url.replace("127.0.0.1", reach),
            "redis_url": f"redis://{reach}:{self.redis.port}",
        }
        node = Node(folder, f"node-{number}", self._settings | places, host)
        if plant:
            node.plant(plant)
        return node

    async def start(self) -> None:
        await self.redis.start()
        for node in self.nodes:
            await node.start()
            await node.ready()

    async def stop(self) -> None:
        for hall in self.halls:
            hall.end()
        for node in self.nodes:
            with suppress(ProcessLookupError):
                node.signal(signal.SIGCONT)
            await node.kill()
        await self.redis.kill()

    async def wander(self) -> None:
        """Whoever comes back comes back to any node."""
        urls = [node.url.replace("http", "ws", 1) for node in self.nodes]
        while True:
            for each in self.pauses.watched:
                path = each.connection.url.split("/", 3)[3]
                each.connection.url = f"{self._rng.choice(urls)}/{path}"
            await asyncio.sleep(0.05)

    def faults(self) -> dict[str, Callable[[], Coroutine[Any, Any, None]]]:
        """What may happen, by name."""
        found = {
            "kill": self._kill, "death": self._death, "stop": self._stop, "drain": self._drain,
            "rolling": self._rolling, "redis": self._redis, "postgres": self._postgres, "cut": self._cut,
        }  # fmt: skip
        return found | ({"cable": self._cable} if self.hosts else {})

    async def fault(self) -> None:
        """Do one thing, and wait until every client has had an answer since."""
        kind = self._rng.choice([*self.faults()])
        self.pauses.begin()
        try:
            await self.faults()[kind]()
            await self.pauses.end(kind, RECOVERY_S)
        except TimeoutError:
            print(f"after {kind}: {self.pauses.waiting()}", flush=True)
            raise

    async def _kill(self) -> None:
        node = self._rng.choice(self.nodes)
        await node.kill()
        await node.start()

    async def _death(self) -> None:
        """It stays dead until others have taken over."""
        node = self._rng.choice(self.nodes)
        await node.kill()
        await self.pauses.end("failover", RECOVERY_S)
        await node.start()
        await node.ready()

    async def _drain(self, node: Node | None = None) -> None:
        node = node or self._rng.choice(self.nodes)
        await node.kill(signal.SIGTERM)
        await node.start()

    async def _rolling(self) -> None:
        for node in self.nodes:
            await self._drain(node)
            await node.ready()

    async def _stop(self) -> None:
        node = self._rng.choice(self.nodes)
        node.signal(signal.SIGSTOP)
        await asyncio.sleep(self._rng.uniform(0, 2 * LEASE_S))
        node.signal(signal.SIGCONT)

    async def _redis(self) -> None:
        await self.redis.kill()
        await asyncio.sleep(self._rng.uniform(0, 2.0))
        await self.redis.start()

    async def _postgres(self) -> None:
        await asyncio.to_thread(self.database.stop)
        await asyncio.sleep(self._rng.uniform(0, 1.0))
        await asyncio.to_thread(self.database.start)

    async def _cable(self) -> None:
        host = self._rng.choice(self.hosts)
        host.plug(False)
        await asyncio.sleep(self._rng.uniform(0, 2 * LEASE_S))
        host.plug(True)

    async def _cut(self) -> None:
        self._rng.choice(self.pauses.watched).connection.drop()


async def run(options: argparse.Namespace, folder: Path, database: Cluster, hosts: Sequence[Host]) -> dict[str, Any]:
    """Play and break; the figures. Raises `Violation`."""
    rng = random.Random(options.seed)
    connection_module.LAST_RETRY_S = 0.5
    chaos = Chaos(folder, database, hosts, rng, options.plant)
    sessions = None
    try:
        await chaos.start()
        with suppress(TimeoutError):
            sessions = await play(chaos, options, rng)
    finally:
        await chaos.stop()
    log = await PostgresLog.open(Connector(database.url), None)
    try:
        figures = await compare(log, [chaos.secret], [each.witness for each in chaos.pauses.watched])
    finally:
        await log.close()
    if sessions is None:
        raise Violation(f"a client had no answer for {RECOVERY_S:.0f} s, or the end was not reached")
    played = {"seed": options.seed, "faults": options.faults, "clients": options.clients, "chsh_sessions": sessions}
    return played | figures | chaos.pauses.figures(LEASE_S)


async def play(chaos: Chaos, options: argparse.Namespace, rng: random.Random) -> int:
    """How many CHSH sessions were played meanwhile. Raises `Violation`, and `TimeoutError` when a client is stuck."""
    players, chaos.pauses.watched = await seat_players(chaos.nodes[0].url, options.clients, rng)
    chaos.halls = [Hall([node.url for node in chaos.nodes], rng) for _ in range(options.halls)]
    tasks = [asyncio.create_task(each.play()) for each in chaos.pauses.watched]
    around = [asyncio.create_task(work) for work in (chaos.wander(), chaos.pauses.watch())]
    try:
        for number in range(1, options.faults + 1):
            await asyncio.sleep(rng.expovariate(1 / 0.5))
            await chaos.fault()
            if number % 10 == 0:
                print(f"{number} faults, {chaos.pauses.acknowledged:,} acknowledged", flush=True)
        for node in chaos.nodes:
            await node.ready()
        await finish(tasks, chaos.pauses.watched)
        return sum([await hall.finished() for hall in chaos.halls])
    finally:
        for task in (*tasks, *around):
            task.cancel()
        for player in players:
            await player.__aexit__(None, None, None)


async def on_own_ground(options: argparse.Namespace) -> dict[str, Any]:
    """A database and hosts for this run alone, gone after it. Raises `FileNotFoundError`: there is no PostgreSQL."""
    found = programs()
    if found is None:
        raise FileNotFoundError("no PostgreSQL on this machine")
    hosts = [Host(number) for number in range(NODES)] if options.hosts and Host.possible() else []
    database = Cluster(found, DURABLE_BUT_SMALL, [host.address + "/30" for host in hosts])
    try:
        with tempfile.TemporaryDirectory(prefix="gamekeeper-chaos-") as folder:
            return await run(options, Path(folder), database, hosts)
    finally:
        database.remove()
        for host in hosts:
            host.remove()


def asked(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=50)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--halls", type=int, default=1, help="CHSH sessions at a time")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--plant", choices=[*PLANTS], help="a bug of bench/planted.py to start the nodes with")
    parser.add_argument("--no-hosts", dest="hosts", action="store_false", help="all nodes on the loopback")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = asked(arguments)
    if shutil.which("redis-server") is None or programs() is None:
        print("this needs redis-server and PostgreSQL's programs", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the ground is taken away again, also then
    try:
        figures = asyncio.run(on_own_ground(options))
    except Violation as violation:
        print(f"seed {options.seed}: {violation}")
        return 1
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
