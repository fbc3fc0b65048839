"""Readiness of the platform."""

from __future__ import annotations

from sqlalchemy import Connection

from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import backlog, lanes
from misarmail_server.settings import Settings

MAX_COUNTED = 1_000
PROBE = "/probe"  # not the name of any lane


def readiness(settings: Settings, store: Store) -> int:
    """The number of due recipients, counted up to MAX_COUNTED.

    Raises Unavailable if the database cannot be read or written, with "queue_full" if no more mail is accepted.
    """
    backlog.require_room(store, settings, 1, is_marketing=False)
    store.write(_probe_write)
    with store.read() as connection:
        return lanes.count_due(connection, MAX_COUNTED)


def _probe_write(connection: Connection) -> None:
    """A full disk is noticed only by writing."""
    lanes.hold(connection, PROBE)
    lanes.free(connection, PROBE)
