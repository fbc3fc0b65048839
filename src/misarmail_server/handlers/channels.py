"""Channels over HTTP. Contract: openapi/paths/channels.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import DetachedContext
from misarmail_server.services import channels


def send_whatsapp(
    ctx: DetachedContext,
    body: models.WhatsappSend,
    parameters: models.SendWhatsappParameters,  # noqa: ARG001 - the platform reads the idempotency key
) -> models.WhatsappSendResponse:
    """Send a WhatsApp message."""
    return channels.send_whatsapp(ctx, body)


def send_push(
    ctx: DetachedContext,
    body: models.PushSend,
    parameters: models.SendPushParameters,  # noqa: ARG001 - as above
) -> models.PushSendResponse:
    """Send a push notification."""
    return channels.send_push(ctx, body)
