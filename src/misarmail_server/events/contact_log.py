"""What is kept beside a contact that changes: its log, the number of contacts by status, and what webhooks hear of it.

One row of the counts to an account and status is changed in the transaction that changes the contacts, so it is exact whenever it is
read. On PostgreSQL that row makes two changes of one account's contacts take turns at their ends; it is therefore changed last.
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
from misarmail_server.events.webhook_outbox import Happened

COLUMNS = ("account_id", "contact_id", "type", "data_json", "at")
INSERT = inserts(tables.ContactEvent, *COLUMNS)


def _adding(name: str) -> Any:
    insert = dialects.insert(name, tables.ContactCount)
    summed = tables.ContactCount.count + insert.excluded.count
    return insert.on_conflict_do_update(index_elements=["account_id", "status"], set_={"count": summed})


ADD = Prepared(_adding, ("account_id", "status", "count"))


class Unit(Protocol):
    """A unit of work of one account, such as a `Context`."""

    @property
    def connection(self) -> Connection:
        """The transaction."""

    @property
    def account_id(self) -> str:
        """The tenant."""

    def now(self) -> int:
        """When it happens, in milliseconds since 1970."""


class Standing(NamedTuple):
    """A contact and its status."""

    id: str
    email: str
    status: str


def record(unit: Unit, type_: str, contact_ids: Iterable[str], data: dict[str, Any] | None = None) -> None:
    """Write down that something happened to contacts now."""
    data_json = msgspec.json.encode(data or {}).decode()
    account_id, now = unit.account_id, unit.now()
    INSERT.run_rows(unit.connection, COLUMNS, [(account_id, id_, type_, data_json, now) for id_ in contact_ids])


def shift(unit: Unit, by_status: Mapping[str, int]) -> None:
    """Add to the counts, in one order everywhere, so that two units of work cannot wait for each other."""
    changes = [{"account_id": unit.account_id, "status": status, "count": count} for status, count in sorted(by_status.items()) if count]
    ADD.run_many(unit.connection, changes)


def tell(unit: Unit, type_: str, contacts: Iterable[Standing]) -> None:
    """Hand a change on to the account's webhooks; an import, which may be of a million, is not handed on."""
    when = at(unit.now())
    happened = (
        Happened(type_, models.ContactEventDetails(contact_id=contact.id, email=contact.email, status=contact.status, timestamp=when))
        for contact in contacts
    )
    webhook_outbox.emit(unit.connection, unit.account_id, happened)
