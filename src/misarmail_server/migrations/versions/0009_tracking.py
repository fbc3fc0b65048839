"""Opens and clicks, with user agent and IP address, and the first of each per recipient."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("events", sa.Column("user_agent", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("ip_address", sa.Text(), nullable=True))
    op.create_table(
        "first_responses",
        sa.Column("recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"], name=op.f("fk_first_responses_recipient_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recipient_id", "what", name=op.f("pk_first_responses")),
        sqlite_with_rowid=False,
    )
