"""Who may send as whom."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select, union_all

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
    if not verified(ctx, [address]):
        raise Forbidden("sender_not_verified", f"{address} is not a verified sender of this account")


def verified(ctx: Context, addresses: Collection[str]) -> set[str]:
    """Those of `addresses` that are verified senders of this account: by themselves, by their domain, or as connected accounts."""
    sender, connected = tables.Sender, tables.ConnectedAccount
    domains = {one: f"@{one.rpartition('@')[2]}".lower() for one in addresses}
    wanted = {*domains.values(), *(one.lower() for one in addresses)}
    vouched = select(sender.address).where(sender.account_id == ctx.account_id, sender.address.in_(wanted))
    logged_in = select(connected.email).where(connected.account_id == ctx.account_id, connected.email.in_(wanted))
    own = set(ctx.connection.scalars(union_all(vouched, logged_in)))
    return {one for one, domain in domains.items() if {one.lower(), domain} & own}


def allow(ctx: Context, address: str) -> None:
    """Make an address, or a domain written `@example.com`, a sender of this account. It may be one already."""
    ctx.insert_new(tables.Sender, {"account_id": ctx.account_id, "address": address, "created_at": ctx.now()})


def disallow(ctx: Context, account_id: str, address: str) -> None:
    """Take a sender away from an account, whoever vouched for it."""
    ctx.connection.execute(delete(tables.Sender).where(tables.Sender.account_id == account_id, tables.Sender.address == address))


def vouch(connection: Connection, account_id: str, address: str) -> None:
    """The operator's word that an account owns an address, or a domain written `@example.com`.

    Raises IntegrityError when it stands already.
    """
    connection.execute(insert(tables.Sender).values(account_id=account_id, address=address.lower(), created_at=now()))
