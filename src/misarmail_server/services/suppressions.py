"""Addresses that an account must not mail. The worker checks again before each attempt, so a suppression takes effect at once."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from msgspec import UNSET
from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, or_, select

from misarmail_contract import models
from misarmail_server.context import Context, at
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.errors import Conflict, NotFound
from misarmail_server.events import suppress
from misarmail_server.events.suppress import SuppressionCause
from misarmail_server.services.email_addresses import key
from misarmail_server.services.pagination import pagination


def among(ctx: Context, addresses: Collection[str]) -> dict[str, models.SuppressionReason]:
    """Lower-cased address -> reason, for the suppressed ones of `addresses`."""
    values: dict[str, str] = {f"address_{number}": key(address) for number, address in enumerate(addresses)}
    rows = _listed(len(values)).run(ctx.connection, {"account": ctx.account_id, **values}).fetchall()
    return dict(rows)


def page(ctx: Context, parameters: models.ListSuppressionsParameters) -> models.SuppressionList:
    """One page, newest first."""
    suppression = tables.Suppression
    query = select(suppression.address, suppression.reason, suppression.created_at).where(suppression.account_id == ctx.account_id)
    if parameters.reason is not UNSET:
        query = query.where(suppression.reason == parameters.reason)
    if parameters.search is not UNSET:
        query = query.where(suppression.address.startswith(key(parameters.search), autoescape=True))
    number, limit = parameters.page, parameters.limit
    rows, total = ctx.page(query.order_by(suppression.created_at.desc(), suppression.address), number, limit)
    items, position = [_to_model(row) for row in rows], pagination(number, limit, total)
    return models.SuppressionList(suppressions=items, total=total, page=number, limit=limit, pagination=position)


def create(ctx: Context, new: models.SuppressionCreate) -> models.Suppression:
    """Suppress an address. Raises Conflict("already_exists"): the first reason stays."""
    address = new.email.lower()
    if not suppress.insert_suppression(ctx, address, new.reason):
        raise Conflict("already_exists", f"{address} is already suppressed")
    suppress.apply(ctx.connection, [SuppressionCause(ctx.account_id, address, new.reason)], ctx.now())
    return models.Suppression(email=address, reason=new.reason, created_at=at(ctx.now()))


def lift(ctx: Context, address: str, reason: str) -> None:
    """Lift the suppression of an address if it has that reason."""
    ctx.connection.execute(delete(tables.Suppression).where(*_own(ctx, address), tables.Suppression.reason == reason))


def get(ctx: Context, address: str) -> models.Suppression:
    """One suppression. Raises NotFound."""
    row = ctx.connection.execute(select(tables.Suppression.__table__).where(*_own(ctx, address))).first()
    if row is None:
        raise NotFound("suppression of", address)
    return _to_model(row)


def delete_(ctx: Context, address: str) -> str:
    """Lift a suppression and return the address in its stored form. Raises NotFound."""
    if ctx.connection.execute(delete(tables.Suppression).where(*_own(ctx, address))).rowcount == 0:
        raise NotFound("suppression of", address)
    return key(address)


def _own(ctx: Context, address: str) -> tuple[ColumnElement[bool], ...]:
    return tables.Suppression.account_id == ctx.account_id, tables.Suppression.address == key(address)


def _to_model(row: Any) -> models.Suppression:
    return models.Suppression(email=row.address, reason=row.reason, created_at=at(row.created_at))


@cache
def _listed(count: int) -> Prepared:
    """The statement for `count` addresses; a send has at most 200."""
    suppression = tables.Suppression
    addresses: list[BindParameter[str]] = [bindparam(f"address_{number}") for number in range(count)]
    return Prepared(
        select(suppression.address, suppression.reason).where(
            suppression.account_id == bindparam("account"), or_(*(suppression.address == address for address in addresses))
        )
    )
