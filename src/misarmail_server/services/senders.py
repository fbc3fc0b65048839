"""Who may send as whom."""

from __future__ import annotations

from collections.abc import Collection

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
    if not verified(ctx, [address]):
        raise Forbidden("sender_not_verified", f"{address} is not a verified sender of this account")


def verified(ctx: Context, addresses: Collection[str]) -> set[str]:
    """Those of `addresses` that this account may send from: vouched for by the operator, of a verified domain, or connected accounts."""
    sender, domain, connected = tables.Sender, tables.VerifiedDomain, tables.ConnectedAccount
    names = {one: one.rpartition("@")[2].lower() for one in addresses}
    wanted = {*(f"@{name}" for name in names.values()), *(one.lower() for one in addresses)}
    vouched = select(sender.address).where(sender.account_id == ctx.account_id, sender.address.in_(wanted))
    owned = select("@" + domain.name).where(domain.account_id == ctx.account_id, domain.name.in_(set(names.values())))
    logged_in = select(connected.email).where(connected.account_id == ctx.account_id, connected.email.in_(wanted))
    own = set(ctx.connection.scalars(union_all(vouched, owned, logged_in)))
    return {one for one, name in names.items() if {one.lower(), f"@{name}"} & own}


def vouch(connection: Connection, account_id: str, address: str) -> None:
    """The operator's word that an account owns an address, or a domain written `@example.com`.

    Raises IntegrityError when it stands already.
    """
    connection.execute(insert(tables.Sender).values(account_id=account_id, address=address.lower(), created_at=now()))
