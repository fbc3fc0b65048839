"""Passwords: argon2id (RFC 9106), and setting a forgotten one anew with a token that came by mail.

Hashing takes a tenth of a second and 64 MB on purpose. It runs outside every transaction, and never more than two at once, so that a
flood of sign-ins is slow for those who send it and not for everybody else.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import Connection, delete, select, update

from misarmail_contract import models
from misarmail_server.context import SECOND, Context, OpenContext, RequestedOperation, Unit, at
from misarmail_server.db import tables
from misarmail_server.errors import Unauthenticated
from misarmail_server.services import audit, session_tokens, system_mail

MIN_LENGTH = 12  # characters, as the contract has it for people
RESET_LIFETIME = 3_600 * SECOND
HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
TURNS = threading.BoundedSemaphore(2)
WRONG = "The address or the password is wrong"


def sign_in(ctx: OpenContext, email: str, password: str) -> tuple[str, models.SessionAccount]:
    """(session token, account). Raises Unauthenticated("invalid_credentials"), in the same time for an address that has no account."""
    with ctx.reading() as unit:
        account = unit.connection.execute(select(tables.Account).where(tables.Account.email == email.lower())).first()
    known = account.password_hash if account is not None else None
    if not _fits(known or _nobodys_hash(), password) or account is None or known is None:
        ctx.writing(lambda unit: audit.note_of(unit, ctx.request, None if account is None else account.id, "refused"))
        raise Unauthenticated("invalid_credentials", WRONG)
    token, ends_at = ctx.writing(lambda unit: _start(unit, ctx.request, account.id, known))
    return token, models.SessionAccount(id=account.id, email=account.email, plan=account.plan, expires_at=at(ends_at))


def _start(unit: Unit, request: RequestedOperation, account_id: str, known: str) -> tuple[str, int]:
    """A session, if the password that was tried is still the account's: another may have been set, and all sessions ended, meanwhile."""
    present = select(tables.Account.password_hash).where(tables.Account.id == account_id).with_for_update()
    if unit.connection.scalar(present) != known:
        raise Unauthenticated("invalid_credentials", WRONG)
    audit.note_of(unit, request, account_id)
    return session_tokens.start(unit.connection, account_id)


def signed_in(ctx: Context) -> models.SessionAccount:
    """The account of the session that is asking."""
    email = ctx.connection.scalar(select(tables.Account.email).where(tables.Account.id == ctx.account_id)) or ""
    ends_at = at(ctx.principal.expires_at or 0)
    return models.SessionAccount(id=ctx.account_id, email=email, plan=ctx.principal.plan, expires_at=ends_at)


def hash_of(password: str) -> str:
    """The argon2id hash to store."""
    with TURNS:
        return HASHER.hash(password)


def put(connection: Connection, account_id: str, password_hash: str) -> None:
    """Set an account's password, end its sessions, and make tokens that still wait worthless."""
    connection.execute(update(tables.Account).where(tables.Account.id == account_id).values(password_hash=password_hash))
    connection.execute(delete(tables.PasswordReset).where(tables.PasswordReset.account_id == account_id))
    session_tokens.end_all(connection, account_id)


def request_reset(ctx: OpenContext, email: str) -> None:
    """Mail a token to the address if it has an account; nothing tells the caller whether it has."""
    token = secrets.token_urlsafe(24)
    ctx.writing(lambda unit: _mail_token(unit, ctx.request, email, token))


def reset(ctx: OpenContext, token: str, password: str) -> None:
    """Set the password that a mailed token allows. Raises Unauthenticated("invalid_credentials")."""
    with ctx.reading() as unit:
        _owner(unit, token)  # before the work of hashing
    password_hash = hash_of(password)
    ctx.writing(lambda unit: _reset(unit, ctx.request, token, password_hash))


def _reset(unit: Unit, request: RequestedOperation, token: str, password_hash: str) -> None:
    account_id = _owner(unit, token, takes_it=True)
    put(unit.connection, account_id, password_hash)
    audit.note_of(unit, request, account_id)


def _mail_token(unit: Unit, request: RequestedOperation, email: str, token: str) -> None:
    account = unit.connection.execute(select(tables.Account.id, tables.Account.email).where(tables.Account.email == email.lower())).first()
    audit.note_of(unit, request, None if account is None else account.id)
    if account is None:
        return
    row = {"token_hash": _digest(token), "account_id": account.id, "expires_at": unit.now() + RESET_LIFETIME}
    unit.insert_new(tables.PasswordReset, row)
    text = (
        "We received a request to reset your password.\n\n"
        f"Your reset token, valid for one hour and for one use: {token}\n\n"
        f"{unit.settings.public_url}/reset-password?token={token}\n\n"
        "If you did not request this, ignore this mail: your password does not change.\n"
    )
    system_mail.send(unit, account.email, "Reset your password", text)


def _owner(unit: Unit, token: str, *, takes_it: bool = False) -> str:
    """Whose token it is. The row goes with the taking, so that of two at once one is refused."""
    reset_ = tables.PasswordReset
    mine = (reset_.token_hash == _digest(token), reset_.expires_at > unit.now())
    account_id: str | None = unit.connection.scalar(select(reset_.account_id).where(*mine))
    if account_id is None or (takes_it and unit.connection.execute(delete(reset_).where(*mine)).rowcount == 0):
        raise Unauthenticated("invalid_credentials", "This token is not known, was used, or has expired")
    return account_id


def _fits(known: str, password: str) -> bool:
    with TURNS:
        try:
            return HASHER.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    return hash_of(secrets.token_urlsafe(32))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
