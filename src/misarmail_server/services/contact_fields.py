"""Declared fields of contacts. A name stays in the table when its declaration is deleted: contacts still have values of it."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Select, func, select, update

from misarmail_contract import models
from misarmail_server.context import Context, at
from misarmail_server.db import dialects, tables
from misarmail_server.errors import Conflict, Forbidden, Invalid, NotFound
from misarmail_server.services import contact_field_values, tenants

MAX_FIELDS = 200
FIELD = tables.ContactField


def create(ctx: Context, new: models.ContactFieldCreate) -> models.ContactField:
    """Declare a field. Raises Conflict("already_exists"), Forbidden("plan_limit_exceeded") and Invalid for a default of another type."""
    tenants.lock(ctx)  # so that of two racing calls the other one sees the name
    key = new.name.lower()
    if ctx.connection.scalar(_own(ctx).where(FIELD.declared_key == key).with_only_columns(FIELD.id)) is not None:
        raise Conflict("already_exists", f"The field {new.name} is already declared")
    if (ctx.connection.scalar(_own(ctx).with_only_columns(func.count())) or 0) >= MAX_FIELDS:
        raise Forbidden("plan_limit_exceeded", f"An account can declare at most {MAX_FIELDS} fields")
    declared = {
        "declared_key": key,
        "id": ctx.new_id("fld"),
        "type": new.type,
        "default_json": _default(new.type, None if new.default is msgspec.UNSET else new.default),
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    insert = dialects.insert(ctx.connection.dialect.name, FIELD).values(account_id=ctx.account_id, name=new.name, **declared)
    ctx.connection.execute(insert.on_conflict_do_update(index_elements=[FIELD.account_id, FIELD.name], set_=declared))
    return get(ctx, str(declared["id"]))


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.ContactField], int]:
    """(one page, the total), newest first."""
    rows, total = ctx.page(_own(ctx).order_by(FIELD.created_at.desc(), FIELD.id.desc()), number, limit)
    return [_to_model(row) for row in rows], total


def get(ctx: Context, id_: str) -> models.ContactField:
    """One declared field. Raises NotFound."""
    row = ctx.connection.execute(_own(ctx).where(FIELD.id == id_)).first()
    if row is None:
        raise NotFound("contact field", id_)
    return _to_model(row)


def update_(ctx: Context, id_: str, change: models.ContactFieldUpdate) -> models.ContactField:
    """Change the default. Raises NotFound, and Invalid for a default of another type."""
    field = get(ctx, id_)  # its type never changes
    if change.default is msgspec.UNSET:
        return field
    values = {"default_json": _default(field.type, change.default), "updated_at": ctx.now()}
    ctx.connection.execute(update(FIELD).where(FIELD.account_id == ctx.account_id, FIELD.id == id_).values(values))
    return get(ctx, id_)


def delete_(ctx: Context, id_: str) -> None:
    """Delete a declaration; values remain. Raises NotFound."""
    nothing = dict.fromkeys(("declared_key", "id", "type", "default_json", "created_at", "updated_at"))
    if not ctx.connection.execute(update(FIELD).where(FIELD.account_id == ctx.account_id, FIELD.id == id_).values(nothing)).rowcount:
        raise NotFound("contact field", id_)


def _own(ctx: Context) -> Select[*tuple[Any, ...]]:
    columns = (FIELD.id, FIELD.name, FIELD.type, FIELD.default_json, FIELD.created_at, FIELD.updated_at)
    return select(*columns).where(FIELD.account_id == ctx.account_id, FIELD.declared_key.is_not(None))


def _default(type_: str, value: Any) -> str | None:
    try:
        value = contact_field_values.converted(type_, value)
    except ValueError as error:
        raise Invalid("default", str(error)[0].upper() + str(error)[1:]) from error
    return None if value is None else msgspec.json.encode(value).decode()


def _to_model(row: Any) -> models.ContactField:
    return models.ContactField(
        id=row.id,
        name=row.name,
        type=row.type,
        default=None if row.default_json is None else msgspec.json.decode(row.default_json),
        created_at=at(row.created_at),
        updated_at=at(row.updated_at),
    )
