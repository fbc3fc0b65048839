"""Send over HTTP. Contract: openapi/paths/send.yaml."""

from __future__ import annotations

from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import send


def send_email(
    ctx: Context, body: models.EmailSend, parameters: models.SendEmailParameters
) -> models.EmailSendResponse | models.EmailQueuedResponse:
    """Send an e-mail. A key without a sending scope can only capture."""
    is_sandbox = send.is_captured(ctx.principal, is_sandbox_requested=parameters.x_misar_mail_sandbox)
    source_app = None if parameters.x_source_app is UNSET else parameters.x_source_app
    return send.accept(ctx, send.Draft(body, is_sandbox, source_app))
