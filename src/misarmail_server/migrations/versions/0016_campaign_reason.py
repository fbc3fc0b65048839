"""Why a campaign was paused or failed by itself; mail that came back after it was delivered counts as sent once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

SPANS = {"hour": 3_600_000, "day": 86_400_000}
LATE = (
    "SELECT b.account_id, m.campaign_id, b.kind, b.at AS bounced_at, d.at AS delivered_at FROM events b "
    "JOIN events d ON d.message_id = b.message_id AND d.recipient = b.recipient AND d.type = 'delivered' AND d.id < b.id "
    "JOIN messages m ON m.id = b.message_id WHERE b.type = 'bounced' AND b.kind IS NOT NULL"
)
ADD = (
    "INSERT INTO event_counts (account_id, campaign_id, span, began_at, kind, slot, count) "
    "VALUES (:account_id, :campaign_id, :span, :began_at, :kind, 0, :count) "
    "ON CONFLICT (account_id, campaign_id, span, began_at, kind, slot) DO UPDATE SET count = event_counts.count + excluded.count"
)


def upgrade() -> None:
    """Apply the change."""
    op.add_column("campaigns", sa.Column("reason", sa.Text(), nullable=True))
    connection = op.get_bind()
    for late in connection.execute(sa.text(LATE)).all():
        for row in _corrections(late):
            connection.execute(sa.text(ADD), row)


def _corrections(late: Any) -> Iterator[dict[str, Any]]:
    """The bounce moves to the time of the delivery, in place of it."""
    changes = ((late.kind, late.bounced_at, -1), (late.kind, late.delivered_at, 1), ("delivered", late.delivered_at, -1))
    for campaign_id in {"", late.campaign_id or ""}:
        for span, length in SPANS.items():
            for kind, moment, count in changes:
                began_at = moment // length * length
                row = {"account_id": late.account_id, "campaign_id": campaign_id, "span": span}
                yield row | {"began_at": began_at, "kind": kind, "count": count}
