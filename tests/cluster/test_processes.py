"""Real server processes over a real PostgreSQL and Redis: killed, stopped, cut off and drained."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gamekeeper.client import Client, Connection
from gamekeeper.cluster.tenure import FOLLOWER
from gamekeeper.log.postgres.line import Connector, Line
from gamekeeper.log.postgres.log import PostgresLog
from tests.cluster.nodes import until
from tests.cluster.redis import Redis, redis_in
from tests.server.kit import SECRET
from tests.server.process import server

pytestmark = pytest.mark.anyio

CROWD = "tests.cluster.crowd:app"
LEASE_S = 4.0


class Cluster:
    """Server processes that share everything but their memory."""

    def __init__(self, folder: Path, postgres_url: str, redis: Redis, stack: ExitStack) -> None:
        self.postgres_url = postgres_url
        self.redis = redis
        self._folder = folder
        self._stack = stack
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.urls: dict[str, str] = {}

    def start(self, node: str, **settings: str) -> str:
        """One more node; its address."""
        shared = {
            "secret": SECRET,
            "log_store": "postgres",
            "database_url": self.postgres_url,
            "redis_url": self.redis.url,
            "node": node,
            "lease_s": str(LEASE_S),
            "log_file": str(self._folder / f"{node}.log"),
            "command_rate_factor": "1000",
        }
        process, ready = self._stack.enter_context(server(self._folder / node, "--app", CROWD, **shared | settings))
        self.processes[node] = process
        self.urls[node] = ready["url"]
        return str(ready["url"])

    def signal(self, node: str, number: signal.Signals) -> None:
        os.kill(self.processes[node].pid, number)

    async def log(self) -> PostgresLog:
        """The truth, for reading."""
        return await PostgresLog.open(Connector(self.postgres_url), None)


@pytest.fixture
def cluster(tmp_path: Path, postgres_url: str) -> Iterator[Cluster]:
    with ExitStack() as stack:
        redis = stack.enter_context(redis_in(tmp_path))
        yield Cluster(tmp_path, postgres_url, redis, stack)


class Player:
    """A client that adds one and one and remembers what it was told."""

    def __init__(self, live: Connection) -> None:
        self.live = live
        self.acknowledged = 0
        self.going = True

    async def play(self) -> None:
        while self.going:
            await self.live.send("add", {"amount": 1})
            self.acknowledged += 1


async def at(url: str, name: str) -> Client:
    client = Client(url)
    await client.guest(name)
    return client


@pytest.fixture
async def clients() -> AsyncGenerator[list[Client], None]:
    made: list[Client] = []
    yield made
    for client in made:
        await client.__aexit__(None, None, None)


async def opened(
    cluster: Cluster, node: str, clients: list[Client], app: str = "tally"
) -> tuple[Client, dict[str, Any]]:
    host = await at(cluster.urls[node], "Host")
    clients.append(host)
    return host, await host.open(app)


async def seated(cluster: Cluster, node: str, room: dict[str, Any], name: str, clients: list[Client]) -> Player:
    client = await at(cluster.urls[node], name)
    clients.append(client)
    await client.join(room["code"])
    return Player(await client.connect(room["id"]).__aenter__())


async def total_written(cluster: Cluster, room: str) -> int:
    log = await cluster.log()
    entries = await log.read(room, 0, 1_000_000)
    await log.close()
    return sum(1 for entry in entries for stored in entry.events if stored.type == "added")


async def further(players: list[Player]) -> None:
    """Return once each has had twenty more answers."""
    wanted = [player.acknowledged + 20 for player in players]
    await until(lambda: all(player.acknowledged >= goal for player, goal in zip(players, wanted, strict=True)), 60)


async def finish(players: list[Player], tasks: list["asyncio.Task[None]"]) -> None:
    for player in players:
        player.going = False
    await asyncio.wait_for(asyncio.gather(*tasks), 30)


async def test_a_killed_owner_loses_nothing_and_its_clients_go_on(cluster: Cluster, clients: list[Client]) -> None:
    """R4-172, R1-102, R3-152: every acknowledged command is in the log once, and every client sees the same end."""
    cluster.start("north")
    cluster.start("south")
    _, room = await opened(cluster, "north", clients)
    players = [await seated(cluster, "south", room, f"P{number}", clients) for number in range(3)]
    tasks = [asyncio.create_task(player.play()) for player in players]
    await further(players)
    cluster.signal("north", signal.SIGKILL)
    await further(players)
    await finish(players, tasks)
    acknowledged = sum(player.acknowledged for player in players)
    for player in players:
        await player.live.until(lambda player=player: player.live.public["total"] == acknowledged, 10)
        assert player.live.reconnects >= 1
    assert await total_written(cluster, room["id"]) == acknowledged


async def test_an_owner_that_slept_past_its_lease_commits_nothing(cluster: Cluster, clients: list[Client]) -> None:
    """I2: it is fenced when it comes back, and shows nothing that is not in the log."""
    cluster.start("north")
    cluster.start("south")
    _, room = await opened(cluster, "north", clients)
    here = await seated(cluster, "north", room, "Here", clients)
    there = await seated(cluster, "south", room, "There", clients)
    tasks = [asyncio.create_task(player.play()) for player in (here, there)]
    await further([here, there])
    cluster.signal("north", signal.SIGSTOP)
    await further([there])
    cluster.signal("north", signal.SIGCONT)
    await further([here])
    await finish([here, there], tasks)
    acknowledged = here.acknowledged + there.acknowledged
    for player in (here, there):
        await player.live.until(lambda player=player: player.live.public["total"] == acknowledged, 10)
    assert await total_written(cluster, room["id"]) == acknowledged


async def test_losing_redis_delays_and_heals(cluster: Cluster, clients: list[Client]) -> None:
    """R3-152: the log is the truth; whoever sits at the owner notices nothing."""
    cluster.start("north")
    cluster.start("south")
    _, room = await opened(cluster, "north", clients)
    here = await seated(cluster, "north", room, "Here", clients)
    there = await seated(cluster, "south", room, "There", clients)
    tasks = [asyncio.create_task(player.play()) for player in (here, there)]
    await further([here, there])
    cluster.redis.kill()
    await further([here])
    await until(lambda: there.live.state == "reconnecting", 30)
    cluster.redis.start()
    await further([there])
    assert here.live.reconnects == 0
    await finish([here, there], tasks)
    acknowledged = here.acknowledged + there.acknowledged
    for player in (here, there):
        await player.live.until(lambda player=player: player.live.public["total"] == acknowledged, 10)
    assert await total_written(cluster, room["id"]) == acknowledged


async def test_a_rolling_restart_of_three_nodes_loses_nothing(cluster: Cluster, clients: list[Client]) -> None:
    """R0-66, R4-178: each node goes down in order; clients that were anywhere come back elsewhere and go on."""
    names = ("north", "south", "west")
    for node in names:
        cluster.start(node)
    _, room = await opened(cluster, "north", clients)
    players = [await seated(cluster, node, room, node.title(), clients) for node in names]
    tasks = [asyncio.create_task(player.play()) for player in players]
    for leaving, refuge in (("north", "south"), ("south", "west")):
        await further(players)
        for player in players:
            moved = cluster.urls[refuge].replace("http", "ws", 1)
            player.live.url = player.live.url.replace(cluster.urls[leaving].replace("http", "ws", 1), moved)
        cluster.signal(leaving, signal.SIGTERM)
        assert await asyncio.to_thread(cluster.processes[leaving].wait, 30) == 0
        await further(players)
    await finish(players, tasks)
    acknowledged = sum(player.acknowledged for player in players)
    for player in players:
        await player.live.until(lambda player=player: player.live.public["total"] == acknowledged, 10)
    assert await total_written(cluster, room["id"]) == acknowledged


async def test_who_is_there_is_right_after_a_gateway_has_died(cluster: Cluster, clients: list[Client]) -> None:
    """Presence is told by the room's owner, who notices that a gateway is silent."""
    cluster.start("north")
    cluster.start("south")
    host, room = await opened(cluster, "north", clients, "crowd")
    async with host.connect(room["id"]) as watching:
        there = await seated(cluster, "south", room, "There", clients)
        await watching.until(lambda: watching.online.get(there.live.seat) is True, 10)
        cluster.signal("south", signal.SIGKILL)
        await watching.until(lambda: watching.online.get(there.live.seat) is False, 30)


async def test_kinds_of_games_run_in_processes_of_their_own(cluster: Cluster, clients: list[Client]) -> None:
    """R4-173, R1-110: rooms land on the node of their application; a pure gateway serves both."""
    cluster.start("gate", owns="none")
    cluster.start("tallies", owns="tally")
    cluster.start("crowds", owns="crowd")
    rooms = {app: (await opened(cluster, "gate", clients, app))[1] for app in ("tally", "crowd")}
    players = [await seated(cluster, "gate", rooms[app], app, clients) for app in ("tally", "crowd")]
    tasks = [asyncio.create_task(player.play()) for player in players]
    await further(players)
    await finish(players, tasks)
    lines = Line(Connector(cluster.postgres_url))
    owners = dict(await lines.fetch("SELECT room, node FROM gamekeeper_log.rooms WHERE node IS NOT NULL"))
    await lines.close()
    assert owners[rooms["tally"]["id"]].startswith("tallies-") and owners[rooms["crowd"]["id"]].startswith("crowds-")
    assert not any(node.startswith("gate-") for room, node in owners.items() if not room.startswith(FOLLOWER))
