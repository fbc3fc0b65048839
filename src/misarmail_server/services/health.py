"""Whether the platform can take work."""

from __future__ import annotations

from sqlalchemy import literal, select

from misarmail_server.delivery import backlog, lanes
from misarmail_server.settings import Settings
from misarmail_server.store import Store

MOST_COUNTED = 1_000


def readiness(settings: Settings, store: Store) -> int:
    """How many recipients are due, counted up to MOST_COUNTED.

    Raises Unavailable when the store cannot be read or written, "queue_full" when no more mail is taken.
    """
    backlog.require_room(store, settings, 1, is_marketing=False)
    store.write(lambda connection: connection.scalar(select(literal(1))))
    with store.read() as connection:
        return lanes.count_due(connection, MOST_COUNTED)
