"""Passwords: argon2id (RFC 9106), and password resets with a mailed token.

Hashing takes a tenth of a second and 64 MB by design. It runs outside every transaction and at most twice at once, so that a flood of
sign-ins slows down only its senders.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import Connection, delete, func, select, update

from misarmail_contract import models
from misarmail_server.context import SECOND, Context, OpenContext, RequestedOperation, Unit, at
from misarmail_server.db import tables
from misarmail_server.errors import Unauthenticated, Unprocessable
from misarmail_server.services import audit, email_addresses, session_tokens, sign_in_networks, system_mail, tenants

MIN_LENGTH = 12  # characters, as in the contract
MAX_TOKENS = 5  # valid ones of an account, each of them mailed
NOBODY = "nobody@example.com"  # its mail is rolled back
RESET_LIFETIME = 3_600 * SECOND
HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
HASHING = threading.BoundedSemaphore(2)
WRONG_CREDENTIALS = "The address or the password is wrong"


def sign_in(ctx: OpenContext, email: str, password: str) -> tuple[str, models.SessionAccount]:
    """(session token, account). Raises Unauthenticated("invalid_credentials"), after the same time for an unknown address."""
    with ctx.reading() as unit:
        account = unit.connection.execute(select(tables.Account).where(tables.Account.email == email_addresses.key(email))).first()
    stored_hash = account.password_hash if account is not None else None
    if not _is_correct(stored_hash or _dummy_hash(), password) or account is None or stored_hash is None:
        ctx.writing(lambda unit: audit.record_open(unit, ctx.request, None if account is None else account.id, "refused"))
        raise Unauthenticated("invalid_credentials", WRONG_CREDENTIALS)
    token, ends_at = ctx.writing(lambda unit: _start(unit, ctx.request, account.id, stored_hash))
    return token, models.SessionAccount(id=account.id, email=account.email, plan=account.plan, expires_at=at(ends_at))


def _start(unit: Unit, request: RequestedOperation, account_id: str, checked_hash: str) -> tuple[str, int]:
    """Start a session if the checked password is still current: it may have been changed, and all sessions ended, meanwhile."""
    current = select(tables.Account.password_hash).where(tables.Account.id == account_id).with_for_update()
    if unit.connection.scalar(current) != checked_hash:
        raise Unauthenticated("invalid_credentials", WRONG_CREDENTIALS)
    audit.record_open(unit, request, account_id)
    sign_in_networks.remember(unit, account_id, request.ip_address)
    return session_tokens.start(unit.connection, account_id)


def signed_in(ctx: Context) -> models.SessionAccount:
    """The account of the current session."""
    email = ctx.connection.scalar(select(tables.Account.email).where(tables.Account.id == ctx.account_id)) or ""
    ends_at = at(ctx.principal.expires_at or 0)
    return models.SessionAccount(id=ctx.account_id, email=email, plan=ctx.principal.plan, expires_at=ends_at)


def hash_of(password: str) -> str:
    """The argon2id hash to store."""
    with HASHING:
        return HASHER.hash(password)


def put(connection: Connection, account_id: str, password_hash: str) -> None:
    """Set an account's password, end its sessions, and delete its reset tokens."""
    connection.execute(update(tables.Account).where(tables.Account.id == account_id).values(password_hash=password_hash))
    connection.execute(delete(tables.PasswordReset).where(tables.PasswordReset.account_id == account_id))
    session_tokens.end_all(connection, account_id)


def request_reset(ctx: OpenContext, email: str) -> None:
    """Mail a token if the address has an account; neither the response nor its time reveals whether it has."""
    token = secrets.token_urlsafe(24)
    ctx.writing(lambda unit: _request_reset(unit, ctx.request, email, token))


def reset(ctx: OpenContext, token: str, password: str) -> None:
    """Set the password with a mailed token. Raises Unauthenticated("invalid_credentials")."""
    with ctx.reading() as unit:
        _owner(unit, token)  # before hashing, which is expensive
    password_hash = hash_of(password)
    ctx.writing(lambda unit: _reset(unit, ctx.request, token, password_hash))


def _reset(unit: Unit, request: RequestedOperation, token: str, password_hash: str) -> None:
    account_id = _owner(unit, token, is_consumed=True)
    put(unit.connection, account_id, password_hash)
    audit.record_open(unit, request, account_id)


def _request_reset(unit: Unit, request: RequestedOperation, email: str, token: str) -> None:
    """Without an account, the mail to nobody is queued all the same and taken back."""
    known = tables.Account.email == email_addresses.key(email)
    account = unit.connection.execute(select(tables.Account.id, tables.Account.email).where(known)).first()
    audit.record_open(unit, request, None if account is None else account.id)
    if not tenants.exists(unit.connection):
        return
    unit.connection.exec_driver_sql("SAVEPOINT reset")
    owner = account or (tenants.find(unit.connection, None).id, NOBODY)
    is_mailed = _mail_token(unit, owner[0], owner[1], token)
    if account is None or not is_mailed:
        unit.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT reset")
    unit.connection.exec_driver_sql("RELEASE SAVEPOINT reset")


def _mail_token(unit: Unit, account_id: str, email: str, token: str) -> bool:
    """Queue the mail; returns False if the account has too many tokens already, or its address bounced or complained."""
    unit.insert_new(
        tables.PasswordReset, {"token_hash": _digest(token), "account_id": account_id, "expires_at": unit.now() + RESET_LIFETIME}
    )
    reset_ = tables.PasswordReset
    valid = select(func.count()).select_from(reset_).where(reset_.account_id == account_id, reset_.expires_at > unit.now())
    text = (
        "We received a request to reset your password.\n\n"
        f"Your reset token, valid for one hour and for one use: {token}\n\n"
        f"{unit.settings.public_url}/reset-password?token={token}\n\n"
        "If you did not request this, ignore this e-mail; your password stays unchanged.\n"
    )
    try:
        system_mail.send(unit, email, "Reset your password", text)
    except Unprocessable:
        return False
    return (unit.connection.scalar(valid) or 0) <= MAX_TOKENS


def _owner(unit: Unit, token: str, *, is_consumed: bool = False) -> str:
    """The account of a token. Consuming deletes the row, so that of two concurrent calls one is refused."""
    reset_ = tables.PasswordReset
    is_valid = (reset_.token_hash == _digest(token), reset_.expires_at > unit.now())
    account_id: str | None = unit.connection.scalar(select(reset_.account_id).where(*is_valid))
    if account_id is None or (is_consumed and unit.connection.execute(delete(reset_).where(*is_valid)).rowcount == 0):
        raise Unauthenticated("invalid_credentials", "This token is unknown, used or expired")
    return account_id


def _is_correct(password_hash: str, password: str) -> bool:
    with HASHING:
        try:
            return HASHER.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _dummy_hash() -> str:
    return hash_of(secrets.token_urlsafe(32))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
