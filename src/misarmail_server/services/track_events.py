"""Tracked events, reported by the account's programs. An event belongs to an address, which need not be a contact."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import insert

from misarmail_contract import models
from misarmail_server.context import DAY, Context, Owned, moment
from misarmail_server.db import tables
from misarmail_server.errors import Invalid, NotFound
from misarmail_server.events import behaviors
from misarmail_server.events.behaviors import Behavior


def record(ctx: Context, body: models.EventTrack) -> str:
    """Record an event and return its id. Raises Invalid for an unknown contact or message, and for a time too far in the future."""
    email = body.email or _require(ctx, tables.Contact, body.contact_id or "", "contact").email
    if body.message_id is not UNSET:
        _require(ctx, tables.Message, body.message_id, "message")
    id_, at = ctx.new_id("evt"), event_time(ctx, body.timestamp)
    assert body.event is not UNSET  # `event_name` is its alias
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "email": email.lower(),
        "event": body.event,
        "properties_json": msgspec.json.encode(body.properties or {}).decode(),
        "message_id": body.message_id or None,
        "at": at,
    }
    ctx.connection.execute(insert(tables.TrackedEvent).values(row))
    behaviors.add(ctx.connection, [Behavior(ctx.account_id, behaviors.tracked(body.event), email.lower(), at)])
    return id_


def event_time(ctx: Context, timestamp: datetime | UnsetType) -> int:
    """The time of an event, in milliseconds since 1970; defaults to now. Raises Invalid for more than a day in the future."""
    at = ctx.now() if timestamp is UNSET else moment("timestamp", timestamp)
    if at > ctx.now() + DAY:
        raise Invalid("timestamp", "Must not be more than a day in the future")
    return at


def _require(ctx: Context, table: type[Owned], id_: str, resource: str) -> Owned:
    """The row that a field of the request names. Raises Invalid on that field."""
    try:
        return ctx.get(table, id_, resource)
    except NotFound as missing:
        raise Invalid(f"{resource}_id", missing.sentence) from None
