"""Declared fields of contacts: a type and a default beside the name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Apply the change."""
    for name in ("declared_key", "id", "type", "default_json"):
        op.add_column("contact_fields", sa.Column(name, sa.Text(), nullable=True))
    for name in ("created_at", "updated_at"):
        op.add_column("contact_fields", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_index("uq_contact_fields_declared", "contact_fields", ["account_id", "declared_key"], unique=True)
    op.create_index("uq_contact_fields_id", "contact_fields", ["id"], unique=True)
