"""How many contacts an account has, by status, without counting them.

One row an account and status is changed in the transaction that changes the contacts, so it is exact whenever it is read. On
PostgreSQL that row makes two changes of one account's contacts take turns at their ends; it is therefore changed last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select

from misarmail_server import dialects, tables
from misarmail_server.context import Context
from misarmail_server.prepared import Prepared


def _adding(name: str) -> Any:
    insert = dialects.insert(name, tables.ContactCount)
    summed = tables.ContactCount.count + insert.excluded.count
    return insert.on_conflict_do_update(index_elements=["account_id", "status"], set_={"count": summed})


ADD = Prepared(_adding, ("account_id", "status", "count"))


def shift(ctx: Context, by_status: Mapping[str, int]) -> None:
    """Add to the counts, in one order everywhere, so that two units of work cannot wait for each other."""
    changes = [{"account_id": ctx.account_id, "status": status, "count": count} for status, count in sorted(by_status.items()) if count]
    ADD.run_many(ctx.connection, changes)


def query(ctx: Context, status: str | None = None) -> Select[int]:
    """The query of how many contacts the account has, or has with a status."""
    count = tables.ContactCount
    wanted = select(cast(func.coalesce(func.sum(count.count), 0), BigInteger)).where(count.account_id == ctx.account_id)
    return wanted if status is None else wanted.where(count.status == status)


def total(ctx: Context, status: str | None = None) -> int:
    """How many contacts the account has, or has with a status."""
    return int(ctx.connection.scalar(query(ctx, status)) or 0)
