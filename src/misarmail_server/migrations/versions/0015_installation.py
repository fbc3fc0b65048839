"""The key and the delivery settings of the installation, and how each message was to leave when it was accepted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

# Only a relay or a receiver defers mail: what was attempted before must not be captured now.
RECORD_ATTEMPTED = (
    "UPDATE messages SET delivery_method = 'smtp' WHERE NOT is_sandbox AND id IN "
    "(SELECT message_id FROM recipients WHERE attempt_count > 0 AND state IN ('pending', 'leased', 'deferred', 'ambiguous'))"
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
    op.execute(RECORD_ATTEMPTED)
