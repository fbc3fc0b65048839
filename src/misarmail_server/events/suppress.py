"""Who is to be mailed no more: one place for what follows, whoever brings the news.

A bounce in the dialogue or by mail, a complaint, an unsubscription by link, button, mail or relay and a suppression over the API all
suppress the address, change its contact's status, log and count, and tell the account's webhooks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared, inserts_new
from misarmail_server.events import contact_log, record
from misarmail_server.events.contact_log import Standing, Unit
from misarmail_server.events.record import Happening

# A contact's status gives way to one that weighs more; a reason that is none of these, such as an operator's, changes no contact.
WEIGHTS = {"subscribed": 0, "bounced": 1, "unsubscribed": 2, "complained": 3}
SUPPRESSING = ("account_id", "address", "reason", "created_at")
SUPPRESS = inserts_new(tables.Suppression, *SUPPRESSING)
CHANGE = Prepared(
    update(tables.Contact)
    .where(tables.Contact.id == bindparam("contact"))
    .values(status=bindparam("becomes"), updated_at=bindparam("changed_at"))
)


class Ending(NamedTuple):
    """An address of an account that is mailed no more. `told` is written down where it was not so before."""

    account_id: str
    address: str
    reason: str
    told: Happening | None = None


class _Unit(NamedTuple):
    """As `contact_log.Unit`."""

    connection: Connection
    account_id: str
    at: int

    def now(self) -> int:
        return self.at


def end(connection: Connection, endings: Iterable[Ending], at: int) -> list[Ending]:
    """Do all that follows; gives those that changed anything. The first reason of a suppression stays."""
    by_account: defaultdict[str, dict[str, Ending]] = defaultdict(dict)
    for ending in endings:
        by_account[ending.account_id].setdefault(ending.address.lower(), ending)
    return [one for account_id in sorted(by_account) for one in _end(_Unit(connection, account_id, at), by_account[account_id])]


def _end(unit: _Unit, endings: Mapping[str, Ending]) -> list[Ending]:
    """Everything of one account, by lower-cased address. Contacts are locked before suppressions are written, here as everywhere."""
    contacts = _contacts(unit, endings)
    new = {address for address, one in sorted(endings.items()) if suppress(unit, address, one.reason)}
    leaving = [contact for contact in contacts if WEIGHTS[contact.status] < WEIGHTS.get(endings[contact.email].reason, 0)]
    changed = [endings[address] for address in sorted(new | {one.email for one in leaving})]
    record.record(unit.connection, [one.told for one in changed if one.told is not None])
    _change(unit, leaving, [one._replace(status=endings[one.email].reason) for one in leaving])
    return changed


def suppress(unit: Unit, address: str, reason: str) -> bool:
    """Suppress a lower-cased address and do nothing else; False where it is suppressed already: the first reason stays."""
    row = {"account_id": unit.account_id, "address": address, "reason": reason, "created_at": unit.now()}
    return bool(SUPPRESS.run(unit.connection, row).rowcount)


def _contacts(unit: _Unit, addresses: Iterable[str]) -> list[Standing]:
    """The contacts of the addresses, locked."""
    contact = tables.Contact
    own = select(contact.id, contact.email, contact.status).where(contact.account_id == unit.account_id, contact.email.in_(list(addresses)))
    return [Standing(*row) for row in unit.connection.execute(own.order_by(contact.id).with_for_update())]


def _change(unit: _Unit, before: Sequence[Standing], after: Sequence[Standing]) -> None:
    """Give contacts another status, with its log, webhooks and count."""
    if not after:
        return
    CHANGE.run_many(unit.connection, [{"contact": one.id, "becomes": one.status, "changed_at": unit.at} for one in after])
    for status in sorted({one.status for one in after}):
        contact_log.record(unit, status, [one.id for one in after if one.status == status])
    contact_log.tell(unit, "contact.updated", after)
    shifted = Counter(one.status for one in after)
    shifted.subtract(one.status for one in before)
    contact_log.shift(unit, shifted)
