"""What the migrations make is what the tables say, in both directions."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

import gamekeeper.server.auth.tables
import gamekeeper.server.directory
from gamekeeper.log.database import Database, metadata
from gamekeeper.log.migrate import current_revision, migrate, newest_revision


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gamekeeper.sqlite3"
    empty: str = request.getfixturevalue("empty_postgres_url")
    return empty


def test_models_and_migrations_agree(url: str) -> None:
    """R3-135: the difference is nothing."""
    assert gamekeeper.server.auth.tables.users is not None
    migrate(url)
    assert asyncio.run(_difference(url)) == []


async def _difference(url: str) -> list[Any]:
    database = Database(url)
    async with database.read() as connection:
        found = await connection.run_sync(_compared)
    await database.close()
    return found


def _compared(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def test_up_and_down_again(url: str) -> None:
    """R2-119: every step can be taken back."""
    migrate(url)
    for number in range(int(newest_revision()) - 1, 0, -1):
        assert migrate(url, f"{number:04d}")
        assert current_revision(url) == f"{number:04d}"
    assert migrate(url)
