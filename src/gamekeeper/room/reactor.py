"""Slow work that follows the log: a sandbox, a training run, a fetch. Off the room's loop, at least once.

A reactor reads committed records, does its work and may answer with a command. The command's id is (reactor, seq), so
that work done twice after a crash takes effect once.
"""

import asyncio
import contextlib
import logging
from typing import Protocol

from gamekeeper.core.errors import Rejected
from gamekeeper.core.messages import Command
from gamekeeper.core.record import Record, records
from gamekeeper.log.protocol import EventLog
from gamekeeper.room.registry import Registry

log = logging.getLogger("gamekeeper.reactor")

POLL_S = 1.0
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 30.0


class Reactor(Protocol):
    """What an application writes. `name` is for ever: it keys the checkpoint and the command ids."""

    name: str

    async def react(self, room: str, record: Record) -> Command | None:
        """Do what this record asks for; the command that tells the room about it, if any. May be called again for
        the same record. Raising means: try again later (with backoff); nothing after it is reacted to meanwhile."""
        ...


class Checkpoints(Protocol):
    """Where a follower of the log keeps its place."""

    async def load(self, name: str) -> int: ...

    async def save(self, name: str, position: int) -> None: ...


class ReactorRunner:
    """Runs one reactor over the whole log, from its checkpoint on."""

    def __init__(self, reactor: Reactor, log: EventLog, registry: Registry, checkpoints: Checkpoints) -> None:
        self.name = f"reactor:{reactor.name}"
        self._reactor = reactor
        self._log = log
        self._registry = registry
        self._checkpoints = checkpoints
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Something was committed."""
        self._news.set()

    async def run(self) -> None:
        """Follow the log until cancelled."""
        name = self.name
        position = await self._checkpoints.load(name)
        while True:
            self._news.clear()
            batches = await self._log.tail(position)
            for batch in batches:
                for entry in batch.entries:
                    for record in records(entry):
                        await self._react(name, batch.room, record)
                position = batch.position
                await self._checkpoints.save(name, position)
            if not batches:
                await self._wait()

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):  # `wait_for` can lose a cancellation that comes together with news
                await self._news.wait()

    async def _react(self, name: str, room: str, record: Record) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            try:
                command = await self._reactor.react(room, record)
                if command is not None:
                    await self._registry.ask(room, command, session=name, command_id=record.seq)
                return
            except Rejected as rejected:
                if rejected.retry_after_s is None:
                    log.info("room %s refused what %s answered to seq %d: %s", room, name, record.seq, rejected)
                    return
            except OSError as error:
                log.warning("%s on room %s seq %d: %s; again in %.1f s", name, room, record.seq, error, retry_s)
            await asyncio.sleep(retry_s)
            retry_s = min(LAST_RETRY_S, retry_s * 2)
