"""Writes outcomes to the ledger in batches, on a thread of its own, so that a dialogue never waits for the disk."""

from __future__ import annotations

import threading
from collections import deque

import structlog

from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import leases
from misarmail_server.delivery.queue.journal import Journal
from misarmail_server.delivery.queue.leases import Settlement
from misarmail_server.errors import Unavailable

BATCH = 300
GATHER_SECONDS = 0.2  # the longest an outcome waits for company
RETRY_SECONDS = 1.0
LAST_TRIES = 5  # once the worker stops; what is not written then is tried again when its lease runs out

log = structlog.get_logger()


class Settler:
    """Takes settlements from any thread. An outcome that was put is written unless the process is killed or the store stays away."""

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
        """How many settlements are done with, since the start."""
        return self._settled_count

    @property
    def is_alive(self) -> bool:
        """Whether outcomes are being written."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, settlement: Settlement) -> None:
        """Have an outcome written soon."""
        with self._news:
            self._waiting.append(settlement)
            if len(self._waiting) in {1, BATCH}:  # to be woken for each would cost more than to write it
                self._news.notify()

    def stop(self) -> None:
        """Write what was put and end. Nothing may be put afterwards."""
        with self._news:
            self._is_stopping.set()
            self._news.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._gather():
            self._write(batch)
            self._settled_count += len(batch)

    def _gather(self) -> list[Settlement]:
        """The next batch: the first outcome and what comes soon after it. Empty when there will be no more."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._is_stopping.is_set())
            self._news.wait_for(lambda: len(self._waiting) >= BATCH or self._is_stopping.is_set(), GATHER_SECONDS)
            return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    def _write(self, batch: list[Settlement]) -> None:
        """Settle, again and again while the store is away: a lost outcome would be a mail sent twice."""
        tries_left = LAST_TRIES
        while tries_left:
            try:
                ours = leases.settle(self._store, batch)
            except Unavailable:
                log.warning("outcomes wait for the store", outcomes=len(batch))
                tries_left -= self._is_stopping.wait(RETRY_SECONDS)
            else:
                self._journal.settle([each.row.key for each in batch])
                if ours < len(batch):
                    log.warning("outcomes came after their lease", outcomes=len(batch) - ours)
                return
