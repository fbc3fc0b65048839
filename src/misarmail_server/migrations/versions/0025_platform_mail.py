"""Mail of the platform, which an unsubscription does not bar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("messages", sa.Column("is_platform_mail", sa.Boolean(), nullable=True))
