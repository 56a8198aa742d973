"""Reads over HTTP: `python -m bench.rest [--seconds 5] [--rounds 3]`. Needs `wrk` (Debian: `apt install wrk`).

`GET /rooms/{id}` of a thousand members of a hundred rooms in turn, each with a valid token, 64 connections, one server
process on one core, while all thousand have their sockets open: as it is served (`cached`, answers that nothing has
changed since), and with the cache off (`looked up`). Beside it `GET /health/live`, which goes through every layer of
the framework, and the same answer from a bare FastAPI application (`bench/bare.py`), which checks and counts nothing.
"""

import argparse
import asyncio
import http.client
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from bench import results
from bench.candidates import HERE, WORK, Candidate, Shape, build, gamekeeper
from bench.machine import GENERATOR_CORE, Moment, rss_kib, spent, wait_for_quiet
from bench.measure import Running, generator, heard, running
from bench.results import Run, median, shown, table

CONNECTIONS = 64
MEMBERS = Shape(100, 10)
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
READS = ("cached", "looked up", "alive", "fastapi")
QUIET_S = 5.0
FASTAPI = Candidate("fastapi", "http", (sys.executable, "-m", "bench.bare", "{port}"))


def serving(name: str) -> Candidate:
    """The server by which this is answered."""
    if name == "fastapi":
        return FASTAPI
    ours = gamekeeper("sqlite")
    off = ("env", "GAMEKEEPER_READ_CACHE_S=0") if name == "looked up" else ()
    return replace(ours, command=(*off, *ours.command))


async def one_run(name: str, seconds: float) -> Run:
    async with running(serving(name), MEMBERS) as server, _everybody_in(server, seconds):
        began = Moment.now(server.pid)
        told = await asyncio.to_thread(wrk, server, name, seconds)
        ended = Moment.now(server.pid)
        mib = rss_kib(server.pid) / 1024
    speed = re.search(r"Requests/sec:\s+([\d.]+)", told)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    if speed is None or slow is None or "Non-2xx" in told:
        raise RuntimeError(f"wrk failed:\n{told}")
    requests = float(speed[1])
    shares = spent(began, ended, 0.0)
    return shares | {
        "phase": "rest", "name": name, "requests_per_s": requests, "p99_ms": float(slow[1]) * MILLISECONDS[slow[2]],
        "cpu_us_per_request": shares["server_cpu"] / requests * 1e6, "rss_mib": mib,
    }  # fmt: skip


@asynccontextmanager
async def _everybody_in(server: Running, seconds: float) -> AsyncGenerator[None, None]:
    """A thousand sockets that are open and still. Each member has read once, so that the cache is warm."""
    if not server.candidate.ours:
        yield
        return
    sockets = await generator(server, seconds + 60, "idle")
    try:
        await heard(sockets, "ready")
        await asyncio.to_thread(read_once, server)
        yield
    finally:
        sockets.kill()
        await sockets.wait()


def read_once(server: Running) -> None:
    """Every member's room."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for target in server.targets.read_text().splitlines():
        _, socket, token = target.split()
        line.request("GET", socket.removesuffix("/socket"), headers={"Authorization": f"Bearer {token}"})
        line.getresponse().read()
    line.close()


def wrk(server: Running, name: str, seconds: float) -> str:
    command = ["taskset", "-c", str(GENERATOR_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency"]
    address = f"http://127.0.0.1:{server.port}"
    if name in ("cached", "looked up"):
        command += ["-s", str(HERE / "readers.lua"), address, "--", str(server.targets)]
    else:
        command.append(address + ("/health/live" if name == "alive" else "/rooms/any"))
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def measure(rounds: int, seconds: float) -> list[Run]:
    runs: list[Run] = []
    for _ in range(rounds):
        for name in READS:
            await asyncio.to_thread(wait_for_quiet, QUIET_S)
            runs.append(await one_run(name, seconds))
    return runs


def report(runs: list[Run]) -> None:
    keys = ("requests_per_s", "p99_ms", "cpu_us_per_request", "rss_mib", "others")
    bare = median(runs, "rest", "fastapi", "cpu_us_per_request")
    rows: list[list[str]] = []
    for name in READS:
        spent_us = median(runs, "rest", name, "cpu_us_per_request")
        ratio = bare / spent_us if bare and spent_us else None
        rows.append([name, *(shown(median(runs, "rest", name, key), 1) for key in keys), shown(ratio)])
    print(table(["read", "requests/s", "p99 ms", "CPU us/request", "MiB", "others", "x FastAPI (CPU)"], rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("bench.rest needs wrk: apt install wrk")
    WORK.mkdir(exist_ok=True)
    build("loadgen")
    os.sched_setaffinity(0, {GENERATOR_CORE})
    runs = asyncio.run(measure(options.rounds, options.seconds))
    results.save(runs)
    report(runs)


if __name__ == "__main__":
    main()
