"""Everybody comes back, again and again, and sees what the log says.

    python -m bench.resume --clients 5000 --resumes 10 --storm 2000 --database postgresql://postgres@127.0.0.1:5432/postgres

Two server processes over one PostgreSQL (a database made for it) and a Redis of its own; clients over real sockets in
rooms of 25. Each is cut off and resumes ten times while others play: once to the other node, once after its room has
slept, else to where it was. Then all of the storm are cut off at once: how long until all are back, and how often that
read the log for each room. At the end the log alone is replayed, and every view that a client ever had is checked.
"""

import argparse
import asyncio
import json
import re
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import httpx

from bench.cluster import USUAL, shared_by_nodes
from bench.crash import Watched, compare, finish
from bench.ground import UNLIMITED, Node
from bench.machine import free_port
from gamekeeper import connection as connection_module
from gamekeeper.client import Client
from gamekeeper.log.postgres.line import Connector
from gamekeeper.log.postgres.log import PostgresLog
from gamekeeper.testing.simulation.reference import Violation
from gamekeeper.wire.frames import Welcome

MEMBERS = 25
"""Of a room."""
AT_ONCE = 40
PATIENCE_S = 120.0
ELSEWHERE, ASLEEP = 1, 2
"""The rounds in which clients come back to the other node, and find that their rooms have slept."""
SETTINGS = UNLIMITED | {"sweep_s": "0.5"}
READS = re.compile(
    r'^gamekeeper_database_statement_seconds_count\{statement="SELECT first, last, body[^"]*"\} (\S+)$', re.M
)
AWAKE = re.compile(r"^gamekeeper_rooms_awake (\S+)$", re.M)


class Returning(Watched):
    """A client that is cut off and comes back when it is told to."""

    home = 0
    resumed = 0

    def _notice(self, frame: Any) -> None:
        if isinstance(frame, Welcome):
            self.resumed += frame.resumed
        super()._notice(frame)

    @property
    def live(self) -> bool:
        return self.connection.state == "live"

    async def add(self) -> None:
        await self.connection.send("add", {"amount": 1})

    def cut(self, unreachable: str) -> None:
        self.observe()
        self.connection.url = f"{unreachable}/rooms/{self.witness.room}/socket"
        self.connection.drop()

    async def away(self) -> None:
        await self.connection.until(lambda: not self.live, PATIENCE_S)

    async def back(self, url: str) -> None:
        self.connection.url = f"{url}/rooms/{self.witness.room}/socket"
        await self.connection.until(lambda: self.live, PATIENCE_S)


