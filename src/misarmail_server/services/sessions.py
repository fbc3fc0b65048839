"""Browser sessions: a random token in a cookie, its SHA-256 in the database."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import Connection, insert, select

from misarmail_server import tables
from misarmail_server.context import DAY, Principal, now
from misarmail_server.errors import Unauthenticated
from misarmail_server.store import Store

LIFETIME = 14 * DAY


def start(connection: Connection, account_id: str) -> str:
    """Open a session and return the cookie's value."""
    token = secrets.token_urlsafe(32)
    row = {"token_hash": _hash(token), "account_id": account_id, "created_at": now(), "expires_at": now() + LIFETIME}
    connection.execute(insert(tables.Session).values(row))
    return token


def authenticate(store: Store, token: str) -> Principal:
    """Whose session this is. Raises Unauthenticated("unauthenticated")."""
    found = (
        select(tables.Account.id, tables.Account.plan, tables.Account.senders)
        .join(tables.Session, tables.Session.account_id == tables.Account.id)
        .where(tables.Session.token_hash == _hash(token), tables.Session.expires_at > now())
    )
    with store.read() as connection:
        row = connection.execute(found).first()
    if row is None:
        raise Unauthenticated("unauthenticated", "Sign in again: this session is not known or has expired")
    return Principal(row.id, row.plan, row.senders, scopes=None)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
