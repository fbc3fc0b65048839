"""Inbound domains: hosts that mail is received for, each owned by one account."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from sqlalchemy import Connection, func, select
from sqlalchemy import update as sql_update

from misarmail_contract import models
from misarmail_server import vault
from misarmail_server.context import Context, at
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.errors import Conflict
from misarmail_server.events import webhook_signatures
from misarmail_server.external import private_targets
from misarmail_server.services import account_limits, domain_dns_records, domain_names, domains, senders
from misarmail_server.settings import Settings


def create(ctx: Context, new: models.InboundDomainCreate) -> models.InboundDomainWithSecret:
    """Add an inbound domain; the server generates the secret unless one is given.

    Raises Invalid for a host that cannot be registered, Conflict("domain_taken") for a domain of another account, Conflict("wrong_state")
    for a host that is not below a verified domain of this account, Conflict("already_exists").
    """
    private_targets.require_public(new.webhook_url, "webhook_url", allows_private=ctx.settings.allows_private_targets)
    host = domain_names.normalised(new.subdomain, "subdomain")
    _require_own(ctx, host)
    account_limits.require_room(ctx, tables.InboundDomain)
    secret = webhook_signatures.new_secret() if new.webhook_secret is UNSET else new.webhook_secret
    row: dict[str, Any] = {
        "id": ctx.new_id("inb"),
        "account_id": ctx.account_id,
        "subdomain": host,
        "webhook_url": new.webhook_url,
        "webhook_secret_sealed": vault.seal(ctx.settings, secret.encode()),
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    if not ctx.insert_new(tables.InboundDomain, row):
        raise Conflict("already_exists", f"The inbound domain {host} already exists")
    return models.InboundDomainWithSecret(
        id=row["id"],
        subdomain=host,
        webhook_url=row["webhook_url"],
        webhook_secret=secret,
        status="active",
        mx_record=_mx_record(ctx, host),
        created_at=at(ctx.now()),
        updated_at=at(ctx.now()),
    )


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.InboundDomain], int]:
    """(one page, the total), newest first."""
    rows, total = ctx.newest(tables.InboundDomain, number, limit)
    return [_to_model(ctx, row) for row in rows], total


def get(ctx: Context, id_: str) -> models.InboundDomain:
    """One inbound domain. Raises NotFound."""
    return _to_model(ctx, ctx.get(tables.InboundDomain, id_, "inbound domain"))


def update(ctx: Context, id_: str, change: models.InboundDomainUpdate) -> models.InboundDomain:
    """Change the given fields and return the whole domain. Raises NotFound, Invalid for a URL in a private network."""
    if change.webhook_url is not UNSET:
        private_targets.require_public(change.webhook_url, "webhook_url", allows_private=ctx.settings.allows_private_targets)
    row = ctx.lock(tables.InboundDomain, id_, "inbound domain")
    if change.webhook_url is not UNSET:
        row.webhook_url = change.webhook_url
    if change.webhook_secret is not UNSET:
        row.webhook_secret_sealed = vault.seal(ctx.settings, change.webhook_secret.encode())
    row.silent_since = row.paused_until = None  # as for a webhook
    row.updated_at = ctx.now()
    ctx.db.flush()
    return _to_model(ctx, row)


def delete_(ctx: Context, id_: str) -> None:
    """Delete an inbound domain. Raises NotFound."""
    ctx.remove(tables.InboundDomain, id_, "inbound domain")


def seal_secrets(settings: Settings, store: Store) -> None:
    """Seal the secrets that an earlier version stored in clear."""
    domain = tables.InboundDomain
    plain = select(domain.id, domain.webhook_secret_sealed).where(
        func.substr(domain.webhook_secret_sealed, 1, len(vault.PLAIN)) == vault.PLAIN
    )
    with store.read() as connection:
        if connection.execute(plain.limit(1)).first() is None:
            return

    def seal(connection: Connection) -> None:
        for id_, stored in connection.execute(plain.with_for_update()).all():
            sealed = vault.seal(settings, stored.removeprefix(vault.PLAIN))
            connection.execute(sql_update(domain).where(domain.id == id_).values(webhook_secret_sealed=sealed))

    store.write(seal)


def _require_own(ctx: Context, host: str) -> None:
    """Refuse a host unless it is at or below a domain that belongs to this account.

    The operator's accounts, which may send from any address, may also receive at any host that no other account has verified.
    """
    if domains.require_not_taken(ctx, host) or ctx.principal.senders == "any":
        return
    if not senders.vouched_domains(ctx, domain_names.lineage(host)):
        raise Conflict("wrong_state", f"Add {host}, or the domain above it, to this account's domains and verify it first")


def _mx_record(ctx: Context, host: str) -> models.MxRecord:
    return models.MxRecord(host=host, value=ctx.settings.inbound_host.lower(), priority=domain_dns_records.MX_PRIORITY)


def _to_model(ctx: Context, row: Any) -> models.InboundDomain:
    return models.InboundDomain(
        id=row.id,
        subdomain=row.subdomain,
        webhook_url=row.webhook_url,
        status="active",
        mx_record=_mx_record(ctx, row.subdomain),
        created_at=at(row.created_at),
        updated_at=at(row.updated_at),
    )
