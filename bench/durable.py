"""What durability costs: `python -m bench.durable [--rounds 3] [--seconds 3] [--stores memory,sqlite,postgres,...]`.

The same server on each store in turn, round after round: at saturation, at half of that, and at 4,000 commands a second
(open loop). `memory` writes nothing; `postgres-slow` takes 6 ms more for each commit, as a slower disk would.
PostgreSQL is one of the run's own on the generator's core, and its processor time is told beside. Prints medians and
the goals of bench/goals.toml that belong to it; exit status 1: a goal was missed.
"""

import argparse
import asyncio
import os

from bench import check, results
from bench.__main__ import quietly
from bench.candidates import gamekeeper, prepare
from bench.machine import GENERATOR_CORE
from bench.results import Run, median, shown, table

STORES = ("memory", "sqlite", "postgres", "postgres-slow")
HALF = 0.5
FIXED_PER_S = 4_000
PHASES = ("durable-saturation", "durable-half", "durable-fixed")


async def one_store(name: str, seconds: float, tries: int) -> list[Run]:
    candidate = gamekeeper(name)
    full = await quietly(candidate, PHASES[0], "room10", seconds, "closed", tries)
    half = await quietly(candidate, PHASES[1], "room10", seconds, str(full["commands_per_s"] * HALF), tries)
    return [full, half, await quietly(candidate, PHASES[2], "room10", seconds, str(FIXED_PER_S), tries)]


async def compare(stores: list[str], rounds: int, seconds: float, tries: int) -> list[Run]:
    runs: list[Run] = []
    for number in range(rounds):
        bare_ms: float | None = None
        for name in stores:
            found = [each | {"round": number} for each in await one_store(name, seconds, tries)]
            fixed = found[-1]
            if name == "memory":
                bare_ms = fixed["p50_ms"]
            elif bare_ms is not None:
                fixed["added_p50_ms"] = fixed["p50_ms"] - bare_ms - fixed["commit_ms"]
            results.save(found)
            runs += found
            print(f"  round {number + 1}, {name}: {found[0]['commands_per_s']:,.0f} commands/s", flush=True)
    return runs


def shown_as_table(runs: list[Run]) -> str:
    head = ["store", "commands/s", "CPU us/command", "the store's own", "p50/p99 ms", "at half: p50/p99 ms"]
    head += [f"at {FIXED_PER_S:,}/s: p50/p99 ms", "a commit then, ms", "added to p50 besides", "CPU us/command at that"]
    head += ["the store's own at that"]
    rows: list[list[str]] = []
    for name in dict.fromkeys(one["name"] for one in runs):

        def cell(phase: int, key: str, digits: int = 1, name: str = name) -> str:
            return shown(median(runs, PHASES[phase], name, key), digits)

        rows.append([
            name, cell(0, "commands_per_s", 0), cell(0, "cpu_us_per_command"), cell(0, "store_cpu_us_per_command"),
            *(f"{cell(phase, 'p50_ms', 2)} / {cell(phase, 'p99_ms')}" for phase in range(3)),
            cell(2, "commit_ms", 2), cell(2, "added_p50_ms", 2),
            cell(2, "cpu_us_per_command"), cell(2, "store_cpu_us_per_command"),
        ])  # fmt: skip
    return table(head, rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--tries", type=int, default=3, help="how often a run may be repeated for a quiet one")
    parser.add_argument("--stores", default=",".join(STORES), help="names, separated by commas")
    options = parser.parse_args()
    prepare()
    os.sched_setaffinity(0, {GENERATOR_CORE})
    runs = asyncio.run(compare(options.stores.split(","), options.rounds, options.seconds, options.tries))
    print(f"\n{shown_as_table(runs)}\n")
    return check.report(runs)


if __name__ == "__main__":
    raise SystemExit(main())
