"""The bytes of an account's captured mail, within a limit."""

from __future__ import annotations

from sqlalchemy import Connection, update

from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.errors import Forbidden

OVERHEAD = 2_000  # bytes of a message's rows, and of each recipient's


def take(ctx: Context, size: int) -> None:
    """Count the bytes of a captured mail. Raises Forbidden("plan_limit_exceeded")."""
    limit = ctx.settings.sandbox_bytes
    if _add(ctx, size, limit):
        return
    if size <= limit and ctx.insert_new(tables.SandboxSpace, {"account_id": ctx.account_id, "used": size}):
        return
    if not _add(ctx, size, limit):  # another call may have made the row
        sentence = f"The sandbox holds at most {limit:,} bytes of your captured mail; delete some with DELETE /v1/sandbox"
        raise Forbidden("plan_limit_exceeded", sentence)


def give_back(connection: Connection, account_id: str, size: int) -> None:
    """Count bytes that were freed."""
    space = tables.SandboxSpace
    connection.execute(update(space).where(space.account_id == account_id).values(used=space.used - size))


def _add(ctx: Context, size: int, limit: int) -> bool:
    space = tables.SandboxSpace
    more = update(space).where(space.account_id == ctx.account_id, space.used + size <= limit).values(used=space.used + size)
    return ctx.connection.execute(more).rowcount == 1
