"""The audit trail: every change that a key or a session asked for and that was carried out, once; signing in, also where it was refused.

An entry is written in the change's own transaction; only that of an operation that asks other people's networks comes after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from sqlalchemy import delete, select

from misarmail_contract import models
from misarmail_server.context import Asked, Context, Principal, at
from misarmail_server.db import tables
from misarmail_server.db.prepared import inserts
from misarmail_server.services.pagination import pagination

Outcome = Literal["done", "refused"]
NOBODY = ""  # the account of tries with an address that has none
INSERT = inserts(tables.AuditEntry, "account_id", "key_id", "operation", "target", "request_id", "outcome", "at")


def note(ctx: Context, asked: Asked, outcome: Outcome = "done") -> None:
    """Write down what became of what the caller asked for."""
    row = {"account_id": ctx.account_id, "key_id": ctx.principal.key_id, "outcome": outcome, "at": ctx.now(), **asked._asdict()}
    INSERT.run(ctx.connection, row)


def note_of(ctx: Context, account_id: str | None, outcome: Outcome = "done") -> None:
    """Write down what became of an operation for anybody, with the account that it was about.

    Where there is no such account the same work is done, so that nobody can tell by the time it takes; one such entry is kept.
    """
    if account_id is None:
        ctx.connection.execute(delete(tables.AuditEntry).where(tables.AuditEntry.account_id == NOBODY))
    if ctx.asked is not None:
        note(replace(ctx, principal=Principal(account_id or NOBODY, "free", "verified")), ctx.asked, outcome)


def page(ctx: Context, number: int, limit: int) -> models.AuditPage:
    """One page, newest first."""
    entry = tables.AuditEntry
    columns = select(entry.operation, entry.target, entry.key_id, entry.request_id, entry.outcome, entry.at)
    rows, total = ctx.page(columns.where(entry.account_id == ctx.account_id).order_by(entry.id.desc()), number, limit)
    return models.AuditPage(entries=[_to_model(row) for row in rows], pagination=pagination(number, limit, total))


def _to_model(row: Any) -> models.AuditEntry:
    return models.AuditEntry(
        operation=row.operation,
        target=row.target,
        key_id=row.key_id,
        request_id=row.request_id,
        outcome=row.outcome,
        at=at(row.at),
    )
