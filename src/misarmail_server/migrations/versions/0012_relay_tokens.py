"""The token that relays use for reports can be renewed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "relay_tokens",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("former_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_relay_tokens_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_relay_tokens")),
    )