class Crowd:
    """Two nodes, and everybody in their rooms."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.nodes = [Node(folder, name, SETTINGS | settings) for name in ("north", "south")]
        self.urls = [node.url.replace("http", "ws", 1) for node in self.nodes]
        self.everybody: list[Returning] = []
        self._users: list[Client] = []
        self._nowhere = f"ws://127.0.0.1:{free_port()}"
        self._http = httpx.AsyncClient(trust_env=False)

    async def start(self, clients: int) -> None:
        for node in self.nodes:
            await node.start()
        for node in self.nodes:
            await node.ready()
        few = asyncio.Semaphore(AT_ONCE)

        async def room(number: int) -> None:
            async with few:
                await self._fill(number % 2, min(MEMBERS, clients - number * MEMBERS))

        await asyncio.gather(*(room(number) for number in range(-(-clients // MEMBERS))))

    async def _fill(self, home: int, members: int) -> None:
        """A room and its members, the first of whom opens it."""
        id = code = ""
        for number in range(members):
            user = Client(self.nodes[home].url, timeout_s=PATIENCE_S)
            self._users.append(user)
            await user.guest(f"Player {number}")
            if number == 0:
                opened = await user.open("tally")
                id, code = opened["id"], opened["code"]
            else:
                await user.join(code)
            one = Returning(user.connect(id), id, Random(number))
            one.home = home
            await one.connection.__aenter__()
            self.everybody.append(one)

    async def close(self) -> None:
        for user in self._users:
            await user.__aexit__(None, None, None)
        await self._http.aclose()
        for node in self.nodes:
            await node.kill()

    async def round(self, number: int) -> None:
        """Everybody resumes once."""
        if number == ELSEWHERE:
            for one in self.everybody:
                one.home = 1 - one.home
        if number == ASLEEP:
            await self._sleep()
            return
        for half in (0, 1):
            leaving, staying = self.everybody[half::2], self.everybody[1 - half :: 2]
            await self._leave(leaving)
            await asyncio.gather(*(one.add() for one in staying))
            await self._return(leaving)

    async def _leave(self, leaving: Sequence[Returning]) -> None:
        for one in leaving:
            one.cut(self._nowhere)
        await asyncio.gather(*(one.away() for one in leaving))

    async def _return(self, leaving: Sequence[Returning]) -> None:
        await asyncio.gather(*(one.back(self.urls[one.home]) for one in leaving))

    async def _sleep(self) -> None:
        await self._leave(self.everybody)
        async with asyncio.timeout(PATIENCE_S):
            while await self.figure(AWAKE):  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.2)
        await self._return(self.everybody)

    async def storm(self, clients: int) -> dict[str, Any]:
        """All at once: what it took until all were back."""
        caught = self.everybody[:clients]
        rooms = len({one.witness.room for one in caught})
        reads, began = await self.figure(READS), time.monotonic()
        for one in caught:
            one.connection.drop()
        await asyncio.gather(*(one.away() for one in caught))
        await asyncio.gather(*(one.back(self.urls[one.home]) for one in caught))
        back_s = time.monotonic() - began
        reads = await self.figure(READS) - reads
        return {"storm": len(caught), "storm_s": round(back_s, 2), "storm_reads_per_room": reads / rooms}

    async def figure(self, pattern: re.Pattern[str]) -> float:
        """A metric of both nodes together."""
        told = [(await self._http.get(f"{node.url}/metrics", timeout=PATIENCE_S)).text for node in self.nodes]
        return sum(float(found) for text in told for found in pattern.findall(text))


async def run(
    clients: int, resumes: int, storm: int, server: str, folder: Path, idle_s: float = 30.0
) -> dict[str, Any]:
    """The figures of a run in which nothing differed; rooms sleep after `idle_s`. Raises `Violation`."""
    connection_module.LAST_RETRY_S = 0.2
    async with shared_by_nodes(server) as settings:
        crowd = Crowd(folder, settings | {"idle_s": str(idle_s)})
        try:
            await crowd.start(clients)
            for number in range(1, resumes + 1):
                await crowd.round(number)
            resumed = sum(one.resumed for one in crowd.everybody)
            reads = await crowd.figure(READS)
            figures = await crowd.storm(storm) if storm else {}
            await finish([], crowd.everybody)
        finally:
            await crowd.close()
        log = await PostgresLog.open(Connector(settings["database_url"]), None)
        try:
            found = await compare(log, [settings["secret"]], [one.witness for one in crowd.everybody])
        finally:
            await log.close()
    if resumed != clients * resumes:
        raise Violation(f"I4 {resumed} of {clients * resumes} came back by resume")
    if figures.get("storm_reads_per_room", 0.0) > 1.0:
        raise Violation(f"the storm read the log {figures['storm_reads_per_room']} times for each room")
    return {"clients": clients, "resumed": resumed, "reads_before_storm": reads} | figures | found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--resumes", type=int, default=10)
    parser.add_argument("--storm", type=int, default=2000)
    parser.add_argument("--database", default=USUAL, help="a PostgreSQL in which databases may be made")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="gamekeeper-resume-") as folder:
        try:
            found = asyncio.run(run(options.clients, options.resumes, options.storm, options.database, Path(folder)))
        except (Violation, TimeoutError) as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            return 1
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
