"""Lanes of the queue, which share it fairly and can be held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply the change. Mail that waits stands in its account's lane."""
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
    op.create_index("ix_recipients_due", "recipients", ["state", "priority", "lane", "due_at"])
