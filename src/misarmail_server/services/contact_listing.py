"""Pages of contacts, fast on a million of them.

Without a filter, or with a status, the total is a stored count and the page is read from the nearer end of an index. A tag or a segment
is counted, which takes time proportional to its size. A search returns at most `MAX_RESULTS` contacts: each word is a range of an index,
and a longer list is of no use.

A page after a cursor begins in the index, wherever it is, and is not counted again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, union_all

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.errors import Invalid
from misarmail_server.services import contact_counts, contacts, cursors, email_addresses, segments

MAX_RESULTS = 500
SEARCHED_COLUMNS = (tables.Contact.email, tables.Contact.first_key, tables.Contact.last_key, tables.Contact.company_key)
LAST_CHARACTER = "\U0010ffff"

Rows = tuple[list[Any], int, bool]  # the rows of a page, the number of rows in the list, whether more follow


class ContactPage(NamedTuple):
    """A page of a list, the number of its contacts, and the cursor of the next page."""

    contacts: list[models.Contact]
    total: int
    next_cursor: str | None


def page(ctx: Context, parameters: models.ListContactsParameters) -> ContactPage:
    """One page, newest first, by number or after a cursor. Raises NotFound for an unknown segment, Invalid for an invalid cursor."""
    list_ = _identity(parameters)
    after = None if parameters.cursor is UNSET else cursors.read(ctx, list_, parameters.cursor)
    if after is not None and parameters.page != 1:
        raise Invalid("page", "Give page or cursor, not both")
    if parameters.search is not UNSET:
        words = [email_addresses.key(word) for word in parameters.search.lower().split()]
        rows, total, has_more = _search(ctx, parameters, words, after)
    elif after is None:
        rows, total, has_more = _numbered(ctx, parameters)
    else:
        rows, total, has_more = _following(ctx, parameters, after)
    last = cursors.Position(rows[-1].created_at, rows[-1].id, total) if has_more else None
    return ContactPage(contacts.to_models(ctx, rows), total, None if last is None else cursors.make(ctx, list_, last))


def _identity(parameters: models.ListContactsParameters) -> bytes:
    """The list that a cursor belongs to: the filters."""
    filters = (parameters.status, parameters.segment_id, parameters.tag, parameters.search)
    return msgspec.json.encode(["list_contacts", *(None if value is UNSET else value for value in filters)])


def _numbered(ctx: Context, parameters: models.ListContactsParameters) -> Rows:
    """The page with the number that is asked for."""
    rows = _filtered(ctx, parameters)
    if parameters.tag is UNSET and parameters.segment_id is UNSET:
        total = contact_counts.total(ctx, None if parameters.status is UNSET else parameters.status)
    else:
        total = _count(ctx, rows, parameters)
    shown = _read_page(ctx, rows, total, parameters)
    return shown, total, bool(shown) and parameters.page * parameters.limit < total


def _following(ctx: Context, parameters: models.ListContactsParameters, after: cursors.Position) -> Rows:
    """The page after a position."""
    order = _order(ctx, parameters)
    position = (after.at, after.id) if len(order) > 1 else (after.id,)
    older = _filtered(ctx, parameters).where(tuple_(*order) < tuple_(*position))
    rows = list(ctx.db.scalars(older.order_by(*(column.desc() for column in order)).limit(parameters.limit + 1)))
    return rows[: parameters.limit], after.total, len(rows) > parameters.limit


def _order(ctx: Context, parameters: models.ListContactsParameters) -> list[Any]:
    """The columns that a list is sorted by. Ids sort like creation times, and the index of a tag or a static segment has them in order."""
    if parameters.tag is not UNSET:
        return [tables.ContactTag.contact_id]
    if parameters.segment_id is not UNSET and segments.is_static(ctx, parameters.segment_id):
        return [tables.SegmentMember.contact_id]
    return [tables.Contact.created_at, tables.Contact.id]


def _count(ctx: Context, rows: Select[Any], parameters: models.ListContactsParameters) -> int:
    """The number of contacts of a tag or segment; a tag alone is counted in its index."""
    tag = tables.ContactTag
    if parameters.status is UNSET and parameters.segment_id is UNSET and parameters.tag is not UNSET:
        query = select(func.count()).where(tag.account_id == ctx.account_id, tag.tag_key == parameters.tag.lower())
    else:
        query = select(func.count()).select_from(rows.with_only_columns(tables.Contact.id).subquery())
    return ctx.connection.scalar(query) or 0


def _read_page(ctx: Context, rows: Select[Any], total: int, parameters: models.ListContactsParameters) -> list[Any]:
    """One page, newest first, read from the nearer end of the list, since skipping rows costs time."""
    order = _order(ctx, parameters)
    skipped = (parameters.page - 1) * parameters.limit
    size = min(parameters.limit, total - skipped)
    if size <= 0:
        return []
    behind = total - skipped - size
    if skipped <= behind:
        newest = rows.order_by(*(column.desc() for column in order)).offset(skipped).limit(size)
        return list(ctx.db.scalars(newest))
    return list(ctx.db.scalars(rows.order_by(*order).offset(behind).limit(size)))[::-1]


def _filtered(ctx: Context, parameters: models.ListContactsParameters) -> Select[tables.Contact]:
    contact, tag, member = tables.Contact, tables.ContactTag, tables.SegmentMember
    if parameters.segment_id is UNSET:
        rows = ctx.own(contact)
    elif segments.is_static(ctx, parameters.segment_id):
        # Its members belong to the account; with a condition on it, SQLite would read all of its contacts.
        rows = select(contact).join(member, member.contact_id == contact.id).where(member.segment_id == parameters.segment_id)
    else:
        rows = segments.contacts_of(ctx, parameters.segment_id)
    if parameters.status is not UNSET:
        rows = rows.where(contact.status == parameters.status)
    if parameters.tag is not UNSET:
        rows = rows.join(tag, tag.contact_id == contact.id).where(tag.account_id == ctx.account_id, tag.tag_key == parameters.tag.lower())
    return rows


def _search(ctx: Context, parameters: models.ListContactsParameters, words: list[str], after: cursors.Position | None) -> Rows:
    """The longest word is looked up in each index; the other words filter the result."""
    if not words:
        return [], 0, False
    contact = tables.Contact
    leading, *others = sorted(words, key=len, reverse=True)
    rows = _filtered(ctx, parameters).where(*(or_(*(_begins(column, word) for column in SEARCHED_COLUMNS)) for word in others))
    queries = [
        rows.with_only_columns(contact.created_at, contact.id).where(_begins(column, leading)).limit(MAX_RESULTS)
        for column in SEARCHED_COLUMNS
    ]
    ids = sorted(
        {tuple(row) for row in ctx.connection.execute(union_all(*(select(subquery.subquery()) for subquery in queries)))}, reverse=True
    )[:MAX_RESULTS]
    following = [row for row in ids if after is None or row < (after.at, after.id)]
    first = (parameters.page - 1) * parameters.limit
    shown = [id_ for _, id_ in following[first : first + parameters.limit]]
    # By id alone: with a condition on the account, SQLite would read all of its contacts.
    by_id = {row.id: row for row in ctx.db.scalars(select(contact).where(contact.id.in_(shown)))} if shown else {}
    total = len(ids) if after is None else after.total
    return [by_id[id_] for id_ in shown], total, bool(shown) and first + parameters.limit < len(following)


def _begins(column: Any, word: str) -> ColumnElement[bool]:
    """Whether a searched column begins with a word, as a range that an index supports."""
    return and_(column >= word, column < word + LAST_CHARACTER)
