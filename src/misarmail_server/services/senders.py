"""The addresses that an account may send from."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, insert, select, union_all

from misarmail_server.context import Context, now
from misarmail_server.db import tables
from misarmail_server.errors import Forbidden
from misarmail_server.services import domain_names, email_addresses


def require(ctx: Context, address: str) -> None:
    """Refuse an address that this account may not send from; see `verified`.

    Raises Forbidden("sender_not_verified").
    """
    if ctx.principal.allowed_account_id is not None and address.lower() != ctx.principal.allowed_sender:
        raise Forbidden(
            "sender_not_verified", f"This key may only send from {ctx.principal.allowed_sender or 'an account that was deleted'}"
        )
    if ctx.principal.senders == "any":
        return
    if not verified(ctx, [address]):
        raise Forbidden("sender_not_verified", f"{address} is not a verified sender of this account")


def verified(ctx: Context, addresses: Collection[str]) -> set[str]:
    """The subset of `addresses` that are confirmed by the operator, on a verified domain, or of a connected account.

    A login at a mail server does not prove ownership of an address: it must also have been proved by a mailed code. A connected account
    yields to another account's verified domain.
    """
    sender, domain, connected = tables.Sender, tables.VerifiedDomain, tables.ConnectedAccount
    domains = {address: address.rpartition("@")[2].lower() for address in addresses}
    ancestors = {name: domain_names.lineage(name) for name in set(domains.values())}
    senders = {*(f"@{name}" for name in ancestors), *(address.lower() for address in addresses)}
    vouched = select(sender.address).where(sender.account_id == ctx.account_id, sender.address.in_(senders))
    owned = select("@" + domain.name).where(domain.account_id == ctx.account_id, domain.name.in_(ancestors))
    # A leading blank, which no address has, distinguishes the results of these two queries.
    proved = select(" " + connected.email).where(
        connected.account_id == ctx.account_id, connected.email.in_(senders), connected.verified_at.is_not(None)
    )
    every = {name for names in ancestors.values() for name in names}
    others = select(" @" + domain.name).where(domain.account_id != ctx.account_id, domain.name.in_(every))
    matches = set(ctx.connection.scalars(union_all(vouched, owned, proved, others)))

    def is_own(address: str) -> bool:
        name = domains[address]
        is_taken = any(f" @{ancestor}" in matches for ancestor in ancestors[name])
        return bool({address.lower(), f"@{name}"} & matches) or (f" {address.lower()}" in matches and not is_taken)

    return {address for address in addresses if is_own(address)}


def vouched_domains(ctx: Context, names: Collection[str]) -> set[str]:
    """The subset of `names` that the operator has confirmed as domains of this account."""
    sender, senders = tables.Sender, [f"@{name}" for name in names]
    rows = ctx.connection.scalars(select(sender.address).where(sender.account_id == ctx.account_id, sender.address.in_(senders)))
    return {row.removeprefix("@") for row in rows}


def vouch(connection: Connection, account_id: str, address: str) -> None:
    """Record the operator's confirmation that an account owns an address, or a domain written `@example.com`.

    Raises IntegrityError if it is already recorded.
    """
    stored = email_addresses.key(f"any{address}").removeprefix("any") if address.startswith("@") else email_addresses.key(address)
    connection.execute(insert(tables.Sender).values(account_id=account_id, address=stored, created_at=now()))
