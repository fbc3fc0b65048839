"""Writes outcomes to the ledger in batches, on a thread of its own, so that a dialogue never waits for the disk."""

from __future__ import annotations

import queue as threadqueue
import threading
import time

import structlog

from misarmail_server.delivery import queue
from misarmail_server.delivery.journal import Journal
from misarmail_server.delivery.queue import Settlement
from misarmail_server.errors import Unavailable
from misarmail_server.store import Store

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
        self._waiting: threadqueue.SimpleQueue[Settlement | None] = threadqueue.SimpleQueue()
        self._is_stopping = threading.Event()
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
        self._waiting.put(settlement)

    def stop(self) -> None:
        """Write what was put and end. Nothing may be put afterwards."""
        self._is_stopping.set()
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_last = False
        while not is_last:
            batch, is_last = self._gather()
            if batch:
                self._write(batch)
                self._settled_count += len(batch)

    def _gather(self) -> tuple[list[Settlement], bool]:
        """The next batch, and whether it is the last one."""
        first = self._waiting.get()
        batch: list[Settlement] = []
        until = time.monotonic() + GATHER_SECONDS
        following: Settlement | None = first
        while following is not None:
            batch.append(following)
            if len(batch) == BATCH:
                return batch, False
            try:
                following = self._waiting.get(timeout=max(0.0, until - time.monotonic()))
            except threadqueue.Empty:
                return batch, False
        return batch, True

    def _write(self, batch: list[Settlement]) -> None:
        """Settle, again and again while the store is away: a lost outcome would be a mail sent twice."""
        tries_left = LAST_TRIES
        while tries_left:
            try:
                ours = queue.settle(self._store, batch)
            except Unavailable:
                log.warning("outcomes wait for the store", outcomes=len(batch))
                tries_left -= self._is_stopping.wait(RETRY_SECONDS)
            else:
                self._journal.settle([each.row.key for each in batch])
                if ours < len(batch):
                    log.warning("outcomes came after their lease", outcomes=len(batch) - ours)
                return
