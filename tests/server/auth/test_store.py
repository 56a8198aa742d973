"""Statements about users, logins and revocations."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from gamekeeper.log.database import Database
from gamekeeper.server.auth import store
from gamekeeper.server.auth.store import User
from gamekeeper.server.auth.tables import logins, users

pytestmark = pytest.mark.anyio
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
NEVER = 1e9
HOSTILE = ["'; DROP TABLE users; --", "%", "_", "\\", '"', "a' OR '1'='1"]


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database, None]:
    database = Database(database_url)
    yield database
    await database.close()


def account(name: str) -> User:
    return User(f"id-{name}", "account", name.title(), name, "hash", created_at=5.5)


async def test_a_user_comes_back_as_stored(database: Database) -> None:
    async with database.begin() as connection:
        await store.add_user(connection, account("ann"))
        assert await store.find_user(connection, id="id-ann") == account("ann")
        assert await store.find_user(connection, username="ann") == account("ann")
        assert await store.find_user(connection, username="bob") is None


async def test_of_two_equal_names_one_wins_and_the_connection_stays_usable(database: Database) -> None:
    async with database.begin() as connection:
        await store.add_user(connection, account("twice"))
    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            await store.add_user(connection, User("other", "account", "T", "twice", "hash"))
    async with database.begin() as connection:
        assert await store.find_user(connection, id="other") is None


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_strings_stay_data(database: Database, hostile: str) -> None:
    async with database.begin() as connection:
        before = (await connection.execute(select(func.count()).select_from(users))).scalar_one()
        assert await store.find_user(connection, username=hostile) is None
        await store.add_user(connection, User(hostile[:22], "guest", hostile))
        found = await store.find_user(connection, id=hostile[:22])
        assert found is not None and found.name == hostile
        after = (await connection.execute(select(func.count()).select_from(users))).scalar_one()
        assert after == before + 1


async def test_a_refresh_token_turns_once(database: Database) -> None:
    async with database.begin() as connection:
        await store.add_user(connection, account("turner"))
        await store.add_login(connection, "login", "id-turner", "first", 100.0, 50.0)
        assert await store.turn_login(connection, "login", "first", "second", 110.0, 50.0) == "id-turner"
        assert await store.turn_login(connection, "login", "first", "third", 110.0, 50.0) is None
        assert await store.turn_login(connection, "login", "second", "third", 160.0, 50.0) is None
        assert await store.turn_login(connection, "login", "second", "third", 150.0, 50.0) == "id-turner"
        assert await store.turned_login(connection, "login", "second", "third", 150.0) == "id-turner"
        assert await store.turned_login(connection, "login", "second", "third", 150.1) is None
        assert await store.turned_login(connection, "login", "first", "third", 0.0) is None
        assert await store.end_login(connection, "login", 151.0)
        assert await store.turned_login(connection, "login", "second", "third", 0.0) is None
        assert not await store.end_login(connection, "login", 151.0)
        assert await store.turn_login(connection, "login", "third", "fourth", 152.0, 50.0) is None


async def test_old_logins_are_forgotten(database: Database) -> None:
    async with database.begin() as connection:
        await store.add_user(connection, account("old"))
        await store.add_login(connection, "past", "id-old", "x", 0.0, 10.0)
        await store.add_login(connection, "future", "id-old", "x", 0.0, 1_000.0)
        await store.add_revocation(connection, "past", 5.0)
        assert await store.forget_logins(connection, 20.0) == 1
        assert await store.revocations_after(connection, 0, 0.0, NEVER) == []


async def test_revocations_are_read_in_order_from_a_place(database: Database) -> None:
    async with database.begin() as connection:
        for number in range(3):
            await store.add_revocation(connection, f"subject {number}", 1_000.0 + number)
        found = await store.revocations_after(connection, 0, 1_001.0, NEVER)
        assert [(subject, at) for _, subject, at in found] == [("subject 1", 1_001.0), ("subject 2", 1_002.0)]
        assert await store.revocations_after(connection, found[-1][0], 0.0, NEVER) == []
        assert await store.revocations_after(connection, found[-1][0], 0.0, 1_002.0) == found[-1:]


async def test_every_statement_uses_an_index(database: Database) -> None:
    """On a hundred thousand logins; none of the shipped queries scans them."""
    async with database.begin() as connection:
        await store.add_user(connection, account("busy"))
        rows = [
            {"id": f"l{number}", "user_id": "id-busy", "digest": "d", "created_at": 0, "used_at": 0,
             "expires_at": 10**18 + number}
            for number in range(100_000)
        ]  # fmt: skip
        await connection.execute(insert(logins), rows)
        dialect = connection.dialect.name
        if dialect == "postgresql":  # whose planner reads small tables whole, unless that is very dear
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
        for statement in (
            "UPDATE logins SET digest = 'x' WHERE id = 'l5' AND digest = 'd'",
            "UPDATE logins SET ended_at = 1 WHERE user_id = 'id-busy' AND ended_at IS NULL",
            "DELETE FROM logins WHERE expires_at < 5",
            "SELECT * FROM users WHERE username = 'ann'",
            "SELECT * FROM revocations WHERE id > 5 AND revoked_at >= 7 ORDER BY id LIMIT 10",
            "DELETE FROM revocations WHERE revoked_at < 5",
        ):
            plan = " ".join(map(str, (await connection.execute(text(EXPLAIN[dialect] + statement))).all()))
            assert "SCAN" not in plan and "Seq Scan" not in plan, (statement, plan)


def test_microseconds() -> None:
    assert store.stamp(1.5) == 1_500_000
