"""A claimed idempotency key has a lease that is renewed while its call runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("idempotency", sa.Column("lease_until", sa.BigInteger(), nullable=True))
