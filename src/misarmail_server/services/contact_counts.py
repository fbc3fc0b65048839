"""The number of contacts of an account by status, from the counts that `contact_log` maintains."""

from __future__ import annotations

from sqlalchemy import BigInteger, Select, cast, func, select

from misarmail_server.context import Context
from misarmail_server.db import tables


def query(ctx: Context, status: str | None = None) -> Select[int]:
    """The query for the number of contacts of the account, optionally with a status."""
    count = tables.ContactCount
    statement = select(cast(func.coalesce(func.sum(count.count), 0), BigInteger)).where(count.account_id == ctx.account_id)
    return statement if status is None else statement.where(count.status == status)


def total(ctx: Context, status: str | None = None) -> int:
    """The number of contacts of the account, optionally with a status."""
    return int(ctx.connection.scalar(query(ctx, status)) or 0)
