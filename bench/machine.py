"""What this machine does and has: processor time of processes and cores, memory, the disk, versions."""

import os
import platform
import re
import socket
import statistics
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
SERVER_CORE, GENERATOR_CORE = 0, 1
SYNC_BYTES = 4096
SYNCS = 200

MAX_OTHERS = 0.15
"""Of the two cores. A run in which other processes took more is marked as noisy."""
MAX_TAKEN = 0.10
"""Of the server's core. The same."""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def free_port() -> int:
    """A port of the loopback that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def children(pid: int) -> list[int]:
    """The processes that a process has started and that are still there, oldest first; none when it is gone itself."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(number) for number in found.read_text().split()] if found.exists() else []


def rss_kib(pid: int) -> int:
    line = next(one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1])


def busy_seconds() -> list[float]:
    """Of each core: time spent in processes (interrupts belong to nobody) and time the host took."""
    lines = re.findall(r"^cpu\d+ (.*)$", Path("/proc/stat").read_text(), re.MULTILINE)
    fields = [[int(one) for one in line.split()] for line in lines]
    return [(user + nice + system + steal) / TICKS for user, nice, system, _, _, _, _, steal, *_ in fields]


@dataclass(frozen=True)
class Moment:
    """A reading to take differences from."""

    at: float
    cores: list[float]
    server: float
    own: float

    @classmethod
    def now(cls, pid: int) -> "Moment":
        return cls(time.monotonic(), busy_seconds(), cpu_seconds(pid), cpu_seconds(os.getpid()))


def spent(before: Moment, after: Moment, generator_cpu: float) -> dict[str, Any]:
    """What happened on the cores between two moments, in shares of one core; `others` is a share of both."""
    elapsed = after.at - before.at
    cores = [later - earlier for earlier, later in zip(before.cores, after.cores, strict=True)]
    server = (after.server - before.server) / elapsed
    ours = server + (after.own - before.own) / elapsed + generator_cpu
    taken = max(0.0, cores[SERVER_CORE] / elapsed - server)
    others = max(0.0, sum(cores) / elapsed - ours) / len(cores)
    return {
        "elapsed_s": elapsed,
        "server_cpu": server,
        "core_share": 1.0 - taken,
        "others": others,
        "noisy": others > MAX_OTHERS or taken > MAX_TAKEN,
    }


def wait_for_quiet(limit_s: float) -> None:
    """Return when other processes leave the cores alone for half a second, or when the time is over."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        before = busy_seconds()
        time.sleep(0.5)
        busy = sum(busy_seconds()) - sum(before)
        if busy / 0.5 / len(before) < MAX_OTHERS / 2:
            return


def fdatasync_ms(folder: Path) -> float:
    """The median time of a write of 4 KiB and `fdatasync` on the disk of this folder: what a commit costs at least."""
    path = folder / "fdatasync"
    times: list[float] = []
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        for _ in range(SYNCS):
            began = time.monotonic()
            os.write(file, b"x" * SYNC_BYTES)
            os.fdatasync(file)
            times.append(time.monotonic() - began)
    finally:
        os.close(file)
        path.unlink()
    return statistics.median(times) * 1000


def about() -> dict[str, str]:
    """What the figures were measured with."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    return {
        "cpu": f"{os.cpu_count()} x {model.group(1) if model else platform.machine()}",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "node": node.stdout.strip(),
        "gamekeeper": version("gamekeeper"),
        "commit": commit.stdout.strip(),
    }
