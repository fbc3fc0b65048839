"""The number of mails that a dedicated address sent on a day of its warm-up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "ip_days",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", "began_at", name=op.f("pk_ip_days")),
    )
