"""Kill a real server at random instants under load and compare what every client saw with the log.

    python -m bench.crash --kills 300

A server process on SQLite with `synchronous=FULL`; clients over real sockets that never stop sending; `kill -9`, start,
again. At the end the log alone is replayed, and every acknowledgement and every view that a client ever had is checked.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from bench.machine import free_port
from gamekeeper import connection as connection_module
from gamekeeper.client import Client, Connection, ConnectionClosed
from gamekeeper.core.errors import Rejected
from gamekeeper.log.protocol import EventLog
from gamekeeper.log.sqlite import SqliteLog
from gamekeeper.server.keys import Keyring, generated_secret
from gamekeeper.testing.simulation.reference import Reference, Violation
from gamekeeper.testing.tally import Tally, wish
from gamekeeper.wire.cursor import Cursors
from gamekeeper.wire.frames import Ack, Patch, PublicEvent, Welcome

READY_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Moment:
    """What a client had, complete, as of a cursor."""

    seat: int
    cursor: str | None
    public: Any
    private: Any
    first_cursor: str
    events: int


@dataclass
class Witness:
    """Everything one client was told, in order."""

    room: str
    acknowledged: list[tuple[int, str, int]] = field(default_factory=list[tuple[int, str, int]])
    moments: list[Moment] = field(default_factory=list[Moment])
    events: list[PublicEvent] = field(default_factory=list[PublicEvent])
    rejected: int = 0
    welcomes: int = 0
    first_cursor: str = ""


class Server:
    """The process under test."""

    def __init__(self, data: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = [
            sys.executable, "-m", "gamekeeper.server.cli", "serve", "--data", str(data), "--port", str(port),
            "--app", "gamekeeper.testing.tally:app",
        ]  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(*self._command, stdout=asyncio.subprocess.DEVNULL)

    async def ready(self) -> None:
        """Return once it says so. Raises `TimeoutError`."""
        async with asyncio.timeout(READY_TIMEOUT_S), httpx.AsyncClient(trust_env=False) as http:
            while True:
                with suppress(httpx.HTTPError):
                    if (await http.get(f"{self.url}/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.02)

    async def kill(self, with_signal: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(with_signal)
            await self._process.wait()


class Watched:
    """A client that plays without rest and remembers."""

    def __init__(self, connection: Connection, room: str, rng: random.Random) -> None:
        self.witness = Witness(room)
        self.connection = connection
        self._rng = rng
        self._unsure: list[Moment] = []
        connection.listen = self._notice

    def _notice(self, frame: Any) -> None:
        """Called before the frame takes effect. A view is complete when the next cursor begins, unless this client
        lags: then it is sent events whose views are left out, until all views are replaced."""
        replica, witness = self.connection.replica, self.witness
        match frame:
            case Welcome(resumed=resumed, cursor=cursor, events=events):
                witness.welcomes += 1
                self._unsure.clear()
                if not resumed:
                    witness.first_cursor, witness.events = cursor, []
                witness.events += events
            case Patch(cursor=cursor, events=events):
                if cursor != replica.cursor:
                    self._unsure.append(self._moment())
                if frame.shared is not msgspec.UNSET:
                    self._unsure.clear()
                elif frame.public is not msgspec.UNSET or frame.private is not msgspec.UNSET:
                    self._settle()
                if isinstance(events, tuple):
                    witness.events += events
            case Ack(id):
                witness.acknowledged.append((replica.seat, replica.session or "", id))
            case _:
                pass

    def _settle(self) -> None:
        self.witness.moments += self._unsure
        self._unsure.clear()

    def _moment(self) -> Moment:
        replica, witness = self.connection.replica, self.witness
        return Moment(
            replica.seat, replica.cursor, replica.public, replica.private, witness.first_cursor, len(witness.events)
        )

    def observe(self) -> None:
        """Remember what there is now, all of which has come."""
        self._settle()
        self.witness.moments.append(self._moment())

    async def play(self) -> None:
        while True:
            chosen = wish(self.connection.replica, self._rng)
            if chosen is not None:
                try:
                    await self.connection.send(*chosen)
                except Rejected:
                    self.witness.rejected += 1
            await asyncio.sleep(self._rng.uniform(0, 0.01))


async def run(kills: int, clients: int, seed: int, data: Path) -> dict[str, Any]:
    """Play and kill; the figures. Raises `Violation`."""
    rng = random.Random(seed)
    connection_module.LAST_RETRY_S = 0.2  # back at once: every kill is to find clients in the middle of something
    server = Server(data, free_port())
    await server.start()
    await server.ready()
    players, watched = await seat_players(server.url, clients, rng)
    tasks = [asyncio.create_task(each.play()) for each in watched]
    began = time.monotonic()
    for number in range(1, kills + 1):
        await asyncio.sleep(rng.expovariate(1 / 0.25))
        await server.kill()
        await server.start()
        if rng.random() < 0.8:
            await server.ready()
        if number % 10 == 0:
            acks = sum(len(each.witness.acknowledged) for each in watched)
            print(f"{number} kills, {acks:,} acknowledged, {time.monotonic() - began:.0f} s", flush=True)
    await server.ready()
    await finish(tasks, watched)
    await server.kill(signal.SIGTERM)
    for player in players:
        await player.__aexit__(None, None, None)
    return {"kills": kills, "clients": clients, "seed": seed} | await check(data, [each.witness for each in watched])


async def seat_players(url: str, count: int, rng: random.Random) -> tuple[list[Client], list[Watched]]:
    """Guests in two rooms, connected."""
    players, watched, codes = [], [], []
    for number in range(count):
        player = Client(url)
        await player.guest(f"Player {number}")
        if number < 2:
            opened = await player.open("tally")
            codes.append((opened["id"], opened["code"]))
        room, code = codes[number % 2]
        if number >= 2:
            await player.join(code)
        connection = player.connect(room)
        witness = Watched(connection, room, random.Random(rng.random()))
        await connection.__aenter__()
        players.append(player)
        watched.append(witness)
    return players, watched


async def finish(tasks: Sequence[asyncio.Task[None]], watched: Sequence[Watched]) -> None:
    """Stop wanting, let everything be answered, look one last time."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(READY_TIMEOUT_S):
        for each in watched:
            await each.connection.until(lambda each=each: each.connection.state == "live")
            while each.connection.replica.unanswered:
                await each.connection.changed()
    await asyncio.sleep(0.2)
    for each in watched:
        each.observe()
        with suppress(ConnectionClosed):
            await each.connection.close()


