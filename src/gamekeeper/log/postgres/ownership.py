"""Leases and rooms as rows, judged by the database's clock."""

from collections.abc import Sequence
from time import monotonic
from uuid import UUID, uuid4

from gamekeeper.log.ownership import LEASE_S, MARGIN_S, Claim, LeaseLost, Node, OwnedBy
from gamekeeper.log.postgres.line import Connector, Line
from gamekeeper.log.protocol import LogUnavailable

REGISTER = """
WITH former AS (
    UPDATE gamekeeper_log.rooms SET node = NULL WHERE node = $1
), gone AS (
    DELETE FROM gamekeeper_log.nodes WHERE node <> $1 AND expires_at < clock_timestamp() - interval '1 day'
)
INSERT INTO gamekeeper_log.nodes (node, address, incarnation, started_at, expires_at, owns)
VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp() + $4 * interval '1 second', $5)
ON CONFLICT (node) DO UPDATE SET address = excluded.address, incarnation = excluded.incarnation,
    started_at = excluded.started_at, expires_at = excluded.expires_at, owns = excluded.owns
"""
RENEW = """
WITH former AS (
    SELECT node, expires_at > clock_timestamp() AS kept FROM gamekeeper_log.nodes
    WHERE node = $1 AND incarnation = $2 FOR UPDATE
)
UPDATE gamekeeper_log.nodes SET expires_at = clock_timestamp() + $3 * interval '1 second'
FROM former WHERE nodes.node = former.node RETURNING kept
"""
NODES = """
SELECT node, address, extract(epoch FROM started_at)::float8, extract(epoch FROM expires_at)::float8, owns
FROM gamekeeper_log.nodes WHERE expires_at > clock_timestamp() ORDER BY node
"""
CLAIM = """
INSERT INTO gamekeeper_log.rooms AS rooms (room, node, epoch)
SELECT room, $2, 1 FROM unnest($1::text[]) AS room
ON CONFLICT (room) DO UPDATE SET node = excluded.node, epoch = rooms.epoch + 1
WHERE rooms.node IS NULL OR rooms.node = excluded.node OR NOT EXISTS (
    SELECT FROM gamekeeper_log.nodes AS nodes WHERE nodes.node = rooms.node AND nodes.expires_at > clock_timestamp()
)
RETURNING room, epoch
"""
OWNERS = """
SELECT room, node, address FROM gamekeeper_log.rooms JOIN gamekeeper_log.nodes USING (node)
WHERE room = ANY($1) AND expires_at > clock_timestamp()
"""
RELEASE = """
UPDATE gamekeeper_log.rooms SET node = NULL FROM unnest($1::text[], $2::bigint[]) AS given (room, epoch)
WHERE rooms.room = given.room AND rooms.epoch = given.epoch AND rooms.node = $3
"""
CLEAR = "DELETE FROM gamekeeper_log.rooms WHERE room = ANY($1) AND head = 0 AND node IS NULL"
"""A claim of a room that does not exist leaves nothing behind."""
BURY = """
UPDATE gamekeeper_log.nodes SET expires_at = clock_timestamp() WHERE node = $1 AND expires_at > clock_timestamp()
"""
LEAVE = "DELETE FROM gamekeeper_log.nodes WHERE node = $1 AND incarnation = $2"
ORPHANS = """
WITH RECURSIVE holders AS (
    (SELECT node FROM gamekeeper_log.rooms WHERE node IS NOT NULL ORDER BY node LIMIT 1)
    UNION ALL
    SELECT (SELECT rooms.node FROM gamekeeper_log.rooms WHERE rooms.node > holders.node ORDER BY node LIMIT 1)
    FROM holders WHERE holders.node IS NOT NULL
)
SELECT room FROM gamekeeper_log.rooms WHERE node IN (
    SELECT holders.node FROM holders WHERE NOT EXISTS (
        SELECT FROM gamekeeper_log.nodes WHERE nodes.node = holders.node AND expires_at > clock_timestamp()
    )
) LIMIT $1
"""
"""Goes from holder to holder by the index, so it costs what there are nodes, not what there are rooms."""
ATTEMPTS = 3
"""A room may be given back between being refused and being asked after."""


