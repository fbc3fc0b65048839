"""A connected account's address is a sender once a code mailed to it was entered. Existing ones are unproved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("connected_accounts", sa.Column("verified_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "address_codes",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("attempt_count", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("day_began_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_address_codes_account_id")),
        sa.PrimaryKeyConstraint("account_id", "email", name=op.f("pk_address_codes")),
    )