async def check(data: Path, witnesses: Sequence[Witness]) -> dict[str, Any]:
    """Replay the log and hold every client's memory against it."""
    log = SqliteLog(data / "log.sqlite3", read_only=True)
    try:
        return await compare(log, generated_secret(data), witnesses)
    finally:
        await log.close()


async def compare(log: EventLog, secrets: Sequence[str], witnesses: Sequence[Witness]) -> dict[str, Any]:
    """The figures of a history that holds. Raises `Violation`."""
    events = 0
    _, key = Keyring(secrets).signing("cursors")
    for room in {witness.room for witness in witnesses}:
        cursors = Cursors(key, room, log.epoch)
        reference = Reference(Tally(), cursors, check_rounds)
        for entry in await log.read(room, limit=10**9):
            reference.written(room, entry)
        events += reference.seq
        for witness in witnesses:
            if witness.room == room:
                check_witness(reference, witness)
    return {
        "events": events,
        "acknowledged": sum(len(witness.acknowledged) for witness in witnesses),
        "views": sum(len(witness.moments) for witness in witnesses),
        "reconnects": sum(witness.welcomes - 1 for witness in witnesses),
        "lost": 0,
        "phantom": 0,
        "twice": 0,
    }


def check_witness(reference: Reference, witness: Witness) -> None:
    for seat, session, id in witness.acknowledged:
        reference.acknowledged(seat, session, id)
    for number, moment in enumerate(witness.moments):
        last = number == len(witness.moments) - 1
        reference.seen_views(moment)
        if last:
            reference.seen(moment, moment.first_cursor, witness.events[: moment.events])


def check_rounds(state: Any) -> None:
    if state.closed > state.round:
        raise Violation(f"I8 {state.closed} rounds closed of {state.round}: a deadline fired twice")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gamekeeper-crash-") as folder:
        try:
            figures = asyncio.run(run(options.kills, options.clients, options.seed, Path(folder)))
        except Violation as violation:
            print(f"seed {options.seed}: {violation}")
            return 1
    if options.json:
        print(json.dumps(figures))
    else:
        print(", ".join(f"{name} {value:,}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
