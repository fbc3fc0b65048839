"""Whether the platform can take work."""

from __future__ import annotations

from sqlalchemy import Connection

from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import backlog, lanes
from misarmail_server.settings import Settings

MAX_COUNTED = 1_000
PROBE = "/probe"  # no lane has that name


def readiness(settings: Settings, store: Store) -> int:
    """How many recipients are due, counted up to MAX_COUNTED.

    Raises Unavailable when the store cannot be read or written, "queue_full" when no more mail is taken.
    """
    backlog.require_room(store, settings, 1, is_marketing=False)
    store.write(_write_and_take_back)
    with store.read() as connection:
        return lanes.count_due(connection, MAX_COUNTED)


def _write_and_take_back(connection: Connection) -> None:
    """A full disk is noticed only by who writes."""
    lanes.hold(connection, PROBE)
    lanes.free(connection, PROBE)
