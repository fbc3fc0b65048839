"""Webhooks over HTTP. Contract: openapi/paths/webhooks.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext, OpenContext
from misarmail_server.services import relay_reports, webhooks


def list_webhooks(ctx: Context, parameters: models.ListWebhooksParameters) -> models.WebhookList:
    """List webhooks."""
    items, total = webhooks.page(ctx, parameters)
    return models.WebhookList(webhooks=items, total=total, page=parameters.page, limit=parameters.limit)


def create_webhook(ctx: Context, body: models.WebhookCreate) -> models.WebhookCreateResponse:
    """Create a webhook."""
    webhook, secret = webhooks.create(ctx, body)
    return models.WebhookCreateResponse(webhook=webhook, secret=secret)


def get_webhook(ctx: Context, webhook_id: str) -> models.WebhookResponse:
    """Get a webhook."""
    return models.WebhookResponse(webhook=webhooks.get(ctx, webhook_id))


def update_webhook(ctx: Context, webhook_id: str, body: models.WebhookUpdate) -> models.WebhookResponse:
    """Update a webhook."""
    return models.WebhookResponse(webhook=webhooks.update_(ctx, webhook_id, body))


def delete_webhook(ctx: Context, webhook_id: str) -> models.WebhookDeleted:
    """Delete a webhook."""
    webhooks.delete_(ctx, webhook_id)
    return models.WebhookDeleted(id=webhook_id)


def test_webhook(ctx: DetachedContext, webhook_id: str) -> models.WebhookAttemptResponse:
    """Send a test event."""
    return webhooks.test(ctx, webhook_id)


def rotate_webhook_secret(ctx: Context, webhook_id: str, body: models.WebhookSecretRotate) -> models.WebhookSecretRotateResponse:
    """Rotate the secret of a webhook."""
    return models.WebhookSecretRotateResponse(secret=webhooks.rotate_secret(ctx, webhook_id, body.secret))


def list_webhook_deliveries(
    ctx: Context, webhook_id: str, parameters: models.ListWebhookDeliveriesParameters
) -> models.WebhookDeliveryList:
    """List webhook deliveries."""
    items, total = webhooks.deliveries(ctx, webhook_id, parameters)
    return models.WebhookDeliveryList(deliveries=items, total=total, page=parameters.page, limit=parameters.limit)


def replay_webhook_delivery(ctx: DetachedContext, webhook_id: str, delivery_id: str) -> models.WebhookAttemptResponse:
    """Replay a webhook delivery."""
    return webhooks.replay(ctx, webhook_id, delivery_id)


def get_relay_addresses(ctx: Context) -> models.RelayAddressesResponse:
    """Get relay reporting URLs."""
    return models.RelayAddressesResponse(addresses=relay_reports.addresses(ctx))


def receive_relay_events(ctx: OpenContext, provider: str, token: str, body: models.RelayReport | bytes) -> models.RelayReportResponse:
    """Receive a relay report."""
    return models.RelayReportResponse(events=relay_reports.receive(ctx, provider, token, body))
