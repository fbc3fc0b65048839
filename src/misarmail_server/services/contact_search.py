"""Contacts by criteria, without a stored segment: one page after another by cursor."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import UNSET
from sqlalchemy import tuple_

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.services import contacts, cursors, segments
from misarmail_server.services.segment_rules import compile_rules


class FoundContacts(NamedTuple):
    """A page of the contacts that match, their number (counted up to `segments.MAX_COUNTED` + 1), and the cursor of the next page."""

    contacts: list[models.Contact]
    counted: int
    next_cursor: str | None


def search(ctx: Context, wanted: models.ContactSearch) -> FoundContacts:
    """One page of the contacts that match. Raises Invalid for invalid criteria and for a cursor of other criteria."""
    contact = tables.Contact
    list_ = msgspec.json.encode(["search_contacts", wanted.criteria, wanted.sort])
    after = None if wanted.cursor is UNSET else cursors.read(ctx, list_, wanted.cursor)
    matching = ctx.own(contact).where(compile_rules(ctx, wanted.criteria, parameter="criteria"))
    order, is_newest = (contact.created_at, contact.id), wanted.sort == "newest"
    following = matching.order_by(*(column.desc() if is_newest else column for column in order))
    if after is not None:
        here = tuple_(after.at, after.id)
        following = following.where(tuple_(*order) < here if is_newest else tuple_(*order) > here)
    rows = list(ctx.db.scalars(following.limit(wanted.limit + 1)))
    shown, has_more = rows[: wanted.limit], len(rows) > wanted.limit
    if after is not None:
        counted = after.total
    elif has_more:
        counted = len(ctx.connection.scalars(matching.with_only_columns(contact.id).limit(segments.MAX_COUNTED + 1)).all())
    else:
        counted = len(rows)
    position = cursors.Position(shown[-1].created_at, shown[-1].id, counted) if has_more else None
    return FoundContacts(contacts.to_models(ctx, shown), counted, None if position is None else cursors.make(ctx, list_, position))
