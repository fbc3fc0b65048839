"""One batch of an import in one unit of work: new contacts with one statement for all, then existing ones."""

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
from misarmail_server.events import contact_log, suppress
from misarmail_server.events.barred import WEIGHTS
from misarmail_server.events.contact_log import ContactStatus
from misarmail_server.services import contact_field_values, contacts, erased_addresses, plans
from misarmail_server.services.contact_import_rows import MAX_TAGS, BadRow, ImportRow

CHUNK_SIZE = 500  # values per query
WAS_ERASED = "The person was erased; create the contact if the person agrees"
COLUMNS = (
    *("id", "account_id", "email", "first_name", "last_name", "phone", "company"),
    *("first_key", "last_key", "company_key"),
    *("status", "source", "timezone", "locale", "custom_json", "created_at", "updated_at"),
)
INSERT = inserts_new(tables.Contact, *COLUMNS)


class BatchResult(NamedTuple):
    """The results of a batch; they add up to its rows."""

    imported: int
    updated: int
    skipped: int
    bad: list[BadRow]


def store(unit: Context, rows: list[ImportRow], *, changes_existing: bool) -> BatchResult:
    """Store one batch: new contacts in one statement, then existing ones. Raises Forbidden("plan_limit_exceeded")."""
    suppress.share_lock(unit)
    erased = erased_addresses.among(unit, {row.email for row in rows})
    typed, untyped = _checked(unit, [row for row in rows if row.email not in erased])
    first, repeated, bad = _merge_repeated(typed, changes_existing=changes_existing)
    bad += untyped + [BadRow(row.line, row.email, WAS_ERASED) for row in rows if row.email in erased]
    # Sorted by the index that is accessed at random, in the same order in every batch, so that two imports cannot deadlock.
    ordered = sorted(first.values(), key=lambda row: row.email)
    new = list(zip(unit.new_ids("cct", len(ordered)), ordered, strict=True))
    account_id, now = unit.account_id, unit.now()
    inserted = INSERT.run_rows(unit.connection, COLUMNS, [_columns(account_id, now, id_, row) for id_, row in new])
    old: dict[str, tables.Contact] = {}
    if inserted < len(ordered):
        new_ids = {id_ for id_, _ in new}
        old = {contact.email: contact for contact in _existing_contacts(unit, list(first)) if contact.id not in new_ids}
        new = [(id_, row) for id_, row in new if row.email not in old]
    _complete(unit, new)
    pairs = [(old[email], row) for email, row in first.items() if email in old]
    refused, changed = _change(unit, pairs) if changes_existing and pairs else ([], 0)
    bad += refused
    updated = changed + (repeated if changes_existing else 0)
    return BatchResult(len(new), updated, len(rows) - len(new) - updated - len(bad), bad)


def _checked(unit: Context, rows: list[ImportRow]) -> tuple[list[ImportRow], list[BadRow]]:
    """(rows with custom fields as their declarations have them, rows with a value of another type)."""
    declared = contact_field_values.declared(unit)
    checked: list[ImportRow] = []
    bad: list[BadRow] = []
    for row in rows:
        try:
            custom = contact_field_values.checked(declared, row.custom) if row.custom else row.custom
            checked.append(structs.replace(row, custom=custom) if custom != row.custom or declared else row)
        except ValueError as error:
            bad.append(BadRow(row.line, row.email, str(error)))
    return checked, bad


def _merge_repeated(rows: Iterable[ImportRow], *, changes_existing: bool) -> tuple[dict[str, ImportRow], int, list[BadRow]]:
    """(one row per address, the number of rows merged into an earlier one, rows that cannot be merged).

    A later row changes the earlier one, or is skipped as existing.
    """
    first: dict[str, ImportRow] = {}
    repeated = 0
    bad: list[BadRow] = []
    for row in rows:
        earlier = first.setdefault(row.email, row)
        if earlier is row:
            continue
        try:
            first[row.email] = _merge_rows(earlier, row) if changes_existing else earlier
            repeated += 1
        except Invalid as refusal:
            bad.append(BadRow(row.line, row.email, str(refusal)))
    return first, repeated, bad


def _merge_rows(earlier: ImportRow, later: ImportRow) -> ImportRow:
    """Merge two rows. Raises Invalid for more custom fields than a contact may have."""
    status = max(earlier.status or "subscribed", later.status or "subscribed", key=WEIGHTS.__getitem__)
    tags = [*earlier.tags, *later.tags][:MAX_TAGS]
    custom = earlier.custom | later.custom
    contacts.merged({}, custom)
    return ImportRow(earlier.line, earlier.email, earlier.fields | later.fields, status, tags, custom)


