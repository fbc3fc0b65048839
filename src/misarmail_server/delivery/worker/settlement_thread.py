"""Writes outcomes to the ledger in batches, on its own thread, so that an SMTP session never waits for the disk."""

from __future__ import annotations

import threading
from collections import deque

import structlog

from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import settlement
from misarmail_server.delivery.queue.journal import Journal
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.errors import Unavailable

BATCH = 300
GATHER_SECONDS = 0.2  # the longest that an outcome waits for a batch
RETRY_SECONDS = 1.0
LAST_TRIES = 5  # when the worker stops; outcomes that are not written then are recovered when their lease expires

log = structlog.get_logger()


class Settler:
    """Takes settlements from any thread. A settlement is written unless the process is killed or the database stays unreachable."""

    def __init__(self, store: Store, journal: Journal) -> None:
        self._store = store
        self._journal = journal
        self._waiting: deque[Settlement] = deque()
        self._is_stopping = threading.Event()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="settler")
        self._settled_count = 0

    @property
    def settled_count(self) -> int:
        """The number of settlements handled since the start."""
        return self._settled_count

    @property
    def is_alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, settlement: Settlement) -> None:
        """Queue a settlement to be written soon."""
        with self._news:
            self._waiting.append(settlement)
            if len(self._waiting) in {1, BATCH}:  # waking the thread for each settlement would cost more than writing it
                self._news.notify()

    def stop(self) -> None:
        """Write what is queued and end. Nothing may be queued afterwards."""
        with self._news:
            self._is_stopping.set()
            self._news.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._gather():
            self._write(batch)
            self._settled_count += len(batch)

    def _gather(self) -> list[Settlement]:
        """The next batch: the first settlement and what follows soon after it. Empty at the end."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._is_stopping.is_set())
            self._news.wait_for(lambda: len(self._waiting) >= BATCH or self._is_stopping.is_set(), GATHER_SECONDS)
            return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    def _write(self, batch: list[Settlement]) -> None:
        """Settle a batch, with retries while the database is unreachable: a lost outcome would send the mail twice."""
        tries_left = LAST_TRIES
        while tries_left:
            try:
                ours = settlement.settle(self._store, batch)
            except Unavailable:
                log.warning("outcomes wait for the database", outcomes=len(batch))
                tries_left -= self._is_stopping.wait(RETRY_SECONDS)
            else:
                self._journal.settle([settlement.row.key for settlement in batch])
                if ours < len(batch):
                    log.warning("outcomes came after the end of their lease", outcomes=len(batch) - ours)
                return
