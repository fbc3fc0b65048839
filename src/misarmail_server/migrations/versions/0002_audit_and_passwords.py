"""The audit trail, and passwords to sign in with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from misarmail_server.rows.table import ROW_ID

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("accounts", sa.Column("password_hash", sa.Text(), nullable=True))
    op.create_table(
        "audit_entries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_account", "audit_entries", ["account_id", "id"])
