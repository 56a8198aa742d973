"""Users, logins and revocations in the database: one function per statement, each within the caller's transaction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gamekeeper.server.auth.identity import UserKind
from gamekeeper.server.auth.tables import NAMELESS, logins, revocations, users

MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class User:
    """A row of `users`."""

    id: str
    kind: UserKind
    name: str
    username: str | None = None
    password_hash: str | None = None
    roles: frozenset[str] = frozenset()
    created_at: float = 0.0
    disabled_at: float | None = None


def _user(row: RowMapping) -> User:
    disabled_at = row["disabled_at"]
    return User(
        row["id"],
        row["kind"],
        row["name"],
        row["username"],
        row["password_hash"],
        frozenset(row["roles"].split()),
        row["created_at"] / MICROSECONDS,
        None if disabled_at is None else disabled_at / MICROSECONDS,
    )


def stamp(seconds: float) -> int:
    return int(seconds * MICROSECONDS)


async def add_user(connection: AsyncConnection, user: User) -> None:
    """Raises `IntegrityError` when the user name is taken."""
    await connection.execute(
        insert(users).values(
            id=user.id,
            kind=user.kind,
            name=user.name,
            username=user.username,
            password_hash=user.password_hash,
            roles=" ".join(sorted(user.roles)),
            created_at=stamp(user.created_at),
        )
    )


async def find_user(connection: AsyncConnection, *, id: str | None = None, username: str | None = None) -> User | None:
    chosen: ColumnElement[bool] = users.c.id == id if id is not None else users.c.username == username
    row = (await connection.execute(select(users).where(chosen))).mappings().first()
    return None if row is None else _user(row)


async def list_users(connection: AsyncConnection, *, after: str = "", limit: int = 1_000) -> list[User]:
    """Accounts (no guests) by user name."""
    query = select(users).where(users.c.username > after).order_by(users.c.username).limit(limit)
    return [_user(row) for row in (await connection.execute(query)).mappings()]


async def has_role(connection: AsyncConnection, role: str) -> bool:
    """Whether anybody has it. Few have any role at all, and only they are looked at."""
    query = select(users.c.id).where(users.c.roles > "", users.c.roles.contains(role, autoescape=True)).limit(1)
    return (await connection.execute(query)).first() is not None


async def upgrade_guest(connection: AsyncConnection, user: User) -> bool:
    """Make the guest of this id the account; whether it was a guest. Raises `IntegrityError` on a taken user name."""
    query = (
        update(users)
        .where(users.c.id == user.id, users.c.kind == "guest")
        .values(kind="account", username=user.username, name=user.name, password_hash=user.password_hash)
    )
    return (await connection.execute(query)).rowcount == 1


async def forget_guests(connection: AsyncConnection, before: float) -> int:
    """Take their names from guests who were not seen since a time; how many."""
    seen = select(logins.c.id).where(logins.c.user_id == users.c.id, logins.c.used_at >= stamp(before)).exists()
    query = (
        update(users)
        .where(users.c.kind == "guest", users.c.name != NAMELESS, users.c.created_at < stamp(before), ~seen)
        .values(name=NAMELESS)
    )
    return (await connection.execute(query)).rowcount


async def change_user(connection: AsyncConnection, id: str, **values: Any) -> bool:
    """Set columns of one user; whether there is such a user."""
    changed = await connection.execute(update(users).where(users.c.id == id).values(**values))
    return changed.rowcount == 1


async def add_login(connection: AsyncConnection, id: str, user: str, digest: str, now: float, life_s: float) -> None:
    await connection.execute(
        insert(logins).values(
            id=id,
            user_id=user,
            digest=digest,
            created_at=stamp(now),
            used_at=stamp(now),
            expires_at=stamp(now + life_s),
        )
    )


async def turn_login(connection: AsyncConnection, id: str, old: str, new: str, now: float, life_s: float) -> str | None:
    """Exchange the refresh token of a live login, at most once per token. The user's id; None: not that token."""
    query = (
        update(logins)
        .where(logins.c.id == id, logins.c.digest == old, logins.c.ended_at.is_(None))
        .where(logins.c.expires_at > stamp(now))
        .values(digest=new, previous=old, used_at=stamp(now), expires_at=stamp(now + life_s))
        .returning(logins.c.user_id)
    )
    user: str | None = (await connection.execute(query)).scalar_one_or_none()
    return user


async def turned_login(connection: AsyncConnection, id: str, old: str, new: str, since: float) -> str | None:
    """Whether a live login was turned from `old` to `new`, and no earlier than `since`: its user's id if so."""
    query = (
        select(logins.c.user_id)
        .where(logins.c.id == id, logins.c.previous == old, logins.c.digest == new)
        .where(logins.c.ended_at.is_(None), logins.c.used_at >= stamp(since))
    )
    user: str | None = (await connection.execute(query)).scalar_one_or_none()
    return user


async def end_login(connection: AsyncConnection, id: str, now: float) -> bool:
    """Whether it was live until now."""
    query = update(logins).where(logins.c.id == id, logins.c.ended_at.is_(None)).values(ended_at=stamp(now))
    return (await connection.execute(query)).rowcount == 1


async def end_logins_of(connection: AsyncConnection, user: str, now: float) -> None:
    query = update(logins).where(logins.c.user_id == user, logins.c.ended_at.is_(None)).values(ended_at=stamp(now))
    await connection.execute(query)


async def forget_logins(connection: AsyncConnection, before: float) -> int:
    """Delete logins whose last token expired before a time; how many. Revocations of that age go too."""
    await connection.execute(delete(revocations).where(revocations.c.revoked_at < stamp(before)))
    return (await connection.execute(delete(logins).where(logins.c.expires_at < stamp(before)))).rowcount


async def add_revocation(connection: AsyncConnection, subject: str, now: float) -> None:
    await connection.execute(insert(revocations).values(subject=subject, revoked_at=stamp(now)))


async def revocations_after(
    connection: AsyncConnection, id: int, since: float, again: float
) -> list[tuple[int, str, float]]:
    """`(id, subject, seconds since the epoch)` of the revocations after an id and not before a time.

    Those not before `again` come once more: a transaction with an earlier id may have become visible only now.
    """
    new = select(revocations).where(revocations.c.id > id, revocations.c.revoked_at >= stamp(since))
    late = select(revocations).where(revocations.c.revoked_at >= stamp(max(since, again)))
    found: dict[int, tuple[int, str, float]] = {}
    for query in (new.order_by(revocations.c.id), late.order_by(revocations.c.revoked_at)):  # each by its own index
        for row in (await connection.execute(query.limit(10_000))).mappings():
            found[row["id"]] = row["id"], row["subject"], row["revoked_at"] / MICROSECONDS
    return [found[id] for id in sorted(found)]
