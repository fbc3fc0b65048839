"""The suppression list, checked again before each attempt: an address may be suppressed after its message was accepted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from misarmail_server.db import tables
from misarmail_server.delivery.queue.leased_row import Leased

SUPPRESSION = tables.Suppression


def suppressed(connection: Connection, rows: Sequence[Leased]) -> list[tuple[Leased, str]]:
    """The rows whose address was suppressed after the message was accepted, with the reason."""
    accounts, addresses = {row.account_id for row in rows}, {row.address.lower() for row in rows}
    conditions = (SUPPRESSION.account_id.in_(accounts), SUPPRESSION.address.in_(addresses))  # pairs would not use the index on SQLite
    suppressions = connection.execute(select(SUPPRESSION.account_id, SUPPRESSION.address, SUPPRESSION.reason).where(*conditions))
    reasons = {(account_id, address): reason for account_id, address, reason in suppressions}
    barred = [(row, reasons[key]) for row in rows if (key := (row.account_id, row.address.lower())) in reasons]
    return [(row, reason) for row, reason in barred if bars(reason, is_platform_mail=bool(row.is_platform_mail))]


def bars(reason: str, *, is_platform_mail: bool) -> bool:
    """Whether a suppression bars a mail: an unsubscription does not bar the platform's own."""
    return not (is_platform_mail and reason == "unsubscribed")
