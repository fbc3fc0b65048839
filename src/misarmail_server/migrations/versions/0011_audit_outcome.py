"""The audit trail records whether a sign-in was refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply the change. Existing entries are completed changes."""
    with op.batch_alter_table("audit_entries") as batch:
        batch.add_column(sa.Column("outcome", sa.Text(), nullable=False, server_default="done"))
    with op.batch_alter_table("audit_entries") as batch:
        batch.alter_column("outcome", existing_type=sa.Text(), server_default=None)
