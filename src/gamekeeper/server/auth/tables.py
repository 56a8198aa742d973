"""Users, their logins, and what was taken back. Times are microseconds since the epoch (UTC).

No row of a user is ever deleted; a login's row goes some time after it ended.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from gamekeeper.core.names import MAX_NAME_CHARACTERS
from gamekeeper.log.database import metadata
from gamekeeper.server.auth.usernames import MAX_USERNAME_CHARACTERS

ID_CHARACTERS = 22
DIGEST_CHARACTERS = 64
NAMELESS = "Guest"
"""The name of a guest whose own was forgotten."""

users = Table(
    "users",
    metadata,
    Column("id", String(ID_CHARACTERS), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("username", String(MAX_USERNAME_CHARACTERS), unique=True),
    Column("name", String(MAX_NAME_CHARACTERS), nullable=False),
    Column("password_hash", String(256)),
    Column("roles", String(64), nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Index("ix_users_roles", "roles"),
)

logins = Table(
    "logins",
    metadata,
    Column("id", String(ID_CHARACTERS), primary_key=True),
    Column("user_id", String(ID_CHARACTERS), ForeignKey("users.id"), nullable=False),
    Column("digest", String(DIGEST_CHARACTERS), nullable=False),
    Column("previous", String(DIGEST_CHARACTERS)),
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
    Column("subject", String(ID_CHARACTERS), nullable=False),
    Column("revoked_at", BigInteger, nullable=False),
    Index("ix_revocations_revoked_at", "revoked_at"),
)
