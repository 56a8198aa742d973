"""Load on one kind of game, latency in another: `python -m bench.neighbours [--rounds 5] [--seconds 4]`.

One server with two applications. Twenty players of the one send ten commands a second each; the other is still, or, in
every second run, carries a quarter, a half of what saturates the server. One process has one event loop, so every
command that is decided before another's delays it; what this tells is by how much.
"""

import argparse
import asyncio
import os

from bench import results
from bench.candidates import SHAPES, Shape, gamekeeper, prepare
from bench.machine import GENERATOR_CORE, Moment, spent, wait_for_quiet
from bench.measure import generator, heard, measure, result, running
from bench.results import Run, median, shown, table

CROWD = SHAPES["room10"]
QUIET_ROOMS = 2
QUIET_PER_S = 200.0
LONGER_S = 5.0
"""The load lasts longer than what is measured beside it: its players have to come in first."""
LOADS = {"alone": 0.0, "quarter": 0.25, "loaded": 0.5}


async def one_run(name: str, rate: float, seconds: float) -> Run:
    """The latency of the quiet game's players while the other application gets `rate` commands a second."""
    shape = Shape(CROWD.rooms, CROWD.members, QUIET_ROOMS)
    async with running(gamekeeper("sqlite"), shape) as server:
        lines = server.targets.read_text().splitlines()
        quiet = server.targets.with_suffix(".quiet")
        quiet.write_text("\n".join(line for line in lines if line.startswith("other")) + "\n")
        server.targets.write_text("\n".join(line for line in lines if line.startswith("adding")) + "\n")
        try:
            noise = await generator(server, seconds + LONGER_S, str(rate)) if rate else None
            if noise is not None:
                await heard(noise, "ready")
                await heard(noise, "measuring")
            process = await generator(server, seconds, str(QUIET_PER_S), quiet)
            await heard(process, "ready")
            await heard(process, "measuring")
            began = Moment.now(server.pid)
            found = await result(process)
            ended = Moment.now(server.pid)
            if noise is not None:
                await result(noise)
        finally:
            quiet.unlink()
    return found | spent(began, ended, found["generator_cpu"]) | {"phase": "neighbours", "name": name, "rate": rate}


async def compare(rounds: int, seconds: float) -> list[Run]:
    full = await measure(gamekeeper("sqlite"), CROWD, seconds, "closed")
    runs: list[Run] = []
    for _ in range(rounds):
        for name, share in LOADS.items():
            await asyncio.to_thread(wait_for_quiet, 5.0)
            runs.append(await one_run(name, full["commands_per_s"] * share, seconds))
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    prepare()
    os.sched_setaffinity(0, {GENERATOR_CORE})
    runs = asyncio.run(compare(options.rounds, options.seconds))
    results.save(runs)
    keys = ("rate", "p50_ms", "p99_ms", "server_cpu")
    rows = [[name, *(shown(median(runs, "neighbours", name, key)) for key in keys)] for name in LOADS]
    print(table(["the other game", "its commands/s", "p50 ms", "p99 ms", "server's share of its core"], rows))


if __name__ == "__main__":
    main()
