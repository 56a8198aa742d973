"""A lecture hall of the Bell game: `python -m bench.chsh [--minutes 10] [--pairs 100] [--period 2]`.

The server runs in a process of its own on SQLite with `synchronous=FULL`; every player and the host's dashboard are
real sockets of this process, on the same machine. Four figures: a burst of joins, a long run at an even pace, what one
answer costs after many stored rounds (the room's own loop, without sockets), the dashboard's bytes per changed pair.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.results import percentile
from gamekeeper.client import Client, Connection
from gamekeeper.embedded import Apart, serving_apart
from gamekeeper.room.limits import Limits
from gamekeeper.testing import Rehearsal
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.game import Chsh
from gamekeeper_apps.chsh.strategies import BEST_TABLE
from gamekeeper_apps.chsh.tables.answers_csv import duplicates_and_keys
from gamekeeper_apps.chsh.tables.text import parse_table

BURST_S = 2.0
TIMED_ANSWERS = 400
PATIENCE_S = 60.0


class Dashboard:
    """The host's socket: when a pair's new round showed, and what the news weighed."""

    def __init__(self, live: Connection) -> None:
        self.live = live
        self.closed_at: dict[tuple[str, int], float] = {}
        self.delays: list[float] = []
        self.changed_pairs = 0
        self._known: dict[str, int] = {}

    async def watch(self) -> None:
        while True:
            await self.live.changed()
            now = time.perf_counter()
            for id, row in self.live.shared["pairs"].items():
                before = self._known.get(id, 0)
                if row["rounds"] == before:
                    continue
                self._known[id] = row["rounds"]
                self.changed_pairs += 1
                for number in range(before + 1, row["rounds"] + 1):
                    began = self.closed_at.pop((id, number), None)
                    if began is not None:
                        self.delays.append(now - began)


class Hall:
    """Everybody's sockets."""

    def __init__(self, server: Apart, stack: AsyncExitStack) -> None:
        self.server = server
        self.acknowledged: set[tuple[str, str, str]] = set()
        self.next_question: list[float] = []
        self._stack = stack
        self._answering: dict[tuple[int, int], float] = {}
        self._overslept: list[float] = []

    async def open(self, pairs: int) -> None:
        self.host = await self._stack.enter_async_context(Client(self.server.url, timeout_s=PATIENCE_S))
        await self.host.guest("Host")
        self.room = await self.host.open("chsh")
        self.dashboard = Dashboard(await self._stack.enter_async_context(self.host.connect(self.room["id"])))
        self.clients: list[Client] = []
        for number in range(2 * pairs):
            client = await self._stack.enter_async_context(Client(self.server.url, timeout_s=PATIENCE_S))
            await client.guest(f"Player {number}")
            self.clients.append(client)

    async def burst(self) -> dict[str, Any]:
        """All join within `BURST_S`, each by the code, and connect. How long it took; whether each has one seat."""
        began, last = time.perf_counter(), 0.0

        async def come(number: int) -> Connection:
            nonlocal last
            await asyncio.sleep(number * BURST_S / len(self.clients))
            client = self.clients[number]
            await client.join(self.room["code"], f"Player {number}")
            live = await self._stack.enter_async_context(client.connect(self.room["id"]))
            await live.until(lambda: live.private is not None and live.private["pair"], PATIENCE_S)
            last = time.perf_counter()
            return live

        self.players = await asyncio.gather(*(come(number) for number in range(len(self.clients))))
        places = {(live.private["pair"]["id"], live.private["pair"]["position"]) for live in self.players}
        seats = {live.seat for live in self.players}
        return {
            "joins": len(self.players),
            "seated once": len(seats) == len(places) == len(self.players),
            "all seated after s": last - began,
        }

    async def play(self, seconds: float, period: float) -> dict[str, Any]:
        """One answer of each player in each period, at its own moment of it."""
        desk = self.dashboard.live
        await desk.send(
            "open_run", {"planned_rounds": None, "deadline_s": None, "feedback_pause_s": 0, "feedback": "result"}
        )
        await desk.send("start_run", {})
        watching = asyncio.create_task(self.dashboard.watch())
        sleeping = asyncio.create_task(self._oversleep())
        await asyncio.sleep(period)
        bytes_before, cpu_before, began = desk.bytes, self.server.cpu_s or 0.0, time.perf_counter()
        own_before, pairs_before = time.process_time(), self.dashboard.changed_pairs
        rounds = int(seconds / period)
        await asyncio.gather(*(self._sit(live, rounds, began, period) for live in self.players))
        elapsed = time.perf_counter() - began
        cpu, own = (self.server.cpu_s or 0.0) - cpu_before, time.process_time() - own_before
        await asyncio.sleep(2.0)
        watching.cancel()
        sleeping.cancel()
        heavy, changed = desk.bytes - bytes_before, self.dashboard.changed_pairs - pairs_before
        await desk.send("end_run", {})
        answers = await self.host.download(f"/api/chsh/rooms/{self.room['id']}/export?format=answers-csv")
        stored, duplicates = duplicates_and_keys(parse_table(answers, "answers"))
        delays = self.dashboard.delays
        return {
            "answers": len(self.acknowledged),
            "answers/s": len(self.acknowledged) / elapsed,
            "lost": len(self.acknowledged - stored),
            "duplicate": duplicates,
            "p50 answer to next question ms": percentile(self.next_question, 0.50) * 1000,
            "p99 answer to next question ms": percentile(self.next_question, 0.99) * 1000,
            "p99 answer to dashboard ms": percentile(delays, 0.99) * 1000,
            "p99 of a sleep that came late ms": percentile(self._overslept, 0.99) * 1000,
            "server share of a core": cpu / elapsed,
            "load generator share of a core": own / elapsed,
            "answers per CPU second of the server": len(self.acknowledged) / cpu,
            "dashboard bytes per changed pair": heavy / max(1, changed),
            "changed pairs": changed,
        }

    async def _oversleep(self) -> None:
        """What the machine does to somebody who only sleeps: the part of every latency that is not the server's."""
        while True:
            due = time.perf_counter() + 0.01
            await asyncio.sleep(0.01)
            self._overslept.append(time.perf_counter() - due)

    async def _sit(self, live: Connection, rounds: int, began: float, period: float) -> None:
        """The latencies are of the answer that closes a round: from its sending to the next letter, at either seat."""
        own = random.random() * period
        pair, position = live.private["pair"]["id"], live.private["pair"]["position"]
        for number in range(1, rounds + 1):
            await live.until(lambda number=number: _round(live) == number, PATIENCE_S)
            if number > 1:
                self.next_question.append(time.perf_counter() - self._answering[pair, number - 1])
            await asyncio.sleep(max(0.0, began + (number - 1) * period + own - time.perf_counter()))
            self._answering[pair, number] = now = time.perf_counter()
            self.dashboard.closed_at[str(pair), number] = now
            letter = live.private["question"]["letter"]
            await live.send("answer", {"run": 1, "round": number, "answer": BEST_TABLE[letter]})
            self.acknowledged.add((str(pair), str(number), str(position)))


