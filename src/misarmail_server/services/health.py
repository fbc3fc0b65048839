"""Readiness of the platform."""

from __future__ import annotations

from sqlalchemy import Connection

from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import backlog, lanes
from misarmail_server.errors import Unavailable
from misarmail_server.services import installation
from misarmail_server.settings import BadSettingError, Settings

MAX_COUNTED = 1_000
PROBE = "/probe"  # not the name of any lane


def readiness(settings: Settings, store: Store) -> int:
    """The number of due recipients, counted up to MAX_COUNTED.

    Raises Unavailable if the database cannot be read or written, with "queue_full" if no more mail is accepted.
    """
    backlog.require_room(store, settings, 1, is_marketing=False)
    store.write(_probe_write)
    with store.read() as connection:
        _require_delivery(settings, connection)
        return lanes.count_due(connection, MAX_COUNTED)


def _require_delivery(settings: Settings, connection: Connection) -> None:
    """A process that runs with former delivery settings accepts mail for the former way, until it is restarted."""
    try:
        installation.require_delivery(settings, connection)
    except BadSettingError as error:
        raise Unavailable("The delivery settings of the installation were changed; this process must be restarted with them") from error


def _probe_write(connection: Connection) -> None:
    """A full disk is noticed only by writing."""
    lanes.hold(connection, PROBE)
    lanes.free(connection, PROBE)
