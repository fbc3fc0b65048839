"""Campaigns to several segments, without others, and by rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("campaigns", sa.Column("audience_json", sa.Text(), nullable=True))
