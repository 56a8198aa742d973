"""Start a server on one core, generate load on the other, read what the server cost."""

import asyncio
import json
import os
import signal
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.candidates import WORK, Candidate, Shape, write_targets
from bench.machine import GENERATOR_CORE, SERVER_CORE, Moment, cpu_seconds, fdatasync_ms, free_port, rss_kib, spent

START_LIMIT_S = 120.0
END_LIMIT_S = 10.0
SETTLE_S = 1.0
"""After everybody is in, before memory is read; the generator is still for two seconds."""


@dataclass
class Running:
    """A server under measurement. `watch` is what its event loop told of itself when it was asked to go."""

    candidate: Candidate
    shape: Shape
    port: int
    targets: Path
    process: Process

    @property
    def pid(self) -> int:
        return self.process.pid


@asynccontextmanager
async def running(candidate: Candidate, shape: Shape) -> AsyncGenerator[Running, None]:
    """Serve for as long as the block runs. Raises `RuntimeError` when it does not answer."""
    port = free_port()
    targets = WORK / f"targets-{port}"
    process = await asyncio.create_subprocess_exec(
        "taskset", "-c", str(SERVER_CORE), *candidate.argv(port, shape, targets),
        env=os.environ | {"NODE_ENV": "production"}, stdout=PIPE,
    )  # fmt: skip
    server = Running(candidate, shape, port, targets, process)
    try:
        await _until_ready(server)
        yield server
    finally:
        await _end(process)
        targets.unlink(missing_ok=True)


async def _end(process: Process) -> None:
    """It may take away what it has started; then it is killed."""
    if process.returncode is None:
        process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_LIMIT_S):
                await process.wait()
    if process.returncode is None:
        process.kill()
    await process.wait()


async def _until_ready(server: Running) -> None:
    async with asyncio.timeout(START_LIMIT_S):
        while server.process.returncode is None:
            with socket.socket() as probe:
                open_port = probe.connect_ex(("127.0.0.1", server.port)) == 0
            if open_port and (server.targets.exists() or not server.candidate.ours):
                return
            await asyncio.sleep(0.05)
    raise RuntimeError(f"{server.candidate.name} does not answer")


async def generator(server: Running, seconds: float, load: str, targets: Path | None = None) -> Process:
    """The generator, about to dial."""
    arguments = [server.candidate.protocol, str(server.port), str(targets or server.targets), str(seconds), load]
    return await asyncio.create_subprocess_exec(
        "taskset", "-c", str(GENERATOR_CORE), str(WORK / "loadgen"), *arguments, stdout=PIPE
    )


async def heard(process: Process, word: str) -> None:
    """Return when the generator says so. Raises `RuntimeError`."""
    line = await process.stdout.readline() if process.stdout is not None else b""
    if line.decode().strip() != word:
        raise RuntimeError(f"the generator failed, it did not come to {word!r}")


async def result(process: Process) -> dict[str, Any]:
    """What the generator found. Raises `RuntimeError`."""
    line = await process.stdout.readline() if process.stdout is not None else b""
    await process.wait()
    if not line:
        raise RuntimeError("the generator failed at the end")
    found: dict[str, Any] = json.loads(line)
    return found


async def measure(candidate: Candidate, shape: Shape, seconds: float, load: str) -> dict[str, Any]:
    """One run: what the generator saw and what the server spent, its loop's longest wait where it tells.

    `load`: "closed", "idle" or commands a second in all. Raises `RuntimeError`, `OSError` or `TimeoutError`.
    """
    async with running(candidate, shape) as server:
        figures = {"name": candidate.name, "load": load} | await _come_in(server, seconds, load)
        if candidate.ours:
            server.process.terminate()
            told, _ = await server.process.communicate()
            figures |= json.loads(told.splitlines()[-1])
            figures["store_cpu_us_per_command"] = figures["store_cpu_s"] / max(1, figures["answered"]) * 1e6
            figures["fdatasync_ms"] = fdatasync_ms(WORK)
    return figures


async def _come_in(server: Running, seconds: float, load: str) -> dict[str, Any]:
    bare_kib, before = rss_kib(server.pid), cpu_seconds(server.pid)
    await write_targets(server.candidate, server.port, server.shape, server.targets)
    process = await generator(server, seconds, load)
    try:
        await heard(process, "ready")
        await asyncio.sleep(SETTLE_S)
        joined = cpu_seconds(server.pid) - before
        full_kib = rss_kib(server.pid)
        await heard(process, "measuring")
        if server.candidate.ours:
            server.process.send_signal(signal.SIGUSR1)
        began = Moment.now(server.pid)
        found = await result(process)
        ended = Moment.now(server.pid)
    finally:
        if process.returncode is None:
            process.kill()
    clients = server.shape.clients
    figures = found | spent(began, ended, found["generator_cpu"]) | {
        "rss_kib": rss_kib(server.pid), "bare_kib": bare_kib,
        "kib_per_connection": (full_kib - bare_kib) / clients, "cpu_us_per_join": joined / clients * 1e6,
    }  # fmt: skip
    if found["answered"]:
        cpu_s = ended.server - began.server
        figures |= {
            "commands_per_s": found["answered"] / figures["elapsed_s"],
            "cpu_us_per_command": cpu_s / found["answered"] * 1e6,
            "cpu_us_per_delivery": cpu_s / found["deliveries"] * 1e6,
        }
    return figures
