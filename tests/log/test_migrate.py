"""Migrating: once, whoever else starts; whole or not at all; never a schema it does not know."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gamekeeper.log.database import DatabaseError
from gamekeeper.log.migrate import current_revision, migrate, newest_revision

START = "import sys; from gamekeeper.log.migrate import migrate; migrate(sys.argv[1])"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/deep/gamekeeper.sqlite3"


def test_an_empty_database_gets_everything_once(url: str) -> None:
    """R2-127."""
    assert current_revision(url) is None
    assert migrate(url)
    assert current_revision(url) == newest_revision()
    assert not migrate(url)


def test_eight_processes_at_once(url: str) -> None:
    """R0-2: one consistent schema."""
    started = [subprocess.Popen([sys.executable, "-c", START, url], stderr=subprocess.PIPE) for _ in range(8)]
    assert [(process.wait(), (process.stderr and process.stderr.read()) or b"") for process in started] == [
        (0, b"")
    ] * 8
    assert current_revision(url) == newest_revision()


def test_killed_while_migrating(url: str) -> None:
    """R0-6: the previous schema stays usable and a rerun succeeds."""
    migrate(url, "0001")
    program = (
        "import os, sqlalchemy.event, sys\n"
        "from sqlalchemy import Engine\n"
        "from gamekeeper.log.migrate import migrate\n"
        "@sqlalchemy.event.listens_for(Engine, 'after_cursor_execute')\n"
        "def die(connection, cursor, statement, *rest):\n"
        "    if statement.lstrip().startswith('CREATE TABLE'): os._exit(9)\n"
        "migrate(sys.argv[1])\n"
    )
    assert subprocess.run([sys.executable, "-c", program, url], check=False).returncode == 9
    assert current_revision(url) == "0001"
    assert migrate(url)


def test_killed_at_any_statement(tmp_path: Path) -> None:
    """R0-6: from nothing, the schema is at some step after each death, and in the end complete."""
    program = (
        "import os, sqlalchemy.event, sys\n"
        "from sqlalchemy import Engine\n"
        "from gamekeeper.log.migrate import migrate\n"
        "left = int(sys.argv[2])\n"
        "@sqlalchemy.event.listens_for(Engine, 'after_cursor_execute')\n"
        "def die(*_):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left == 0: os._exit(9)\n"
        "migrate(sys.argv[1])\n"
    )
    steps = [None, *(f"{number:04d}" for number in range(1, int(newest_revision()) + 1))]
    for statements in range(1, 200, 8):
        url = f"sqlite:///{tmp_path}/{statements}.sqlite3"
        ended = subprocess.run([sys.executable, "-c", program, url, str(statements)], check=False).returncode
        assert current_revision(url) in steps
        migrate(url)
        assert _tables(url) == _tables_of_whole(tmp_path)
        if ended == 0:
            return
    pytest.fail("it never came to its end")


def _tables(url: str) -> set[str]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return {f"{name}: {sql}" for name, sql in connection.execute("SELECT name, sql FROM sqlite_master")}
    finally:
        connection.close()


def _tables_of_whole(tmp_path: Path) -> set[str]:
    url = f"sqlite:///{tmp_path}/whole.sqlite3"
    migrate(url)
    return _tables(url)


def test_a_newer_schema_is_refused_and_left_alone(url: str) -> None:
    migrate(url)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseError, match="schema is at 9999, made by a newer version"):
        migrate(url)
    assert current_revision(url) == "9999"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        migrate(f"sqlite:///{tmp_path}/x.sqlite3")
