"""The records of a change of contacts: their log, the number of contacts by status, and the events for webhooks.

The counts have one row for each account and status. It is changed in the transaction that changes the contacts, so it is always exact. On
PostgreSQL that row serializes the ends of two transactions that change contacts of one account, so it is changed last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec
from sqlalchemy import Connection

from misarmail_contract import models
from misarmail_server.context import at
from misarmail_server.db import dialects, tables
from misarmail_server.db.prepared import Prepared, inserts
from misarmail_server.events import webhook_outbox
from misarmail_server.events.webhook_outbox import EventPayload

COLUMNS = ("account_id", "contact_id", "type", "data_json", "at")
INSERT = inserts(tables.ContactEvent, *COLUMNS)


def _adding(name: str) -> Any:
    insert = dialects.insert(name, tables.ContactCount)
    summed = tables.ContactCount.count + insert.excluded.count
    return insert.on_conflict_do_update(index_elements=["account_id", "status"], set_={"count": summed})


ADD = Prepared(_adding, ("account_id", "status", "count"))


class AccountUnit(Protocol):
    """A unit of work on one account, such as a `TenantUnit`."""

    @property
    def connection(self) -> Connection:
        """The transaction."""

    @property
    def account_id(self) -> str:
        """The account."""

    def now(self) -> int:
        """The time of the change, in milliseconds since 1970."""


class ContactStatus(NamedTuple):
    """A contact and its status."""

    id: str
    email: str
    status: str


def record(unit: AccountUnit, type_: str, contact_ids: Iterable[str], data: dict[str, Any] | None = None) -> None:
    """Append an entry to the log of each contact."""
    data_json = msgspec.json.encode(data or {}).decode()
    account_id, now = unit.account_id, unit.now()
    INSERT.run_rows(unit.connection, COLUMNS, [(account_id, id_, type_, data_json, now) for id_ in contact_ids])


def add_to_counts(unit: AccountUnit, by_status: Mapping[str, int]) -> None:
    """Add to the counts, always in the same order, so that two units of work cannot deadlock."""
    changes = [{"account_id": unit.account_id, "status": status, "count": count} for status, count in sorted(by_status.items()) if count]
    ADD.run_many(unit.connection, changes)


def emit(unit: AccountUnit, type_: str, contacts: Iterable[ContactStatus]) -> None:
    """Emit a change to the account's webhooks. Imports, which may have a million rows, are not emitted."""
    when = at(unit.now())
    payloads = (
        EventPayload(type_, models.ContactEventDetails(contact_id=contact.id, email=contact.email, status=contact.status, timestamp=when))
        for contact in contacts
    )
    webhook_outbox.emit(unit.connection, unit.account_id, payloads)
