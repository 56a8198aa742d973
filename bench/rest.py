"""Reads over HTTP: `python -m bench.rest [--seconds 5] [--rounds 3]`. Needs `wrk` (Debian: `apt install wrk`).

`GET /rooms/{id}` of a member with a valid token, 64 connections, one server process on one core: authorised, and looked
up in the database each time; nothing of it is cached. Beside it `GET /health/live`, which is what routing and HTTP
alone cost, as the upper bound of anything this stack can answer.
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess

from bench import results
from bench.candidates import Shape, gamekeeper
from bench.machine import GENERATOR_CORE, Moment, rss_kib, spent, wait_for_quiet
from bench.measure import Running, running
from bench.results import Run, median, shown, table

CONNECTIONS = 64
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
READS = ("read", "alive")


def paths(server: Running) -> dict[str, tuple[str, str]]:
    """What is read, with the token it is read with."""
    _, socket, token = server.targets.read_text().splitlines()[0].split()
    return {"read": (socket.removesuffix("/socket"), token), "alive": ("/health/live", token)}


async def one_run(server: Running, name: str, seconds: float) -> Run:
    path, token = paths(server)[name]
    began = Moment.now(server.pid)
    told = await asyncio.to_thread(wrk, server.port, path, token, seconds)
    ended = Moment.now(server.pid)
    speed = re.search(r"Requests/sec:\s+([\d.]+)", told)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    if speed is None or slow is None or "Non-2xx" in told:
        raise RuntimeError(f"wrk failed:\n{told}")
    requests = float(speed[1])
    shares = spent(began, ended, 0.0)
    return shares | {
        "phase": "rest", "name": name, "requests_per_s": requests, "p99_ms": float(slow[1]) * MILLISECONDS[slow[2]],
        "cpu_us_per_request": shares["server_cpu"] / requests * 1e6, "rss_mib": rss_kib(server.pid) / 1024,
    }  # fmt: skip


def wrk(port: int, path: str, token: str, seconds: float) -> str:
    command = ["taskset", "-c", str(GENERATOR_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    command += ["-H", f"Authorization: Bearer {token}", f"http://127.0.0.1:{port}{path}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def measure(rounds: int, seconds: float) -> list[Run]:
    async with running(gamekeeper("sqlite"), Shape(1, 10)) as server:
        runs: list[Run] = []
        for _ in range(rounds):
            for name in READS:
                await asyncio.to_thread(wait_for_quiet, 5.0)
                runs.append(await one_run(server, name, seconds))
        return runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("bench.rest needs wrk: apt install wrk")
    os.sched_setaffinity(0, {GENERATOR_CORE})
    runs = asyncio.run(measure(options.rounds, options.seconds))
    results.save(runs)
    keys = ("requests_per_s", "p99_ms", "cpu_us_per_request", "rss_mib")
    rows = [[name, *(shown(median(runs, "rest", name, key), 1) for key in keys)] for name in READS]
    print(table(["read", "requests/s", "p99 ms", "CPU us/request", "MiB"], rows))


if __name__ == "__main__":
    main()
