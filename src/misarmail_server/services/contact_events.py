"""A contact's activity: changes of the contact, events of its mail, and tracked events."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import func, literal, null, select, union_all

from misarmail_contract import models
from misarmail_server.context import Context, at
from misarmail_server.db import tables

TRACKED = 2  # the kind of a row of activity: 0 mail, 1 the contact itself, 2 tracked


def page(ctx: Context, contact_id: str, number: int, limit: int) -> tuple[list[models.ContactActivity], int]:
    """(one page of a contact's changes, the events of mail to its address and its tracked events, the total), newest first.

    Raises NotFound.
    """
    contact = ctx.get(tables.Contact, contact_id, "contact")
    own, mail, tracked = tables.ContactEvent, tables.Event, tables.TrackedEvent
    of_contact = select(
        own.at,
        literal(1).label("kind"),
        own.id,
        null().label("event_id"),
        own.type,
        null().label("message_id"),
        own.data_json,
        null().label("code"),
        null().label("text"),
    ).where(own.account_id == ctx.account_id, own.contact_id == contact.id)
    of_mail = select(mail.at, literal(0), mail.id, null(), mail.type, mail.message_id, null(), mail.reply_code, mail.reply_text).where(
        mail.account_id == ctx.account_id, func.lower(mail.recipient) == contact.email
    )
    of_tracked = select(
        tracked.at,
        literal(TRACKED),
        literal(0),
        tracked.id,
        literal("tracked"),
        tracked.message_id,
        tracked.properties_json,
        null(),
        tracked.event,
    ).where(tracked.account_id == ctx.account_id, tracked.email == contact.email)
    all_ = union_all(of_contact, of_mail, of_tracked).subquery()
    newest_first = (all_.c.at.desc(), all_.c.kind.desc(), all_.c.id.desc(), all_.c.event_id.desc())
    rows, total = ctx.page(select(all_).order_by(*newest_first), number, limit)
    return [_to_model(row) for row in rows], total


def _to_model(row: Any) -> models.ContactActivity:
    if row.kind == TRACKED:
        data = {"event": row.text, "properties": msgspec.json.decode(row.data_json)}
    elif row.data_json is not None:
        data = msgspec.json.decode(row.data_json)
    else:
        data = {name: value for name, value in (("reply_code", row.code), ("reply_text", row.text)) if value is not None}
    return models.ContactActivity(type=row.type, at=at(row.at), message_id=row.message_id, data=data)
