"""Join codes of digits are longer than those with letters."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("room_codes") as room_codes:
        room_codes.alter_column("code", existing_type=sa.String(6), type_=sa.String(12), existing_nullable=False)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM room_codes WHERE length(code) > 6"))
    with op.batch_alter_table("room_codes") as room_codes:
        room_codes.alter_column("code", existing_type=sa.String(12), type_=sa.String(6), existing_nullable=False)
