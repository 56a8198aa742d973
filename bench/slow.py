"""Readers that stop reading: `python -m bench.slow [--rounds 5] [--seconds 4]`.

Twenty rooms of ten at half of what saturates the server, and in each room one member more whose socket is read, or, in
every second run, is no longer read. Tells what that does to the others' p99 and to the server's memory, and whether
those who stopped can come back, resume where they were and miss nothing.
"""

import argparse
import asyncio
import json
import os
import socket
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench import results
from bench.candidates import SHAPES, WORK, Shape, gamekeeper, prepare
from bench.machine import GENERATOR_CORE, Moment, rss_kib, spent, wait_for_quiet
from bench.measure import Running, generator, heard, measure, result, running
from bench.results import Run, median, shown, table

CROWD = Shape(SHAPES["room10"].rooms, SHAPES["room10"].members + 1)
HALF = 0.5
FIRST_EVENTS = 20
RECEIVE_BYTES = 4096
"""The readers' own buffer in the kernel, so that it is the server that has to hold what they do not read."""


@dataclass
class Reader:
    """One member beside the crowd: reads for a while, then perhaps no more."""

    port: int
    path: str
    token: str
    session: str = ""
    cursor: str = ""
    revisions: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{self.path}"

    async def enter(self) -> ClientConnection:
        plain = socket.create_connection(("127.0.0.1", self.port))
        if not self.cursor:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        plain.setblocking(False)
        client = await connect(
            self.url, sock=plain, compression=None, max_size=None, ping_interval=None, max_queue=1
        )  # fmt: skip
        if self.cursor:
            hello = {"type": "hello", "token": self.token, "session": self.session, "cursor": self.cursor}
        else:
            hello = {"type": "hello", "token": self.token}
        await client.send(json.dumps(hello))
        return client

    async def read(self, client: ClientConnection, enough: int | None = None) -> None:
        """Take frames in; `enough` revisions are enough, None: until cancelled."""
        while enough is None or len(self.revisions) < enough:
            frame: dict[str, Any] = json.loads(await client.recv())
            if frame["type"] == "welcome":
                self.session = frame["session"]
            self.cursor = frame.get("cursor", self.cursor)
            self.revisions += [each["data"]["rev"] for each in frame.get("events") or ()]

    async def resumed(self) -> bool:
        """Come back: the welcome resumes, and no revision is missing or came twice."""
        seen = len(self.revisions)
        client = await self.enter()
        welcome: dict[str, Any] = json.loads(await client.recv())
        self.revisions += [each["data"]["rev"] for each in welcome.get("events") or ()]
        client.transport.abort()
        whole = self.revisions == list(range(self.revisions[0], self.revisions[0] + len(self.revisions)))
        return bool(welcome.get("resumed")) and whole and len(self.revisions) > seen


def share_out(server: Running) -> list[Reader]:
    """Take the last member of each room out of the generator's targets."""
    lines = server.targets.read_text().splitlines()
    kept = [line for number, line in enumerate(lines) if number % CROWD.members != CROWD.members - 1]
    apart = [line.split() for number, line in enumerate(lines) if number % CROWD.members == CROWD.members - 1]
    server.targets.write_text("\n".join(kept) + "\n")
    return [Reader(server.port, path, token) for _, path, token in apart]


async def one_run(stop: bool, seconds: float, rate: float) -> Run:
    async with running(gamekeeper("sqlite"), CROWD) as server:
        readers = share_out(server)
        clients = [await each.enter() for each in readers]
        process = await generator(server, seconds, str(rate))
        tasks = [
            asyncio.create_task(reader.read(client, FIRST_EVENTS if stop else None))
            for reader, client in zip(readers, clients, strict=True)
        ]
        await heard(process, "ready")
        before_kib = rss_kib(server.pid)
        await heard(process, "measuring")
        began = Moment.now(server.pid)
        most_kib = await _highest(server.pid, seconds)
        found = await result(process)
        ended = Moment.now(server.pid)
        if not stop:
            for task in tasks:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        back = [await each.resumed() for each in readers] if stop else []
        for client in clients:
            client.transport.abort()
    grown_mib = (most_kib - before_kib) / 1024
    return found | spent(began, ended, found["generator_cpu"]) | {
        "phase": "slow", "name": "stopped" if stop else "reading", "grown_mib": grown_mib, "readers": len(readers),
        "resumed": sum(back),
    }  # fmt: skip


async def _highest(pid: int, seconds: float) -> int:
    most = rss_kib(pid)
    for _ in range(round(seconds * 10) - 1):
        await asyncio.sleep(0.1)
        most = max(most, rss_kib(pid))
    return most


async def compare(rounds: int, seconds: float) -> list[Run]:
    full = await measure(gamekeeper("sqlite"), SHAPES["room10"], seconds, "closed")
    rate = full["commands_per_s"] * HALF
    runs: list[Run] = []
    for _ in range(rounds):
        for stop in (False, True):
            await asyncio.to_thread(wait_for_quiet, 5.0)
            runs.append(await one_run(stop, seconds, rate))
    reading = median(runs, "slow", "reading", "grown_mib") or 0.0
    for each in runs:
        each["mib_per_reader"] = (each["grown_mib"] - reading) / each["readers"]
    return runs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    prepare()
    WORK.mkdir(exist_ok=True)
    os.sched_setaffinity(0, {GENERATOR_CORE})
    runs = asyncio.run(compare(options.rounds, options.seconds))
    results.save(runs)
    head = ["one more in each room", "p50 ms", "p99 ms", "MiB more per reader", "came back by resume", "others %"]
    rows: list[list[str]] = []
    for name in ("reading", "stopped"):
        cells = [shown(median(runs, "slow", name, key)) for key in ("p50_ms", "p99_ms", "mib_per_reader")]
        back = [each for each in runs if each["name"] == name]
        count = f"{sum(each['resumed'] for each in back)} of {sum(each['readers'] for each in back)}"
        others = shown((median(runs, "slow", name, "others") or 0.0) * 100, 0)
        rows.append([name, *cells, count if name == "stopped" else "-", others])
    print(table(head, rows))
    return 0 if all(each["resumed"] == each["readers"] for each in runs if each["name"] == "stopped") else 1


if __name__ == "__main__":
    raise SystemExit(main())
