"""The client's address in the audit trail, and the networks that an account signs in from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("audit_entries", sa.Column("ip_address", sa.Text(), nullable=True))
    op.create_table(
        "sign_in_networks",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "network"),
    )
