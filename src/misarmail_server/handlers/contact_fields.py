"""Declared fields of contacts over HTTP. Contract: openapi/paths/contact_fields.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import contact_fields


def list_contact_fields(ctx: Context, parameters: models.ListContactFieldsParameters) -> models.ContactFieldList:
    """List contact fields."""
    items, total = contact_fields.page(ctx, parameters.page, parameters.limit)
    return models.ContactFieldList(contact_fields=items, total=total, page=parameters.page, limit=parameters.limit)


def create_contact_field(ctx: Context, body: models.ContactFieldCreate) -> models.ContactFieldResponse:
    """Create a contact field."""
    return models.ContactFieldResponse(contact_field=contact_fields.create(ctx, body))


def get_contact_field(ctx: Context, contact_field_id: str) -> models.ContactFieldResponse:
    """Get a contact field."""
    return models.ContactFieldResponse(contact_field=contact_fields.get(ctx, contact_field_id))


def update_contact_field(ctx: Context, contact_field_id: str, body: models.ContactFieldUpdate) -> models.ContactFieldResponse:
    """Update a contact field."""
    return models.ContactFieldResponse(contact_field=contact_fields.update_(ctx, contact_field_id, body))


def delete_contact_field(ctx: Context, contact_field_id: str) -> models.ContactFieldDeleted:
    """Delete a contact field."""
    contact_fields.delete_(ctx, contact_field_id)
    return models.ContactFieldDeleted(id=contact_field_id)
