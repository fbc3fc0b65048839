"""Pages of contacts, fast on a million of them.

Without a filter, or with a status, the total is a stored count and the page is read from the nearer end of an index. A tag or a segment
is counted, which takes time proportional to its size. A search returns at most `MAX_RESULTS` contacts: each word is a range of an index,
and a longer list is of no use.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.services import contact_counts, contacts, email_addresses, segments

MAX_RESULTS = 500
SEARCHED_COLUMNS = (tables.Contact.email, tables.Contact.first_key, tables.Contact.last_key, tables.Contact.company_key)
LAST_CHARACTER = "\U0010ffff"


def page(ctx: Context, parameters: models.ListContactsParameters) -> tuple[list[models.Contact], int]:
    """(one page, the total), newest first. Raises NotFound for an unknown segment."""
    if parameters.search is not UNSET:
        return _search(ctx, parameters, [email_addresses.key(word) for word in parameters.search.lower().split()])
    rows = _filtered(ctx, parameters)
    if parameters.tag is UNSET and parameters.segment_id is UNSET:
        total = contact_counts.total(ctx, None if parameters.status is UNSET else parameters.status)
    else:
        total = _count(ctx, rows, parameters)
    return contacts.to_models(ctx, _read_page(ctx, rows, total, parameters)), total


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
    # Ids sort like creation times, and a tag's index has them in order.
    order: list[Any] = [tables.Contact.created_at, tables.Contact.id] if parameters.tag is UNSET else [tables.ContactTag.contact_id]
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
    contact, tag = tables.Contact, tables.ContactTag
    rows = ctx.own(contact) if parameters.segment_id is UNSET else segments.contacts_of(ctx, parameters.segment_id)
    if parameters.status is not UNSET:
        rows = rows.where(contact.status == parameters.status)
    if parameters.tag is not UNSET:
        rows = rows.join(tag, tag.contact_id == contact.id).where(tag.account_id == ctx.account_id, tag.tag_key == parameters.tag.lower())
    return rows


def _search(ctx: Context, parameters: models.ListContactsParameters, words: list[str]) -> tuple[list[models.Contact], int]:
    """The longest word is looked up in each index; the other words filter the result."""
    if not words:
        return [], 0
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
    first = (parameters.page - 1) * parameters.limit
    shown = [id_ for _, id_ in ids[first : first + parameters.limit]]
    if not shown:
        return [], len(ids)
    # By id alone: with a condition on the account, SQLite would read all of its contacts.
    by_id = {row.id: row for row in ctx.db.scalars(select(contact).where(contact.id.in_(shown)))}
    return contacts.to_models(ctx, [by_id[id_] for id_ in shown]), len(ids)


def _begins(column: Any, word: str) -> ColumnElement[bool]:
    """Whether a searched column begins with a word, as a range that an index supports."""
    return and_(column >= word, column < word + LAST_CHARACTER)
