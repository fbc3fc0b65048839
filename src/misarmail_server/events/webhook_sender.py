"""Posts webhook deliveries: one, signed, without access to the database; and all that are due, by the worker."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog

from misarmail_server import vault
from misarmail_server.context import SECOND, now
from misarmail_server.db.store import Store
from misarmail_server.errors import Unavailable
from misarmail_server.events import webhook_outbox, webhook_signatures
from misarmail_server.events.webhook_lanes import MAX_CONCURRENT, PostLanes
from misarmail_server.events.webhook_outbox import LeasedDelivery
from misarmail_server.external.http_post import PostResult, post
from misarmail_server.settings import Settings

RESPONSE_SECONDS = 10.0
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
    """Leases due deliveries, posts them and records the results. Deliveries of a sender that died are due again when the lease ends.

    A post starts when it is leased: what waits for a slow endpoint waits in the database, and holds up no other endpoint.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._lanes = PostLanes()
        self._pool = ThreadPoolExecutor(MAX_CONCURRENT, thread_name_prefix="webhooks")

    def dispatch(self) -> int:
        """Start posting as many due deliveries as may run; returns their number and does not wait for the responses."""
        return len(self._started())

    def post_due(self) -> int:
        """Post as many due deliveries as may run, and wait for the responses; returns their number."""
        started = self._started()
        wait(started)
        return len(started)

    def close(self) -> None:
        """Wait for the posts that have started."""
        self._pool.shutdown()

    def _started(self) -> list[Future[None]]:
        if not self._lanes.free or not webhook_outbox.has_due(self._store):
            return []
        deliveries = self._store.write(lambda connection: webhook_outbox.lease(connection, self._lanes.copy()))
        for delivery in deliveries:
            self._lanes.enter(delivery.target)
        return [self._pool.submit(self._post, delivery) for delivery in deliveries]

    def _post(self, delivery: LeasedDelivery) -> None:
        try:
            result = self._attempt(delivery)
            self._store.write(lambda connection: webhook_outbox.settle(connection, delivery, result))
        except Unavailable:
            log.warning("a posted event waits for the database", delivery_id=delivery.id)
        finally:
            self._lanes.leave(delivery.target)

    def _attempt(self, delivery: LeasedDelivery) -> PostResult:
        try:
            return attempt(self._settings, delivery)
        except Exception:  # an unexpected fault of one delivery must not stop the others
            log.exception("an event could not be posted", delivery_id=delivery.id)
            return PostResult(None, "The event could not be posted")
