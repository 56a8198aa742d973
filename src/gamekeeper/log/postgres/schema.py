"""The log's own schema in a PostgreSQL database, `gamekeeper_log`, and what the run-time role may do there.

Where a batch stands among all batches is told by its transaction: `position` is the transaction's number, then the
batch's place in it. `transactions` in the meta table is added to the number; it is more than nothing in a database
that was restored into a server whose transactions are counted from the beginning.
"""

from pathlib import Path
from secrets import randbelow
from typing import Any

from sqlalchemy.engine import make_url

from gamekeeper.core.frozen import Frozen
from gamekeeper.log.backup import EPOCH_LEAP
from gamekeeper.log.postgres.line import FAULTS, Connector, Line, describe
from gamekeeper.log.protocol import LogUnavailable

FOLDER = Path(__file__).parent
SCHEMA_VERSION = 2
PLACES = 4096
"""Positions of one transaction."""
PATIENCE_S = 600.0
"""Seconds a statement of the owner may take."""
LOCK = 4_716_501
"""Held while the schema is made; any number nobody else takes."""

PRESENT = "SELECT to_regclass('gamekeeper_log.meta') IS NOT NULL"
MADE_FOR = "SELECT value FROM gamekeeper_log.meta WHERE name = 'schema'"
META = "SELECT name, value FROM gamekeeper_log.meta"
COPIED = """
SELECT coalesce((SELECT max(position) FROM gamekeeper_log.batches), 0) / 4096
    - pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1
"""
"""What must be added to the numbers of coming transactions at least, so that they come after those written down."""
MAY_CHANGE = "SELECT has_table_privilege('gamekeeper_log.batches', 'UPDATE, DELETE, TRUNCATE')"


class Meta(Frozen):
    """What a log says about itself."""

    epoch: int
    transactions: int


async def prepare(url: str, runtime_url: str = "") -> bool:
    """Make the schema if it is not there; False: it was. The role of `runtime_url` may then use it, and the tables of
    accounts.

    `url` names the owner. Safe to run from many processes at once. Raises `LogUnavailable`.
    """
    role = make_url(runtime_url).username if runtime_url else None
    connection = await _connected(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            made = not await connection.fetchval(PRESENT)
            if made:
                await connection.execute((FOLDER / "schema.sql").read_text())
            if await connection.fetchval(MADE_FOR) < SCHEMA_VERSION:
                await connection.execute((FOLDER / "personal.sql").read_text())
            if role and role != make_url(url).username:
                await connection.execute("SELECT set_config('gamekeeper.role', $1, true)", role)
                await connection.execute((FOLDER / "grants.sql").read_text())
            return made
    except FAULTS as error:
        raise LogUnavailable(describe(error)) from error
    finally:
        connection.terminate()


async def new_epoch(url: str) -> int:
    """After a backup was put back: the epoch by which clients and read models start over. Nobody owns a room any more.

    Raises `LogUnavailable`.
    """
    connection = await _connected(url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE gamekeeper_log.rooms IN ACCESS EXCLUSIVE MODE")
            await connection.execute("DELETE FROM gamekeeper_log.nodes")
            await connection.execute("UPDATE gamekeeper_log.rooms SET node = NULL, epoch = epoch + 1")
            await connection.execute(
                "UPDATE gamekeeper_log.meta SET value = greatest(value, $1) WHERE name = 'transactions'",
                await connection.fetchval(COPIED),
            )
            epoch: int = await connection.fetchval(
                "UPDATE gamekeeper_log.meta SET value = value + $1 WHERE name = 'epoch' RETURNING value",
                1 + randbelow(EPOCH_LEAP),
            )
            return epoch
    except FAULTS as error:
        raise LogUnavailable(describe(error)) from error
    finally:
        connection.terminate()


async def read_meta(source: Any) -> Meta:
    """What the log says about itself; `source` is a line or a pool. Raises `LogUnavailable` if this program cannot
    work with it."""
    if not (await source.fetch(PRESENT))[0][0]:
        raise LogUnavailable("the database holds no log; run `gamekeeper migrate`")
    found: dict[str, int] = {row["name"]: row["value"] for row in await source.fetch(META)}
    if found["schema"] < SCHEMA_VERSION:
        raise LogUnavailable("the log was made by an older version; run `gamekeeper migrate`")
    if found["schema"] > SCHEMA_VERSION:
        raise LogUnavailable(f"the log was written by a newer version (schema {found['schema']})")
    if (await source.fetch(COPIED))[0][0] > found["transactions"]:
        raise LogUnavailable("the database was copied here from another server; run `gamekeeper restore --database`")
    return Meta(found["epoch"], found["transactions"])


async def may_change(source: Any) -> bool:
    """Whether the connected role could change what is written down. Raises `LogUnavailable`."""
    return bool((await source.fetch(MAY_CHANGE))[0][0])


async def power(connector: Connector) -> tuple[str, bool]:
    """The server's version, and whether the connected role could change what is written down; not, where nothing is.

    Raises `LogUnavailable`.
    """
    line = Line(connector)
    try:
        version: str = (await line.fetch("SHOW server_version"))[0][0]
        made = (await line.fetch(PRESENT))[0][0]
        return version, made and await may_change(line)
    finally:
        await line.close()


async def _connected(url: str) -> Any:
    try:
        return await Connector(url, timeout_s=PATIENCE_S).connect()
    except FAULTS as error:
        raise LogUnavailable(describe(error)) from error


async def revision(url: str) -> str | None:
    """What Alembic brought the tables of accounts to; None: there are none. Raises `LogUnavailable`."""
    connection = await _connected(url)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return found
    except FAULTS as error:
        raise LogUnavailable(describe(error)) from error
    finally:
        connection.terminate()
