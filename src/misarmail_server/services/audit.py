"""The audit trail: every change that a key or a session asked for and that was carried out, once.

An entry is written in the change's own transaction; only that of an operation that asks other people's networks comes after it.
What nobody has to be known for, such as signing in, is not in it.
"""

from __future__ import annotations

from sqlalchemy import select

from misarmail_contract import models
from misarmail_server import tables
from misarmail_server.context import Context, at
from misarmail_server.prepared import inserts
from misarmail_server.services.pages import pagination

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


def page(ctx: Context, number: int, limit: int) -> models.AuditPage:
    """One page, newest first."""
    entry = tables.AuditEntry
    columns = select(entry.operation, entry.target, entry.key_id, entry.request_id, entry.at)
    rows, total = ctx.page(columns.where(entry.account_id == ctx.account_id).order_by(entry.id.desc()), number, limit)
    entries = [
        models.AuditEntry(operation=row.operation, target=row.target, key_id=row.key_id, request_id=row.request_id, at=at(row.at))
        for row in rows
    ]
    return models.AuditPage(entries=entries, pagination=pagination(number, limit, total))
