"""A length that is declared once holds in every database."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, String, Table, insert, select
from sqlalchemy.exc import IntegrityError

from gamekeeper.log.columns import bounded
from gamekeeper.log.database import Database, DatabaseError, metadata
from gamekeeper.log.migrate import migrate
from gamekeeper.server import directory
from gamekeeper.server.auth import tables

pytestmark = pytest.mark.anyio

TABLES = {**metadata.tables, **directory.directory.tables}
LENGTHS = [
    (name, column.name) for name, table in TABLES.items() for column in table.columns if isinstance(column.type, String)
]
UNBOUNDED = {("checkpoints", "tables")}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.begin() as connection:
        await connection.run_sync(directory.directory.create_all)
        await connection.execute(insert(tables.users).values(row(tables.users)))
    yield database
    await database.close()


def value(column: "Column[Any]") -> Any:
    return "x" * (column.type.length or 1) if isinstance(column.type, String) else 1


def row(table: Table, **others: Any) -> dict[str, Any]:
    """Each text as long as it may be."""
    return {column.name: value(column) for column in table.columns} | others


def test_every_text_but_one_has_a_length() -> None:
    unbounded = {(table, column) for table, column in LENGTHS if TABLES[table].c[column].type.length is None}  # type: ignore[attr-defined]
    assert unbounded == UNBOUNDED
    assert len(LENGTHS) > 20


async def test_one_character_more_is_refused(database: Database) -> None:
    """R0-23."""
    for table, column in LENGTHS:
        chosen, length = TABLES[table], TABLES[table].c[column].type.length  # type: ignore[attr-defined]
        if length is None:
            continue
        with pytest.raises((IntegrityError, DatabaseError)) as refused:
            async with database.begin() as connection:
                await connection.execute(insert(chosen).values(row(chosen, **{column: "y" * (length + 1)})))
        assert any(reason in str(refused.value) for reason in (f"{column}_characters", f"varying({length})")), column


async def test_what_fits_exactly_is_taken_whatever_its_bytes(database: Database) -> None:
    mine = MetaData()
    notes = Table("notes", mine, bounded("text", 3, primary_key=True), bounded("more", 2))
    async with database.begin() as connection:
        await connection.run_sync(mine.create_all)
        await connection.execute(insert(notes).values([{"text": "äöü", "more": None}, {"text": "👩🏽!", "more": "xy"}]))
    async with database.read() as connection:
        assert set((await connection.execute(select(notes))).all()) == {("äöü", None), ("👩🏽!", "xy")}
    async with database.begin() as connection:
        await connection.run_sync(mine.drop_all)


def test_rows_of_before_are_kept_up_and_down(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gamekeeper.sqlite3"
    migrate(url, "0005")
    connection = sqlite3.connect(f"{tmp_path}/gamekeeper.sqlite3", isolation_level=None)
    connection.execute("CREATE TABLE rooms (id VARCHAR(22) NOT NULL PRIMARY KEY, app VARCHAR(64), name VARCHAR(80))")
    connection.execute("INSERT INTO rooms VALUES ('r', 'sum', 'Sums')")
    connection.execute("INSERT INTO users VALUES ('u', 'guest', NULL, 'Ann', NULL, 'admin', 1, NULL)")
    connection.execute("INSERT INTO logins VALUES ('l', 'u', 'd', NULL, 1, 2, 3, NULL)")
    too_long = "UPDATE rooms SET name = ?", ("x" * 81,)

    def rows() -> list[Any]:
        reads = "SELECT * FROM rooms", "SELECT * FROM users", "SELECT * FROM logins"
        return [connection.execute(read).fetchall() for read in reads]

    before = rows()
    migrate(url)
    assert rows() == before
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with pytest.raises(sqlite3.IntegrityError, match="name_characters"):
        connection.execute(*too_long)
    migrate(url, "0005")
    assert rows() == before
    connection.execute(*too_long)
    connection.close()
