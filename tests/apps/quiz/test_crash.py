"""M7 and M5 on real sockets and a real log: the server killed in the middle of a question, lines cut ten times.

`QUIZ_PLAYERS=500 pytest tests/apps/quiz/test_crash.py` plays the specified crowd.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection
from gamekeeper_apps.quiz.recount import matches
from tests.apps.quiz.stage import SINGLE
from tests.e2e.lesson import Server

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PLAYERS = int(os.environ.get("QUIZ_PLAYERS", "30"))
PATIENCE_S = 30.0
LIMIT_S = 60


class Crowd:
    """A host at the desk and players, all connected."""

    def __init__(self, server: Server, host: Client, room: str, desk: Connection, players: list[Connection]) -> None:
        self.server, self.host, self.room, self.desk, self.players = server, host, room, desk, players

    async def show(self) -> list[str]:
        """Put the next question; the oids, once it is open."""
        await self.desk.send("show")
        number = self.desk.public["ask"]["ask"]
        for live in self.players:
            await live.until(lambda live=live: live.public["ask"] and live.public["ask"]["ask"] == number, PATIENCE_S)
        await asyncio.sleep(1.0)
        return [option["oid"] for option in self.desk.public["ask"]["options"]]

    async def exported(self) -> dict[str, Any]:
        return json.loads(await self.host.download(f"/api/quiz/rooms/{self.room}/export?format=json"))  # type: ignore[no-any-return]


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    server = Server(tmp_path / "data")
    await asyncio.to_thread(server.start)
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(Client(server.url, timeout_s=PATIENCE_S))
        await host.guest("Host")
        settings = {"pre_read_s": 0, "limit_s": LIMIT_S}
        room = await host.open("quiz", {"title": "Crash", "settings": settings})
        segment = msgspec.to_builtins({"title": "One", "questions": (SINGLE, SINGLE)})
        await host.request("POST", f"/api/quiz/rooms/{room['id']}/segments", segment)
        desk = await stack.enter_async_context(host.connect(room["id"]))
        await desk.send("set_rate", {"per_s": 10_000, "burst": 10_000})
        players: list[Connection] = []
        for number in range(PLAYERS):
            client = await stack.enter_async_context(Client(server.url, timeout_s=PATIENCE_S))
            await client.guest(f"P{number}")
            await client.join(room["code"])
            players.append(await stack.enter_async_context(client.connect(room["id"])))
        await desk.send("start")
        yield Crowd(server, host, room["id"], desk, players)
    await asyncio.to_thread(server.kill, signal.SIGTERM)


async def test_no_acknowledged_answer_is_lost_when_the_server_is_killed(crowd: Crowd) -> None:
    """M7: everybody is back, the clock stood still meanwhile, and the rest can still answer."""
    oids = await crowd.show()
    early, rest = crowd.players[: PLAYERS // 2], crowd.players[PLAYERS // 2 :]
    await asyncio.gather(*(live.send("answer", {"ask": 1, "value": oids[0]}) for live in early))
    closes = crowd.desk.public["ask"]["closes_at"]
    await asyncio.to_thread(crowd.server.kill)
    await asyncio.to_thread(crowd.server.start)
    for live in [crowd.desk, *crowd.players]:
        await live.until(lambda live=live: live.state == "live" and live.public["pause"] is None, PATIENCE_S)
    assert crowd.desk.public["phase"] == "open" and crowd.desk.public["ask"]["closes_at"] > closes
    assert all(live.private["answer"] == {"ask": 1, "value": oids[0]} for live in early)
    await asyncio.gather(*(live.send("answer", {"ask": 1, "value": oids[1]}) for live in rest))
    await crowd.desk.until(lambda: crowd.desk.public["phase"] == "closed", PATIENCE_S)
    await crowd.desk.send("reveal")
    await crowd.desk.until(lambda: crowd.desk.public["phase"] == "revealed", PATIENCE_S)
    exported = await crowd.exported()
    kinds = [event["type"] for event in exported["events"]]
    assert kinds.count("answered") == PLAYERS and matches(exported)
    pauses = [event["data"]["reason"] for event in exported["events"] if event["type"] == "paused"]
    assert pauses == ["server_restart"] and kinds.count("resumed") == 1


async def test_the_tenth_reconnect_is_as_good_as_the_first_over_real_sockets(crowd: Crowd) -> None:
    """M5: same seat, answer and running question each time; the answer cannot be given twice."""
    oids = await crowd.show()
    live = crowd.players[0]
    await live.send("answer", {"ask": 1, "value": oids[0]})
    known = live.private, live.public["ask"], live.seat
    for number in range(1, 11):
        live.drop()
        await live.until(lambda number=number: live.reconnects == number and live.state == "live", PATIENCE_S)
        assert (live.private, live.public["ask"], live.seat) == known
        with pytest.raises(Rejected, match="already_answered"):
            await live.send("answer", {"ask": 1, "value": oids[1]})
    assert crowd.desk.shared["counters"]["players"] == PLAYERS
