"""Which rooms there are, who is in them, and the codes that lead there.

Rooms and members are a projection of the log and can be built anew. Codes are not: they exist while a room is open.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    RowMapping,
    Select,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from gamekeeper.core.catalogue import FRAMEWORK_EVENTS
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.record import Record
from gamekeeper.core.seats import PLAYER, SPECTATOR, Role
from gamekeeper.log.columns import ID_CHARACTERS, bounded
from gamekeeper.log.database import Database, metadata
from gamekeeper.room.governance import (
    MemberForgotten,
    MemberJoined,
    MemberLeft,
    RoomClosed,
    RoomOpened,
    read_governance,
)
from gamekeeper.server.auth.tables import NAMELESS, users
from gamekeeper.server.codes import MOST_DIGITS, clean_code, new_code, new_digits, unknown_code

MAX_ROOM_NAME_CHARACTERS = 80
ATTEMPTS = 10
"""Times a code is drawn anew when it is taken."""

directory = MetaData()

rooms = Table(
    "rooms",
    directory,
    bounded("id", ID_CHARACTERS, primary_key=True),
    bounded("app", 64, nullable=False),
    bounded("name", MAX_ROOM_NAME_CHARACTERS, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Index("ix_rooms_created_at", "created_at"),
)

members = Table(
    "members",
    directory,
    bounded("room", ID_CHARACTERS, primary_key=True),
    Column("seat", Integer, primary_key=True, autoincrement=False),
    bounded("user", ID_CHARACTERS, nullable=False),
    bounded("role", 16, nullable=False),
    Column("left_at", BigInteger),
    Index("ix_members_user", "user"),
)

room_codes = Table(
    "room_codes",
    metadata,
    bounded("code", MOST_DIGITS, primary_key=True),
    bounded("room", ID_CHARACTERS, nullable=False),
    bounded("role", 16, nullable=False),
    Index("ix_room_codes_room", "room"),
)


class DirectoryProjection:
    """Keeps `rooms` and `members` as the log tells them, and gives the codes of a closed room back."""

    name = "directory"
    version = 1
    tables = directory

    wants = (FRAMEWORK_EVENTS,)

    def apply(self, connection: Connection, record: Record, room: str) -> None:
        match read_governance(record.type, record.data):
            case RoomOpened(app, name):
                connection.execute(insert(rooms).values(id=room, app=app, name=name, created_at=record.at))
            case MemberJoined(seat, user, _, role):
                connection.execute(delete(members).where(members.c.room == room, members.c.seat == seat))
                connection.execute(insert(members).values(room=room, seat=seat, user=user, role=role))
            case MemberForgotten(_, user):
                guest = (users.c.id == user) & (users.c.kind == "guest")
                connection.execute(update(users).where(guest).values(name=NAMELESS))
            case MemberLeft(seat, _):
                here = (members.c.room == room) & (members.c.seat == seat)
                connection.execute(update(members).where(here).values(left_at=record.at))
            case RoomClosed():
                connection.execute(update(rooms).where(rooms.c.id == room).values(closed_at=record.at))
                connection.execute(delete(room_codes).where(room_codes.c.room == room))
            case _:
                pass


def clean_room_name(text: str) -> str:
    """A room's display name: NFC, trimmed, at most 80 characters, no control characters; empty is fine.

    Raises `Rejected("bad_name")`.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if len(name) > MAX_ROOM_NAME_CHARACTERS or any(unicodedata.category(letter).startswith("C") for letter in name):
        raise Rejected(
            ErrorCode.BAD_NAME, f"at most {MAX_ROOM_NAME_CHARACTERS} characters, no control characters", field="name"
        )
    return name


@dataclass(frozen=True)
class Listing:
    """A room as the directory knows it; `seat` and `role` are those of the user it was looked up for (0, none)."""

    id: str
    app: str
    name: str
    created_at: int
    closed: bool
    members: int
    seat: int = 0
    role: Role | None = None


@dataclass(frozen=True)
class Invitation:
    """What a code gives: a role in a room."""

    room: str
    role: Role


