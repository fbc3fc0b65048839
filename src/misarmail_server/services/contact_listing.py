"""Pages of contacts, fast on a million of them.

Without a filter, or with a status, the total is a kept count and the page is read from the nearer end of an index. A tag or a segment
is counted, which takes as long as it is large. A search finds at most `FOUND` contacts: each word is a range of an index, and a list
longer than that is no answer to a person.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.services import contact_counts, contacts, segments

FOUND = 500
SEARCHED = (tables.Contact.email, tables.Contact.first_key, tables.Contact.last_key, tables.Contact.company_key)
LAST = "\U0010ffff"


def page(ctx: Context, wanted: models.ListContactsParameters) -> tuple[list[models.Contact], int]:
    """(one page, how many on all pages), newest first. Raises NotFound for a segment that is none."""
    if wanted.search is not UNSET:
        return _search(ctx, wanted, wanted.search.lower().split())
    rows = _filtered(ctx, wanted)
    if wanted.tag is UNSET and wanted.segment_id is UNSET:
        total = contact_counts.total(ctx, None if wanted.status is UNSET else wanted.status)
    else:
        total = _counted(ctx, rows, wanted)
    return contacts.to_models(ctx, _nearer(ctx, rows, total, wanted)), total


def _counted(ctx: Context, rows: Select[Any], wanted: models.ListContactsParameters) -> int:
    """How many a tag or a segment leaves; a tag alone is counted in its own index."""
    tag = tables.ContactTag
    if wanted.status is UNSET and wanted.segment_id is UNSET and wanted.tag is not UNSET:
        query = select(func.count()).where(tag.account_id == ctx.account_id, tag.tag_key == wanted.tag.lower())
    else:
        query = select(func.count()).select_from(rows.with_only_columns(tables.Contact.id).subquery())
    return ctx.connection.scalar(query) or 0


def _nearer(ctx: Context, rows: Select[Any], total: int, wanted: models.ListContactsParameters) -> list[Any]:
    """One page, newest first, counted from whichever end of the list is nearer: skipping costs time."""
    # Ids sort as times do, and a tag's index has them in order.
    order: list[Any] = [tables.Contact.created_at, tables.Contact.id] if wanted.tag is UNSET else [tables.ContactTag.contact_id]
    skipped = (wanted.page - 1) * wanted.limit
    size = min(wanted.limit, total - skipped)
    if size <= 0:
        return []
    behind = total - skipped - size
    if skipped <= behind:
        newest = rows.order_by(*(column.desc() for column in order)).offset(skipped).limit(size)
        return list(ctx.db.scalars(newest))
    return list(ctx.db.scalars(rows.order_by(*order).offset(behind).limit(size)))[::-1]


def _filtered(ctx: Context, wanted: models.ListContactsParameters) -> Select[tables.Contact]:
    contact, tag = tables.Contact, tables.ContactTag
    rows = ctx.own(contact) if wanted.segment_id is UNSET else segments.contacts_of(ctx, wanted.segment_id)
    if wanted.status is not UNSET:
        rows = rows.where(contact.status == wanted.status)
    if wanted.tag is not UNSET:
        rows = rows.join(tag, tag.contact_id == contact.id).where(tag.account_id == ctx.account_id, tag.tag_key == wanted.tag.lower())
    return rows


def _search(ctx: Context, wanted: models.ListContactsParameters, words: list[str]) -> tuple[list[models.Contact], int]:
    """The longest word leads through each index, the others are looked at in what it finds."""
    if not words:
        return [], 0
    contact = tables.Contact
    leading, *others = sorted(words, key=len, reverse=True)
    rows = _filtered(ctx, wanted).where(*(or_(*(_begins(column, word) for column in SEARCHED)) for word in others))
    found = [rows.with_only_columns(contact.created_at, contact.id).where(_begins(column, leading)).limit(FOUND) for column in SEARCHED]
    ids = sorted({tuple(row) for row in ctx.connection.execute(union_all(*(select(one.subquery()) for one in found)))}, reverse=True)[
        :FOUND
    ]
    first = (wanted.page - 1) * wanted.limit
    shown = [id_ for _, id_ in ids[first : first + wanted.limit]]
    if not shown:
        return [], len(ids)
    # By id alone: asked for the account too, SQLite would read all of its contacts.
    by_id = {row.id: row for row in ctx.db.scalars(select(contact).where(contact.id.in_(shown)))}
    return contacts.to_models(ctx, [by_id[id_] for id_ in shown]), len(ids)


def _begins(column: Any, word: str) -> ColumnElement[bool]:
    """Whether a searched column begins with a word, as a range that an index serves."""
    return and_(column >= word, column < word + LAST)
