"""Who may send as whom."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from misarmail_server import tables
from misarmail_server.context import Context, now
from misarmail_server.errors import Forbidden


def require(ctx: Context, address: str) -> None:
    """Refuse an address this account may not send from: neither it nor its domain is verified. Raises Forbidden("sender_not_verified")."""
    if ctx.principal.senders == "any":
        return
    wanted = address.lower()
    own = select(tables.Sender.address).where(
        tables.Sender.account_id == ctx.account_id, tables.Sender.address.in_([wanted, f"@{wanted.rpartition('@')[2]}"])
    )
    if ctx.connection.scalar(own.limit(1)) is None:
        raise Forbidden("sender_not_verified", f"{address} is not a verified sender of this account")


def vouch(connection: Connection, account_id: str, address: str) -> None:
    """The operator's word that an account owns an address, or a domain written `@example.com`.

    Raises IntegrityError when it stands already.
    """
    connection.execute(insert(tables.Sender).values(account_id=account_id, address=address.lower(), created_at=now()))
