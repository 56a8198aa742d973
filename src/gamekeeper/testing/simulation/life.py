"""One life of a node: the real registry, door, links and lease keeping in a process of the simulated world."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from gamekeeper.app import App
from gamekeeper.cluster.asking import Asking
from gamekeeper.cluster.gateway import Gateway
from gamekeeper.cluster.post import Post
from gamekeeper.cluster.tenure import Orphans, Tenure
from gamekeeper.cluster.visitors import Visitors
from gamekeeper.log.protocol import LogError
from gamekeeper.room.limits import Limits
from gamekeeper.room.registry import Registry
from gamekeeper.server.auth.accounts import Accounts
from gamekeeper.server.auth.identity import Identity
from gamekeeper.server.door import FrontDoor
from gamekeeper.server.limits import HttpLimits
from gamekeeper.testing.simulation.link import Link, line
from gamekeeper.testing.simulation.process import Process
from gamekeeper.testing.simulation.storage import LEASE_S, Storage, StoredLog, StoredOwnership
from gamekeeper.testing.simulation.wires import Wires
from gamekeeper.transport.connection import Connection, Patience

SECRET = b"simulation"
SMALL = Patience(high_water_bytes=600, kept_bytes=6_000)
LIMITS = Limits(recent_events=5, snapshot_every=10**9, sessions_per_seat=3, idle_s=1.0)
SWEEP_S = 0.5
AGAIN_S = 0.3
ALWAYS = "1000000/second"


@dataclass(frozen=True)
class ClusterParts:
    """What nodes are made of; a test plants a fault by replacing a part."""

    storage: type[Storage] = Storage
    ownership: type[StoredOwnership] = StoredOwnership
    log: type[StoredLog] = StoredLog
    registry: type[Registry] = Registry
    door: type[FrontDoor] = FrontDoor


class _Believers:
    """Accounts that believe whoever gives a name."""

    def __init__(self) -> None:
        self.revocations = self
        self.listeners: list[Callable[[str, float], None]] = []

    def identify(self, token: str) -> Identity:
        return Identity(token, token)


class Doorstep:
    """The server's end of a link, as a transport would offer it to a connection."""

    def __init__(self, life: "Life", link: Link, room: str) -> None:
        self._link = link
        self._process = life.process
        self.frame = line
        self.connection = Connection(room, self, life.door, life.process.now(), SMALL)
        link.drained = lambda: life.process.soon(self.connection.drained)

    @property
    def buffered(self) -> int:
        return self._link.buffered

    def write(self, framed: bytes) -> None:
        self._link.down(framed)

    def close(self, code: int, reason: str) -> None:
        self._link.close()

    def abort(self) -> None:
        self._link.cut()

    def arrived(self, payload: bytes, whole: bool = True) -> None:
        self._process.soon(lambda: self._hear(payload))

    def _hear(self, payload: bytes) -> None:
        if not self.connection.closed:
            self.connection.received(payload, self._process.now())

    def cut(self) -> None:
        self._process.soon(lambda: None if self.connection.closed else self.connection.lost())


class Life:
    """From its start to its end, however that comes."""

    def __init__(
        self,
        process: Process,
        apps: Mapping[str, App],
        storage: Storage,
        wires: Wires,
        parts: ClusterParts,
        claimed: Callable[[str, str, str], None],
    ) -> None:
        self.process = process
        self.ready = False
        self.ownership = parts.ownership(storage, process, claimed)
        log = parts.log(storage, process, self.ownership)
        self.registry = parts.registry(apps, log, SECRET, runtime=process, limits=LIMITS, claims=self.ownership)
        accounts = cast(Accounts, _Believers())
        self.door = parts.door(apps, self.registry, log, accounts, HttpLimits({"write": ALWAYS}))
        self.post = Post(process.name, wires.bus(process), process)
        self.door.gateway = Gateway(self.post)
        self.visitors = Visitors(self.post, process, self.door.receive)
        self.registry.neighbours = Asking(self.post, self.registry)
        self._links: list[Link] = []
        process.run(self._begin())

    async def _begin(self) -> None:
        while True:
            try:
                await self.ownership.register()
                break
            except LogError:
                await asyncio.sleep(AGAIN_S)
        for work in (
            Tenure(self.ownership, self.registry, LEASE_S / 3).run(),
            Orphans(self.ownership, self.registry).run(),
            self._sweep(),
        ):
            self.process.run(work)
        self.ready = True

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.registry.sweep()

    def accept(self, link: Link, room: str) -> None:
        """A client has connected."""
        link.up_end = Doorstep(self, link, room)
        self._links.append(link)

    def drain(self) -> None:
        """SIGTERM: go in order."""
        self.process.run(self._drain())

    async def _drain(self) -> None:
        self.ready = False
        gateway: Any = self.door.gateway
        gateway.drain()
        await self.registry.drain()
        with contextlib.suppress(LogError):
            await self.ownership.leave()
        self.die()

    def die(self) -> None:
        """kill -9."""
        self.ready = False
        self.process.kill()
        for link in self._links:
            link.cut()
