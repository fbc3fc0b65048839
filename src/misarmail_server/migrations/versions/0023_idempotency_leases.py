"""A claimed idempotency key has a lease that is renewed while its call runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("idempotency", sa.Column("lease_until", sa.BigInteger(), nullable=True))