def _round(live: Connection) -> int | None:
    question = live.private["question"]
    return question["round"] if question else None


# -- one answer after many ---------------------------------------------------------------------------------------------


def cost_of_history(stored: int) -> dict[str, Any]:
    """Milliseconds of one answer, dashboard included, at 1,000 and at `stored` rounds of a room."""
    room = Rehearsal(Chsh(), seed="bench", limits=Limits(rate_factor=1e9))
    players = [room.join(f"Player {number}") for number in range(20)]
    room.host.send(m.OpenRun(planned_rounds=None, feedback_pause_s=0.0, deadline_s=None))
    room.host.send(m.StartRun())
    found = {}
    for rounds in (1_000, stored):
        while room.state.figures.rounds < rounds:
            _turn(players)
        timings: list[float] = []
        while len(timings) < TIMED_ANSWERS:
            began, before = time.process_time(), len(players)
            _turn(players)
            timings.append((time.process_time() - began) / before)
        found[rounds] = statistics.median(timings) * 1000
    return {
        f"ms per answer at {rounds:,} rounds": value for rounds, value in found.items()
    } | {"ratio": found[stored] / found[1_000]}  # fmt: skip


def _turn(players: list[Any]) -> None:
    """One answer of everybody."""
    for player in players:
        question = player.private["question"]
        player.send(m.Answer(1, question["round"], BEST_TABLE[question["letter"]]))
        player.payloads.clear()


async def run(options: argparse.Namespace, data: Path) -> dict[str, Any]:
    async with serving_apart("chsh", data) as server, AsyncExitStack() as stack:
        hall = Hall(server, stack)
        await hall.open(options.pairs)
        figures = await hall.burst()
        print(json.dumps(figures), flush=True)
        return figures | await hall.play(options.minutes * 60, options.period)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long is played")
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--period", type=float, default=2.0, help="seconds in which each player answers once")
    parser.add_argument(
        "--stored", type=int, default=100_000, help="rounds after which an answer is timed again; 0: no"
    )
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    if options.minutes > 0:
        with tempfile.TemporaryDirectory(prefix="gamekeeper-bench-") as folder:
            figures = asyncio.run(run(options, Path(folder)))
    if options.stored:
        figures |= cost_of_history(options.stored)
    figures["load of the machine"] = os.getloadavg()[0]
    for name, value in figures.items():
        print(f"{name:38} {value:,.3f}" if isinstance(value, float) else f"{name:38} {value:,}")


if __name__ == "__main__":
    main()
