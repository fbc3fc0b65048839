"""Addresses that an account must not mail."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from misarmail_server import tables
from misarmail_server.context import Context


def among(ctx: Context, addresses: Collection[str]) -> dict[str, str]:
    """Lower-cased address -> reason, for those of `addresses` that are suppressed."""
    wanted = {address.lower() for address in addresses}
    rows = ctx.connection.execute(
        select(tables.Suppression.address, tables.Suppression.reason).where(
            tables.Suppression.account_id == ctx.account_id, tables.Suppression.address.in_(wanted)
        )
    )
    return {row.address: row.reason for row in rows}
