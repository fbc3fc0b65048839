"""One batch of an import in one unit of work: what is new with one statement for all, then what was there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import structs

from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.db.prepared import inserts_new
from misarmail_server.errors import Invalid
from misarmail_server.events import contact_log
from misarmail_server.services import contacts, plans
from misarmail_server.services.contact_import_rows import MAX_TAGS, BadRow, ImportRow

AT_ONCE = 500  # values to a query
COLUMNS = (
    *("id", "account_id", "email", "first_name", "last_name", "phone", "company"),
    *("first_key", "last_key", "company_key"),
    *("status", "source", "custom_json", "created_at", "updated_at"),
)
INSERT = inserts_new(tables.Contact, *COLUMNS)


class Stored(NamedTuple):
    """What a batch came to; together they are its rows."""

    imported: int
    updated: int
    skipped: int
    bad: list[BadRow]


def store(unit: Context, rows: list[ImportRow], *, changes_existing: bool) -> Stored:
    """Store one batch: what is new in one go, then what was there. Raises Forbidden("plan_limit_exceeded")."""
    first, repeated, bad = _merged(rows, changes_existing=changes_existing)
    # In the order of the index that is hit at random, and the same in every batch, so that two imports cannot wait for each other.
    ordered = sorted(first.values(), key=lambda row: row.email)
    new = list(zip(unit.new_ids("cct", len(ordered)), ordered, strict=True))
    account_id, now = unit.account_id, unit.now()
    inserted = INSERT.run_rows(unit.connection, COLUMNS, [_columns(account_id, now, id_, row) for id_, row in new])
    old: dict[str, tables.Contact] = {}
    if inserted < len(ordered):
        ours = {id_ for id_, _ in new}
        old = {contact.email: contact for contact in _there(unit, list(first)) if contact.id not in ours}
        new = [(id_, row) for id_, row in new if row.email not in old]
    _complete(unit, new)
    pairs = [(old[email], row) for email, row in first.items() if email in old]
    refused, changed = _change(unit, pairs) if changes_existing and pairs else ([], 0)
    bad += refused
    updated = changed + (repeated if changes_existing else 0)
    return Stored(len(new), updated, len(rows) - len(new) - updated - len(bad), bad)


def _merged(rows: Iterable[ImportRow], *, changes_existing: bool) -> tuple[dict[str, ImportRow], int, list[BadRow]]:
    """(one row to an address, how many rows went into an earlier one, those that cannot).

    Later ones change the earlier one, or count as there already.
    """
    first: dict[str, ImportRow] = {}
    repeated = 0
    bad: list[BadRow] = []
    for row in rows:
        earlier = first.setdefault(row.email, row)
        if earlier is row:
            continue
        try:
            first[row.email] = _onto(earlier, row) if changes_existing else earlier
            repeated += 1
        except Invalid as refusal:
            bad.append(BadRow(row.line, row.email, str(refusal)))
    return first, repeated, bad


def _onto(earlier: ImportRow, later: ImportRow) -> ImportRow:
    """Both rows as one. Raises Invalid for more custom fields than a contact can have."""
    status = later.status if earlier.status in {None, "subscribed"} else earlier.status
    tags = [*earlier.tags, *later.tags][:MAX_TAGS]
    custom = earlier.custom | later.custom
    contacts.merged({}, custom)
    return ImportRow(earlier.line, earlier.email, earlier.given | later.given, status or earlier.status, tags, custom)


def _columns(account_id: str, now: int, id_: str, row: ImportRow) -> tuple[Any, ...]:
    """The row of a new contact, in the order of `COLUMNS`."""
    given = row.given.get
    first, last, company = given("first_name"), given("last_name"), given("company")
    # One plain tuple and no unpacking: this is done for each of a million rows.
    plain = (id_, account_id, row.email, first, last, given("phone"), company)
    searched = (contacts.fold(first), contacts.fold(last), contacts.fold(company))
    return plain + searched + (row.status or "subscribed", given("source"), contacts.encode_custom(row.custom), now, now)


def _there(unit: Context, emails: list[str]) -> list[tables.Contact]:
    """The contacts that have one of these addresses, locked until this unit ends."""
    contact = tables.Contact
    found: list[tables.Contact] = []
    for chunk in chunks(emails):
        found += unit.db.scalars(unit.own(contact).where(contact.email.in_(chunk)).with_for_update())
    return found


def _complete(unit: Context, new: list[tuple[str, ImportRow]]) -> None:
    """What belongs to new contacts: tags, names of fields, the log and the count."""
    if not new:
        return
    plans.require_room(unit, "contacts", more=len(new))
    tags = [(id_, tag.lower(), tag, unit.account_id) for id_, row in new for tag in row.tags]
    contacts.TAG.run_rows(unit.connection, contacts.TAG_COLUMNS, tags)
    contacts.know_fields(unit, {name for _, row in new for name in row.custom})
    contacts.suppress(unit, {row.email: row.status or "subscribed" for _, row in new})
    contact_log.record(unit, "imported", [id_ for id_, _ in new])
    contact_log.add_to_counts(unit, Counter(row.status or "subscribed" for _, row in new))


def _change(unit: Context, pairs: list[tuple[tables.Contact, ImportRow]]) -> tuple[list[BadRow], int]:
    """Change contacts that were there: (rows that cannot be, how many changed)."""
    bad: list[BadRow] = []
    changed_ids: list[str] = []
    before = Counter(contact.status for contact, _ in pairs)
    tags = {id_: found for chunk in chunks([contact.id for contact, _ in pairs]) for id_, found in contacts.tags_of(unit, chunk).items()}
    for contact, row in pairs:
        added = _missing(tags.get(contact.id, []), row.tags)
        try:
            custom = contacts.merged(msgspec.json.decode(contact.custom_json), row.custom)
        except Invalid as refusal:
            bad.append(BadRow(row.line, row.email, str(refusal)))
            continue
        if len(added) + len(tags.get(contact.id, [])) > MAX_TAGS:
            bad.append(BadRow(row.line, row.email, f"the contact would have more than {MAX_TAGS} tags"))
        elif _change_one(unit, contact, structs.replace(row, tags=added, custom=custom)):
            changed_ids.append(contact.id)
    unit.db.flush()
    contacts.know_fields(unit, {name for _, row in pairs for name in row.custom})
    contact_log.record(unit, "updated", changed_ids, {"by": "import"})
    after = Counter(contact.status for contact, _ in pairs)
    contact_log.add_to_counts(unit, {status: after[status] - before[status] for status in before | after})
    return bad, len(changed_ids)


def _change_one(unit: Context, contact: tables.Contact, row: ImportRow) -> bool:
    """Put a row, with the tags to add and the custom fields to have, onto a contact; whether that changed it.

    Who is not subscribed stays so.
    """
    changed = [name for name, value in row.given.items() if contacts.set_text(contact, name, value)]
    is_changed = bool(changed or row.tags) | contacts.set_custom(contact, row.custom)
    contacts.tag(unit, contact.id, row.tags)
    if row.status not in {None, contact.status} and contact.status == "subscribed":
        contact.status, is_changed = row.status or contact.status, True
        contacts.suppress(unit, {contact.email: contact.status})
        contact_log.record(unit, contact.status, [contact.id], {"by": "import"})
    if is_changed:
        contact.updated_at = unit.now()
    return is_changed


def _missing(has: list[str], wanted: list[str]) -> list[str]:
    """The tags that a contact has not, each once."""
    known = {ha.lower() for ha in has}
    return list({one.lower(): one for one in wanted if one.lower() not in known}.values())


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """The values, as many at a time as a query takes well."""
    for first in range(0, len(values), AT_ONCE):
        yield values[first : first + AT_ONCE]
