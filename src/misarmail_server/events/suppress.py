"""Suppressing an address: the one place for everything that follows, whatever the cause.

A bounce during the SMTP session or by mail, a complaint, an unsubscription by link, button, mail or relay, and a suppression over the API
all suppress the address, change the contact's status, log and counts, and emit events to the account's webhooks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared, inserts_new
from misarmail_server.events import contact_log, record
from misarmail_server.events.contact_log import AccountUnit, ContactStatus
from misarmail_server.events.record import EmailEvent

# A status replaces one of less weight; other reasons, such as an operator's, change no contact.
WEIGHTS = {"subscribed": 0, "bounced": 1, "unsubscribed": 2, "complained": 3}
SUPPRESSION_COLUMNS = ("account_id", "address", "reason", "created_at")
INSERT_SUPPRESSION = inserts_new(tables.Suppression, *SUPPRESSION_COLUMNS)
UPDATE_STATUS = Prepared(
    update(tables.Contact)
    .where(tables.Contact.id == bindparam("contact"))
    .values(status=bindparam("becomes"), updated_at=bindparam("changed_at"))
)


class SuppressionCause(NamedTuple):
    """Why an address of an account is suppressed. `event` is recorded if the suppression changes anything."""

    account_id: str
    address: str
    reason: str
    event: EmailEvent | None = None


class _AccountUnit(NamedTuple):
    """Implements `contact_log.AccountUnit`."""

    connection: Connection
    account_id: str
    at: int

    def now(self) -> int:
        return self.at


def apply(connection: Connection, causes: Iterable[SuppressionCause], at: int) -> list[SuppressionCause]:
    """Suppress the addresses and apply the consequences; returns the causes that changed anything. The first reason of an address stays."""
    by_account: defaultdict[str, dict[str, SuppressionCause]] = defaultdict(dict)
    for cause in causes:
        by_account[cause.account_id].setdefault(cause.address.lower(), cause)
    units = ((_AccountUnit(connection, account_id, at), by_account[account_id]) for account_id in sorted(by_account))
    return [cause for unit, causes_ in units for cause in _apply_to_account(unit, causes_)]


def _apply_to_account(unit: _AccountUnit, causes: Mapping[str, SuppressionCause]) -> list[SuppressionCause]:
    """Apply the causes of one account, by lower-cased address. Contacts are always locked before suppressions are written."""
    contacts = _locked_contacts(unit, causes)
    new = {address for address, cause in sorted(causes.items()) if insert_suppression(unit, address, cause.reason)}
    stronger = [contact for contact in contacts if WEIGHTS[contact.status] < WEIGHTS.get(causes[contact.email].reason, 0)]
    changed = [causes[address] for address in sorted(new | {contact.email for contact in stronger})]
    record.record_events(unit.connection, [cause.event for cause in changed if cause.event is not None])
    _change_status(unit, stronger, [contact._replace(status=causes[contact.email].reason) for contact in stronger])
    return changed


def insert_suppression(unit: AccountUnit, address: str, reason: str) -> bool:
    """Suppress a lower-cased address and do nothing else; False if it is suppressed already. The first reason stays."""
    row = {"account_id": unit.account_id, "address": address, "reason": reason, "created_at": unit.now()}
    return bool(INSERT_SUPPRESSION.run(unit.connection, row).rowcount)


def _locked_contacts(unit: _AccountUnit, addresses: Iterable[str]) -> list[ContactStatus]:
    """The contacts of the addresses, locked."""
    contact = tables.Contact
    own = select(contact.id, contact.email, contact.status).where(contact.account_id == unit.account_id, contact.email.in_(list(addresses)))
    return [ContactStatus(*row) for row in unit.connection.execute(own.order_by(contact.id).with_for_update())]


def _change_status(unit: _AccountUnit, before: Sequence[ContactStatus], after: Sequence[ContactStatus]) -> None:
    """Change the status of contacts, with log, webhooks and counts."""
    if not after:
        return
    rows = [{"contact": contact.id, "becomes": contact.status, "changed_at": unit.at} for contact in after]
    UPDATE_STATUS.run_many(unit.connection, rows)
    for status in sorted({contact.status for contact in after}):
        contact_log.record(unit, status, [contact.id for contact in after if contact.status == status])
    contact_log.emit(unit, "contact.updated", after)
    changes = Counter(contact.status for contact in after)
    changes.subtract(contact.status for contact in before)
    contact_log.add_to_counts(unit, changes)
