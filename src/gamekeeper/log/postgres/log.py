"""The log in PostgreSQL: many processes, each writing the rooms it owns.

A batch is one row. One commit of a process is under way at a time, one statement for all rooms that wait; what arrives
meanwhile is the next. The statement asks, under the lock of each room's row, whether this node still owns the room and
whether its log ends where the batch begins, so a room that was lost fails alone.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Self

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.core.record import Entry
from gamekeeper.log.ownership import Ownership
from gamekeeper.log.postgres.line import KEYED, Connector, Line, Pool
from gamekeeper.log.postgres.schema import Meta, read_meta
from gamekeeper.log.postgres.writer import Writer
from gamekeeper.log.protocol import Batch, Done, LogUnavailable, RoomHead, Snapshot, entries_of

READ = """
SELECT first, last, body, (
    SELECT json_object_agg(seq, fields)::text FROM gamekeeper_log.personal AS personal
    WHERE personal.room = batches.room AND seq BETWEEN first AND last
) AS kept FROM gamekeeper_log.batches AS batches
WHERE room = $1 AND last > $2 AND first >= coalesce((
    SELECT first FROM gamekeeper_log.batches WHERE room = $1 AND first <= $2 + 1 ORDER BY first DESC LIMIT 1
), 0)
ORDER BY first LIMIT $3
"""
KEPT = """
SELECT room, json_object_agg(seq, fields)::text FROM gamekeeper_log.personal WHERE room = ANY($1) GROUP BY room
"""
TAIL = """
SELECT position, room, first, last, body,
    position < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + $2) * 4096 AS settled
