"""The suppression list and the topics, checked again before each attempt: they may have changed after the message was accepted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.events import barred, topics
from misarmail_server.events.barred import Bar, MailClass
from misarmail_server.events.topics import TopicMail
from misarmail_server.rows.recipient_states import MARKETING

SUPPRESSION = tables.Suppression


def suppressed(connection: Connection, rows: Sequence[Leased]) -> list[tuple[Leased, str]]:
    """The rows whose address was suppressed, or left the topic, after the message was accepted, with the reason."""
    listed = _listed(connection, rows)
    listed_ids = {row.id for row, _ in listed}
    return listed + [(row, reason) for row, reason in _outside(connection, rows) if row.id not in listed_ids]


def _outside(connection: Connection, rows: Sequence[Leased]) -> list[tuple[Leased, str]]:
    """The rows whose address is not subscribed to the topic of the message."""
    mails = [(row, TopicMail(row.topic_id, row.address.lower())) for row in rows if row.topic_id is not None]
    outside = topics.not_receiving(connection, {mail for _, mail in mails})
    return [(row, f"not subscribed to the topic {mail.topic_id}") for row, mail in mails if mail in outside]


def _listed(connection: Connection, rows: Sequence[Leased]) -> list[tuple[Leased, str]]:
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
