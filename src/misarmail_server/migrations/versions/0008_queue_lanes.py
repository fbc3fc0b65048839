"""Queue lanes, which share the queue fairly and can be held; progress of campaigns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply the change. Waiting mail is put into its account's lane."""
    op.create_table(
        "queue_holds",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_queue_holds")),
    )
    op.drop_index("ix_recipients_due", "recipients")
    op.add_column("recipients", sa.Column("lane", sa.Text(), nullable=True))
    op.execute("UPDATE recipients SET lane = account_id")
    with op.batch_alter_table("recipients") as batch:
        batch.alter_column("lane", existing_type=sa.Text(), nullable=False)
    op.add_column("recipients", sa.Column("contact_id", sa.Text(), nullable=True))
    op.add_column("recipients", sa.Column("values_json", sa.Text(), nullable=True))
    op.add_column("messages", sa.Column("campaign_id", sa.Text(), nullable=True))
    op.add_column("campaigns", sa.Column("message_id", sa.Text(), nullable=True))
    op.add_column("campaigns", sa.Column("reached_at", sa.BigInteger(), nullable=True))
    op.add_column("campaigns", sa.Column("reached_id", sa.Text(), nullable=True))
    op.add_column("campaigns", sa.Column("filled_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("campaigns") as batch:
        for counted in ("sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed"):
            batch.drop_column(f"total_{counted}")  # never written: they are sums of event_counts
    op.create_index("ix_recipients_due", "recipients", ["state", "priority", "lane", "due_at"])
