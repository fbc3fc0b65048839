"""Topics, the subscriptions to them, and the mail that names them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "topics",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("default", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.CheckConstraint("\"default\" IN ('opt_in', 'opt_out')", name=op.f("ck_topics_default_choice")),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_topics_visibility")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_topics_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_topics_account_id")),
    )
    op.create_index("ix_topics_account_created", "topics", ["account_id", "created_at"])
    op.create_table(
        "topic_subscriptions",
        sa.Column("topic_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("is_subscribed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_topic_subscriptions_topic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic_id", "address", name=op.f("pk_topic_subscriptions")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_topic_subscriptions_account", "topic_subscriptions", ["account_id", "address"])
    for table in ("campaigns", "messages", "events"):
        op.add_column(table, sa.Column("topic_id", sa.Text(), nullable=True))
