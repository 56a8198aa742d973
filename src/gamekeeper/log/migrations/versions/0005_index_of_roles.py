"""Whether there is an administrator is found without looking at every user."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("ix_users_roles", "users", ["roles"])


def downgrade() -> None:
    op.drop_index("ix_users_roles", "users")
