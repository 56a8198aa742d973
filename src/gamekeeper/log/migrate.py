"""Bring a database to the newest schema, once, whoever else is starting at the same moment.

Alembic does it; it is imported only when there is something to do.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import make_url

from gamekeeper.log.database import DatabaseError, is_postgres
from gamekeeper.log.protocol import LogUnavailable

T = TypeVar("T")

FOLDER = Path(__file__).parent / "migrations"


def newest_revision() -> str:
    """Revisions are numbered by the names of their files: `0002_accounts.py`."""
    return max(file.name for file in (FOLDER / "versions").glob("[0-9]*.py")).partition("_")[0]


def current_revision(url: str) -> str | None:
    """What the database is at; None: it is empty or not there. Raises `DatabaseError`, also on a file that is none.

    Not to be called where an event loop runs, if the database is PostgreSQL.
    """
    if is_postgres(url):
        from gamekeeper.log.postgres.schema import revision

        return _on_postgres(revision(url))
    path = Path(make_url(url).database or "")
    if not path.exists():
        return None
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError as error:
        raise DatabaseError(f"{path}: {error}") from error
    finally:
        connection.close()


def migrate(url: str, revision: str | None = None, *, runtime_url: str = "") -> bool:
    """Migrate a database; False: there was nothing to do. In PostgreSQL the log's schema is made too, `url` names the
    owner of it all, and the role of `runtime_url` is allowed what a server does.

    Each step is one transaction, so a process that is killed leaves the schema before or after it. Steps are taken
    back only when an older `revision` is named. Raises `DatabaseError`, also when a newer version of the program has
    migrated this database, and `sqlalchemy.exc.SQLAlchemyError`. Not to be called where an event loop runs, if the
    database is PostgreSQL.
    """
    target = revision or newest_revision()
    now = current_revision(url)
    if now == target and not is_postgres(url):
        return False
    if now is not None and now > newest_revision():
        raise DatabaseError(f"the schema is at {now}, made by a newer version; this one knows {newest_revision()}")
    if is_postgres(url):
        return _migrate_postgres(url, now, target, runtime_url)
    path = Path(make_url(url).database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.with_name(path.name + ".migrating")):
        if current_revision(url) == target:
            return False
        _run_alembic(f"sqlite:///{path}", target)
    return True


def _migrate_postgres(url: str, now: str | None, target: str, runtime_url: str) -> bool:
    from gamekeeper.log.postgres.schema import prepare

    if now != target:
        _run_alembic(url, target)
    made = _on_postgres(prepare(url, runtime_url))
    return made or now != target


def _on_postgres(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except LogUnavailable as error:
        raise DatabaseError(str(error)) from error


def _run_alembic(url: str, target: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    now = current_revision(url)
    if now is not None and target < now:
        command.downgrade(config, target)
    else:
        command.upgrade(config, target)


@contextmanager
def _alone(path: Path) -> Generator[None, None, None]:
    """Wait until no other process migrates; the lock ends with the process, however it ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
