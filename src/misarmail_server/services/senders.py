"""Who may send as whom."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, union_all

from misarmail_server import tables
from misarmail_server.context import Context, now
from misarmail_server.errors import Forbidden


def require(ctx: Context, address: str) -> None:
    """Refuse an address this account may not send from: neither it nor its domain is verified, and it is no connected account's.

    Raises Forbidden("sender_not_verified").
    """
    if ctx.principal.allowed_account_id is not None and address.lower() != ctx.principal.allowed_sender:
        raise Forbidden("sender_not_verified", f"This key may only send from {ctx.principal.allowed_sender or 'an account that is gone'}")
    if ctx.principal.senders == "any":
        return
    wanted = address.lower()
    sender, connected = tables.Sender, tables.ConnectedAccount
    vouched = select(sender.address).where(
        sender.account_id == ctx.account_id, sender.address.in_([wanted, f"@{wanted.rpartition('@')[2]}"])
    )
    own = select(connected.email).where(connected.account_id == ctx.account_id, connected.email == wanted)
    if ctx.connection.scalar(union_all(vouched, own).limit(1)) is None:
        raise Forbidden("sender_not_verified", f"{address} is not a verified sender of this account")


def vouch(connection: Connection, account_id: str, address: str) -> None:
    """The operator's word that an account owns an address, or a domain written `@example.com`.

    Raises IntegrityError when it stands already.
    """
    connection.execute(insert(tables.Sender).values(account_id=account_id, address=address.lower(), created_at=now()))
