"""The addresses of contacts that are not subscribed are suppressed."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Apply the change. A suppressed address keeps its first reason."""
    op.execute(
        "INSERT INTO suppressions (account_id, address, reason, created_at) "
        "SELECT account_id, email, status, updated_at FROM contacts WHERE status <> 'subscribed' ON CONFLICT DO NOTHING"
    )
