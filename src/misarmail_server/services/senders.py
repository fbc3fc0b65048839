"""Who may send as whom."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, insert, select, union_all

from misarmail_server.context import Context, now
from misarmail_server.db import tables
from misarmail_server.errors import Forbidden
from misarmail_server.services import domain_names


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
    """Those of `addresses` that this account may send from: vouched for by the operator, of a verified domain, or connected accounts.

    A login at some server does not prove whose an address is, so that of a connected account yields to another account's domain.
    """
    sender, domain, connected = tables.Sender, tables.VerifiedDomain, tables.ConnectedAccount
    names = {address: address.rpartition("@")[2].lower() for address in addresses}
    above = {name: domain_names.lineage(name) for name in set(names.values())}
    wanted = {*(f"@{name}" for name in above), *(address.lower() for address in addresses)}
    vouched = select(sender.address).where(sender.account_id == ctx.account_id, sender.address.in_(wanted))
    owned = select("@" + domain.name).where(domain.account_id == ctx.account_id, domain.name.in_(above))
    # Blanks tell apart what no address has.
    logged_in = select(" " + connected.email).where(connected.account_id == ctx.account_id, connected.email.in_(wanted))
    every = {each for found in above.values() for each in found}
    others = select(" @" + domain.name).where(domain.account_id != ctx.account_id, domain.name.in_(every))
    found = set(ctx.connection.scalars(union_all(vouched, owned, logged_in, others)))

    def is_own(one: str) -> bool:
        name = names[one]
        is_taken = any(f" @{each}" in found for each in above[name])
        return bool({one.lower(), f"@{name}"} & found) or (f" {one.lower()}" in found and not is_taken)

    return {address for address in addresses if is_own(address)}


def vouched_domains(ctx: Context, names: Collection[str]) -> set[str]:
    """Those of `names` that the operator says are domains of this account."""
    sender, wanted = tables.Sender, [f"@{name}" for name in names]
    rows = ctx.connection.scalars(select(sender.address).where(sender.account_id == ctx.account_id, sender.address.in_(wanted)))
    return {row.removeprefix("@") for row in rows}


def vouch(connection: Connection, account_id: str, address: str) -> None:
    """The operator's word that an account owns an address, or a domain written `@example.com`.

    Raises IntegrityError when it stands already.
    """
    connection.execute(insert(tables.Sender).values(account_id=account_id, address=address.lower(), created_at=now()))