class PostgresOwnership:
    """The `Ownership` of one process. It has a connection of its own, so that nothing holds a renewal up."""

    def __init__(
        self,
        connector: Connector,
        node: str,
        address: str = "",
        *,
        lease_s: float = LEASE_S,
        margin_s: float = MARGIN_S,
        owns: tuple[str, ...] | None = None,
    ) -> None:
        self.owns = owns
        self._line = Line(connector)
        self._node = node
        self._address = address
        self._lease_s = lease_s
        self._margin_s = margin_s
        self._incarnation: UUID | None = None
        self._claims: dict[str, int] = {}
        self._believes_until = float("-inf")

    @property
    def node(self) -> str:
        return self._node

    @property
    def believes(self) -> bool:
        return monotonic() < self._believes_until

    def epoch_of(self, room: str) -> int | None:
        return self._claims.get(room) if self.believes else None

    def lost(self, room: str) -> None:
        self._claims.pop(room, None)

    async def register(self) -> None:
        began, incarnation = monotonic(), uuid4()
        await self._line.fetch(REGISTER, self._node, self._address, incarnation, self._lease_s, self.owns)
        self._claims.clear()
        self._incarnation = incarnation
        self._believes_until = began + self._lease_s - self._margin_s

    async def renew(self) -> bool:
        began = monotonic()
        rows = await self._line.fetch(RENEW, self._node, self._incarnation, self._lease_s)
        if not rows:
            self._forget()
            raise LeaseLost(f"node {self._node} has lost its lease")
        self._believes_until = began + self._lease_s - self._margin_s
        kept: bool = rows[0][0]
        return kept

    def _forget(self) -> None:
        self._believes_until = float("-inf")
        self._claims.clear()

    async def nodes(self) -> list[Node]:
        rows = await self._line.fetch(NODES)
        return [
            Node(node, address, began, until, None if owns is None else tuple(owns))
            for node, address, began, until, owns in rows
        ]

    async def claim(self, room: str) -> Claim | OwnedBy:
        return (await self.claim_all([room]))[0]

    async def claim_all(self, rooms: Sequence[str]) -> list[Claim | OwnedBy]:
        answers: dict[str, Claim | OwnedBy] = {}
        for _ in range(ATTEMPTS):
            open_ = sorted({room for room in rooms if room not in answers})
            if not open_:
                break
            for room, epoch in await self._line.fetch(CLAIM, open_, self._node):
                answers[room] = Claim(room, epoch)
                self._claims[room] = epoch
            refused = [room for room in open_ if room not in answers]
            if refused:
                answers |= {row[0]: OwnedBy(*row) for row in await self._line.fetch(OWNERS, refused)}
        if len(answers) < len(set(rooms)):
            raise LogUnavailable("rooms change hands while they are claimed")
        return [answers[room] for room in rooms]

    async def release(self, rooms: Sequence[str]) -> None:
        given = {room: epoch for room in rooms if (epoch := self._claims.pop(room, None)) is not None}
        if given:
            await self._line.fetch(RELEASE, list(given), list(given.values()), self._node)
            await self._line.fetch(CLEAR, list(given))

    async def owner(self, room: str) -> OwnedBy | None:
        rows = await self._line.fetch(OWNERS, [room])
        return OwnedBy(*rows[0]) if rows else None

    async def orphans(self, limit: int) -> list[str]:
        return [row[0] for row in await self._line.fetch(ORPHANS, limit)]

    async def bury(self, node: str) -> None:
        await self._line.fetch(BURY, node)

    async def leave(self) -> None:
        """Also closes the connection."""
        self._forget()
        try:
            if self._incarnation is not None:
                await self._line.fetch(LEAVE, self._node, self._incarnation)
        finally:
            self._incarnation = None
            await self._line.close()
