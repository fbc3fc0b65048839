"""Suppressions and the status of contacts: the one place that changes either, so that they never contradict each other.

The invariant: the status of a contact is the strongest reason (`barred.WEIGHTS`) among the suppressions of its address, and `subscribed`
if there is none; `manual` suppressions do not count. A bounce during the SMTP session or by mail, a complaint, an unsubscription by link,
button, mail or relay, a suppression or a status over the API, and an import all pass through this module, which also keeps the contact's
log and counts and emits the events to the account's webhooks.

On PostgreSQL, a change by address holds a lock of the account, and a new contact shares it: otherwise a suppression and a contact of one
address, written at once, would miss each other. The lock is taken first, then contacts, then suppressions.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, text, update

from misarmail_contract.models import SuppressionScope
from misarmail_server.db import dialects, tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.events import contact_log, record
from misarmail_server.events.barred import SCOPES, WEIGHTS, is_active
from misarmail_server.events.contact_log import AccountUnit, ContactStatus
from misarmail_server.events.record import EmailEvent

SUPPRESSION = tables.Suppression
COLUMNS = ("account_id", "address", "reason", "scope", "expires_at", "created_at")
CHUNK_SIZE = 500  # addresses per query


def _inserting(name: str) -> Any:
    """A new suppression; an expired one of the same reason is replaced."""
    insert = dialects.insert(name, SUPPRESSION)
    values = {column: insert.excluded[column] for column in ("scope", "expires_at", "created_at")}
    is_expired = SUPPRESSION.expires_at <= insert.excluded.created_at
    return insert.on_conflict_do_update(index_elements=["account_id", "address", "reason"], set_=values, where=is_expired)


INSERT = Prepared(_inserting, COLUMNS)
REASONS = Prepared(
    select(SUPPRESSION.address, SUPPRESSION.reason).where(
        SUPPRESSION.account_id == bindparam("account"), SUPPRESSION.address == bindparam("address")
    )
)
UPDATE_STATUS = Prepared(
    update(tables.Contact)
    .where(tables.Contact.id == bindparam("contact"))
    .values(status=bindparam("becomes"), updated_at=bindparam("changed_at"))
)


class SuppressionCause(NamedTuple):
    """Why an address of an account is suppressed. `event` is recorded if the address was not suppressed for this reason.

    `scope` and `expires_at` belong to the reason `manual`; the scope of another reason is fixed.
    """

    account_id: str
    address: str
    reason: str
    event: EmailEvent | None = None
    scope: SuppressionScope = "all"
    expires_at: int | None = None


class _AccountUnit(NamedTuple):
    """Implements `contact_log.AccountUnit`."""

    connection: Connection
    account_id: str
    at: int

    def now(self) -> int:
        return self.at


def apply(connection: Connection, causes: Iterable[SuppressionCause], at: int) -> list[SuppressionCause]:
    """Suppress the addresses and apply the consequences; returns the causes that are new, at most one per address and reason."""
    by_account: defaultdict[str, dict[tuple[str, str], SuppressionCause]] = defaultdict(dict)
    for cause in causes:
        by_account[cause.account_id].setdefault((cause.address.lower(), cause.reason), cause)
    units = ((_AccountUnit(connection, account_id, at), by_account[account_id]) for account_id in sorted(by_account))
    return [cause for unit, causes_ in units for cause in _apply_to_account(unit, causes_)]


def _apply_to_account(unit: _AccountUnit, causes: Mapping[tuple[str, str], SuppressionCause]) -> list[SuppressionCause]:
    """Apply the causes of one account, by lower-case address and reason."""
    _lock_account(unit.connection, unit.account_id)
    contacts = _locked_contacts(unit, [address for address, _ in causes])
    changed = [cause for (address, _), cause in sorted(causes.items()) if _insert(unit, address, cause)]
    record.record_events(unit.connection, [cause.event for cause in changed if cause.event is not None])
    _strengthen(unit, contacts, [(cause.address.lower(), cause.reason) for cause in changed])
    return changed


def lift(unit: AccountUnit, address: str, reason: str | None = None) -> int:
    """Delete the suppressions of an address, or that of one reason, and set the contact's status to what remains; how many they were."""
    _lock_account(unit.connection, unit.account_id)
    contacts = _locked_contacts(unit, [address])
    of_reason = () if reason is None else (SUPPRESSION.reason == reason,)
    active = (SUPPRESSION.account_id == unit.account_id, SUPPRESSION.address == address, is_active(unit.now()))
    count = unit.connection.execute(delete(SUPPRESSION).where(*active, *of_reason)).rowcount
    remaining = _strongest_reasons(unit, [address]).get(address, "subscribed")
    _change_status(unit, [contact for contact in contacts if contact.status != remaining], dict.fromkeys([address], remaining))
    return count


def set_status(unit: AccountUnit, contact: ContactStatus, status: str) -> None:
    """Set the status of a locked contact by request: stronger reasons are lifted, weaker and `manual` ones remain. Emits no webhooks."""
    stronger = [reason for reason in SCOPES if WEIGHTS[reason] > WEIGHTS[status]]
    of_address = (SUPPRESSION.account_id == unit.account_id, SUPPRESSION.address == contact.email)
    unit.connection.execute(delete(SUPPRESSION).where(*of_address, SUPPRESSION.reason.in_(stronger)))
    add_reasons(unit, {contact.email: status})
    _change_status(unit, [contact], {contact.email: status}, is_emitted=False)


