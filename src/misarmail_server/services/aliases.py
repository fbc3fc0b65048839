"""Aliases: From addresses with a pool of IP addresses each; at most one is the account's default."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from sqlalchemy import update

from misarmail_contract import models
from misarmail_server.context import Context, apply, at
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.services import senders, tenants


def create(ctx: Context, new: models.AliasCreate) -> models.Alias:
    """Add an alias. Raises Forbidden("sender_not_verified"), Conflict("already_exists")."""
    email = new.email.lower()
    senders.require(ctx, email)
    if new.is_default:
        _unset_default(ctx)
    row = {
        "id": ctx.new_id("ali"),
        "account_id": ctx.account_id,
        "email": email,
        "name": None if new.name is UNSET else new.name,
        "is_default": new.is_default,
        "ip_pool": new.ip_pool,
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    if not ctx.insert_new(tables.Alias, row):
        raise Conflict("already_exists", f"{email} is already an alias")
    return get(ctx, str(row["id"]))


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.Alias], int]:
    """(one page, the total), newest first."""
    rows, total = ctx.newest(tables.Alias, number, limit)
    verified = senders.verified(ctx, [row.email for row in rows])
    return [_to_model(row, is_verified=row.email in verified) for row in rows], total


def get(ctx: Context, id_: str) -> models.Alias:
    """One alias. Raises NotFound."""
    row = ctx.get(tables.Alias, id_, "alias")
    return _to_model(row, is_verified=bool(senders.verified(ctx, [row.email])))


def update_(ctx: Context, id_: str, change: models.AliasUpdate) -> models.Alias:
    """Change the given fields and return the whole alias. Raises NotFound."""
    if change.is_default is True:
        _unset_default(ctx)
    row = ctx.lock(tables.Alias, id_, "alias")
    apply(change, row)
    row.updated_at = ctx.now()
    ctx.db.flush()
    return get(ctx, id_)


def delete_(ctx: Context, id_: str) -> None:
    """Delete an alias. Raises NotFound."""
    ctx.remove(tables.Alias, id_, "alias")


def require_address(ctx: Context, id_: str, address: str) -> None:
    """Refuse an alias of another address. Raises NotFound, Invalid on `alias_id`."""
    email = ctx.get(tables.Alias, id_, "alias").email
    if email != address.lower():
        raise Invalid("alias_id", f"Is an alias of {email}, which differs from from.email")


def _unset_default(ctx: Context) -> None:
    """The account's row is locked first, so that concurrent changes of the default take turns; the unique index would refuse the second."""
    tenants.lock(ctx)
    own = update(tables.Alias).where(tables.Alias.account_id == ctx.account_id, tables.Alias.is_default)
    ctx.connection.execute(own.values(is_default=False, updated_at=ctx.now()))


def _to_model(row: Any, *, is_verified: bool) -> models.Alias:
    return models.Alias(
        id=row.id,
        email=row.email,
        name=row.name,
        is_default=row.is_default,
        is_verified=is_verified,
        ip_pool=row.ip_pool,
        created_at=at(row.created_at),
        updated_at=at(row.updated_at),
    )
