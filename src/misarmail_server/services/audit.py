"""The audit trail: every completed change by a key or a session, and every sign-in, also refused ones.

An entry is written in the transaction of the change; only that of an operation that calls external networks follows afterwards.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import delete, select

from misarmail_contract import models
from misarmail_server.context import Context, RequestedOperation, Unit, at
from misarmail_server.db import tables
from misarmail_server.db.prepared import inserts
from misarmail_server.services.pagination import pagination

Outcome = Literal["done", "refused"]
NO_ACCOUNT = ""  # the account of attempts with an unknown address
INSERT = inserts(tables.AuditEntry, "account_id", "key_id", "operation", "target", "request_id", "outcome", "at")


def record(ctx: Context, request: RequestedOperation) -> None:
    """Record that the requested change was made."""
    _insert(ctx, request, ctx.account_id, ctx.principal.key_id, outcome="done")


def record_open(unit: Unit, request: RequestedOperation, account_id: str | None, outcome: Outcome = "done") -> None:
    """Record the outcome of an operation without authentication, with the account that it concerned.

    For an unknown account the same work is done, so that the response time reveals nothing; one such entry is stored.
    """
    if account_id is None:
        unit.connection.execute(delete(tables.AuditEntry).where(tables.AuditEntry.account_id == NO_ACCOUNT))
    _insert(unit, request, account_id or NO_ACCOUNT, None, outcome=outcome)


def _insert(unit: Unit, request: RequestedOperation, account_id: str, key_id: str | None, *, outcome: Outcome) -> None:
    row = {"account_id": account_id, "key_id": key_id, "outcome": outcome, "at": unit.now(), **request._asdict()}
    INSERT.run(unit.connection, row)


def page(ctx: Context, number: int, limit: int) -> models.AuditEntryList:
    """One page, newest first."""
    entry = tables.AuditEntry
    columns = select(entry.operation, entry.target, entry.key_id, entry.request_id, entry.outcome, entry.at)
    rows, total = ctx.page(columns.where(entry.account_id == ctx.account_id).order_by(entry.id.desc()), number, limit)
    items, position = [_to_model(row) for row in rows], pagination(number, limit, total)
    return models.AuditEntryList(entries=items, total=total, page=number, limit=limit, pagination=position)


def _to_model(row: Any) -> models.AuditEntry:
    return models.AuditEntry(
        operation=row.operation,
        target=row.target,
        key_id=row.key_id,
        request_id=row.request_id,
        outcome=row.outcome,
        at=at(row.at),
    )