def share_lock(unit: AccountUnit) -> None:
    """Take the lock that a unit of work holds which inserts contacts. Take it first."""
    _lock_account(unit.connection, unit.account_id, is_shared=True)


def reconcile_new(unit: AccountUnit, contacts: Sequence[ContactStatus]) -> dict[str, str]:
    """Reconcile contacts that this unit of work has just inserted: id -> status, for those that are not as they were inserted.

    A contact that is not subscribed suppresses its address; one whose address was suppressed before has that status. The caller has
    called `share_lock`, and keeps the log and the counts. Addresses are read after the contacts were inserted, so that no change is missed.
    """
    add_reasons(unit, {contact.email: contact.status for contact in contacts})
    reasons = _strongest_reasons(unit, [contact.email for contact in contacts])
    changed = {
        contact.id: reasons[contact.email]
        for contact in contacts
        if contact.email in reasons and WEIGHTS[reasons[contact.email]] > WEIGHTS[contact.status]
    }
    rows = [{"contact": id_, "becomes": status, "changed_at": unit.now()} for id_, status in changed.items()]
    UPDATE_STATUS.run_many(unit.connection, rows)
    return changed


def is_stronger(status: str, than: str) -> bool:
    """Whether a status replaces another without a request of the account's owner."""
    return WEIGHTS[status] > WEIGHTS[than]


def add_reasons(unit: AccountUnit, statuses: Mapping[str, str]) -> None:
    """Suppress the addresses of contacts that are not subscribed. The contacts are locked or new, and have or get this status."""
    account_id, now = unit.account_id, unit.now()
    rows = [
        (account_id, address, status, SCOPES[status], None, now) for address, status in sorted(statuses.items()) if status != "subscribed"
    ]
    INSERT.run_rows(unit.connection, COLUMNS, rows)


def _insert(unit: AccountUnit, address: str, cause: SuppressionCause) -> bool:
    """Suppress a lower-case address; False if it is suppressed for this reason already."""
    scope = SCOPES.get(cause.reason, cause.scope)
    values = (unit.account_id, address, cause.reason, scope, cause.expires_at, unit.now())
    return bool(INSERT.run(unit.connection, dict(zip(COLUMNS, values, strict=True))).rowcount)


def _locked_contacts(unit: AccountUnit, addresses: Iterable[str]) -> list[ContactStatus]:
    """The contacts of the addresses, locked."""
    contact = tables.Contact
    own = select(contact.id, contact.email, contact.status).where(contact.account_id == unit.account_id, contact.email.in_(set(addresses)))
    return [ContactStatus(*row) for row in unit.connection.execute(own.order_by(contact.id).with_for_update())]


def _strengthen(unit: AccountUnit, contacts: Sequence[ContactStatus], reasons: Iterable[tuple[str, str]]) -> None:
    """Change the status of locked contacts for which a reason is stronger."""
    becomes = _strongest(reasons)
    stronger = [contact for contact in contacts if is_stronger(becomes.get(contact.email, "subscribed"), contact.status)]
    _change_status(unit, stronger, becomes)


def _strongest_reasons(unit: AccountUnit, addresses: Sequence[str]) -> dict[str, str]:
    """Address -> the status that its suppressions give it."""
    if len(addresses) == 1:
        return _strongest(REASONS.run(unit.connection, {"account": unit.account_id, "address": addresses[0]}).fetchall())
    account_id, is_status = unit.account_id, SUPPRESSION.reason.in_(list(SCOPES))
    if unit.connection.scalar(select(SUPPRESSION.address).where(SUPPRESSION.account_id == account_id, is_status).limit(1)) is None:
        return {}
    pairs: list[tuple[str, str]] = []
    for chunk in _chunks(addresses):
        query = select(SUPPRESSION.address, SUPPRESSION.reason).where(SUPPRESSION.account_id == account_id, is_status)
        pairs += [(address, reason) for address, reason in unit.connection.execute(query.where(SUPPRESSION.address.in_(chunk)))]
    return _strongest(pairs)


def _strongest(reasons: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Address -> the strongest of its reasons; `manual` ones do not count."""
    known = [(address, reason) for address, reason in reasons if reason in WEIGHTS]
    return dict(sorted(known, key=lambda pair: WEIGHTS[pair[1]]))


def _change_status(unit: AccountUnit, before: Sequence[ContactStatus], becomes: Mapping[str, str], *, is_emitted: bool = True) -> None:
    """Change the status of locked contacts by address, with log, webhooks and counts."""
    if not before:
        return
    after = [contact._replace(status=becomes[contact.email]) for contact in before]
    rows = [{"contact": contact.id, "becomes": contact.status, "changed_at": unit.now()} for contact in after]
    UPDATE_STATUS.run_many(unit.connection, rows)
    for status in sorted({contact.status for contact in after}):
        contact_log.record(unit, status, [contact.id for contact in after if contact.status == status])
    if is_emitted:
        contact_log.emit(unit, "contact.updated", after)
    changes = Counter(contact.status for contact in after)
    changes.subtract(contact.status for contact in before)
    contact_log.add_to_counts(unit, changes)


def _lock_account(connection: Connection, account_id: str, *, is_shared: bool = False) -> None:
    """Lock the account's suppressions until the transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"suppressions {account_id}".encode()).digest()[:8], signed=True)
        function = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
        connection.execute(text(f"SELECT {function}(:key)"), {"key": number})


def _chunks(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(addresses), CHUNK_SIZE):
        yield addresses[first : first + CHUNK_SIZE]
