"""Webhooks of an account, and the log of their deliveries. `events/webhook_outbox` posts them."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, insert, select

from misarmail_contract import models
from misarmail_server import vault
from misarmail_server.context import Context, DetachedContext, apply, at
from misarmail_server.db import tables
from misarmail_server.errors import NotFound
from misarmail_server.events import webhook_outbox, webhook_sender, webhook_signatures
from misarmail_server.external import private_targets
from misarmail_server.services import account_limits

json_text = msgspec.json.Encoder().encode


def page(ctx: Context, parameters: models.ListWebhooksParameters) -> tuple[list[models.Webhook], int]:
    """(one page, the total), newest first."""
    rows, total = ctx.newest(tables.Webhook, parameters.page, parameters.limit)
    return [_to_model(row) for row in rows], total


def create(ctx: Context, new: models.WebhookCreate) -> tuple[models.Webhook, str]:
    """(the webhook, its secret). Raises Forbidden("plan_limit_exceeded"), Invalid for a URL in a private network."""
    private_targets.require_public(new.url, "url", allows_private=ctx.settings.allows_private_targets)
    account_limits.require_room(ctx, tables.Webhook)
    secret = _secret(new.secret)
    row = {
        "id": ctx.new_id("whk"),
        "account_id": ctx.account_id,
        "url": new.url,
        "events_json": json_text(new.events).decode(),
        "secret_sealed": vault.seal(ctx.settings, secret.encode()),
        "active": True,
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    ctx.connection.execute(insert(tables.Webhook).values(row))
    return get(ctx, str(row["id"])), secret


def get(ctx: Context, id_: str) -> models.Webhook:
    """One webhook. Raises NotFound."""
    return _to_model(ctx.get(tables.Webhook, id_, "webhook"))


def update_(ctx: Context, id_: str, change: models.WebhookUpdate) -> models.Webhook:
    """Change the given fields and return the whole webhook. Raises NotFound, Invalid for a URL in a private network."""
    if change.url is not UNSET:
        private_targets.require_public(change.url, "url", allows_private=ctx.settings.allows_private_targets)
    row = ctx.lock(tables.Webhook, id_, "webhook")
    if change.events is not UNSET:
        row.events_json = json_text(change.events).decode()
    apply(msgspec.structs.replace(change, events=UNSET), row)
    row.silent_since = row.paused_until = None  # a changed endpoint may respond
    row.updated_at = ctx.now()
    ctx.db.flush()
    return _to_model(row)


def delete_(ctx: Context, id_: str) -> None:
    """Delete a webhook and the log of its deliveries. Raises NotFound."""
    delivery = tables.WebhookDelivery
    ctx.connection.execute(delete(delivery).where(delivery.webhook_id == id_, delivery.account_id == ctx.account_id))
    ctx.remove(tables.Webhook, id_, "webhook")


def rotate_secret(ctx: Context, id_: str, chosen: str | UnsetType) -> str:
    """Sign with a new secret from now on, and return it. Raises NotFound."""
    secret = _secret(chosen)
    row = ctx.lock(tables.Webhook, id_, "webhook")
    row.secret_sealed = vault.seal(ctx.settings, secret.encode())
    row.updated_at = ctx.now()
    ctx.db.flush()
    return secret


def deliveries(ctx: Context, id_: str, parameters: models.ListWebhookDeliveriesParameters) -> tuple[list[models.WebhookDelivery], int]:
    """(one page, the total), newest first. Raises NotFound."""
    ctx.get(tables.Webhook, id_, "webhook")
    delivery = tables.WebhookDelivery
    query = select(delivery.__table__).where(delivery.webhook_id == id_, delivery.account_id == ctx.account_id)
    if parameters.state is not UNSET:
        query = query.where(delivery.state == parameters.state)
    rows, total = ctx.page(query.order_by(delivery.id.desc()), parameters.page, parameters.limit)
    return [_delivery(row) for row in rows], total


def test(ctx: DetachedContext, id_: str) -> models.WebhookAttemptResponse:
    """Post an event with sample data once. Raises NotFound."""
    delivery = ctx.writing(lambda unit: _lease_test(unit, id_))
    return _attempt(ctx, delivery)


def replay(ctx: DetachedContext, id_: str, delivery_id: str) -> models.WebhookAttemptResponse:
    """Post the event of a delivery again at once. Raises NotFound."""
    delivery = ctx.writing(lambda unit: _lease_again(unit, id_, delivery_id))
    return _attempt(ctx, delivery)


def _attempt(ctx: DetachedContext, delivery: webhook_outbox.LeasedDelivery) -> models.WebhookAttemptResponse:
    result = webhook_sender.attempt(ctx.settings, delivery)
    ctx.writing(lambda unit: webhook_outbox.settle(unit.connection, delivery, result, is_repeated=False))
    return models.WebhookAttemptResponse(
        delivery_id=delivery.id, delivered=result.is_accepted, status_code=result.status, error=result.error
    )


def _lease_test(ctx: Context, id_: str) -> webhook_outbox.LeasedDelivery:
    ctx.get(tables.Webhook, id_, "webhook")
    data = models.EmailEventDetails(message_id=ctx.new_id("msg"), email="user@example.com", campaign_id=None, timestamp=at(ctx.now()))
    row = webhook_outbox.delivery_row(ctx.account_id, id_, webhook_outbox.make_event(webhook_outbox.EventPayload("email.sent", data)))
    ctx.connection.execute(insert(tables.WebhookDelivery).values(row))
    return webhook_outbox.lease_deliveries(ctx.connection, [str(row["id"])])[0]


def _lease_again(ctx: Context, id_: str, delivery_id: str) -> webhook_outbox.LeasedDelivery:
    row = ctx.lock(tables.WebhookDelivery, delivery_id, "delivery")
    if row.webhook_id != id_:
        raise NotFound("delivery", delivery_id)
    return webhook_outbox.lease_deliveries(ctx.connection, [delivery_id])[0]


def _secret(chosen: str | UnsetType) -> str:
    return webhook_signatures.new_secret() if chosen is UNSET else chosen


def _to_model(row: tables.Webhook) -> models.Webhook:
    return models.Webhook(
        id=row.id,
        url=row.url,
        events=msgspec.json.decode(row.events_json),
        active=bool(row.active),
        created_at=at(row.created_at),
        updated_at=at(row.updated_at),
    )


def _delivery(row: tables.WebhookDelivery) -> models.WebhookDelivery:
    return models.WebhookDelivery(
        id=row.id,
        event_id=row.event_id,
        event_type=row.event_type,
        state=row.state,
        attempt_count=row.attempt_count,
        status_code=row.status_code,
        error=row.error,
        next_attempt_at=at(row.due_at) if row.state == "pending" else None,
        created_at=at(row.created_at),
    )