class Directory:
    """Questions about rooms. Each is one query of a fixed number of statements, whatever the number of rooms."""

    def __init__(self, database: Database, changed: Callable[[str], None] = lambda _: None) -> None:
        """`changed` is told of a room whose codes are new."""
        self._database = database
        self._changed = changed

    async def room(self, id: str, user: str = "") -> Listing:
        """Raises `Rejected("unknown_room")`."""
        async with self._database.read() as connection:
            row = (await connection.execute(_LISTING, {"id": id, "user": user})).mappings().first()
        if row is None:
            raise Rejected(ErrorCode.UNKNOWN_ROOM, "there is no such room")
        return _listing(row)

    async def of_user(self, user: str, limit: int = 200) -> list[Listing]:
        """The rooms a user has a seat in, newest first; those left are not listed."""
        query = _listings(user).where(members.c.seat.is_not(None))
        async with self._database.read() as connection:
            return [_listing(row) for row in (await connection.execute(_newest(query, limit))).mappings()]

    async def all(self, *, closed: bool = True, limit: int = 1_000, before: int | None = None) -> list[Listing]:
        """Every room, newest first; `before`: only those created before that time, in microseconds."""
        query = _listings("")
        if not closed:
            query = query.where(rooms.c.closed_at.is_(None))
        if before is not None:
            query = query.where(rooms.c.created_at < before)
        async with self._database.read() as connection:
            return [_listing(row) for row in (await connection.execute(_newest(query, limit))).mappings()]

    async def codes(self, room: str) -> dict[Role, str]:
        """The codes of an open room, by the role they give."""
        return {role: code for role, code in await self._codes(room) if not code.isdigit()}

    async def digits(self, room: str) -> str | None:
        """The code of digits alone by which players come into an open room."""
        return next((code for _, code in await self._codes(room) if code.isdigit()), None)

    async def _codes(self, room: str) -> list[tuple[Role, str]]:
        query = select(room_codes.c.role, room_codes.c.code).where(room_codes.c.room == room)
        async with self._database.read() as connection:
            return [(Role(role), code) for role, code in await connection.execute(query)]

    async def invitation(self, code: str) -> Invitation:
        """Where a code leads. Raises `Rejected("unknown_code")`."""
        query = select(room_codes.c.room, room_codes.c.role).where(room_codes.c.code == clean_code(code))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise unknown_code()
        return Invitation(row.room, Role(row.role))

    async def give_codes(self, room: str) -> dict[Role, str]:
        """Draw the codes of a new room: one for players, one for spectators, and one of digits for players. Unique
        among open rooms."""
        codes = {role: await self._give_code(room, role, new_code) for role in (PLAYER, SPECTATOR)}
        async with self._database.read() as connection:
            query = select(func.count(room_codes.c.room.distinct()))
            rooms_open = (await connection.execute(query)).scalar_one()
        await self._give_code(room, PLAYER, lambda: new_digits(rooms_open))
        return codes

    async def _give_code(self, room: str, role: Role, draw: Callable[[], str]) -> str:
        for _ in range(ATTEMPTS):
            code = draw()
            try:
                async with self._database.begin() as connection:
                    await connection.execute(insert(room_codes).values(code=code, room=room, role=role))
            except IntegrityError:
                continue
            self._changed(room)
            return code
        raise Rejected(ErrorCode.CAPACITY, "no join code is free", retry_after_s=60.0)


_Query = Select[Any, Any, Any, Any, Any, Any, Any, int]


def _listings(user: str | BindParameter[str]) -> _Query:
    present = (
        select(func.count())
        .where(members.c.room == rooms.c.id, members.c.left_at.is_(None))
        .correlate(rooms)
        .scalar_subquery()
        .label("present")
    )
    own = (members.c.room == rooms.c.id) & (members.c.user == user) & members.c.left_at.is_(None)
    columns = (rooms.c.id, rooms.c.app, rooms.c.name, rooms.c.created_at, rooms.c.closed_at)
    return select(*columns, members.c.seat, members.c.role, present).outerjoin(members, own)


_LISTING = _listings(bindparam("user", "", String)).where(rooms.c.id == bindparam("id", "", String))
"""Put together once: it is asked with every look at a room."""


def _newest(query: _Query, limit: int) -> _Query:
    return query.order_by(rooms.c.created_at.desc(), rooms.c.id).limit(limit)


def _listing(row: RowMapping) -> Listing:
    role = Role(row["role"]) if row["role"] else None
    closed = row["closed_at"] is not None
    return Listing(
        row["id"], row["app"], row["name"], row["created_at"], closed, row["present"], row["seat"] or 0, role
    )
