"""The audit trail over HTTP. Contract: openapi/paths/audit.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import audit


def list_audit_entries(ctx: Context, parameters: models.ListAuditEntriesParameters) -> models.AuditEntryList:
    """List audit log entries."""
    return audit.page(ctx, parameters.page, parameters.limit)
