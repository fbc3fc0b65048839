"""The breaker of a webhook endpoint: after a post without a response its deliveries wait, for as long as it has been silent.

It is stored with the endpoint, so that all workers leave it alone. After the pause one delivery tries it; a response ends the silence.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_, select, update

from misarmail_server.context import DAY, HOUR, SECOND, now
from misarmail_server.db import tables
from misarmail_server.external.http_post import PostResult

MIN_PAUSE = 10 * SECOND
MAX_PAUSE = HOUR
GIVE_UP_AFTER = 4 * DAY  # of silence; deliveries that are as old have failed
TOO_MANY_REQUESTS = 429

Endpoint = type[tables.Webhook] | type[tables.InboundDomain]


def note(connection: Connection, endpoint: Endpoint, id_: str, result: PostResult) -> None:
    """Record whether an endpoint has responded."""
    if result.status is not None and result.status != TOO_MANY_REQUESTS:
        is_silent = endpoint.silent_since.is_not(None)
        connection.execute(update(endpoint).where(endpoint.id == id_, is_silent).values(silent_since=None, paused_until=None))
        return
    at = now()
    query = select(endpoint.silent_since).where(endpoint.id == id_).with_for_update()
    since = connection.scalar(query) or at
    pause = min(max(at - since, MIN_PAUSE), MAX_PAUSE)
    connection.execute(update(endpoint).where(endpoint.id == id_).values(silent_since=since, paused_until=at + pause))
    if at - since >= GIVE_UP_AFTER:
        _give_up(connection, endpoint, id_, at - GIVE_UP_AFTER)


def is_open_to_posts(endpoint: Endpoint, at: int) -> ColumnElement[bool]:
    """The condition that an endpoint, which may be the missing side of an outer join, is not paused."""
    return or_(endpoint.paused_until.is_(None), endpoint.paused_until <= at)


def _give_up(connection: Connection, endpoint: Endpoint, id_: str, before: int) -> None:
    delivery = tables.WebhookDelivery
    of_endpoint = delivery.webhook_id if endpoint is tables.Webhook else delivery.inbound_id
    is_old = (of_endpoint == id_, delivery.state == "pending", delivery.created_at < before)
    error = "The endpoint has not responded for four days"
    connection.execute(update(delivery).where(*is_old).values(state="failed", lease_until=None, error=error))
