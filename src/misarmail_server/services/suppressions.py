"""Addresses that an account must not mail."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import BindParameter, bindparam, or_, select

from misarmail_server import tables
from misarmail_server.context import Context
from misarmail_server.prepared import Prepared


def among(ctx: Context, addresses: Collection[str]) -> dict[str, str]:
    """Lower-cased address -> reason, for those of `addresses` that are suppressed."""
    wanted: dict[str, str] = {f"address_{number}": address.lower() for number, address in enumerate(addresses)}
    rows = _listed(len(wanted)).run(ctx.connection, {"account": ctx.account_id, **wanted}).fetchall()
    return dict(rows)


@cache
def _listed(count: int) -> Prepared:
    """The statement for so many addresses; a send has at most 200."""
    suppression = tables.Suppression
    wanted: list[BindParameter[str]] = [bindparam(f"address_{number}") for number in range(count)]
    return Prepared(
        select(suppression.address, suppression.reason).where(
            suppression.account_id == bindparam("account"), or_(*(suppression.address == one for one in wanted))
        )
    )
