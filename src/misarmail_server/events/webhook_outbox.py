"""The outbox of webhook events: written in the transaction that causes the event, leased and settled by the sender, with retries.

Each webhook of the account that subscribes to the event's type gets a delivery. The body is fixed when it is written, so every attempt
sends the same bytes under the same id, and a receiver can recognize a repeat. A delivery is leased before it is posted; a worker that
dies loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, insert, or_, select, update

from misarmail_server.context import SECOND, at, new_id, now
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.db.store import Store
from misarmail_server.events import webhook_breaker
from misarmail_server.events.webhook_lanes import PostLanes, PostTarget
from misarmail_server.external.http_post import PostResult

LEASE = 60 * SECOND  # a post takes ten seconds at most, and starts when it is leased
WINDOW = 200  # due deliveries that are looked at together
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
# The delay before each retry.
RETRY_DELAYS = (5 * SECOND, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
GONE = 410  # the receiver wants no more events (RFC 9110, section 15.5.11)
encode = msgspec.json.Encoder().encode
DeliveryRow = dict[str, str | int | bytes | None]

SELECT_WEBHOOKS = Prepared(
    select(tables.Webhook.id, tables.Webhook.events_json).where(
        tables.Webhook.account_id == bindparam("account"), tables.Webhook.active.is_(True)
    )
)


class EventPayload(NamedTuple):
    """The type of an event, and the data that the contract documents for that type."""

    type: str
    data: msgspec.Struct


class WebhookEvent(NamedTuple):
    """An event as every webhook receives it. The post to an inbound domain's `webhook_url` has the same id in its headers."""

    id: str
    type: str
    body: bytes
    written_at: int


class LeasedDelivery(NamedTuple):
    """A delivery that this worker has leased, and its destination."""

    id: str
    account_id: str
    webhook_id: str | None  # None for the `webhook_url` of an inbound domain
    inbound_id: str | None
    event_id: str
    body: bytes
    attempt_count: int
    url: str
    secret: bytes  # sealed
    silent_since: int | None

    @property
    def target(self) -> PostTarget:
        """The account and the endpoint, which share the lanes."""
        return PostTarget(self.account_id, self.webhook_id or self.inbound_id or "", self.url, self.silent_since is not None)


def emit(connection: Connection, account_id: str, payloads: Iterable[EventPayload]) -> None:
    """Write the deliveries of events, in the transaction that causes them. `payloads` is read only if the account has webhooks."""
    subscriptions = _subscriptions(connection, account_id)
    events = map(make_event, payloads if subscriptions else ())
    _insert(connection, [row for event in events for row in _delivery_rows(account_id, subscriptions, event)])


def emit_received_mail(connection: Connection, account_id: str, inbound_id: str, payload: EventPayload) -> None:
    """Write the deliveries of a received mail: the bare mail for the inbound domain's `webhook_url`, the event for subscribed webhooks."""
    event = make_event(payload)
    own = delivery_row(account_id, None, event._replace(body=encode(payload.data)), inbound_id=inbound_id)
    _insert(connection, [own, *_delivery_rows(account_id, _subscriptions(connection, account_id), event)])


def _subscriptions(connection: Connection, account_id: str) -> list[tuple[str, frozenset[str]]]:
    """The account's webhooks and the event types of each."""
    return [
        (id_, frozenset(msgspec.json.decode(events))) for id_, events in SELECT_WEBHOOKS.run(connection, {"account": account_id}).fetchall()
    ]


def _delivery_rows(account_id: str, subscriptions: Sequence[tuple[str, frozenset[str]]], event: WebhookEvent) -> list[DeliveryRow]:
    return [delivery_row(account_id, id_, event) for id_, types in subscriptions if event.type in types]


def _insert(connection: Connection, rows: list[DeliveryRow]) -> None:
    if rows:
        connection.execute(insert(tables.WebhookDelivery), rows)


def make_event(payload: EventPayload) -> WebhookEvent:
    """An event that happens now."""
    id_, at_ = new_id("evt"), now()
    body = encode({"id": id_, "type": payload.type, "created_at": at(at_), "data": payload.data})
    return WebhookEvent(id_, payload.type, body, at_)


def delivery_row(account_id: str, webhook_id: str | None, event: WebhookEvent, *, inbound_id: str | None = None) -> DeliveryRow:
    """A delivery that is due at once."""
    return {
        "id": new_id("whd"),
        "account_id": account_id,
        "webhook_id": webhook_id,
        "inbound_id": inbound_id,
        "event_id": event.id,
        "event_type": event.type,
        "body": event.body,
        "state": "pending",
        "attempt_count": 0,
        "due_at": event.written_at,
        "lease_until": None,
        "created_at": event.written_at,
    }


