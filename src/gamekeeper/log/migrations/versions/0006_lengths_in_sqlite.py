"""SQLite holds to the lengths of columns too. PostgreSQL does so by their types."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

LENGTHS = {
    "checkpoints": {"name": 128},
    "users": {"id": 22, "kind": 8, "username": 32, "name": 40, "password_hash": 256, "roles": 64},
    "logins": {"id": 22, "user_id": 22, "digest": 64, "previous": 64},
    "revocations": {"subject": 22},
    "room_codes": {"code": 12, "room": 22, "role": 16},
    "rooms": {"id": 22, "app": 64, "name": 80},
    "members": {"room": 22, "user": 22, "role": 16},
}
"""The tables of read models are there once something was read."""


def _existing() -> list[str]:
    """The tables to be written anew: none where the types are enough."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        return []
    return [table for table in LENGTHS if sa.inspect(bind).has_table(table)]


def upgrade() -> None:
    for name in _existing():
        with op.batch_alter_table(name) as table:
            for column, characters in LENGTHS[name].items():
                fits = sa.func.length(sa.column(column)) <= characters
                table.create_check_constraint(op.f(f"ck_{name}_{column}_characters"), fits)


def downgrade() -> None:
    for name in _existing():
        with op.batch_alter_table(name) as table:
            for column in LENGTHS[name]:
                table.drop_constraint(op.f(f"ck_{name}_{column}_characters"), type_="check")