FROM gamekeeper_log.batches WHERE position > $1 ORDER BY position LIMIT $3
"""
"""Positions follow the numbers of transactions, which do not end in order. What is settled lies before all that are
still under way: nothing can appear before it any more."""
TAIL_HERE = """
SELECT position, room, first, last, body, position < (oldest + $2) * 4096 AS settled
FROM gamekeeper_log.batches, (
    SELECT coalesce(min(xid::text::bigint), pg_snapshot_xmax(pg_current_snapshot())::text::bigint) AS oldest
    FROM pg_snapshot_xip(pg_current_snapshot()) AS xid
    WHERE NOT EXISTS (
        SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND datname <> current_database()
        AND transactionid::text::bigint = (xid::text::bigint & 4294967295)
    )
) AS under_way
WHERE position > $1 ORDER BY position LIMIT $3
"""
"""The same, but what is under way in another database of the server holds nobody back. It asks more of the server."""
ROOMS = "SELECT room, head, position FROM gamekeeper_log.rooms WHERE room > $1 AND head > 0 ORDER BY room LIMIT $2"
LAST = "SELECT head FROM gamekeeper_log.rooms WHERE room = $1"
REMEMBERED = """
SELECT room FROM gamekeeper_log.personal WHERE room > $1 GROUP BY room HAVING max(at) < $2 ORDER BY room LIMIT $3
"""
FORGET = """
WITH gone AS (DELETE FROM gamekeeper_log.personal WHERE room = $1)
DELETE FROM gamekeeper_log.snapshots WHERE room = $1
"""
LOAD = "SELECT room, seq, version, body FROM gamekeeper_log.snapshots WHERE room = $1"
SAVE = """
INSERT INTO gamekeeper_log.snapshots AS kept VALUES ($1, $2, $3, $4)
ON CONFLICT (room) DO UPDATE SET seq = excluded.seq, version = excluded.version, body = excluded.body
WHERE kept.seq <= excluded.seq OR kept.version <> excluded.version
"""
BATCHES_PER_READ = 500
HELD_BACK_S = 0.25
"""How long a reader waits for those under way before it is told that there is nothing new."""
FIRST_LOOK_S = 0.001
CLOSED = "the log is closed"


class PostgresLog:
    """An `EventLog` of one node. Make it with `open`; the ownership must have been registered."""

    def __init__(self, writer: Writer | None, pool: Pool, meta: Meta) -> None:
        self.epoch = meta.epoch
        self.pool = pool
        self._transactions = meta.transactions
        self._writer = writer
        self._closed = False

    @classmethod
    async def open(
        cls, connector: Connector, ownership: Ownership | None, *, pool_size: int = 5, capacity: int = 100_000
    ) -> Self:
        """Without an ownership for reading only. Raises `LogUnavailable`."""
        pool = Pool(connector, pool_size)
        try:
            meta = await read_meta(pool)
        except LogUnavailable:
            await pool.close()
            raise
        line = Line(connector, **KEYED)
        writer = Writer(line, ownership, meta.transactions, capacity) if ownership is not None else None
        return cls(writer, pool, meta)

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        if self._writer is None:
            asyncio.get_running_loop().call_soon(done, LogUnavailable("the log is open for reading only"))
        else:
            self._writer.append(room, first, last, body, done, aside)

    def when_ready(self, go: Callable[[], None]) -> None:
        if self._writer is None:
            go()
        else:
            self._writer.when_ready(go)

    async def read(self, room: str, after: int = 0, limit: int = 10_000) -> list[Entry]:
        found: list[Entry] = []
        reached, portion = after, min(limit, BATCHES_PER_READ)
        while len(found) < limit:
            rows = await self.pool.fetch(READ, room, reached, portion)
            for first, last, body, kept in rows:
                found += [entry for entry in entries_of(room, first, body, kept) if entry.last > after]
                reached = last
                if len(found) >= limit:
                    break
            if len(rows) < portion:
                break
        return found

    async def last_seq(self, room: str) -> int:
        rows = await self.pool.fetch(LAST, room)
        return rows[0][0] if rows else 0

    async def tail(self, after: int, limit: int = 1_000) -> list[Batch]:
        """Batches before any that is still under way. Those are waited for where something that is written already
        comes after them, but not long."""
        pause_s, query, newest = FIRST_LOOK_S, TAIL, 0
        while True:
            rows = await self.pool.fetch(query, after, self._transactions, limit)
            newest = newest or (rows[-1]["position"] if rows else 0)
            settled = [row for row in rows if row["settled"]]
            if not rows or (settled and settled[-1]["position"] >= newest) or pause_s > HELD_BACK_S:
                return await self._batches(settled)
            await asyncio.sleep(pause_s)
            pause_s, query = pause_s * 2, TAIL_HERE

    async def _batches(self, rows: list[Any]) -> list[Batch]:
        """With what is kept of their rooms beside the log."""
        kept = dict[str, str](await self.pool.fetch(KEPT, list({row["room"] for row in rows}))) if rows else {}
        return [
            Batch(position, room, first, last, body, kept.get(room)) for position, room, first, last, body, _ in rows
        ]

    async def remembered(self, before: int, after: str = "", limit: int = 1_000) -> list[str]:
        return [row[0] for row in await self.pool.fetch(REMEMBERED, after, before, limit)]

    async def forget(self, room: str) -> None:
        await self.pool.fetch(FORGET, room)

    async def rooms(self, after: str = "", limit: int = 1_000) -> list[RoomHead]:
        return [RoomHead(*row) for row in await self.pool.fetch(ROOMS, after, limit)]

    async def load_snapshot(self, room: str) -> Snapshot | None:
        rows = await self.pool.fetch(LOAD, room)
        return Snapshot(*rows[0]) if rows else None

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        await self.pool.fetch(SAVE, snapshot.room, snapshot.seq, snapshot.version, snapshot.body)

    async def ping(self) -> None:
        if self._writer is None or self._closed:
            raise LogUnavailable(CLOSED)
        await self._writer.ping()

    async def close(self) -> None:
        """Write what is queued, then let the connections go. The ownership is the caller's."""
        self._closed = True
        if self._writer is not None:
            await self._writer.close()
        await self.pool.close()
