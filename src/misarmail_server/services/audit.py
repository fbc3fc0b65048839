"""The audit trail: every change that was carried out, written in the change's own transaction."""

from __future__ import annotations

from misarmail_server import tables
from misarmail_server.context import Context
from misarmail_server.prepared import inserts

INSERT = inserts(tables.AuditEntry, "account_id", "key_id", "operation", "target", "request_id", "at")


def note(ctx: Context, operation: str, target: str, request_id: str) -> None:
    """Write down that the caller carried out an operation on a path."""
    row = {
        "account_id": ctx.account_id,
        "key_id": ctx.principal.key_id,
        "operation": operation,
        "target": target,
        "request_id": request_id,
        "at": ctx.now(),
    }
    INSERT.run(ctx.connection, row)
