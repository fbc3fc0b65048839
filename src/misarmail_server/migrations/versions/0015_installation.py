"""The key and the delivery settings of the installation, and how each message was to leave when it was accepted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

# An installation that ever deferred or delivered mail has a relay or delivers directly: its waiting mail must not be captured now.
RECORD_WAITING = (
    "UPDATE messages SET delivery_method = 'smtp' WHERE NOT is_sandbox AND id IN "
    "(SELECT message_id FROM recipients WHERE state IN ('pending', 'leased', 'deferred', 'ambiguous')) AND EXISTS "
    "(SELECT 1 FROM recipients AS sent JOIN messages AS mail ON mail.id = sent.message_id "
    "WHERE sent.state IN ('deferred', 'delivered', 'ambiguous') AND NOT mail.is_sandbox)"
)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "installation",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_proof", sa.Text(), nullable=False),
        sa.Column("delivery_json", sa.Text(), nullable=False),
        sa.Column("delivery_proof", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.add_column("messages", sa.Column("delivery_method", sa.Text(), nullable=True))
    op.execute(RECORD_WAITING)
