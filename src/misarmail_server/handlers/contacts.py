"""Contacts over HTTP. Contract: openapi/paths/contacts.yaml."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext
from misarmail_server.services import (
    contact_data,
    contact_erasure,
    contact_events,
    contact_exports,
    contact_imports,
    contact_listing,
    contact_search,
    contacts,
    segments,
)
from misarmail_server.services.pagination import pagination


def list_contacts(ctx: Context, parameters: models.ListContactsParameters) -> models.ContactList:
    """List contacts, or return the contact that `id` names."""
    if parameters.id is not UNSET:
        contact = contacts.get(ctx, parameters.id)
        position = pagination(1, parameters.limit, 1)
        return models.ContactList(
            contacts=[contact], contact=contact, total=1, page=1, limit=parameters.limit, next_cursor=None, pagination=position
        )
    items, total, next_cursor = contact_listing.page(ctx, parameters)
    page, limit = parameters.page, parameters.limit
    position = pagination(page, limit, total)
    return models.ContactList(contacts=items, total=total, page=page, limit=limit, next_cursor=next_cursor, pagination=position)


def create_contact(ctx: Context, body: models.ContactCreate) -> models.ContactResponse:
    """Create a contact."""
    return models.ContactResponse(contact=contacts.create(ctx, body))


def upsert_contact(ctx: Context, body: models.ContactUpsert) -> models.ContactUpsertResponse:
    """Create or update a contact."""
    contact, is_new = contacts.upsert(ctx, body)
    return models.ContactUpsertResponse(created=is_new, contact=contact)


def delete_contact_by_query(ctx: Context, parameters: models.DeleteContactByQueryParameters) -> models.ContactDeleted:
    """Delete a contact by query parameter."""
    return delete_contact(ctx, parameters.id)


def update_contact_by_email(ctx: Context, body: models.ContactUpdateByEmail) -> models.ContactResponse:
    """Update a contact by address."""
    return models.ContactResponse(contact=contacts.update_by_email(ctx, body))


def search_contacts(ctx: Context, body: models.ContactSearch) -> models.ContactSearchResponse:
    """Search contacts."""
    result = contact_search.search(ctx, body)
    count, is_exact = segments.up_to_limit(result.counted)
    return models.ContactSearchResponse(
        contacts=result.contacts, count=count, is_count_exact=is_exact, limit=body.limit, next_cursor=result.next_cursor
    )


def import_contacts(
    ctx: DetachedContext, body: models.ContactImport | bytes, parameters: models.ImportContactsParameters
) -> models.ContactImportResponse:
    """Import contacts."""
    if isinstance(body, bytes):
        return contact_imports.from_csv(ctx, body, changes_existing=parameters.update_existing)
    return contact_imports.from_json(ctx, body.contacts, changes_existing=body.update_existing or parameters.update_existing)


def export_contacts(ctx: Context, parameters: models.ExportContactsParameters) -> bytes | Iterator[bytes]:
    """Export contacts."""
    return contact_exports.stream(ctx, parameters)


def get_contact(ctx: Context, contact_id: str) -> models.ContactResponse:
    """Get a contact."""
    return models.ContactResponse(contact=contacts.get(ctx, contact_id))


def delete_contact(ctx: Context, contact_id: str) -> models.ContactDeleted:
    """Delete a contact."""
    contacts.delete_(ctx, contact_id)
    return models.ContactDeleted(id=contact_id)


def update_contact(ctx: Context, contact_id: str, body: models.ContactUpdate) -> models.ContactResponse:
    """Update a contact."""
    return models.ContactResponse(contact=contacts.update(ctx, contact_id, body))


def export_contact_data(ctx: Context, contact_id: str) -> models.ContactDataResponse:
    """Export all data about a person."""
    return contact_data.export(ctx, contact_id)


def erase_contact(ctx: Context, contact_id: str) -> models.ContactEraseResponse:
    """Erase a person."""
    return models.ContactEraseResponse(id=contact_id, suppressed=contact_erasure.erase(ctx, contact_id))


def list_contact_activity(ctx: Context, contact_id: str, parameters: models.ListContactActivityParameters) -> models.ContactActivityList:
    """List contact activity."""
    page, limit = parameters.page, parameters.limit
    items, total = contact_events.page(ctx, contact_id, page, limit)
    return models.ContactActivityList(activity=items, total=total, page=page, limit=limit, pagination=pagination(page, limit, total))
