"""`gamekeeper doctor`."""

import os
import resource
import socket
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from gamekeeper.server.cli.options import AsJson, Data, load_settings
from gamekeeper.server.cli.output import FAILED, say, say_json

if TYPE_CHECKING:
    from gamekeeper.server.settings import Settings

WANTED_FILES = 4096
SYNCS = 20
SLOW_SYNC_MS = 20.0


class Finding(NamedTuple):
    """One thing looked at: `ok`, `note` (works, could be better) or `bad` (will not work)."""

    level: str
    what: str
    finding: str


def command(
    data: Data = None,
    as_json: AsJson = False,
    deployed: Annotated[
        bool, typer.Option("--deployed", help="After a deployment: a schema that is not the newest is bad.")
    ] = False,
) -> None:
    """Look at this machine and say what is amiss. Exit status 1 when the server would not work."""
    findings = list(examine(load_settings(data=data), deployed))
    if as_json:
        say_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            say(f"{finding.level:<5}{finding.what + ':':<18}{finding.finding}")
    if any(finding.level == "bad" for finding in findings):
        raise SystemExit(FAILED)


def examine(settings: "Settings", deployed: bool = False) -> Iterator[Finding]:
    """Everything that is looked at. `deployed`: the schema should be the newest already."""
    yield Finding("ok", "Python", sys.version.split()[0])
    yield Finding("ok", "SQLite", sqlite3.sqlite_version)
    yield from _folder(settings.data)
    yield _secret(settings.data)
    yield _port(settings.host, settings.port)
    yield _files()
    yield _applications(settings)
    if settings.log_kind == "postgres":
        yield _postgres(settings)
    yield _schema(settings, deployed)
    yield _pages()


def _folder(folder: Path) -> Iterator[Finding]:
    existing = next(above for above in (folder, *folder.absolute().parents) if above.exists())
    if not os.access(existing, os.W_OK):
        yield Finding("bad", "data folder", f"{existing} cannot be written to")
        return
    yield Finding("ok", "data folder", f"{folder.absolute()}{'' if folder.exists() else ' (will be made)'}")
    median_ms = _sync_ms(existing)
    slow = median_ms > SLOW_SYNC_MS
    yield Finding(
        "note" if slow else "ok", "disk", f"a durable write takes {median_ms:.2f} ms{': commands wait' if slow else ''}"
    )


def _sync_ms(folder: Path) -> float:
    """The median time of a small write that is on the disk."""
    times: list[float] = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            os.write(file.fileno(), b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[SYNCS // 2]


def _secret(folder: Path) -> Finding:
    from gamekeeper.server.keys import SECRET_FILE_NAME

    file = folder / SECRET_FILE_NAME
    if not file.exists():
        return Finding("ok", "secret", "generated at the first start")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return Finding("bad", "secret", f"{file} can be read by others (mode {mode:o}); it should be 600")
    return Finding("ok", "secret", f"{file}, for its owner alone")


def _port(host: str, port: int) -> Finding:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return Finding("note", "port", f"{host}:{port} cannot be taken now: {error.strerror}")
    return Finding("ok", "port", f"{host}:{port} is free")


def _files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    level = "ok" if soft >= WANTED_FILES else "note"
    return Finding(level, "open files", f"{soft} (at most {hard}); each connection is one")


def _applications(settings: "Settings") -> Finding:
    from gamekeeper.app import load_apps
    from gamekeeper.core.errors import Misuse

    try:
        return Finding("ok", "applications", ", ".join(sorted(load_apps(settings.apps))) or "none")
    except (Misuse, ImportError, AttributeError) as error:
        return Finding("bad", "applications", str(error))


def _schema(settings: "Settings", deployed: bool) -> Finding:
    from gamekeeper.log.database import DatabaseError
    from gamekeeper.log.migrate import current_revision, newest_revision
    from gamekeeper.server.storage import database_url

    try:
        now, newest = current_revision(database_url(settings)), newest_revision()
    except DatabaseError as error:
        return Finding("bad", "schema", str(error))
    if now != newest and deployed:
        return Finding("bad", "schema", f"{now or 'none'} and not {newest}: run `gamekeeper migrate`")
    if now != newest:
        level = "ok" if now is None else "note"
        return Finding(level, "schema", f"{now or 'none'}; the next start brings it to {newest}")
    missing = _missing_indexes(database_url(settings))
    if missing:
        return Finding("bad", "schema", f"{newest}, without {', '.join(missing)}")
    return Finding("ok", "schema", newest)


def _postgres(settings: "Settings") -> Finding:
    import asyncio

    from gamekeeper.log.postgres.schema import power
    from gamekeeper.log.protocol import LogUnavailable
    from gamekeeper.server.storage import connector

    try:
        version, changes = asyncio.run(power(connector(settings)))
    except LogUnavailable as error:
        return Finding("bad", "PostgreSQL", str(error))
    if changes:
        return Finding("note", "PostgreSQL", f"{version}; this role could change what is written down")
    return Finding("ok", "PostgreSQL", f"{version}; this role may add to the log and not change it")


def _missing_indexes(url: str) -> list[str]:
    """What the tables declare and an embedded database has not; looked for where it opens without a driver."""
    from sqlalchemy.engine import make_url

    from gamekeeper.server.auth.tables import users

    where = make_url(url)
    if where.get_backend_name() != "sqlite" or not where.database:
        return []
    wanted = {str(index.name) for table in users.metadata.sorted_tables for index in table.indexes}
    connection = sqlite3.connect(f"{Path(where.database).absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    finally:
        connection.close()
    return sorted(wanted - found)


def _pages() -> Finding:
    from gamekeeper.server.server import PAGES

    built = (PAGES / "index.html").is_file()
    return Finding("ok" if built else "note", "pages", "built" if built else "not built: run `make build`")
