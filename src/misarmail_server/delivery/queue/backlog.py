"""The limit of the queue: above it, or when the disk is nearly full, no more mail is accepted.

Waiting recipients are counted at intervals on a separate thread, never by the request that asks; between two counts each process adds what
it accepts. So the limit is exceeded at most by what all processes accept between two counts.
"""

from __future__ import annotations

import shutil
import threading
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy import func, select

from misarmail_server.db.store import Store
from misarmail_server.delivery.queue.leased_row import RECIPIENT
from misarmail_server.errors import Unavailable
from misarmail_server.rows.recipient_states import OPEN_STATES
from misarmail_server.settings import Settings

MARKETING_SHARE = 0.75  # of the limit; the rest is reserved for transactional mail
COUNT_SECONDS = 2.0  # the minimum between two counts
MAX_PAUSE = 60.0  # until the next count, whatever the result of this one
COUNT_SHARE = 0.05  # of the time may be spent counting
RETRY_AFTER = 30  # seconds

log = structlog.get_logger()


class _QueueSize(NamedTuple):
    """The number of waiting recipients and of free bytes at the last count."""

    waiting: int = 0
    free: int = 0


class Backlog:
    """One process's knowledge of the queue of its database. Thread-safe."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: _QueueSize | None = None
        self._added = 0  # since the last count
        self._looks_at = 0.0

    def seen(self) -> _QueueSize:
        """The last count plus what was added since; starts a new count if that is old. Raises Unavailable if the first one fails."""
        if self._seen is None:
            self._look(0)
        elif time.monotonic() >= self._looks_at:
            self._begin()
        last = self._seen or _QueueSize()
        return last._replace(waiting=last.waiting + self._added)

    def add(self, count: int) -> None:
        """Add recipients that wait once they are committed; if they never are, the next count corrects it."""
        with self._lock:
            self._added += count

    def _begin(self) -> None:
        with self._lock:
            if time.monotonic() < self._looks_at:  # another thread was faster
                return
            thread = threading.Thread(target=self._look_again, args=(self._added,), name="backlog", daemon=True)
            self._looks_at = float("inf")
            try:
                thread.start()
            except RuntimeError:  # the process cannot start a thread now
                self._looks_at = time.monotonic() + COUNT_SECONDS

    def _look_again(self, added: int) -> None:
        try:
            self._look(added)
        except (Unavailable, OSError):
            log.warning("the queue cannot be counted")
        finally:
            with self._lock:
                self._looks_at = min(self._looks_at, time.monotonic() + MAX_PAUSE)

    def _look(self, added: int) -> None:
        """Count what waits; `added` recipients were known before this count began."""
        began = time.monotonic()
        with self._store.read() as connection:
            waiting = connection.scalar(select(func.count()).where(RECIPIENT.state.in_(OPEN_STATES))) or 0
        seen = _QueueSize(waiting, shutil.disk_usage(self._folder).free)
        with self._lock:
            self._seen = seen
            self._added -= added
            self._looks_at = time.monotonic() + max(COUNT_SECONDS, (time.monotonic() - began) / COUNT_SHARE)


@lru_cache(maxsize=4)
def of(store: Store, folder: Path) -> Backlog:
    """The backlog of a database in this process; the disk is that of `folder`."""
    return Backlog(store, folder)


def require_room(store: Store, settings: Settings, count: int, *, is_marketing: bool) -> None:
    """Refuse recipients above the limit. Raises Unavailable("queue_full")."""
    seen = of(store, settings.state).seen()
    _require_disk(seen, settings)
    if seen.waiting + count > settings.queue_limit * (MARKETING_SHARE if is_marketing else 1):
        mail = "marketing mail" if is_marketing else "mail"
        raise Unavailable(
            f"{seen.waiting:,} recipients are already waiting; no more {mail} is accepted now", code="queue_full", retry_after=RETRY_AFTER
        )


def add(store: Store, settings: Settings, count: int) -> None:
    """Add recipients that wait once their unit of work is committed."""
    of(store, settings.state).add(count)


def require_disk(store: Store, settings: Settings) -> None:
    """Refuse what is stored but does not wait. Raises Unavailable."""
    _require_disk(of(store, settings.state).seen(), settings)


def _require_disk(seen: _QueueSize, settings: Settings) -> None:
    if seen.free < settings.disk_reserve:
        raise Unavailable("The disk is nearly full; no more mail is accepted now", retry_after=RETRY_AFTER)
