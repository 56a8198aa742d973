"""CHSH sessions that are played one after the other while their servers are broken."""

import asyncio
import json
import random
import sys
from collections.abc import Sequence

from gamekeeper.testing.simulation.reference import Violation

SESSION = ("--pairs", "2", "--rounds", "60", "--json", "--drop")
LIMIT_S = 180.0


class Hall:
    """Plays on any node until it is told to finish. Raises `Violation` in `finished` when a session lost something."""

    def __init__(self, urls: Sequence[str], rng: random.Random) -> None:
        self._urls = urls
        self._rng = random.Random(rng.random())
        self._last = False
        self._process: asyncio.subprocess.Process | None = None
        self._task = asyncio.create_task(self._play())

    async def finished(self) -> int:
        """Play the session under way to its end; how many were completed, at least one of them."""
        self._last = True
        async with asyncio.timeout(LIMIT_S):
            return await self._task

    def end(self) -> None:
        self._task.cancel()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _play(self) -> int:
        completed = 0
        while not (self._last and completed):
            completed += await self._session()
        return completed

    async def _session(self) -> bool:
        """False: it could not be completed, as when its server was away while a room was asked for."""
        command = [sys.executable, "-m", "gamekeeper.server.cli", "bots", "chsh", *SESSION]
        command += ["--server", self._rng.choice(self._urls)]
        process = self._process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        told, _ = await process.communicate()
        if not told:
            return False
        result = json.loads(told)
        if result["lost_answers"] or result["duplicate_answers"]:
            raise Violation(f"a CHSH session lost {result['lost_answers']}, twice {result['duplicate_answers']}")
        return True
