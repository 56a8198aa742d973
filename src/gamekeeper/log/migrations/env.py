"""How Alembic reaches the database. Run through `gamekeeper.log.migrate`."""

import asyncio

from alembic import context
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.pool import ConnectionPoolEntry

from gamekeeper.log.database import Database, is_postgres, metadata

LOCK = 4_716_500
PATIENCE_S = 600.0


def _plain_transactions(connection: object, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


def _run_on_sqlite(url: str) -> None:
    engine = create_engine(url)
    event.listen(engine, "connect", _plain_transactions)
    event.listen(engine, "begin", _begin)
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()


async def _run_on_postgres(url: str) -> None:
    """One process at a time: whoever comes second finds that everything is done."""
    database = Database(url, pool_size=1, max_overflow=0, statement_timeout_s=PATIENCE_S)
    try:
        async with database.engine.connect() as connection:
            await connection.execute(select(func.pg_advisory_lock(LOCK)))
            await connection.commit()
            await connection.run_sync(_run)
            await connection.commit()
    finally:
        await database.close()  # and the lock with it


url = context.config.get_main_option("sqlalchemy.url") or ""
if is_postgres(url):
    asyncio.run(_run_on_postgres(url))
else:
    _run_on_sqlite(url)
