"""Posts events to webhooks, on a thread of its own beside the delivery of mail."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import structlog

from misarmail_server.delivery import webhooks
from misarmail_server.delivery.webhooks import Due
from misarmail_server.errors import Unavailable
from misarmail_server.settings import Settings
from misarmail_server.store import Store

AT_ONCE = 4  # receivers that are talked to at the same time
BATCH = 16  # the slowest receivers keep it busy for 40 seconds, which is less than a lease
POLL_SECONDS = 0.5
log = structlog.get_logger()


class Poster:
    """Leases deliveries that are due, posts them, writes down how it went. What it held when it dies is due again after the lease."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="poster")

    @property
    def is_alive(self) -> bool:
        """Whether events are being posted."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to post."""
        self._thread.start()

    def stop(self) -> None:
        """Let the posts that were begun end, within the time that one may take."""
        self._is_stopping.set()
        self._thread.join()

    def post_due(self) -> int:
        """Post what is due now; how many there were."""
        if not webhooks.has_due(self._store):
            return 0
        taken = self._store.write(lambda connection: webhooks.lease(connection, BATCH))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._post, taken))
        return len(taken)

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                posted = self.post_due()
            except Unavailable:
                log.warning("events for webhooks wait for the store")
                posted = 0
            if not posted:
                self._is_stopping.wait(POLL_SECONDS)

    def _post(self, due: Due) -> None:
        if self._is_stopping.is_set():  # the lease runs out, and another worker posts it
            return
        answered = webhooks.attempt(self._settings, due)
        self._store.write(lambda connection: webhooks.settle(connection, due, answered))
