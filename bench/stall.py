"""Readers that stop, beside others who play: `python -m bench.stall [--turns 6] [--seconds 5]`.

Forty players of one room send ten commands a second each. Four more only look: by turns they read on or stop reading.
The players' latencies of both kinds of turns are compared; those who stopped come back with their cursor. Exit status 1
when the 99th percentile rose by more than a tenth, when memory grew past what the stopped may keep waiting, or when
somebody who came back was not given what was missed.
"""

import argparse
import asyncio
import json
import random
import signal
import socket
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.crash import Server, free_port
from bench.measure import rss_kib
from bench.results import percentile
from gamekeeper.client import Client, Connection
from gamekeeper.transport.connection import Patience

PLAYERS = 40
LOOKERS = 4
PERIOD_S = 0.1
WARM_S = 2.0
MOST = 1.10
RECEIVE_BYTES = 4_096
"""A small window, so that the network does not read on for them."""
MEMORY_KIB = (Patience().kept_bytes + Patience().high_water_bytes) * LOOKERS // 1024 + 8 * 1024


async def play(live: Connection, rng: random.Random, seconds: float, latencies: list[float]) -> None:
    """Commands at fixed times, whatever the answers take."""
    loop = asyncio.get_running_loop()
    due, end = loop.time() + rng.random() * PERIOD_S, loop.time() + seconds
    while due < end:
        await asyncio.sleep(max(0.0, due - loop.time()))
        began = time.perf_counter()
        await live.send("add", {"amount": 1})
        latencies.append(time.perf_counter() - began)
        due += PERIOD_S


class Looker:
    """Somebody with a seat who says nothing, and can stop reading."""

    def __init__(self, url: str, room: str, token: str | None) -> None:
        self._address = urlsplit(url)
        self._url = f"{url.replace('http', 'ws', 1)}/rooms/{room}/socket"
        self._token = token
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._cursor: str | None = None
        self.seen = 0
        self.resumed = 0
        self.started_over = 0

    async def come(self) -> None:
        """For the first time, or back to where the reading stopped."""
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        plain.connect((self._address.hostname, self._address.port))
        plain.setblocking(False)
        self._socket = await connect(self._url, sock=plain, compression=None, max_size=None, ping_interval=None)
        hello = {"type": "hello", "token": self._token, "cursor": self._cursor}
        await self._socket.send(json.dumps(hello))
        self._reading = asyncio.create_task(self._read(self._socket))

    async def _read(self, opened: ClientConnection) -> None:
        try:
            while True:
                self._take(json.loads(await opened.recv()))
        except ConnectionClosed:
            pass

    def _take(self, frame: dict[str, object]) -> None:
        if frame["type"] == "welcome" and self._cursor is not None:
            self.resumed += bool(frame["resumed"])
            self.started_over += not frame["resumed"]
        events = frame.get("events")
        self.seen += sum(event["type"] == "added" for event in events) if isinstance(events, list) else 0
        self._cursor = str(frame.get("cursor", self._cursor))

    def stop_reading(self) -> None:
        assert self._socket is not None
        self._socket.transport.pause_reading()
        assert self._reading is not None
        self._reading.cancel()

    async def go(self) -> None:
        assert self._socket is not None
        self._socket.transport.abort()
        assert self._reading is not None
        await asyncio.wait({self._reading})


async def caught_up(lookers: list[Looker], sent: int) -> None:
    """Return once they have seen everything; so that coming back is not measured as stopping."""
    async with asyncio.timeout(10):
        while any(looker.seen < sent for looker in lookers):  # noqa: ASYNC110 - nobody is told of the last
            await asyncio.sleep(0.05)


async def turns(server: Server, count: int, seconds: float) -> int:
    rng = random.Random(1)
    players = [Client(server.url) for _ in range(PLAYERS + LOOKERS)]
    for number, player in enumerate(players):
        await player.guest(f"Guest {number}")
    room = await players[0].open("tally")
    for player in players[1:]:
        await player.join(room["code"])
    lives = [player.connect(room["id"]) for player in players[:PLAYERS]]
    for live in lives:
        await live.__aenter__()
    lookers = [Looker(server.url, room["id"], player.token) for player in players[PLAYERS:]]
    for looker in lookers:
        await looker.come()

    async def turn(length: float) -> list[float]:
        found: list[float] = []
        await asyncio.gather(*(play(live, rng, length, found) for live in lives))
        return found

    sent = len(await turn(WARM_S))
    memory_kib, grown_kib = rss_kib(server.pid), 0
    read, stopped = list[float](), list[float]()
    for number in range(count):
        if number % 2 == 0:
            read += await turn(seconds)
        for looker in lookers:
            looker.stop_reading()
        stopped += await turn(seconds)
        grown_kib = max(grown_kib, rss_kib(server.pid) - memory_kib)
        for looker in lookers:
            await looker.go()
            await looker.come()
        await caught_up(lookers, sent + len(read) + len(stopped))
        if number % 2 == 1:
            read += await turn(seconds)
    sent += len(read) + len(stopped)
    await caught_up(lookers, sent)
    for looker in lookers:
        await looker.go()
    for live in lives:
        await live.close()
    for player in players:
        await player.__aexit__(None, None, None)
    whole = all((looker.resumed, looker.started_over, looker.seen) == (count, 0, sent) for looker in lookers)
    print(f"{count * LOOKERS} returns, {'all resumed with every event once' if whole else 'something was missed'}")
    return 0 if judge(read, stopped, grown_kib) and whole else 1


def judge(read: list[float], stopped: list[float], grown_kib: int) -> bool:
    """Whether the others were left in peace."""
    ratio = percentile(stopped, 0.99) / percentile(read, 0.99)
    for name, figures in (("all read on", read), (f"{LOOKERS} stopped", stopped)):
        p50_ms, p99_ms = (percentile(figures, share) * 1000 for share in (0.5, 0.99))
        print(f"{name:12} p50 {p50_ms:.2f} ms  p99 {p99_ms:.2f} ms  n {len(figures)}")
    print(f"p99 by a factor of {ratio:.3f}; server memory grew by at most {grown_kib / 1024:.1f} MiB")
    return ratio <= MOST and grown_kib <= MEMORY_KIB


async def stall(count: int, seconds: float, data: Path) -> int:
    server = Server(data, free_port())
    await server.start()
    try:
        await server.ready()
        return await turns(server, count, seconds)
    finally:
        await server.kill(signal.SIGTERM)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gamekeeper-stall-") as folder:
        return asyncio.run(stall(options.turns, options.seconds, Path(folder)))


if __name__ == "__main__":
    raise SystemExit(main())
