"""The time zone and the locale of a contact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("contacts", sa.Column("timezone", sa.Text(), nullable=True))
    op.add_column("contacts", sa.Column("locale", sa.Text(), nullable=True))