def has_due(store: Store) -> bool:
    """Whether a delivery is due; does not write."""
    with store.read() as connection:
        return connection.execute(_due(now()).limit(1)).first() is not None


def lease(connection: Connection, lanes: PostLanes) -> list[LeasedDelivery]:
    """Lease due deliveries, oldest first, as far as the lanes admit them. `lanes` counts what is leased.

    PostgreSQL skips rows that others have locked; SQLite has one writer at a time.
    """
    ids: list[str] = []
    full: set[str] = set()
    while lanes.free:
        due = _due(now()).where(tables.WebhookDelivery.id.not_in(ids), _endpoint_id().not_in(full))
        rows = connection.execute(due.limit(WINDOW).with_for_update(skip_locked=True, of=tables.WebhookDelivery)).all()
        for id_, account_id, endpoint_id, url, silent_since in rows:
            post = PostTarget(account_id, endpoint_id, url, silent_since is not None)
            if post.endpoint_id in full:
                continue
            if lanes.enter(post):
                ids.append(id_)
            else:
                full.add(post.endpoint_id)
        if len(rows) < WINDOW:
            break
    return lease_deliveries(connection, ids) if ids else []


def _endpoint_id() -> ColumnElement[str]:
    return func.coalesce(tables.WebhookDelivery.webhook_id, tables.WebhookDelivery.inbound_id)


def _due(at_: int) -> Select[str, str, str, str, int]:
    """Due deliveries to endpoints that are not paused, oldest first: id, account, endpoint, its URL, since when it is silent."""
    delivery, webhook, inbound = tables.WebhookDelivery, tables.Webhook, tables.InboundDomain
    is_free = or_(delivery.lease_until.is_(None), delivery.lease_until < at_)
    url = func.coalesce(webhook.url, inbound.webhook_url)
    query = select(delivery.id, delivery.account_id, _endpoint_id(), url, func.coalesce(webhook.silent_since, inbound.silent_since))
    joined = query.outerjoin(webhook, webhook.id == delivery.webhook_id).outerjoin(inbound, inbound.id == delivery.inbound_id)
    is_open = (webhook_breaker.is_open_to_posts(webhook, at_), webhook_breaker.is_open_to_posts(inbound, at_))
    return joined.where(delivery.state == "pending", delivery.due_at <= at_, is_free, *is_open).order_by(delivery.due_at)


def lease_deliveries(connection: Connection, ids: Sequence[str]) -> list[LeasedDelivery]:
    """Lease these deliveries, whatever their state."""
    delivery, webhook, inbound = tables.WebhookDelivery, tables.Webhook, tables.InboundDomain
    connection.execute(update(delivery).where(delivery.id.in_(ids)).values(lease_until=now() + LEASE))
    recipient = (delivery.id, delivery.account_id, delivery.webhook_id, delivery.inbound_id)
    of_delivery = (*recipient, delivery.event_id, delivery.body, delivery.attempt_count)
    of_webhook = (webhook.url, webhook.secret_sealed, webhook.silent_since)
    of_domain = (inbound.webhook_url, inbound.webhook_secret_sealed, inbound.silent_since)
    of_webhooks = select(*of_delivery, *of_webhook).join(webhook, webhook.id == delivery.webhook_id)
    of_inbound = select(*of_delivery, *of_domain).join(inbound, inbound.id == delivery.inbound_id)
    queries = [query.where(delivery.id.in_(ids)) for query in (of_webhooks, of_inbound)]
    return [LeasedDelivery._make(row) for query in queries for row in connection.execute(query)]


def settle(connection: Connection, delivery: LeasedDelivery, result: PostResult, *, is_repeated: bool = True) -> None:
    """Record the result of an attempt. A failed delivery is due again after the next delay, unless `is_repeated` is false."""
    attempt_count = delivery.attempt_count + 1
    is_over = not is_repeated or result.status == GONE or attempt_count > len(RETRY_DELAYS)
    values = {
        "state": "delivered" if result.is_accepted else "failed" if is_over else "pending",
        "attempt_count": attempt_count,
        "lease_until": None,
        "status_code": result.status,
        "error": result.error,
    }
    if not result.is_accepted and not is_over:
        values["due_at"] = now() + RETRY_DELAYS[attempt_count - 1]
    connection.execute(update(tables.WebhookDelivery).where(tables.WebhookDelivery.id == delivery.id).values(values))
    endpoint: webhook_breaker.Endpoint = tables.InboundDomain if delivery.webhook_id is None else tables.Webhook
    webhook_breaker.note(connection, endpoint, delivery.webhook_id or delivery.inbound_id or "", result)
    if result.status == GONE and delivery.webhook_id is not None:
        connection.execute(update(tables.Webhook).where(tables.Webhook.id == delivery.webhook_id).values(active=False, updated_at=now()))
