"""Posts events to webhooks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import structlog

from misarmail_server.db.store import Store
from misarmail_server.events import webhook_outbox
from misarmail_server.events.webhook_outbox import LeasedDelivery
from misarmail_server.external.http_post import PostResult
from misarmail_server.settings import Settings

MAX_CONCURRENT = 4  # receivers that are talked to at the same time
BATCH = 16  # the slowest receivers keep it busy for 40 seconds, which is less than a lease
log = structlog.get_logger()


class WebhookSender:
    """Leases deliveries that are due, posts them, writes down how it went. What it held when it dies is due again after the lease."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def post_due(self) -> int:
        """Post what is due now; how many there were."""
        if not webhook_outbox.has_due(self._store):
            return 0
        taken = self._store.write(lambda connection: webhook_outbox.lease(connection, BATCH))
        with ThreadPoolExecutor(MAX_CONCURRENT) as pool:
            list(pool.map(self._post, taken))
        return len(taken)

    def _post(self, due: LeasedDelivery) -> None:
        answered = self._attempt(due)
        self._store.write(lambda connection: webhook_outbox.settle(connection, due, answered))

    def _attempt(self, due: LeasedDelivery) -> PostResult:
        try:
            return webhook_outbox.attempt(self._settings, due)
        except Exception:  # one delivery with a fault that nobody foresaw must not stop all others
            log.exception("an event could not be posted", delivery_id=due.id)
            return PostResult(None, "The event could not be posted")
