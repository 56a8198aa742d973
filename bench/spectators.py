"""A quiz that 2,500 look on at: `python -m bench.spectators [--spectators 2500] [--players 500]`.

The same quiz twice on a server in a process of its own (SQLite, every commit synced): alone, and with spectators who
came by the room's link for them, in a process of their own. Tells fan-out and acknowledgement percentiles of both, how
many frames a second a spectator got, and whether what M2 of the quiz's checks asks for holds within a fifth (S3). Exit
status 1: it does not.
"""

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from bench.quiz import questions
from gamekeeper.client import Client, Connection
from gamekeeper.embedded import serving_apart
from gamekeeper_apps.quiz.bots import session
from gamekeeper_apps.quiz.playing import Bot, Plan

AT_ONCE = 50
LIMITS_MS = {"fanout_ms": 250.0, "ack_ms": 150.0}
SLACK = 1.2
KEPT = ("fanout_ms", "ack_ms", "lost", "double", "totals_match", "server_rss_mib")


async def play(plan: Plan, spectators: int) -> dict[str, Any]:
    """One quiz; with figures of its spectators where there are any."""
    watching: list[Process] = []

    async def opened(room: dict[str, Any], _: list[Bot]) -> None:
        arguments = ("-m", "bench.spectators", "--watch", room["spectator_code"], "--url", server.url)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, "--spectators", str(spectators), stdin=PIPE, stdout=PIPE
        )
        watching.append(process)
        if process.stdout is None or await process.stdout.readline() != b"here\n":
            raise RuntimeError("the spectators did not come")

    with tempfile.TemporaryDirectory(prefix="gamekeeper-spectators-") as folder:
        async with serving_apart("quiz", Path(folder)) as server:
            try:
                found = await session(plan, server.url, server, opened if spectators else None)
                told = [json.loads((await process.communicate(b""))[0]) for process in watching]
            finally:
                for process in watching:
                    if process.returncode is None:
                        process.kill()
    return {name: found[name] for name in KEPT} | (told[0] if told else {})


async def watch(code: str, url: str, count: int) -> dict[str, float]:
    """Look on until standard input ends."""
    gate = asyncio.Semaphore(AT_ONCE)
    lives: list[Connection] = []

    async def come(number: int) -> None:
        async with gate:
            client = Client(url, timeout_s=60.0)
            await client.guest(f"Spectator {number}")
            joined = await client.join(code)
            live = client.connect(joined.room)
            await live.__aenter__()
            lives.append(live)
            await client.__aexit__(None, None, None)

    await asyncio.gather(*(come(number) for number in range(count)))
    print("here", flush=True)
    began, before = time.perf_counter(), sum(live.frames for live in lives)
    await asyncio.to_thread(sys.stdin.read)
    frames = sum(live.frames for live in lives) - before
    seconds = time.perf_counter() - began
    left = sum(live.reconnects for live in lives)
    for live in lives:
        await live.close()
    return {"spectators": count, "frames_a_second": round(frames / count / seconds, 2), "spectators_lost": left}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spectators", type=int, default=2_500)
    parser.add_argument("--players", type=int, default=500)
    parser.add_argument("--questions", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--watch", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if chosen.watch:
        print(json.dumps(asyncio.run(watch(chosen.watch, chosen.url, chosen.spectators))))
        return 0
    plan = Plan(chosen.players, questions(chosen.questions), 2.0, 0.0, chosen.seed)
    alone, beside = (asyncio.run(play(plan, spectators)) for spectators in (0, chosen.spectators))
    holds = all(beside[name]["p99"] <= limit * SLACK for name, limit in LIMITS_MS.items())
    print(json.dumps({"alone": alone, "beside": beside, "holds": holds}, indent=2))
    return 0 if holds and not beside["lost"] and not beside["double"] and beside["totals_match"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
