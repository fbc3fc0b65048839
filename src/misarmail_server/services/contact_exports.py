"""Contacts as CSV, read in batches by key, so that memory stays bounded and no other request waits."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import Select, select, tuple_

from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext, at
from misarmail_server.db import tables
from misarmail_server.services import contacts, segments

BATCH_SIZE = 1_000
COLUMNS = (
    "id",
    "email",
    "first_name",
    "last_name",
    "phone",
    "company",
    "status",
    "tags",
    "source",
    "timezone",
    "locale",
    "created_at",
    "updated_at",
)
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")


def stream(ctx: Context, parameters: models.ExportContactsParameters) -> Iterator[bytes]:
    """The file in chunks, read after this unit of work. Raises NotFound at once for an unknown segment."""
    query = ctx.own(tables.Contact) if parameters.segment_id is UNSET else segments.contacts_of(ctx, parameters.segment_id)
    if parameters.status is not UNSET:
        query = query.where(tables.Contact.status == parameters.status)
    field = tables.ContactField
    custom = list(ctx.connection.scalars(select(field.name).where(field.account_id == ctx.account_id).order_by(field.name)))
    return _chunks(ctx.detached(), query, custom)


def escape_formula(text: str) -> str:
    """A cell that a spreadsheet does not interpret as a formula."""
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def _chunks(ctx: DetachedContext, query: Select[tables.Contact], custom: list[str]) -> Iterator[bytes]:
    contact = tables.Contact
    after: tuple[int, str] = (0, "")
    yield _lines([[*COLUMNS, *(escape_formula(name) for name in custom)]])
    while True:
        newer = query.where(tuple_(contact.created_at, contact.id) > after).order_by(contact.created_at, contact.id).limit(BATCH_SIZE)
        with ctx.reading() as unit:
            rows = unit.db.scalars(newer).all()
            tags = contacts.tags_of(unit, [row.id for row in rows])
        if not rows:
            return
        after = (rows[-1].created_at, rows[-1].id)
        yield _lines([_cells(row, tags.get(row.id, []), custom) for row in rows])


def _cells(row: tables.Contact, tags: list[str], custom: list[str]) -> list[str]:
    values = msgspec.json.decode(row.custom_json)
    names = [row.id, row.email, row.first_name, row.last_name, row.phone, row.company]
    plain = [*names, row.status, ";".join(tags), row.source, row.timezone, row.locale]
    times = [at(time).isoformat().replace("+00:00", "Z") for time in (row.created_at, row.updated_at)]
    return [escape_formula(_format(value)) for value in (*plain, *times, *(values.get(name) for name in custom))]


def _format(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
