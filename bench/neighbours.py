"""Load on one kind of game, latency in another: `python -m bench.neighbours [--phases together,apart] [--rounds 5]`.

Twenty players of the one kind send ten commands a second each; the other is still, or carries a tenth, a quarter, a
half of what saturates a server. `together`: one process runs both, whose event loop decides every command. `apart`: a
node for each kind over one PostgreSQL (which is started for it, as is a Redis); the still one has a core to itself, on
the other are the loaded node, PostgreSQL and the generators.
"""

import argparse
import asyncio
import atexit
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache

from bench import results
from bench.candidates import SHAPES, Candidate, Shape, gamekeeper, prepare
from bench.cluster import shared_by_nodes
from bench.ground import environment
from bench.machine import GENERATOR_CORE, Moment, spent, wait_for_quiet
from bench.measure import Running, generator, heard, measure, result, running
from bench.postgres import DURABLE_BUT_SMALL, Cluster, programs
from bench.results import Run, median, shown, table

CROWD = SHAPES["room10"]
QUIET_ROOMS = 2
QUIET_PER_S = 200.0
LONGER_S = 5.0
"""The load lasts longer than what is measured beside it: its players have to come in first."""
LOADS = {"alone": 0.0, "tenth": 0.1, "quarter": 0.25, "half": 0.5}
PHASES = ("together", "apart")


@asynccontextmanager
async def together() -> AsyncGenerator[tuple[Running, Running], None]:
    """One server, as the one of the quiet game and as that of the other."""
    async with running(gamekeeper("sqlite"), Shape(CROWD.rooms, CROWD.members, QUIET_ROOMS)) as server:
        lines = server.targets.read_text().splitlines()
        loaded = replace(server, targets=server.targets.with_suffix(".loaded"))
        for one, name in ((server, "other"), (loaded, "adding")):
            one.targets.write_text("\n".join(line for line in lines if line.startswith(name)) + "\n")
        try:
            yield server, loaded
        finally:
            loaded.targets.unlink()


def node(settings: dict[str, str], owns: str) -> Candidate:
    """A node that runs rooms of one application."""
    ours = gamekeeper("shared")
    return replace(ours, command=("env", *environment(settings | {"owns": owns}), *ours.command))


@asynccontextmanager
async def apart() -> AsyncGenerator[tuple[Running, Running], None]:
    """A node for each game."""
    async with (
        shared_by_nodes(_databases().url) as settings,
        running(node(settings, "other"), Shape(0, CROWD.members, QUIET_ROOMS)) as quiet,
        running(node(settings, "adding"), CROWD, GENERATOR_CORE) as loaded,
    ):
        yield quiet, loaded


@cache
def _databases() -> Cluster:
    """The PostgreSQL of all runs; it goes with the process."""
    found = programs()
    if found is None:
        raise SystemExit("no PostgreSQL on this machine")
    cluster = Cluster(found, DURABLE_BUT_SMALL, core=GENERATOR_CORE)
    atexit.register(cluster.remove)
    return cluster


async def one_run(phase: str, name: str, rate: float, seconds: float) -> Run:
    """The latency of the quiet game's players while the other application gets `rate` commands a second."""
    async with together() if phase == "together" else apart() as (quiet, loaded):
        noise = await generator(loaded, seconds + LONGER_S, str(rate)) if rate else None
        if noise is not None:
            await heard(noise, "ready")
            await heard(noise, "measuring")
        process = await generator(quiet, seconds, str(QUIET_PER_S))
        await heard(process, "ready")
        await heard(process, "measuring")
        began = Moment.now(quiet.pid)
        found = await result(process)
        ended = Moment.now(quiet.pid)
        if noise is not None:
            await result(noise)
    return found | spent(began, ended, found["generator_cpu"]) | {
        "phase": f"neighbours {phase}", "name": name, "rate": rate,
    }  # fmt: skip


async def compare(phases: list[str], rounds: int, seconds: float) -> list[Run]:
    full = await measure(gamekeeper("sqlite"), CROWD, seconds, "closed")
    runs: list[Run] = []
    for _ in range(rounds):
        for phase in phases:
            for name, share in LOADS.items():
                await asyncio.to_thread(wait_for_quiet, 5.0)
                runs.append(await one_run(phase, name, full["commands_per_s"] * share, seconds))
    return runs


def report(runs: list[Run]) -> None:
    keys = ("rate", "p50_ms", "p99_ms", "server_cpu", "others")
    rows: list[list[str]] = []
    for phase in dict.fromkeys(run["phase"] for run in runs):
        alone = median(runs, phase, "alone", "p99_ms")
        for name in LOADS:
            p99 = median(runs, phase, name, "p99_ms")
            more = shown((p99 / alone - 1) * 100, 0) if p99 and alone else "-"
            rows.append([phase, name, *(shown(median(runs, phase, name, key)) for key in keys), more])
    head = ["", "the other game", "its commands/s", "p50 ms", "p99 ms", "share of its core", "others", "p99 more, %"]
    print(table(head, rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--phases", default="together", help=f"some of {','.join(PHASES)}")
    options = parser.parse_args()
    prepare()
    os.sched_setaffinity(0, {GENERATOR_CORE})
    runs = asyncio.run(compare(options.phases.split(","), options.rounds, options.seconds))
    results.save(runs)
    report(runs)


if __name__ == "__main__":
    main()
