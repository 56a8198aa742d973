"""Tables as migrated are the tables as declared."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from gamekeeper.log.database import metadata
from gamekeeper.log.migrate import migrate
from gamekeeper.server import directory
from gamekeeper.server.auth import tables


def test_migrations_give_what_the_models_say(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'database.sqlite3'}"
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    owned = {tables.users, tables.logins, tables.revocations, directory.room_codes}
    assert {table.name for table in owned} <= names


def test_they_go_down_and_up_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'database.sqlite3'}"
    migrate(url)
    migrate(url, "0001")
    engine = create_engine(url)
    with engine.connect() as connection:
        assert "users" not in inspect(connection).get_table_names()
    engine.dispose()
    assert migrate(url)
