"""Several server processes behind one port of this machine, and whoever looks after them.

The kernel hands each connection to one of them. A worker is a node like any other; on its standard input it hears
which of the others have ended, and by its end that its supervisor is no more, upon which it ends by itself.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

log = logging.getLogger("gamekeeper.workers")

FIRST_RETRY_S = 0.5
LAST_RETRY_S = 30.0
LONG_ENOUGH_S = 60.0
"""A worker that lived this long begins with the shortest wait when it dies."""
MAX_LINES_BYTES = 4096
COMMAND = (sys.executable, "-m", "gamekeeper.server.cli", "serve", "--json")

Ready = Callable[[dict[str, Any]], None]


class WorkerFailed(Exception):
    """The first worker did not get as far as answering; `status` is what it ended with."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the first worker ended with status {status}")
        self.status = status


def reserve(host: str, port: int) -> socket.socket:
    """Bind a port that workers will share, without listening on it: nobody else can take it meanwhile. Raises
    `OSError`."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


class Worker:
    """One place at the port, filled by one process after the other."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self.process: asyncio.subprocess.Process | None = None
        self.ready: dict[str, Any] | None = None
        """What it said when it began to answer; None: it has not."""
        self.node = ""
        """Its name among the nodes; empty: it has not said so yet."""

    async def live(self) -> int:
        """One life, from start to end; the status it ended with."""
        self.ready, self.node = None, ""
        process = self.process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        line = await process.stdout.readline()
        if line:
            told: dict[str, Any] = json.loads(line)
            self.ready, self.node = told, told.pop("node", "")
        return await process.wait()

    def hear(self, node: str) -> None:
        """Tell it that the process of another node has ended."""
        if self.process is not None and self.process.returncode is None and self.process.stdin is not None:
            self.process.stdin.write(f"{node}\n".encode())

    def tell(self, number: signal.Signals) -> None:
        """Pass a signal on."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)


class Workers:
    """Keeps a number of workers alive until told to stop."""

    def __init__(self, count: int, options: Sequence[str], *, first_retry_s: float = FIRST_RETRY_S) -> None:
        self.workers = [Worker([*COMMAND, "--supervised", str(number), *options]) for number in range(count)]
        self._first_retry_s = first_retry_s
        self._stopping = asyncio.Event()

    async def run(self, ready: Ready) -> None:
        """Start the first, then the others, and start again whichever dies; `ready` is told what the first said once
        it answers. Raises `WorkerFailed`."""
        first, *others = self.workers
        leading = asyncio.create_task(first.live())
        while first.ready is None and not leading.done():
            await asyncio.wait({leading}, timeout=0.05)
        if first.ready is None:
            if not self._stopping.is_set():
                raise WorkerFailed(leading.result())
            return
        ready(first.ready)
        await asyncio.gather(self._keep(first, leading), *(self._keep(worker) for worker in others))

    async def _keep(self, worker: Worker, life: "asyncio.Task[int] | None" = None) -> None:
        loop = asyncio.get_running_loop()
        retry_s = self._first_retry_s
        while not self._stopping.is_set():
            began = loop.time()
            status = await (life or worker.live())
            life = None
            self._announce_end(worker)
            if self._stopping.is_set():
                return
            if loop.time() - began > LONG_ENOUGH_S:
                retry_s = self._first_retry_s
            log.error("a worker ended with status %d; again in %.1f s", status, retry_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(retry_s):
                    await self._stopping.wait()
            retry_s = min(LAST_RETRY_S, retry_s * 2)

    def _announce_end(self, worker: Worker) -> None:
        if worker.node:
            for other in self.workers:
                other.hear(worker.node)

    def stop(self) -> None:
        """Have them all drain and end. A second call does not wait for anybody."""
        number = signal.SIGKILL if self._stopping.is_set() else signal.SIGTERM
        self._stopping.set()
        self.tell(number)

    def tell(self, number: signal.Signals) -> None:
        """Pass a signal on to all of them."""
        for worker in self.workers:
            worker.tell(number)


async def supervise(workers: Workers, ready: Ready) -> None:
    """Run them until SIGTERM or SIGINT; SIGHUP goes on to each."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, workers.stop)
    loop.add_signal_handler(signal.SIGHUP, workers.tell, signal.SIGHUP)
    await workers.run(ready)


def heed(stop: Callable[[], None], ended: Callable[[str], None]) -> None:
    """In a worker: hear of nodes that have ended, and stop when the supervisor is no more."""
    loop = asyncio.get_running_loop()
    begun = b""

    def heard() -> None:
        nonlocal begun
        told = os.read(sys.stdin.fileno(), MAX_LINES_BYTES)
        if not told:
            loop.remove_reader(sys.stdin)
            stop()
        *lines, begun = (begun + told).split(b"\n")
        for line in lines:
            ended(line.decode())

    loop.add_reader(sys.stdin, heard)
