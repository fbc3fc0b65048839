"""An endpoint that does not respond is left alone for a while: since when it is silent, and until when its deliveries wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Apply the change."""
    for table in ("webhooks", "inbound_domains"):
        op.add_column(table, sa.Column("silent_since", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column("paused_until", sa.BigInteger(), nullable=True))
