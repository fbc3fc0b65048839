"""Captured mail has a size and is freed, content of old messages is deleted, and contacts can be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("captures", sa.Column("size", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index("ix_captures_created", "captures", ["created_at"])
    op.add_column("messages", sa.Column("has_content", sa.Boolean(), server_default=sa.true(), nullable=False))
    has_content = sa.text("has_content")
    op.create_index("ix_messages_content", "messages", ["created_at"], sqlite_where=has_content, postgresql_where=has_content)
    op.create_table(
        "sandbox_space",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sandbox_space_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_sandbox_space")),
    )
    op.create_table(
        "content_deletions",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_content_deletions_message_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_content_deletions")),
    )
    op.create_table(
        "erasures",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_erasures_account_id")),
        sa.PrimaryKeyConstraint("account_id", "email", name=op.f("pk_erasures")),
    )
