"""Contacts: one per address and account, in any case.

Counts by status and the contact log are stored beside them (`contact_log`): every new and every deleted contact goes through this module or
`contact_imports`, which check values of declared fields, and every change of a status through `events/suppress`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Select, bindparam, delete, select

from misarmail_contract import models
from misarmail_server.context import Context, at
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared, inserts_new
from misarmail_server.errors import Conflict, Invalid, NotFound
from misarmail_server.events import contact_log, suppress
from misarmail_server.events.contact_log import ContactStatus
from misarmail_server.services import contact_field_values, contact_locales, email_addresses, erased_addresses, plans
from misarmail_server.services.contact_import_rows import MAX_FIELDS

PLAIN_FIELDS = ("first_name", "last_name", "phone", "company", "source", "timezone", "locale")
SEARCH_KEYS = {"first_name": "first_key", "last_name": "last_key", "company": "company_key"}  # searched in lower case
COLUMNS = (
    *("id", "account_id", "email", *PLAIN_FIELDS, *SEARCH_KEYS.values()),
    *("status", "custom_json", "created_at", "updated_at"),
)
INSERT = inserts_new(tables.Contact, *COLUMNS)
FIND = Prepared(
    select(tables.Contact.id).where(tables.Contact.account_id == bindparam("account"), tables.Contact.email == bindparam("address"))
)
TAGS = Prepared(
    select(tables.ContactTag.tag).where(tables.ContactTag.contact_id == bindparam("contact")).order_by(tables.ContactTag.tag_key)
)
TAG_COLUMNS = ("contact_id", "tag_key", "tag", "account_id")
INSERT_TAG = inserts_new(tables.ContactTag, *TAG_COLUMNS)
INSERT_FIELD = inserts_new(tables.ContactField, "account_id", "name")

Change = models.ContactUpdate | models.ContactUpdateByEmail | models.ContactUpsert
Custom = contact_field_values.Custom


def create(ctx: Context, new: models.ContactCreate) -> models.Contact:
    """Add a contact; addresses compare lower-cased.

    Raises Conflict("contact_exists") and Forbidden("plan_limit_exceeded"). The unique index decides, so of two racing requests one
    is refused. An address that is suppressed already keeps its suppressions, and the contact gets the status that they give it.
    """
    contact = _insert(ctx, new)
    if contact is None:
        raise Conflict("contact_exists", f"{new.email.lower()} is already a contact")
    return contact


def upsert(ctx: Context, new: models.ContactUpsert) -> tuple[models.Contact, bool]:
    """Add or change the contact of an address; (the contact, whether it is new). The status of an existing one only gets stronger.

    Raises Forbidden("plan_limit_exceeded") for a new contact, and Invalid for too many custom fields. The unique index decides, so of
    racing calls one adds the contact.
    """
    while True:  # until neither another call adds the contact nor one deletes it meanwhile
        is_known = FIND.run(ctx.connection, {"account": ctx.account_id, "address": new.email.lower()}).fetchone() is not None
        row = ctx.db.scalar(_of_address(ctx, new.email).with_for_update()) if is_known else None
        if row is not None:
            is_stronger = new.status is not UNSET and suppress.is_stronger(new.status, row.status)
            return _update(ctx, row, new, new.status if is_stronger else UNSET), False
        contact = _insert(ctx, new)
        if contact is not None:
            return contact, True


def _insert(ctx: Context, new: models.ContactCreate | models.ContactUpsert) -> models.Contact | None:
    """Insert a contact with all that belongs to it; None if the address has one. Raises Forbidden("plan_limit_exceeded")."""
    suppress.share_lock(ctx)
    plans.require_room(ctx, "contacts")
    id_, custom = ctx.new_id("cct"), merged({}, _checked(ctx, new.custom_fields or {}))
    fields = {name: _canonical(name, getattr(new, name)) for name in PLAIN_FIELDS}
    contact = ContactStatus(id_, new.email.lower(), new.status or "subscribed")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "email": contact.email,
        **fields,
        **{column: fold(fields[name]) for name, column in SEARCH_KEYS.items()},
        "status": contact.status,
        "custom_json": encode_custom(custom),
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    if not INSERT.run(ctx.connection, row).rowcount:
        return None
    erased_addresses.forget(ctx, contact.email)
    tag(ctx, id_, new.tags or [])
    remember_fields(ctx, custom)
    contact = contact._replace(status=suppress.reconcile_new(ctx, [contact]).get(id_, contact.status))
    contact_log.record(ctx, "created", [id_])
    contact_log.add_to_counts(ctx, {contact.status: 1})
    contact_log.emit(ctx, "contact.created", [contact])
    return to_models(ctx, [tables.Contact(**row | {"status": contact.status})])[0]


def get(ctx: Context, id_: str) -> models.Contact:
    """One contact. Raises NotFound."""
    return to_models(ctx, [ctx.get(tables.Contact, id_, "contact")])[0]


def find(ctx: Context, address: str) -> tables.Contact | None:
    """The contact of an address in any case; None if there is none."""
    return ctx.db.scalar(_of_address(ctx, address))


def update(ctx: Context, id_: str, change: models.ContactUpdate | models.ContactUpdateByEmail) -> models.Contact:
    """Change the given fields and return the whole contact. Raises NotFound, and Invalid for too many custom fields."""
    return _update(ctx, ctx.lock(tables.Contact, id_, "contact"), change, change.status)


def _update(ctx: Context, row: tables.Contact, change: Change, status: models.ContactStatus | UnsetType) -> models.Contact:
    """Change a locked contact and return the whole one."""
    id_, changed = row.id, _set_plain(row, change)
    if change.custom_fields is not UNSET:
        custom = merged(msgspec.json.decode(row.custom_json), _checked(ctx, change.custom_fields))
        changed += ["custom_fields"] if set_custom(row, custom) else []
        remember_fields(ctx, custom)
    if change.tags is not UNSET:
        changed += ["tags"] if _retag(ctx, row, change.tags) else []
    if changed:
        row.updated_at = ctx.now()
        contact_log.record(ctx, "updated", [id_], {"fields": changed})
    if status is not UNSET and status != row.status:
        ctx.db.flush()
        suppress.set_status(ctx, ContactStatus(id_, row.email, row.status), status)
        ctx.db.refresh(row)
        changed += ["status"]
    ctx.db.flush()
    if changed:
        contact_log.emit(ctx, "contact.updated", [ContactStatus(id_, row.email, row.status)])
    return to_models(ctx, [row])[0]


def update_by_email(ctx: Context, change: models.ContactUpdateByEmail) -> models.Contact:
    """Change the contact of an address. Raises NotFound."""
    row = find(ctx, change.email)
    if row is None:
        raise NotFound("contact", change.email)
    return update(ctx, row.id, change)


def delete_(ctx: Context, id_: str) -> None:
    """Delete a contact with its tags, memberships and log. Raises NotFound."""
    row = ctx.lock(tables.Contact, id_, "contact")
    ctx.remove(tables.Contact, id_, "contact")
    contact_log.add_to_counts(ctx, {row.status: -1})


def fold(text: str | None) -> str | None:
    """Text in the form that is searched and compared."""
    return text.lower() if text else None


def encode_custom(custom: Custom) -> str:
    """Custom fields in their stored form."""
    return msgspec.json.encode(custom).decode() if custom else "{}"


def set_text(row: tables.Contact, name: str, value: str | None) -> bool:
    """Set a standard field and its search key; returns whether it changed."""
    if getattr(row, name) == value:
        return False
    setattr(row, name, value)
    if name in SEARCH_KEYS:
        setattr(row, SEARCH_KEYS[name], fold(value))
    return True


def merged(before: Custom, change: Mapping[str, Any]) -> Custom:
    """The custom fields after a change, in which null removes a field. Raises Invalid for too many fields."""
    custom: Custom = {name: value for name, value in {**before, **change}.items() if value is not None}
    if len(custom) > MAX_FIELDS:
        raise Invalid("custom_fields", f"A contact can have at most {MAX_FIELDS} custom fields; this one would have {len(custom)}")
    return custom


def set_custom(row: tables.Contact, custom: Custom) -> bool:
    """Set the custom fields; returns whether they changed."""
    if msgspec.json.decode(row.custom_json) == custom:
        return False
    row.custom_json = encode_custom(custom)
    return True


def tag(ctx: Context, contact_id: str, tags: Iterable[str]) -> None:
    """Add tags to a contact; existing tags keep their spelling."""
    INSERT_TAG.run_rows(ctx.connection, TAG_COLUMNS, [(contact_id, name.lower(), name, ctx.account_id) for name in tags])


def remember_fields(ctx: Context, names: Iterable[str]) -> None:
    """Store the names of custom fields: an export has a column for each."""
    INSERT_FIELD.run_many(ctx.connection, [{"account_id": ctx.account_id, "name": name} for name in sorted(names)])


def tags_of(ctx: Context, contact_ids: Sequence[str]) -> dict[str, list[str]]:
    """The tags of contacts by id, sorted; ids without tags are omitted. The contacts must belong to the account.

    There is no condition on the account: with one, SQLite would read all of its tags instead of those of these contacts.
    """
    contact_tag = tables.ContactTag
    tags: dict[str, list[str]] = {}
    if not contact_ids:
        return tags
    if len(contact_ids) == 1:
        names = [name for (name,) in TAGS.run(ctx.connection, {"contact": contact_ids[0]}).fetchall()]
        return {contact_ids[0]: names} if names else tags
    query = select(contact_tag.contact_id, contact_tag.tag).where(contact_tag.contact_id.in_(contact_ids))
    for contact_id, name in ctx.connection.execute(query.order_by(contact_tag.contact_id, contact_tag.tag_key)):
        tags.setdefault(contact_id, []).append(name)
    return tags


def to_models(ctx: Context, rows: Sequence[Any]) -> list[models.Contact]:
    """Contact rows as models, with their tags."""
    tags = tags_of(ctx, [row.id for row in rows])
    return [_to_model(row, tags.get(row.id, [])) for row in rows]


def _checked(ctx: Context, values: Mapping[str, Any]) -> Custom:
    """Custom fields as their declarations have them. Raises Invalid for a value of another type."""
    try:
        return contact_field_values.checked(contact_field_values.declared(ctx), values) if values else {}
    except ValueError as error:
        raise Invalid("custom_fields", str(error)) from error


def _of_address(ctx: Context, address: str) -> Select[tables.Contact]:
    return ctx.own(tables.Contact).where(tables.Contact.email == email_addresses.key(address))


def _set_plain(row: tables.Contact, change: Change) -> list[str]:
    """Set the given standard fields; returns the names of those that changed."""
    fields = [(name, getattr(change, name)) for name in PLAIN_FIELDS]
    return [name for name, value in fields if value is not UNSET and set_text(row, name, _canonical(name, value))]


def _canonical(name: str, value: str | UnsetType | None) -> str | None:
    """A standard field in the form that is stored. Raises Invalid for an unknown time zone and an invalid locale."""
    if not value or name not in contact_locales.CANONICAL:
        return value or None
    try:
        return contact_locales.CANONICAL[name](value)
    except ValueError as error:
        raise Invalid(name, str(error)) from error


def _retag(ctx: Context, row: tables.Contact, tags: Sequence[str]) -> bool:
    """Replace the contact's tags; returns whether they changed."""
    before = tags_of(ctx, [row.id]).get(row.id, [])
    by_key = {name.lower(): name for name in reversed(tags)}  # of two spellings the first wins
    if set(before) == set(by_key.values()):
        return False
    ctx.connection.execute(delete(tables.ContactTag).where(tables.ContactTag.contact_id == row.id))
    tag(ctx, row.id, tags)
    return True


def _to_model(row: Any, tags: list[str]) -> models.Contact:
    return models.Contact(
        id=row.id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        phone=row.phone,
        company=row.company,
        status=row.status,
        tags=tags,
        custom_fields=msgspec.json.decode(row.custom_json),
        source=row.source,
        timezone=row.timezone,
        locale=row.locale,
        created_at=at(row.created_at),
        updated_at=at(row.updated_at),
    )
