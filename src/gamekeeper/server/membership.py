"""What makes a server one node of several: its lease, its place on the bus, the links of its sockets and rooms."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from gamekeeper.cluster.asking import Asking
from gamekeeper.cluster.following import Following
from gamekeeper.cluster.gateway import Gateway
from gamekeeper.cluster.polls import Polls
from gamekeeper.cluster.post import SILENCE_S, Post
from gamekeeper.cluster.tenure import Orphans, Tenure
from gamekeeper.cluster.visitors import Visitors
from gamekeeper.log.protocol import LogError
from gamekeeper.room.registry import Registry
from gamekeeper.room.runtime import AsyncioRuntime, cancelled
from gamekeeper.server.door import FrontDoor
from gamekeeper.server.place import Place
from gamekeeper.transport.polling import Polling

log = logging.getLogger("gamekeeper.cluster")

LEAVE_S = 5.0

Run = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class Follower(Protocol):
    """Something that follows the log under a name."""

    name: str

    async def run(self) -> None: ...


class Membership:
    """One node's part in its cluster."""

    def __init__(
        self, place: Place, registry: Registry, door: FrontDoor, *, renew_s: float, silence_s: float = SILENCE_S
    ) -> None:
        runtime = AsyncioRuntime()
        self.node = place.ownership.node
        self.post = Post(self.node, place.bus, runtime, silence_s=silence_s)
        self.gateway = Gateway(self.post)
        self.visitors = Visitors(self.post, runtime, door.receive)
        self._following = Following(place.ownership)
        self._place = place
        self.tasks: set[asyncio.Task[None]] = set()
        self._tenure = Tenure(place.ownership, registry, renew_s)
        self._orphans = Orphans(place.ownership, registry)
        door.gateway = self.gateway
        registry.neighbours = Asking(self.post, registry)

    def carry(self, polling: Polling) -> None:
        """Requests of polling sessions reach them from any node."""
        Polls(self.post, self._place.ownership, polling)

    def start(
        self, run: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]], followers: Sequence[Follower]
    ) -> None:
        """Begin the work that goes on in the background. Nothing of it but the bus outlives `leave`."""
        run(self._place.bus.run())
        self.tasks = {run(self._tenure.run()), run(self._orphans.run())}
        self.tasks |= {run(self._following.run(follower.name, follower.run)) for follower in followers}

    async def succeed(self, node: str) -> None:
        """The process of another node has ended: take its rooms over now, not when its lease has run out."""
        try:
            await self._place.ownership.bury(node)
            self.post.ended(node)
            await self._orphans.look()
        except LogError as error:
            log.warning("node %s is waited for until its lease runs out: %s", node, error)

    def send_away(self) -> None:
        """Going down: connections to rooms elsewhere go first, those to rooms here with the rooms."""
        self.gateway.drain()

    async def leave(self) -> None:
        """The rooms have stopped: tell the others, and give the lease back, so that they need not wait for its end."""
        await cancelled(self.tasks)
        await self._following.release()
        await asyncio.sleep(0)  # what was said last goes out at the end of the turn
        await self._place.bus.flush()
        try:
            async with asyncio.timeout(LEAVE_S):
                await self._place.ownership.leave()
        except (LogError, TimeoutError):
            return  # it runs out by itself

    async def close(self) -> None:
        """Let go of everything."""
        self.post.close()
        await self._place.bus.close()
