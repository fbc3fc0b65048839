"""Messages over HTTP. Contract: openapi/paths/messages.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import messages


def get_message(ctx: Context, message_id: str) -> models.MessageResponse:
    """Get a message."""
    return models.MessageResponse(message=messages.get(ctx, message_id))
