"""Posts webhook deliveries: one, signed, without access to the database; and all that are due, by the worker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import structlog

from misarmail_server import vault
from misarmail_server.context import SECOND, now
from misarmail_server.db.store import Store
from misarmail_server.errors import Unavailable
from misarmail_server.events import webhook_outbox, webhook_signatures
from misarmail_server.events.webhook_outbox import LeasedDelivery
from misarmail_server.external.http_post import PostResult, post
from misarmail_server.settings import Settings

RESPONSE_SECONDS = 10.0
MAX_CONCURRENT = 4
BATCH = 16  # with timeouts only, a batch takes 40 seconds, less than a lease
log = structlog.get_logger()


def attempt(settings: Settings, delivery: LeasedDelivery) -> PostResult:
    """Post a delivery once, without access to the database."""
    try:
        secret = vault.unseal_or_plain(settings, delivery.secret).decode()
    except Unavailable as error:
        return PostResult(None, error.sentence)
    headers = {"Content-Type": "application/json", "User-Agent": "MisarMail-Webhook/1.0"}
    headers |= webhook_signatures.signatures(secret, delivery.event_id, now() // SECOND, delivery.body)
    return post(delivery.url, delivery.body, headers, seconds=RESPONSE_SECONDS, allows_private=settings.allows_private_targets)


class WebhookSender:
    """Leases due deliveries, posts them and records the results. Deliveries of a sender that died are due again when the lease ends."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def post_due(self) -> int:
        """Post due deliveries; returns their number."""
        if not webhook_outbox.has_due(self._store):
            return 0
        deliveries = self._store.write(lambda connection: webhook_outbox.lease(connection, BATCH))
        with ThreadPoolExecutor(MAX_CONCURRENT) as pool:
            list(pool.map(self._post, deliveries))
        return len(deliveries)

    def _post(self, delivery: LeasedDelivery) -> None:
        result = self._attempt(delivery)
        self._store.write(lambda connection: webhook_outbox.settle(connection, delivery, result))

    def _attempt(self, delivery: LeasedDelivery) -> PostResult:
        try:
            return attempt(self._settings, delivery)
        except Exception:  # an unexpected fault of one delivery must not stop the others
            log.exception("an event could not be posted", delivery_id=delivery.id)
            return PostResult(None, "The event could not be posted")
