"""Hold sessions for a long time and watch memory: `python -m bench.soak --minutes 60 --clients 200`.

Clients play the test game without rest on a server of their own; memory is read every minute. Exit status 1 when it has
grown by more than a tenth between the first quarter and the end.
"""

import argparse
import asyncio
import random
import signal
import tempfile
import time
from pathlib import Path

from bench.crash import Server, free_port, seat_players
from bench.machine import rss_kib

GROWTH = 1.10


async def soak(minutes: float, clients: int, data: Path) -> int:
    server = Server(data, free_port())
    await server.start()
    await server.ready()
    players, watched = await seat_players(server.url, clients, random.Random(1))
    tasks = [asyncio.create_task(each.play()) for each in watched]
    readings: list[int] = []
    began, parts = time.monotonic(), 20
    for _ in range(parts):
        await asyncio.sleep(minutes * 60 / parts)
        for each in watched:
            each.witness.moments.clear()
        readings.append(rss_kib(server.pid))
        print(f"{time.monotonic() - began:6.0f} s  {readings[-1] / 1024:.1f} MiB", flush=True)
    for task in tasks:
        task.cancel()
    for each in watched:
        await each.connection.close()
    await server.kill(signal.SIGTERM)
    for player in players:
        await player.__aexit__(None, None, None)
    grown = readings[-1] / readings[parts // 4]
    print(f"memory grew by a factor of {grown:.3f}")
    return 0 if grown <= GROWTH else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gamekeeper-soak-") as folder:
        return asyncio.run(soak(options.minutes, options.clients, Path(folder)))


if __name__ == "__main__":
    raise SystemExit(main())
