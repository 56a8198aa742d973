"""A million frames that nobody should send, over real sockets: `python -m fuzz [--frames 1000000] [--seed 1]`.

A server in this process; eight connections send and are opened anew when the server has had enough of them. Exit status
1 when a frame is answered with anything but a typed error of the sender's own making, when the server logs a fault, or
when another member of the room notices.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from fuzz.making import frames
from gamekeeper import ErrorCode
from gamekeeper.client import Client
from gamekeeper.embedded import serving
from gamekeeper.testing.tally import app

FAULTS = {ErrorCode.INTERNAL, ErrorCode.INVARIANT, ErrorCode.UNAVAILABLE}
SENDERS = 8
BATCH = 100


class Faults(logging.Handler):
    """Counts what the server logs as an error."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.levelno >= logging.ERROR


async def torment(client: Client, code: str, rng: Random, count: int, found: Counter[str]) -> None:
    """Send `count` frames that the server reads, over as many connections as it takes."""
    left = count
    while left > 0:
        seat = await client.join(code)
        url = f"{client.url.replace('http', 'ws', 1)}/rooms/{seat.room}/socket"
        async with connect(url, compression=None, max_size=None, ping_interval=None) as socket:
            await socket.send(json.dumps({"type": "hello", "token": client.token}))
            hearing = asyncio.create_task(hear(socket, found))
            try:
                while left > 0:
                    for payload in frames(rng, BATCH):
                        await socket.send(payload, text=True)
                    await (await socket.ping())  # its pong says that the server has read all before it
                    left -= BATCH
            except ConnectionClosed:
                found["connections closed"] += 1
            await socket.close()
            await hearing


async def hear(socket: ClientConnection, found: Counter[str]) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            frame = json.loads(await socket.recv())
            found[frame["code"] if frame["type"] in ("rejected", "closing") else frame["type"]] += 1


async def fuzz(count: int, seed: int, data: Path) -> int:
    faults, found = Faults(), Counter[str]()
    logging.getLogger("gamekeeper").addHandler(faults)
    async with serving(app, data) as server, Client(server.url) as bob:
        await bob.guest("Bob")
        room = await bob.open(app.name)
        clients = [Client(server.url) for _ in range(SENDERS)]
        async with bob.connect(room["id"]) as watching:
            for number, client in enumerate(clients):
                await client.guest(f"Eve {number}")
            await asyncio.gather(
                *(
                    torment(client, room["code"], Random(seed + number), count // SENDERS, found)
                    for number, client in enumerate(clients)
                )
            )
            await asyncio.wait_for(watching.send("add", {"amount": 1}), 10)
            undisturbed = watching.reconnects == 0
        for client in clients:
            await client.__aexit__(None, None, None)
    print(f"{count:,} frames: {dict(found.most_common())}")
    print(f"faults logged: {faults.count}; the other member {'was not disturbed' if undisturbed else 'lost the room'}")
    return 0 if undisturbed and not faults.count and not FAULTS & set(found) else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.getLogger("gamekeeper").propagate = False
    with tempfile.TemporaryDirectory(prefix="gamekeeper-fuzz-") as folder:
        return asyncio.run(fuzz(options.frames, options.seed, Path(folder)))


if __name__ == "__main__":
    raise SystemExit(main())
