"""Tenants: the accounts of this platform. The operator creates them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from misarmail_server.context import Context, now, short_id
from misarmail_server.db import tables
from misarmail_server.errors import NotFound
from misarmail_server.services import email_addresses


def create(connection: Connection, email: str, *, plan: str, senders: str) -> str:
    """Create an account and return its id. Raises IntegrityError if the address already has one."""
    row = {"id": short_id("acc"), "email": email_addresses.key(email), "plan": plan, "senders": senders, "created_at": now()}
    connection.execute(insert(tables.Account).values(row))
    return str(row["id"])


def find(connection: Connection, email: str | None) -> Any:
    """The account of an address, by default the oldest account. Raises NotFound."""
    query = select(tables.Account.id, tables.Account.plan, tables.Account.senders).order_by(tables.Account.created_at, tables.Account.id)
    row = connection.execute(query if email is None else query.where(tables.Account.email == email_addresses.key(email))).first()
    if row is None:
        raise NotFound("account", email or "yet")
    return row


def all_(connection: Connection) -> Sequence[Any]:
    """All accounts, oldest first: id, email, plan, senders, created_at, and whether it has a password."""
    account = tables.Account
    query = select(account.id, account.email, account.plan, account.senders, account.created_at, account.password_hash.is_not(None))
    return connection.execute(query.order_by(account.created_at, account.id)).all()


def lock(ctx: Context) -> None:
    """Lock the account's row until this unit ends, so that units that lock it take turns."""
    ctx.connection.execute(select(tables.Account.id).where(tables.Account.id == ctx.account_id).with_for_update())


def exists(connection: Connection) -> bool:
    """Whether any account exists."""
    return connection.scalar(select(tables.Account.id).limit(1)) is not None
