"""Browser sessions: a random token in a cookie, its SHA-256 in the database."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import Connection, bindparam, delete, insert, select

from misarmail_server.context import DAY, Context, Principal, now
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.db.store import Store
from misarmail_server.errors import Unauthenticated

HINT = "Sign in first: this operation requires a browser session; an API key is not accepted"
COOKIE = "misarmail_session"
LIFETIME = 14 * DAY
SESSION_INVALID = "Sign in again: this session is unknown or expired"
SELECT_EXPIRY = Prepared(select(tables.Session.expires_at).where(tables.Session.token_hash == bindparam("hash")))


def start(connection: Connection, account_id: str) -> tuple[str, int]:
    """Start a session; (the cookie's value, the expiry). Deletes the account's expired sessions."""
    token, ends_at = secrets.token_urlsafe(32), now() + LIFETIME
    connection.execute(delete(tables.Session).where(tables.Session.account_id == account_id, tables.Session.expires_at <= now()))
    row = {"token_hash": _hash(token), "account_id": account_id, "created_at": now(), "expires_at": ends_at}
    connection.execute(insert(tables.Session).values(row))
    return token, ends_at


def authenticate(store: Store, token: str) -> Principal:
    """The principal of a session. Raises Unauthenticated("unauthenticated")."""
    session, account, hash_ = tables.Session, tables.Account, _hash(token)
    query = (
        select(account.id, account.plan, account.senders, session.expires_at)
        .join(session, session.account_id == account.id)
        .where(session.token_hash == hash_, session.expires_at > now())
    )
    with store.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise Unauthenticated("unauthenticated", SESSION_INVALID)
    return Principal(row.id, row.plan, row.senders, scopes=None, expires_at=row.expires_at, session_hash=hash_)


def require_in_force(connection: Connection, token_hash: bytes) -> None:
    """Check a session again inside the unit of work: it can end while the rest of its request arrives.

    Raises Unauthenticated("unauthenticated").
    """
    row = SELECT_EXPIRY.run(connection, {"hash": token_hash}).fetchone()
    if row is None or row[0] <= now():
        raise Unauthenticated("unauthenticated", SESSION_INVALID)


def end(ctx: Context) -> None:
    """End the current session."""
    ctx.connection.execute(delete(tables.Session).where(tables.Session.token_hash == ctx.principal.session_hash))


def end_all(connection: Connection, account_id: str) -> None:
    """End every session of an account."""
    connection.execute(delete(tables.Session).where(tables.Session.account_id == account_id))


def cookie(token: str, *, is_secure: bool, seconds: int = LIFETIME // 1_000) -> str:
    """The `Set-Cookie` field of a token; 0 seconds deletes the cookie. Scripts cannot read it, and other sites cannot send it."""
    secure = "; Secure" if is_secure else ""
    return f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
