"""Which process runs which room.

A process is a *node*. It keeps one lease alive, not one per room; a room belongs to the node that claimed it last. Each
claim raises the room's epoch, and an append carries the epoch it was claimed at, so that a node that lost a room may
believe what it likes and still commits nothing. Leases only decide how soon somebody else may take over.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

from msgspec import structs

from gamekeeper.core.frozen import Frozen
from gamekeeper.log.protocol import LogError

LEASE_S = 6.0
"""Life of a lease that is not renewed, in seconds."""
MARGIN_S = 1.0
"""A node stops believing this long before others may take its rooms."""


class LeaseLost(LogError):
    """This node's lease has run out and its place was given away, or another process came under its name."""


class Claim(Frozen):
    """The room is this node's; its appends carry `epoch`."""

    room: str
    epoch: int


class OwnedBy(Frozen):
    """The room is another node's, to be reached at `address`."""

    room: str
    node: str
    address: str


class Node(Frozen):
    """A node whose lease has not run out. Times are seconds since the epoch, by the storage's clock."""

    node: str
    address: str
    started_at: float
    expires_at: float
    owns: tuple[str, ...] | None = None
    """The applications whose rooms it runs; None: all."""


class Ownership(Protocol):
    """One node's view of who owns what. Every call may raise `LogUnavailable`."""

    @property
    def node(self) -> str:
        """This node's name."""
        ...

    @property
    def owns(self) -> tuple[str, ...] | None:
        """The applications whose rooms this node runs, as `nodes` tells all; None: rooms of any."""
        ...

    @property
    def believes(self) -> bool:
        """Whether this node may go on showing its rooms: its lease has not run out by its own monotonic clock."""
        ...

    def epoch_of(self, room: str) -> int | None:
        """The epoch this node claimed the room at; None: it has not, or knows that it lost it."""
        ...

    def lost(self, room: str) -> None:
        """The log has refused an append of this room as fenced: forget the claim."""
        ...

    async def register(self) -> None:
        """Begin the lease. A former process of the same name has lost everything it had."""
        ...

    async def renew(self) -> bool:
        """Prolong the lease; False: by the storage's clock it had run out, so that others may have taken rooms
        meanwhile. Raises `LeaseLost`, after which only `register` helps."""
        ...

    async def nodes(self) -> list[Node]:
        """All nodes whose lease has not run out, by name."""
        ...

    async def claim(self, room: str) -> Claim | OwnedBy:
        """Take a room that nobody has, or whose owner is gone. Claim first, then read the room's log: what an earlier
        owner had under way is then either in it or fenced."""
        ...

    async def claim_all(self, rooms: Sequence[str]) -> list[Claim | OwnedBy]:
        """The same for many rooms, in one step each way; the answers in the order of the rooms."""
        ...

    async def release(self, rooms: Sequence[str]) -> None:
        """Give rooms back. Those that are not this node's are left alone."""
        ...

    async def owner(self, room: str) -> OwnedBy | None:
        """Who has the room, this node included; None: nobody whose lease has not run out."""
        ...

    async def orphans(self, limit: int) -> list[str]:
        """Rooms that were never given back and whose node is gone."""
        ...

    async def bury(self, node: str) -> None:
        """The process of this node is known to have ended: nobody need wait for its lease to run out."""
        ...

    async def leave(self) -> None:
        """Give back the lease. Whoever likes may take the rooms; those that were not released before are orphans."""
        ...


class _Lease(Frozen):
    address: str
    started_at: float
    expires_at: float
    incarnation: int
    owns: tuple[str, ...] | None


class _Holding(Frozen):
    node: str
    epoch: int


class Territory:
    """What nodes in one process share: the storage of `MemoryOwnership`."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.leases: dict[str, _Lease] = {}
        self.holdings: dict[str, _Holding] = {}
        self.incarnations = 0

    def alive(self, node: str) -> bool:
        lease = self.leases.get(node)
        return lease is not None and lease.expires_at > self.clock()

    def expire(self, node: str) -> None:
        """The node's lease runs out now."""
        self.leases[node] = structs.replace(self.leases[node], expires_at=self.clock())

    def fits(self, room: str, node: str, epoch: int) -> bool:
        """What an append asks: is the room still this node's, since that claim?"""
        return self.holdings.get(room) == _Holding(node, epoch)


