"""The last use of each key, to the minute, written asynchronously: authentication must not wait for the database's writer."""

from __future__ import annotations

import threading

from sqlalchemy import BigInteger, Connection, bindparam, or_, update

from misarmail_server.context import SECOND, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.errors import Unavailable

MINUTE = 60 * SECOND
FLUSH_SECONDS = 1.0
USED_AT = bindparam("used_at", type_=BigInteger)
UPDATE_LAST_USED = (
    update(tables.Key.__table__)  # type: ignore[arg-type]  # declared as a FromClause, and a Table
    .where(tables.Key.id == bindparam("key_id"), or_(tables.Key.last_used_at.is_(None), tables.Key.last_used_at < USED_AT))
    .values(last_used_at=USED_AT)
)


class KeyUses:
    """Collects uses and writes them about once a second. A crash loses the pending ones; nothing depends on them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._waiting: dict[str, int] = {}
        self._timer: threading.Timer | None = None

    def note(self, key_id: str, last_used_at: int | None) -> None:
        """Record that a key is used now, unless the database already has this minute."""
        minute = now() // MINUTE * MINUTE
        if last_used_at is not None and last_used_at >= minute:
            return
        with self._lock:
            self._waiting[key_id] = minute
            if self._timer is None:
                self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write the pending uses; if that fails they are dropped, and the next use records it again."""
        with self._lock:
            uses, self._waiting, self._timer = self._waiting, {}, None
        # In a fixed order, so that two processes cannot deadlock.
        rows = [{"key_id": key_id, "used_at": minute} for key_id, minute in sorted(uses.items())]
        try:
            self._store.write(lambda connection: _write(connection, rows))
        except Unavailable:
            return


def _write(connection: Connection, rows: list[dict[str, object]]) -> None:
    connection.execute(UPDATE_LAST_USED, rows)
