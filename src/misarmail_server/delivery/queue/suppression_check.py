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
    return [(row, reasons[key]) for row in rows if (key := (row.account_id, row.address.lower())) in reasons]
