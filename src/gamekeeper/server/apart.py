"""A server in a child process, watched from outside: what tools that measure play on."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path


class Apart:
    """A server in a process of its own: its event loop and its memory are its own."""

    def __init__(self, url: str, process: asyncio.subprocess.Process) -> None:
        self.url = url
        self.pid = process.pid

    @property
    def peak_rss_mib(self) -> float | None:
        """The most memory it ever had; None where the system does not tell."""
        return self._status("VmHWM")

    @property
    def rss_mib(self) -> float | None:
        return self._status("VmRSS")

    @property
    def cpu_s(self) -> float | None:
        """Processor time so far, its children's not included."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> float | None:
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except OSError:
            return None
        found = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
        return int(found[0]) / 1024 if found else None


@asynccontextmanager
async def serving_apart(app: str, data: Path, *, log_store: str = "sqlite") -> AsyncGenerator[Apart, None]:
    """Serve the installed application of this name, or one given as "module:attribute", in a child process for as long
    as the block runs; no command and no request is refused for its rate."""
    arguments = ("-m", "gamekeeper.embedded", app, str(data), log_store)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe)
    try:
        url = (await process.stdout.readline()).decode().strip() if process.stdout is not None else ""
        if not url:
            raise OSError("the server did not start")
        yield Apart(url, process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