class MemoryOwnership:
    """An `Ownership` of nodes in one process; alone on its territory it owns whatever it claims, which is what the
    embedded logs need."""

    def __init__(
        self,
        territory: Territory | None = None,
        node: str = "here",
        address: str = "",
        *,
        lease_s: float = float("inf"),
        margin_s: float = 0.0,
        owns: tuple[str, ...] | None = None,
    ) -> None:
        self.owns = owns
        self.territory = territory or Territory()
        self._node = node
        self._address = address
        self._lease_s = lease_s
        self._margin_s = margin_s
        self._claims: dict[str, int] = {}
        self._incarnation = 0
        self._believes_until = float("-inf")

    @property
    def node(self) -> str:
        return self._node

    @property
    def believes(self) -> bool:
        return self.territory.clock() < self._believes_until

    def epoch_of(self, room: str) -> int | None:
        return self._claims.get(room) if self.believes else None

    def lost(self, room: str) -> None:
        self._claims.pop(room, None)

    async def register(self) -> None:
        shared = self.territory
        shared.incarnations += 1
        self._incarnation = shared.incarnations
        self._claims.clear()
        for room, holding in list(shared.holdings.items()):
            if holding.node == self._node:
                shared.holdings[room] = _Holding("", holding.epoch)
        self._prolong(shared.clock())

    async def renew(self) -> bool:
        lease = self.territory.leases.get(self._node)
        if lease is None or lease.incarnation != self._incarnation:
            self._believes_until = float("-inf")
            self._claims.clear()
            raise LeaseLost(f"node {self._node} has lost its lease")
        kept = self.territory.alive(self._node)
        self._prolong(lease.started_at)
        return kept

    def _prolong(self, started_at: float) -> None:
        now = self.territory.clock()
        until = now + self._lease_s
        self.territory.leases[self._node] = _Lease(self._address, started_at, until, self._incarnation, self.owns)
        self._believes_until = until - self._margin_s

    async def nodes(self) -> list[Node]:
        return [
            Node(name, lease.address, lease.started_at, lease.expires_at, lease.owns)
            for name, lease in sorted(self.territory.leases.items())
            if self.territory.alive(name)
        ]

    async def claim(self, room: str) -> Claim | OwnedBy:
        shared = self.territory
        held = shared.holdings.get(room, _Holding("", 0))
        if held.node not in ("", self._node) and shared.alive(held.node):
            return OwnedBy(room, held.node, shared.leases[held.node].address)
        shared.holdings[room] = _Holding(self._node, held.epoch + 1)
        self._claims[room] = held.epoch + 1
        return Claim(room, held.epoch + 1)

    async def claim_all(self, rooms: Sequence[str]) -> list[Claim | OwnedBy]:
        answers = {room: await self.claim(room) for room in dict.fromkeys(rooms)}
        return [answers[room] for room in rooms]

    async def release(self, rooms: Sequence[str]) -> None:
        for room in rooms:
            epoch = self._claims.pop(room, None)
            if epoch is not None and self.territory.fits(room, self._node, epoch):
                self.territory.holdings[room] = _Holding("", epoch)

    async def owner(self, room: str) -> OwnedBy | None:
        held = self.territory.holdings.get(room)
        if held is None or not self.territory.alive(held.node):
            return None
        return OwnedBy(room, held.node, self.territory.leases[held.node].address)

    async def orphans(self, limit: int) -> list[str]:
        holdings = self.territory.holdings.items()
        return [room for room, held in holdings if held.node and not self.territory.alive(held.node)][:limit]

    async def bury(self, node: str) -> None:
        if self.territory.alive(node):
            self.territory.expire(node)

    async def leave(self) -> None:
        self._claims.clear()
        lease = self.territory.leases.get(self._node)
        if lease is not None and lease.incarnation == self._incarnation:
            del self.territory.leases[self._node]
        self._believes_until = float("-inf")
