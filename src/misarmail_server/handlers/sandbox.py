"""Sandbox over HTTP. Contract: openapi/paths/sandbox.yaml."""

from __future__ import annotations

from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import sandbox, send


def list_sandbox_sends(ctx: Context, parameters: models.ListSandboxSendsParameters) -> models.SandboxSendList:
    """List captured messages."""
    sends, total = sandbox.page(ctx, parameters.page, parameters.limit)
    return models.SandboxSendList(sends=sends, total=total, page=parameters.page, limit=parameters.limit)


def clear_sandbox(ctx: Context) -> models.SandboxDeleted:
    """Delete all captured messages."""
    return models.SandboxDeleted(deleted=sandbox.clear(ctx))


def send_to_sandbox(ctx: Context, body: models.EmailSend, parameters: models.SendToSandboxParameters) -> models.EmailSendResponse:  # noqa: ARG001 - the platform reads the idempotency key
    """Send an e-mail to the sandbox."""
    return send.capture(ctx, body)


def get_sandbox_send(ctx: Context, send_id: str, parameters: models.GetSandboxSendParameters) -> models.SandboxSendResponse:
    """Get a captured message."""
    return sandbox.get(ctx, send_id, None if parameters.recipient is UNSET else parameters.recipient)


def delete_sandbox_send(ctx: Context, send_id: str) -> models.SandboxDeleted:
    """Delete a captured message."""
    sandbox.delete_(ctx, send_id)
    return models.SandboxDeleted(deleted=1)
