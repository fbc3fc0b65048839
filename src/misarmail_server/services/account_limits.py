"""How many of a thing any account may have, whatever its plan: what keeps one tenant from slowing down all others."""

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
    """Refuse one more beyond the cap. Raises Forbidden("plan_limit_exceeded"); there is no plan to change to."""
    most, label = ACCOUNT_LIMITS[table]
    tenants.lock(ctx)
    if (ctx.connection.scalar(select(func.count()).select_from(table).where(table.account_id == ctx.account_id)) or 0) >= most:
        raise Forbidden("plan_limit_exceeded", f"An account can have at most {most:,} {label}")
