"""Keyed hashes of erased addresses, which imports refuse."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "erased_addresses",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_erased_addresses_account_id")),
        sa.PrimaryKeyConstraint("account_id", "hash", name=op.f("pk_erased_addresses")),
        sqlite_with_rowid=False,
    )
