"""The audit trail: every change that a key or a session asked for and that was carried out, once; signing in, also where it was refused.

An entry is written in the change's own transaction; only that of an operation that asks other people's networks comes after it.
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
NOBODY = ""  # the account of tries with an address that has none
INSERT = inserts(tables.AuditEntry, "account_id", "key_id", "operation", "target", "request_id", "outcome", "at")


def note(ctx: Context, request: RequestedOperation) -> None:
    """Write down that what the caller asked for was done."""
    _insert(ctx, request, ctx.account_id, ctx.principal.key_id, outcome="done")


def note_of(unit: Unit, request: RequestedOperation, account_id: str | None, outcome: Outcome = "done") -> None:
    """Write down what became of an operation for anybody, with the account that it was about.

    Where there is no such account the same work is done, so that nobody can tell by the time it takes; one such entry is kept.
    """
    if account_id is None:
        unit.connection.execute(delete(tables.AuditEntry).where(tables.AuditEntry.account_id == NOBODY))
    _insert(unit, request, account_id or NOBODY, None, outcome=outcome)


def _insert(unit: Unit, request: RequestedOperation, account_id: str, key_id: str | None, *, outcome: Outcome) -> None:
    row = {"account_id": account_id, "key_id": key_id, "outcome": outcome, "at": unit.now(), **request._asdict()}
    INSERT.run(unit.connection, row)


def page(ctx: Context, number: int, limit: int) -> models.AuditEntryList:
    """One page, newest first."""
    entry = tables.AuditEntry
    columns = select(entry.operation, entry.target, entry.key_id, entry.request_id, entry.outcome, entry.at)
    rows, total = ctx.page(columns.where(entry.account_id == ctx.account_id).order_by(entry.id.desc()), number, limit)
    return models.AuditEntryList(entries=[_to_model(row) for row in rows], pagination=pagination(number, limit, total))


def _to_model(row: Any) -> models.AuditEntry:
    return models.AuditEntry(
        operation=row.operation,
        target=row.target,
        key_id=row.key_id,
        request_id=row.request_id,
        outcome=row.outcome,
        at=at(row.at),
    )
