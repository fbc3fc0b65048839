"""The behavior of each address, summarized for segments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

HAS_OTHER = (
    "EXISTS (SELECT 1 FROM events other WHERE other.account_id = events.account_id AND lower(other.recipient) = lower(events.recipient)"
    " AND other.message_id = events.message_id AND other.kind IS NOT NULL AND other.type IN ({types}))"
)
BOUNCES = "'hard_bounced', 'soft_bounced'"
# (kind of behavior, kinds of events, further condition, how often)
MAIL = (
    (
        "sent",
        f"'delivered', 'ambiguous', {BOUNCES}",
        "(type <> 'bounced' OR NOT " + HAS_OTHER.format(types="'delivered', 'ambiguous'") + ")",
        "count(DISTINCT message_id)",
    ),
    ("delivered", "'delivered'", "NOT " + HAS_OTHER.format(types="'bounced'"), "count(DISTINCT message_id)"),
    ("bounced", BOUNCES, "1 = 1", "count(DISTINCT message_id)"),
    ("opened", "'opened'", "1 = 1", "count(*)"),
    ("clicked", "'clicked'", "1 = 1", "count(*)"),
)


def upgrade() -> None:
    """Apply the change."""
    address = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "behaviors",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", address, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "kind", "address", name=op.f("pk_behaviors")),
        sqlite_with_rowid=False,
    )
    for kind, events, condition, count in MAIL:
        op.execute(
            f"INSERT INTO behaviors SELECT account_id, '{kind}', lower(recipient), {count}, min(at), max(at) FROM events "  # noqa: S608 - constants
            f"WHERE recipient IS NOT NULL AND kind IN ({events}) AND {condition} GROUP BY account_id, lower(recipient)"
        )
    op.execute(
        "INSERT INTO behaviors SELECT account_id, 'event:' || event, email, count(*), min(at), max(at) FROM tracked_events "
        "GROUP BY account_id, event, email"
    )
    op.execute(
        "INSERT INTO behaviors SELECT account_id, 'purchased', email, count(*), min(at), max(at) FROM purchases "
        "WHERE email <> 'erased@erased.invalid' GROUP BY account_id, email"
    )
