"""What people did, as the account's own programs tell it. An event belongs to an address, which need be no contact's."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import insert

from misarmail_contract import models
from misarmail_server.context import DAY, Context, Owned, moment
from misarmail_server.db import tables
from misarmail_server.errors import Invalid, NotFound


def record(ctx: Context, body: models.EventTrack) -> str:
    """Write an event down; its id. Raises Invalid for a contact or a message that is not there, and for a time that is too far ahead."""
    email = body.email or _require(ctx, tables.Contact, body.contact_id or "", "contact").email
    if body.message_id is not UNSET:
        _require(ctx, tables.Message, body.message_id, "message")
    id_ = ctx.new_id("evt")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "email": email.lower(),
        "event": body.event,
        "properties_json": msgspec.json.encode(body.properties or {}).decode(),
        "message_id": body.message_id or None,
        "at": event_time(ctx, body.timestamp),
    }
    ctx.connection.execute(insert(tables.TrackedEvent).values(row))
    return id_


def event_time(ctx: Context, timestamp: datetime | UnsetType) -> int:
    """When something happened, in milliseconds since 1970; now where nothing is said. Raises Invalid for more than a day ahead."""
    at = ctx.now() if timestamp is UNSET else moment("timestamp", timestamp)
    if at > ctx.now() + DAY:
        raise Invalid("timestamp", "Must not be more than a day ahead")
    return at


def _require(ctx: Context, table: type[Owned], id_: str, resource: str) -> Owned:
    """What a field of the request names. Raises Invalid on that field."""
    try:
        return ctx.get(table, id_, resource)
    except NotFound as missing:
        raise Invalid(f"{resource}_id", missing.sentence) from None
