"""Whether the platform can take work."""

from __future__ import annotations

from sqlalchemy import func, literal, select

from misarmail_server import tables
from misarmail_server.context import now
from misarmail_server.store import Store

MOST_COUNTED = 1_000


def readiness(store: Store) -> int:
    """How many recipients are due, counted up to MOST_COUNTED. Raises Unavailable when the store cannot be read or written."""
    store.write(lambda connection: connection.scalar(select(literal(1))))
    due = select(tables.Recipient.id).where(tables.Recipient.state.in_(("pending", "deferred")), tables.Recipient.due_at <= now())
    with store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(due.limit(MOST_COUNTED).subquery())) or 0)
