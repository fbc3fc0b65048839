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


def record(ctx: Context, told: models.EventTrack) -> str:
    """Write an event down; its id. Raises Invalid for a contact or a message that is not there, and for a time that is too far ahead."""
    email = told.email or _known(ctx, tables.Contact, told.contact_id or "", "contact").email
    if told.message_id is not UNSET:
        _known(ctx, tables.Message, told.message_id, "message")
    id_ = ctx.new_id("evt")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "email": email.lower(),
        "event": told.event,
        "properties_json": msgspec.json.encode(told.properties or {}).decode(),
        "message_id": told.message_id or None,
        "at": moment_told(ctx, told.timestamp),
    }
    ctx.connection.execute(insert(tables.TrackedEvent).values(row))
    return id_


def moment_told(ctx: Context, timestamp: datetime | UnsetType) -> int:
    """When something happened, in milliseconds since 1970; now where nothing is said. Raises Invalid for more than a day ahead."""
    told = ctx.now() if timestamp is UNSET else moment("timestamp", timestamp)
    if told > ctx.now() + DAY:
        raise Invalid("timestamp", "Must not be more than a day ahead")
    return told


def _known(ctx: Context, table: type[Owned], id_: str, what: str) -> Owned:
    """What a field of the request names. Raises Invalid on that field."""
    try:
        return ctx.get(table, id_, what)
    except NotFound as missing:
        raise Invalid(f"{what}_id", missing.sentence) from None
