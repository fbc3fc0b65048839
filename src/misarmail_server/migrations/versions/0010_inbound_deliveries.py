"""Received mail is posted to the inbound domain's URL, by the same queue as events to webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply the change. Existing deliveries belong to webhooks."""
    with op.batch_alter_table("webhook_deliveries") as batch:
        batch.alter_column("webhook_id", existing_type=sa.Text(), nullable=True)
        batch.add_column(sa.Column("inbound_id", sa.Text(), nullable=True))
        batch.create_foreign_key(op.f("fk_webhook_deliveries_inbound_id"), "inbound_domains", ["inbound_id"], ["id"], ondelete="CASCADE")
    op.create_index("ix_webhook_deliveries_inbound", "webhook_deliveries", ["inbound_id"])
