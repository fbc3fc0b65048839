"""How many contacts an account has, by status, without counting them: `contact_log` keeps the numbers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Select, cast, func, select

from misarmail_server.context import Context
from misarmail_server.db import tables


def query(ctx: Context, status: str | None = None) -> Select[int]:
    """The query of how many contacts the account has, or has with a status."""
    count = tables.ContactCount
    statement = select(cast(func.coalesce(func.sum(count.count), 0), BigInteger)).where(count.account_id == ctx.account_id)
    return statement if status is None else statement.where(count.status == status)


def total(ctx: Context, status: str | None = None) -> int:
    """How many contacts the account has, or has with a status."""
    return int(ctx.connection.scalar(query(ctx, status)) or 0)
