"""Does every statement find its rows through an index? `python -m bench.plans [--rows 1000000]`.

Fills users, logins, rooms, members and codes, lets SQLite gather statistics, runs every query of accounts and directory
once, and asks for the plan of each statement that was run. Exit status 1 when one walks through a table. The log's own
statements are looked at by its tests.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, insert, text

from gamekeeper.log.database import Database
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.migrate import migrate
from gamekeeper.log.projection import ProjectionRunner
from gamekeeper.server import directory
from gamekeeper.server.auth import store, tables
from gamekeeper.server.codes import ALPHABET, CODE_CHARACTERS
from gamekeeper.server.directory import Directory, DirectoryProjection

AT_ONCE = 50_000


def rows_of(table: str, number: int) -> dict[str, Any]:
    """One row of each table; a user has ten logins, a room ten members."""
    user, room = f"u{number // 10}", f"r{number // 10}"
    match table:
        case "users":
            return {
                "id": f"u{number}",
                "kind": "account",
                "username": f"name{number}",
                "name": "N",
                "created_at": number,
            }
        case "logins":
            return {
                "id": f"l{number}",
                "user_id": user,
                "digest": "d",
                "created_at": 0,
                "used_at": 0,
                "expires_at": number,
            }
        case "revocations":
            return {"subject": user, "revoked_at": number}
        case "rooms":
            return {"id": f"r{number}", "app": "tally", "name": "", "created_at": number}
        case "members":
            return {"room": room, "seat": number % 10, "user": f"u{number % 1_000}", "role": "player"}
        case _:
            return {"code": code(number), "room": f"r{number}", "role": "player"}


def code(number: int) -> str:
    """A join code for each number."""
    letters = ""
    for _ in range(CODE_CHARACTERS):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return letters


async def fill(database: Database, count: int) -> None:
    everything = [tables.users, tables.logins, tables.revocations, directory.rooms, directory.members]
    for table in (*everything, directory.room_codes):
        for first in range(0, count, AT_ONCE):
            last = min(first + AT_ONCE, count)
            async with database.begin() as connection:
                await connection.execute(insert(table), [rows_of(table.name, number) for number in range(first, last)])
    async with database.begin() as connection:
        await connection.execute(text("ANALYZE"))


async def run_all(database: Database) -> None:
    """Every query of accounts and directory."""
    async with database.begin() as connection:
        for chosen in ({"id": "u5"}, {"username": "name5"}):
            await store.find_user(connection, **chosen)
        await store.list_users(connection, limit=10)
        await store.has_role(connection, "admin")
        await store.change_user(connection, "u5", name="M")
        await store.upgrade_guest(connection, store.User("u5", "account", "M", "m"))
        await store.turn_login(connection, "l5", "d", "e", 0.0, 1.0)
        await store.turned_login(connection, "l5", "d", "e", 0.0)
        await store.end_login(connection, "l5", 0.0)
        await store.end_logins_of(connection, "u5", 0.0)
        await store.forget_logins(connection, 0.000_005)
        await store.revocations_after(connection, 5, 0.0, 1e12)
    rooms = Directory(database)
    await rooms.of_user("u5")
    await rooms.room("r5", "u5")
    await rooms.all(limit=10)
    await rooms.all(closed=False, before=50, limit=10)
    await rooms.invitation(code(5))
    await rooms.codes("r5")
    await rooms.give_codes("r-new")


async def walks(count: int, data: Path) -> tuple[int, list[str]]:
    """How many statements were looked at, and the plans of those that walk through a table."""
    url = f"sqlite:///{data / 'plans.sqlite3'}"
    migrate(url)
    database = Database(url)
    await ProjectionRunner(DirectoryProjection(), MemoryLog(), database).catch_up()
    await fill(database, count)
    ran: dict[str, Any] = {}

    def note(_: Connection, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if not statement.startswith(("BEGIN", "INSERT", "PRAGMA", "EXPLAIN")):
            ran[statement] = parameters

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    await run_all(database)
    found: list[str] = []
    async with database.read() as connection:
        for statement, parameters in list(ran.items()):
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [str(row[3]) for row in plan]
            if any(step.startswith("SCAN") and "USING" not in step for step in steps):
                found.append(f"{' '.join(statement.split())}: {steps}")
    await database.close()
    return len(ran), found


def main(say: Callable[[str], None] = print) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gamekeeper-plans-") as folder:
        count, found = asyncio.run(walks(options.rows, Path(folder)))
    say(f"{count} statements on {options.rows:,} rows in each table")
    for one in found:
        say(f"walks: {one}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
