"""Tracked events and purchases; events of mail are found by address in any case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "tracked_events",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("properties_json", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_tracked_events_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracked_events")),
    )
    op.create_index("ix_tracked_events_account_event", "tracked_events", ["account_id", "event", "at"])
    op.create_index("ix_tracked_events_account_email", "tracked_events", ["account_id", "email", "at"])
    op.create_table(
        "purchases",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("items_json", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("clicked_at", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_purchases_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchases")),
        sa.UniqueConstraint("account_id", "order_id", name="uq_purchases_account_order"),
    )
    op.create_index("ix_purchases_account_email", "purchases", ["account_id", "email", "at"])
    op.drop_index("ix_events_account_recipient", "events")
    op.create_index("ix_events_account_recipient", "events", ["account_id", sa.text("lower(recipient)"), "at"])
