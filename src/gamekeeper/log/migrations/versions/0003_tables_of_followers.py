"""Which tables a projection owns, so that a new version can clear away what the old one had."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("checkpoints", sa.Column("tables", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("checkpoints") as checkpoints:
        checkpoints.drop_column("tables")
