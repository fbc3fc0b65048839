"""Dedicated IP addresses: claimed from the operator's pool and released to it. The oldest waiting claim gets the next free address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from misarmail_contract import models
from misarmail_server.context import Context, apply, at, at_or_none, now
from misarmail_server.db import tables
from misarmail_server.delivery.smtp import source_ips, warmup
from misarmail_server.errors import Conflict
from misarmail_server.services import plans

ADVISORY_LOCK = 0x6D697370  # any number that no other lock uses


def create(ctx: Context, new: models.DedicatedIpCreate) -> models.DedicatedIp:
    """Claim an address; if none is free, the claim waits. Raises Forbidden("plan_limit_exceeded")."""
    plans.require_room(ctx, "dedicated_ips")
    row = {
        "id": ctx.new_id("ip"),
        "account_id": ctx.account_id,
        "pool": new.pool,
        "rdns": None if new.rdns is UNSET else new.rdns.lower(),
        "warmup_enabled": True,
        "created_at": ctx.now(),
    }
    _lock_pool(ctx.connection)
    ctx.connection.execute(insert(tables.DedicatedIp).values(row))
    _assign(ctx.connection, ctx.now())
    return get(ctx, str(row["id"]))


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.DedicatedIp], int]:
    """(one page, the total), newest first."""
    rows, total = ctx.newest(tables.DedicatedIp, number, limit)
    return [_to_model(ctx, row) for row in rows], total


def get(ctx: Context, id_: str) -> models.DedicatedIp:
    """One address or claim. Raises NotFound."""
    return _to_model(ctx, ctx.get(tables.DedicatedIp, id_, "dedicated IP"))


def update_(ctx: Context, id_: str, change: models.DedicatedIpUpdate) -> models.DedicatedIp:
    """Change the given fields and return the whole claim. Raises NotFound."""
    row = ctx.lock(tables.DedicatedIp, id_, "dedicated IP")
    apply(change, row)
    row.rdns = row.rdns and row.rdns.lower()
    ctx.db.flush()
    return _to_model(ctx, row)


def delete_(ctx: Context, id_: str) -> None:
    """Release an address; the oldest waiting claim gets it at once. Raises NotFound."""
    _lock_pool(ctx.connection)
    ctx.remove(tables.DedicatedIp, id_, "dedicated IP")
    _assign(ctx.connection, ctx.now())


def warmups(ctx: Context) -> list[models.WarmupIp]:
    """The warm-up of the account's addresses, newest first, without waiting claims."""
    claim = tables.DedicatedIp
    own = ctx.own(claim).where(claim.address.is_not(None)).order_by(claim.created_at.desc(), claim.id.desc())
    return [_to_warmup(ctx, row) for row in ctx.db.scalars(own)]


def add(connection: Connection, addresses: Sequence[str], rdns: str | None) -> None:
    """Add addresses to the pool, all or none. Raises Conflict naming the first that is already in it."""
    _lock_pool(connection)
    for address in addresses:
        try:
            connection.execute(insert(tables.IpAddress).values(address=address, rdns=rdns, created_at=now()))
        except IntegrityError as error:
            raise Conflict("already_exists", f"{address} is already in the pool") from error
    _assign(connection, now())


def pool(connection: Connection) -> list[tuple[str, str | None, str | None]]:
    """(address, its reverse DNS name, e-mail address of the account that claimed it) of the whole pool, oldest first."""
    address, claim, account = tables.IpAddress, tables.DedicatedIp, tables.Account
    rows = (
        select(address.address, address.rdns, account.email)
        .outerjoin(claim, claim.address == address.address)
        .outerjoin(account, account.id == claim.account_id)
        .order_by(address.created_at, address.address)
    )
    return [(ip, rdns, owner) for ip, rdns, owner in connection.execute(rows)]


def _lock_pool(connection: Connection) -> None:
    """Serialize assignments: otherwise a new claim and a new address might not see each other, and both would wait."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})


def _assign(connection: Connection, provisioned_at: int) -> None:
    """Assign free addresses to waiting claims, the oldest of each first."""
    address, claim = tables.IpAddress, tables.DedicatedIp
    waiting = connection.execute(select(claim.id, claim.rdns).where(claim.address.is_(None)).order_by(claim.created_at, claim.id)).all()
    taken = select(claim.address).where(claim.address == address.address).exists()
    unused = select(address.address, address.rdns).where(~taken).order_by(address.created_at, address.address).limit(len(waiting))
    for (id_, requested_rdns), (free, rdns) in zip(waiting, connection.execute(unused).all(), strict=False):
        change = update(claim).where(claim.id == id_, claim.address.is_(None))
        connection.execute(change.values(address=free, rdns=requested_rdns or rdns, provisioned_at=provisioned_at))


def _to_model(ctx: Context, row: Any) -> models.DedicatedIp:
    state = warmup.of(row.provisioned_at, ctx.now(), is_enabled=row.warmup_enabled)
    return models.DedicatedIp(
        id=row.id,
        address=row.address,
        status="provisioning" if row.address is None else "active",
        pool=row.pool,
        rdns=row.rdns,
        warmup_enabled=row.warmup_enabled,
        warmup_status=state.status,
        warmup_day=state.day,
        warmup_percent=state.percent,
        daily_limit=state.daily_limit,
        created_at=at(row.created_at),
        provisioned_at=at_or_none(row.provisioned_at),
    )


def _to_warmup(ctx: Context, row: Any) -> models.WarmupIp:
    state = warmup.of(row.provisioned_at, ctx.now(), is_enabled=row.warmup_enabled)
    return models.WarmupIp(
        id=row.id,
        ip_address=row.address,
        pool_name=row.pool,
        status=state.status,
        warmup_day=state.day or 1,
        daily_limit_today=state.daily_limit,
        sent_today=source_ips.sent_today(ctx.connection, row.address, row.provisioned_at or 0),
        progress_pct=state.percent,
    )
