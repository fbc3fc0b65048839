"""Whether the platform can take work."""

from __future__ import annotations

from sqlalchemy import literal, select

from misarmail_server.delivery import lanes
from misarmail_server.store import Store

MOST_COUNTED = 1_000


def readiness(store: Store) -> int:
    """How many recipients are due, counted up to MOST_COUNTED. Raises Unavailable when the store cannot be read or written."""
    store.write(lambda connection: connection.scalar(select(literal(1))))
    with store.read() as connection:
        return lanes.count_due(connection, MOST_COUNTED)
