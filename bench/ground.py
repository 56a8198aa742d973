"""What a cluster stands on, made for a run and gone after it: hosts with a network of their own, a Redis, its nodes."""

import asyncio
import os
import shutil
import signal
import subprocess
from pathlib import Path

from bench.crash import Server
from bench.machine import free_port

ABOVE = "10.77.{host}.1"
"""Where a host reaches the machine that it is on."""
BELOW = "10.77.{host}.2"

UNLIMITED = {
    "log_level": "error", "log_commands": "false", "command_rate_factor": "1000000",
    **{f"rate_{name}": "100000000/minute" for name in ("read", "write", "guest", "code", "code_digits", "digits")},
}  # fmt: skip
"""Settings of a server that is asked as much as it can do, by everybody at once, from one address."""


class Host:
    """A network namespace with one cable to the machine: what runs in it can be cut off. Needs root and iproute2."""

    def __init__(self, number: int) -> None:
        self.name = f"gamekeeper-{os.getpid() % 10_000}-{number}"
        self._cable = f"gk{os.getpid() % 10_000}-{number}"
        self.above, self.address = ABOVE.format(host=number), BELOW.format(host=number)
        far = f"{self._cable}b"
        for command in (
            f"netns add {self.name}",
            f"link add {self._cable} type veth peer name {far}",
            f"link set {far} netns {self.name}",
            f"addr add {self.above}/30 dev {self._cable}",
            f"link set {self._cable} up",
            f"-n {self.name} addr add {self.address}/30 dev {far}",
            f"-n {self.name} link set {far} up",
            f"-n {self.name} link set lo up",
        ):
            _ip(command)

    @staticmethod
    def possible() -> bool:
        """Whether this machine lets us make one."""
        return os.geteuid() == 0 and shutil.which("ip") is not None and _answers("netns list")

    def plug(self, into: bool) -> None:
        """Pull the cable out, or put it back."""
        _ip(f"link set {self._cable} {'up' if into else 'down'}")

    def remove(self) -> None:
        _answers(f"link del {self._cable}")
        _answers(f"netns del {self.name}")


def _ip(arguments: str) -> None:
    subprocess.run(["ip", *arguments.split()], check=True, capture_output=True)


def _answers(arguments: str) -> bool:
    return subprocess.run(["ip", *arguments.split()], check=False, capture_output=True).returncode == 0


def environment(settings: dict[str, str]) -> list[str]:
    """The settings as arguments of `env`."""
    return [f"GAMEKEEPER_{name.upper()}={value}" for name, value in settings.items()]


class Node(Server):
    """One server process of the cluster, on `host` where there is one."""

    def __init__(self, folder: Path, name: str, settings: dict[str, str], host: Host | None = None) -> None:
        super().__init__(folder / name, free_port())
        self._command = ["env", *environment(settings | {"node": name}), *self._command]
        if host is not None:
            self.url = self.url.replace("127.0.0.1", host.address)
            self._command = ["ip", "netns", "exec", host.name, *self._command, "--host", host.address]
        self.name = name

    def plant(self, bug: str) -> None:
        """From its next start on it has this bug of `bench.planted`."""
        place = self._command.index("gamekeeper.server.cli")
        self._command[place : place + 1] = ["bench.planted", bug]

    def signal(self, number: signal.Signals) -> None:
        if self.pid:
            os.kill(self.pid, number)


class Redis:
    """A Redis of its own, in memory only."""

    def __init__(self, everywhere: bool = False) -> None:
        self.port = free_port()
        self._bind = ["*", "--protected-mode", "no"] if everywhere else ["127.0.0.1"]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--save", "", "--bind", *self._bind]
        self._process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
