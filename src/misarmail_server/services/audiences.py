"""References to segments and contacts in requests."""

from __future__ import annotations

import msgspec

from misarmail_server.context import Context, Owned
from misarmail_server.db import tables
from misarmail_server.errors import Invalid

DEVICES_FIELD = "push_tokens"  # the custom field with a contact's devices, separated by spaces


def require_segment(ctx: Context, segment_id: str, field: str) -> None:
    """Refuse a segment that does not belong to this account. Raises Invalid on `field`."""
    _require(ctx, tables.Segment, segment_id, ("segment", field))


def require_contact(ctx: Context, contact_id: str, field: str) -> None:
    """Refuse a contact that does not belong to this account. Raises Invalid on `field`."""
    _require(ctx, tables.Contact, contact_id, ("contact", field))


def devices(ctx: Context, contact_id: str, field: str) -> list[str]:
    """The devices of a contact. Raises Invalid on `field` for an unknown contact or one without devices."""
    contact = _require(ctx, tables.Contact, contact_id, ("contact", field))
    tokens = str(msgspec.json.decode(contact.custom_json).get(DEVICES_FIELD) or "").split()
    if not tokens:
        raise Invalid(field, f"This contact has no device: its custom field {DEVICES_FIELD} is empty")
    return tokens


def _require(ctx: Context, table: type[Owned], id_: str, names: tuple[str, str]) -> Owned:
    """This account's row; `names` are the resource's name and the request's field. Raises Invalid on the field."""
    row = ctx.db.scalar(ctx.own(table).where(table.id == id_))
    if row is None:
        raise Invalid(names[1], f"There is no {names[0]} {id_}")
    return row