def _columns(account_id: str, now: int, id_: str, row: ImportRow) -> tuple[Any, ...]:
    """The values of a new contact, in the order of `COLUMNS`."""
    field = row.fields.get
    first, last, company = field("first_name"), field("last_name"), field("company")
    # One plain tuple without unpacking: this runs for each of a million rows.
    plain = (id_, account_id, row.email, first, last, field("phone"), company)
    searched = (contacts.fold(first), contacts.fold(last), contacts.fold(company))
    return (
        plain
        + searched
        + (row.status or "subscribed", field("source"), field("timezone"), field("locale"), contacts.encode_custom(row.custom), now, now)
    )


def _existing_contacts(unit: Context, emails: list[str]) -> list[tables.Contact]:
    """The contacts with one of these addresses, locked until this unit ends."""
    contact = tables.Contact
    existing: list[tables.Contact] = []
    for chunk in chunks(emails):
        existing += unit.db.scalars(unit.own(contact).where(contact.email.in_(chunk)).with_for_update())
    return existing


def _complete(unit: Context, new: list[tuple[str, ImportRow]]) -> None:
    """Store the parts of new contacts in other tables: tags, field names, the log and the counts."""
    if not new:
        return
    plans.require_room(unit, "contacts", more=len(new))
    tags = [(id_, tag.lower(), tag, unit.account_id) for id_, row in new for tag in row.tags]
    contacts.INSERT_TAG.run_rows(unit.connection, contacts.TAG_COLUMNS, tags)
    contacts.remember_fields(unit, {name for _, row in new for name in row.custom})
    statuses = {id_: row.status or "subscribed" for id_, row in new}
    statuses |= suppress.reconcile_new(unit, [ContactStatus(id_, row.email, statuses[id_]) for id_, row in new])
    contact_log.record(unit, "imported", [id_ for id_, _ in new])
    contact_log.add_to_counts(unit, Counter(statuses.values()))


def _change(unit: Context, pairs: list[tuple[tables.Contact, ImportRow]]) -> tuple[list[BadRow], int]:
    """Change existing contacts: (rows that cannot be applied, the number of changed contacts)."""
    bad: list[BadRow] = []
    changed_ids: list[str] = []
    before = Counter(contact.status for contact, _ in pairs)
    tags = {id_: names for chunk in chunks([contact.id for contact, _ in pairs]) for id_, names in contacts.tags_of(unit, chunk).items()}
    for contact, row in pairs:
        added = _missing_tags(tags.get(contact.id, []), row.tags)
        try:
            custom = contacts.merged(msgspec.json.decode(contact.custom_json), row.custom)
        except Invalid as refusal:
            bad.append(BadRow(row.line, row.email, str(refusal)))
            continue
        if len(added) + len(tags.get(contact.id, [])) > MAX_TAGS:
            bad.append(BadRow(row.line, row.email, f"The contact would have more than {MAX_TAGS} tags"))
        elif _change_contact(unit, contact, structs.replace(row, tags=added, custom=custom)):
            changed_ids.append(contact.id)
    unit.db.flush()
    contacts.remember_fields(unit, {name for _, row in pairs for name in row.custom})
    contact_log.record(unit, "updated", changed_ids, {"by": "import"})
    after = Counter(contact.status for contact, _ in pairs)
    contact_log.add_to_counts(unit, {status: after[status] - before[status] for status in before | after})
    return bad, len(changed_ids)


def _change_contact(unit: Context, contact: tables.Contact, row: ImportRow) -> bool:
    """Apply a row to a contact; its tags are those to add, its custom fields the final ones. Returns whether the contact changed.

    The status changes only to a stronger one: an import subscribes no contact again.
    """
    changed = [name for name, value in row.fields.items() if contacts.set_text(contact, name, value)]
    is_changed = bool(changed or row.tags) | contacts.set_custom(contact, row.custom)
    contacts.tag(unit, contact.id, row.tags)
    if row.status is not None and suppress.is_stronger(row.status, contact.status):
        contact.status, is_changed = row.status, True
        suppress.add_reasons(unit, {contact.email: contact.status})
        contact_log.record(unit, contact.status, [contact.id], {"by": "import"})
    if is_changed:
        contact.updated_at = unit.now()
    return is_changed


def _missing_tags(existing: list[str], tags: list[str]) -> list[str]:
    """The tags that a contact lacks, each once."""
    known = {tag.lower() for tag in existing}
    return list({tag.lower(): tag for tag in tags if tag.lower() not in known}.values())


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """The values in chunks of a size suitable for a query."""
    for first in range(0, len(values), CHUNK_SIZE):
        yield values[first : first + CHUNK_SIZE]
