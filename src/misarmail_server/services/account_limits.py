"""Limits that apply to every account, whatever its plan, so that one tenant cannot slow down all others."""

from __future__ import annotations

from sqlalchemy import func, select

from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.errors import Forbidden
from misarmail_server.rows.table import Owned
from misarmail_server.services import tenants

ACCOUNT_LIMITS: dict[type[Owned], tuple[int, str]] = {
    tables.Webhook: (100, "webhooks"),
    tables.Segment: (1_000, "segments"),
    tables.InboundDomain: (100, "inbound domains"),
}


def require_room(ctx: Context, table: type[Owned]) -> None:
    """Refuse a row beyond the limit. Raises Forbidden("plan_limit_exceeded"); no plan raises this limit."""
    most, label = ACCOUNT_LIMITS[table]
    tenants.lock(ctx)
    if (ctx.connection.scalar(select(func.count()).select_from(table).where(table.account_id == ctx.account_id)) or 0) >= most:
        raise Forbidden("plan_limit_exceeded", f"An account can have at most {most:,} {label}")
