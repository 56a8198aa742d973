"""A live quiz on two workers of one machine, each killed once in the middle of a question: `python -m bench.workers`.

`gamekeeper serve --workers 2` over a PostgreSQL (a database made for it) and a Redis of its own, a thousand bots in one
room, answers within two seconds. Which of the two runs the room is chance; by killing both in turn the room is moved at
least once. Tells how long the players of the killed worker were without a line, and what became of every answer (S2 of
the quiz's checks: back within 5 s, no acknowledged answer lost). Exit status 1: one of these does not hold.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.cluster import USUAL, shared_by_nodes
from bench.ground import UNLIMITED, environment
from bench.machine import children
from bench.quiz import questions
from gamekeeper.client import Connection
from gamekeeper_apps.quiz.bots import percentiles, session
from gamekeeper_apps.quiz.playing import Bot, Plan

WORKERS = 2
KILLED_IN = (3, 6)
"""The questions in the middle of which a worker dies; by the second the first is back."""
INTO_S = 1.0
"""So long after the players saw it."""
LOOK_S = 0.02
BACK_WITHIN_S = 5.0
PATIENCE_S = 60.0


@asynccontextmanager
async def started(folder: Path, shared: dict[str, str]) -> AsyncGenerator[tuple[str, int], None]:
    """The port's address and the supervisor's process id."""
    process = await asyncio.create_subprocess_exec(
        "env", *environment(UNLIMITED | shared), sys.executable, "-m", "gamekeeper.server.cli", "serve", "--json",
        "--port", "0", "--workers", str(WORKERS), "--data", str(folder), "--log", "postgres",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        line = await process.stdout.readline() if process.stdout is not None else b""
        if not line:
            raise RuntimeError("the workers did not start")
        while len(children(process.pid)) < WORKERS:  # noqa: ASYNC110 - nobody is told of the second
            await asyncio.sleep(LOOK_S)
        await asyncio.sleep(BACK_WITHIN_S)  # the second worker answers a little after the first
        yield json.loads(line)["url"], process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def sees(live: Connection | None, question: int) -> bool:
    """Whether a player is there and has this question before it."""
    return live is not None and live.state == "live" and (live.public["ask"] or {}).get("number", 0) >= question


async def kill_by_turns(crowd: list[Bot], supervisor: int) -> list[dict[str, Any]]:
    """One worker after the other; what its players noticed."""
    first_of_all = children(supervisor)
    told: list[dict[str, Any]] = []
    for question, victim in zip(KILLED_IN, first_of_all, strict=True):
        while not all(sees(bot.live, question) for bot in crowd):  # noqa: ASYNC110 - of all of them
            await asyncio.sleep(LOOK_S)
        lives = [bot.live for bot in crowd if bot.live is not None]
        await asyncio.sleep(INTO_S)
        before = [live.reconnects for live in lives]
        began = time.perf_counter()
        os.kill(victim, signal.SIGKILL)
        waits: dict[int, float] = {}
        lost: set[int] = set()
        async with asyncio.timeout(PATIENCE_S):
            while not lost or lost - set(waits):
                await asyncio.sleep(LOOK_S)
                for number, live in enumerate(lives):
                    if live.reconnects > before[number] and number not in waits:
                        lost.add(number)
                        if live.state == "live":
                            waits[number] = time.perf_counter() - began
        waited_ms = [wait * 1000 for wait in waits.values()]
        told.append({"question": question, "lost_their_line": len(lost), "back_ms": percentiles(waited_ms)})
        told[-1]["last_back_ms"] = round(max(waited_ms), 1)
    return told


async def play(plan: Plan, database: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="gamekeeper-workers-") as folder:
        async with shared_by_nodes(database) as shared, started(Path(folder), shared) as (url, supervisor):
            killing: list[asyncio.Task[list[dict[str, Any]]]] = []

            async def opened(_: dict[str, Any], crowd: list[Bot]) -> None:
                killing.append(asyncio.create_task(kill_by_turns(crowd, supervisor)))

            try:
                found = await session(plan, url, None, opened)
                return found | {"kills": await killing[0]}
            finally:
                for task in killing:
                    task.cancel()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--players", type=int, default=1_000)
    parser.add_argument("--questions", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default=USUAL, help="a PostgreSQL in which databases may be made")
    chosen = parser.parse_args()
    plan = Plan(chosen.players, questions(chosen.questions), 2.0, 0.0, chosen.seed)
    found = asyncio.run(play(plan, chosen.database))
    back = max(one["last_back_ms"] for one in found["kills"]) <= BACK_WITHIN_S * 1000
    print(json.dumps(found | {"back_in_time": back}, indent=2))
    return 0 if back and not found["lost"] and not found["double"] and found["totals_match"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
