"""Users, their logins, and what was taken back. Times are microseconds since the epoch (UTC).

No row of a user is ever deleted; a login's row goes some time after it ended.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table

from gamekeeper.core.names import MAX_NAME_CHARACTERS
from gamekeeper.log.columns import ID_CHARACTERS, bounded
from gamekeeper.log.database import metadata
from gamekeeper.server.auth.usernames import MAX_USERNAME_CHARACTERS

DIGEST_CHARACTERS = 64
NAMELESS = "Guest"
"""The name of a guest whose own was forgotten."""

users = Table(
    "users",
    metadata,
    bounded("id", ID_CHARACTERS, primary_key=True),
    bounded("kind", 8, nullable=False),
    bounded("username", MAX_USERNAME_CHARACTERS, unique=True),
    bounded("name", MAX_NAME_CHARACTERS, nullable=False),
    bounded("password_hash", 256),
    bounded("roles", 64, nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Index("ix_users_roles", "roles"),
)

logins = Table(
    "logins",
    metadata,
    bounded("id", ID_CHARACTERS, primary_key=True),
    bounded("user_id", ID_CHARACTERS, ForeignKey("users.id"), nullable=False),
    bounded("digest", DIGEST_CHARACTERS, nullable=False),
    bounded("previous", DIGEST_CHARACTERS),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("ix_logins_user_id", "user_id"),
    Index("ix_logins_expires_at", "expires_at"),
)

revocations = Table(
    "revocations",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    bounded("subject", ID_CHARACTERS, nullable=False),
    Column("revoked_at", BigInteger, nullable=False),
    Index("ix_revocations_revoked_at", "revoked_at"),
)
