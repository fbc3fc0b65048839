"""Posts events to webhooks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from misarmail_server.delivery import webhooks
from misarmail_server.delivery.webhooks import Due
from misarmail_server.settings import Settings
from misarmail_server.store import Store

AT_ONCE = 4  # receivers that are talked to at the same time
BATCH = 16  # the slowest receivers keep it busy for 40 seconds, which is less than a lease


class Poster:
    """Leases deliveries that are due, posts them, writes down how it went. What it held when it dies is due again after the lease."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def post_due(self) -> int:
        """Post what is due now; how many there were."""
        if not webhooks.has_due(self._store):
            return 0
        taken = self._store.write(lambda connection: webhooks.lease(connection, BATCH))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._post, taken))
        return len(taken)

    def _post(self, due: Due) -> None:
        answered = webhooks.attempt(self._settings, due)
        self._store.write(lambda connection: webhooks.settle(connection, due, answered))
