"""The suppression list, checked again before each attempt: an address may be suppressed after its message was accepted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.events import barred
from misarmail_server.events.barred import Bar, MailClass
from misarmail_server.rows.recipient_states import MARKETING

SUPPRESSION = tables.Suppression


def suppressed(connection: Connection, rows: Sequence[Leased]) -> list[tuple[Leased, str]]:
    """The rows whose address was suppressed after the message was accepted, with the reason."""
    accounts, addresses = {row.account_id for row in rows}, {row.address.lower() for row in rows}
    addresses |= set(map(barred.of_domain, addresses))
    conditions = (SUPPRESSION.account_id.in_(accounts), SUPPRESSION.address.in_(addresses))  # pairs would not use the index on SQLite
    columns = (SUPPRESSION.account_id, SUPPRESSION.address, SUPPRESSION.reason, SUPPRESSION.scope)
    held: dict[str, dict[str, list[Bar]]] = {}
    for account_id, address, reason, scope in connection.execute(select(*columns).where(*conditions, barred.is_active(now()))):
        held.setdefault(account_id, {}).setdefault(address, []).append(Bar(reason, scope))
    checked = [(row, _bar(held[row.account_id], row)) for row in rows if row.account_id in held]
    return [(row, bar.reason) for row, bar in checked if bar is not None]


def _bar(held: dict[str, list[Bar]], row: Leased) -> Bar | None:
    address = row.address.lower()
    return barred.barred(held, {address: MailClass(row.priority == MARKETING, bool(row.is_platform_mail))}).get(address)
