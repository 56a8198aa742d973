"""Measure Gamekeeper against its peers in one run: `python -m bench [--rounds 3] [--seconds 3] [--only a,b]`.

In each round every server is measured in turn: at saturation (20 rooms of 10, one command outstanding per member), at
half of that (open loop), and in the sparse shape (200 rooms of 10, one command a second per member, open loop), which
also tells what an idle connection and a connect with join cost. Commands are about 100 bytes, validated, applied to a
room's state and delivered as an event to every member. The server has one core, the generator the other. Gamekeeper on
SQLite is durable (`synchronous=FULL`); none of the peers is. A run in which other processes took too much is repeated,
and marked if that did not help. Prints medians and the goals of bench/goals.toml; exit status 1: a goal was missed.
"""

import argparse
import asyncio
import os
from collections.abc import Iterable

from bench import check, results, start
from bench.candidates import SHAPES, Candidate, candidates, prepare
from bench.machine import GENERATOR_CORE, wait_for_quiet
from bench.measure import measure
from bench.results import Run, median, shown, table

HALF = 0.5
SPARSE_PER_S = 1.0
QUIET_LIMIT_S = 5.0


async def quietly(candidate: Candidate, phase: str, shape: str, seconds: float, load: str, tries: int) -> Run:
    """Measure, again if other processes took too much; the quietest run."""
    runs: list[Run] = []
    while not runs or (runs[-1]["noisy"] and len(runs) < tries):
        await asyncio.to_thread(wait_for_quiet, QUIET_LIMIT_S)
        runs.append(await measure(candidate, SHAPES[shape], seconds, load))
    best = min(runs, key=lambda one: (one["noisy"], one["others"] + 1.0 - one["core_share"]))
    return best | {"phase": phase, "shape": shape, "tries": len(runs)}


async def one_round(candidate: Candidate, shape: str, seconds: float, tries: int) -> list[Run]:
    full = await quietly(candidate, "saturation", shape, seconds, "closed", tries)
    half = await quietly(candidate, "half", shape, seconds, str(full["commands_per_s"] * HALF), tries)
    sparse = str(SHAPES["sparse"].clients * SPARSE_PER_S)
    return [full, half, await quietly(candidate, "sparse", "sparse", seconds, sparse, tries)]


async def compare(chosen: list[Candidate], rounds: int, shape: str, seconds: float, tries: int) -> list[Run]:
    """All rounds; a server that cannot be measured is named and left out of that round."""
    runs: list[Run] = []
    for number in range(rounds):
        for one in chosen:
            try:
                found = await one_round(one, shape, seconds, tries)
            except (RuntimeError, OSError, ValueError, KeyError) as error:
                print(f"{one.name} could not be measured: {error!r}", flush=True)
                continue
            found = [each | {"round": number} for each in found]
            results.save(found)
            runs += found
            noise = " ".join(f"{each['phase']} {each['others']:.0%}" for each in found if each["noisy"])
            marked = f", others took: {noise}" if noise else ""
            print(f"  round {number + 1}, {one.name}: {found[0]['commands_per_s']:,.0f} commands/s{marked}", flush=True)
    return runs


def comparison(runs: list[Run]) -> str:
    names = list(dict.fromkeys(one["name"] for one in runs if one["phase"] == "saturation"))
    head = ["server", "commands/s (min-max)", "CPU us/command", "us/delivery", "p50/p99 ms at half", "KiB/connection"]
    head += ["CPU us/join", "sparse: core %", "sparse p50/p99 ms", "core share %", "others %", "noisy runs"]
    return table(head, [_row(runs, name) for name in names])


def _row(runs: list[Run], name: str) -> list[str]:
    def cell(phase: str, key: str, digits: int = 1, factor: float = 1.0) -> str:
        found = median(runs, phase, name, key)
        return shown(None if found is None else found * factor, digits)

    speeds = results.values(runs, "saturation", name, "commands_per_s")
    own = [one for one in runs if one["name"] == name]
    return [
        name,
        f"{cell('saturation', 'commands_per_s', 0)} ({min(speeds):,.0f}-{max(speeds):,.0f})",
        cell("saturation", "cpu_us_per_command"),
        cell("saturation", "cpu_us_per_delivery", 2),
        f"{cell('half', 'p50_ms', 2)} / {cell('half', 'p99_ms')}",
        cell("sparse", "kib_per_connection"),
        cell("sparse", "cpu_us_per_join", 0),
        cell("sparse", "server_cpu", 0, 100),
        f"{cell('sparse', 'p50_ms', 2)} / {cell('sparse', 'p99_ms')}",
        cell("saturation", "core_share", 0, 100),
        cell("saturation", "others", 0, 100),
        f"{sum(one['noisy'] for one in own)} of {len(own)}",
    ]


def loop_waits(runs: Iterable[Run]) -> str:
    """The event loop's longest wait in each phase, and the disk beside it."""
    ours = [one for one in runs if "longest_wait_ms" in one]
    head = ["server", "phase", "loop's longest wait ms", "waits > 50 ms", "while connecting ms", "p50 of fdatasync ms"]
    keys = (("longest_wait_ms", 0), ("stalls_over_50_ms", 0), ("joining_wait_ms", 0), ("fdatasync_ms", 2))
    return table(
        head, [[one["name"], one["phase"], *(shown(one[key], digits) for key, digits in keys)] for one in ours]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--shape", choices=["room10", "room100", "room2000"], default="room10", help="at saturation and at half"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--tries", type=int, default=3, help="how often a run may be repeated for a quiet one")
    parser.add_argument("--only", default="", help="names, separated by commas")
    options = parser.parse_args()
    prepare()
    os.sched_setaffinity(0, {GENERATOR_CORE})
    only = set(filter(None, options.only.split(",")))
    chosen = [one for one in candidates() if not only or one.name in only]
    runs = asyncio.run(compare(chosen, options.rounds, options.shape, options.seconds, options.tries))
    starts = start.measure(options.rounds)
    results.save(starts)
    runs += starts
    print(f"\n{comparison(runs)}\n\n{loop_waits(runs)}\n\n{start.shown_as_table(runs)}\n")
    return check.report(runs)


if __name__ == "__main__":
    raise SystemExit(main())
