"""Proof that a tenant owns a connected account's address: a code that is mailed to the address and entered by the tenant.

The mail belongs to the operator's account and leaves as the installation's mail does, through the MX of the address. Neither the servers
that the tenant names nor the tenant's keys see it. The limits make guessing hopeless: 25 attempts a day at a code of 8 digits.
"""

from __future__ import annotations

import hmac
import secrets

from sqlalchemy import select, update

from misarmail_contract import models
from misarmail_server import vault
from misarmail_server.context import DAY, SECOND, Context, DetachedContext
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, TooMany, Unauthenticated
from misarmail_server.services import accounts, domains, system_mail

LIFETIME = 900 * SECOND
INTERVAL = 60 * SECOND  # between two codes
MAX_CODES = 5  # per day
MAX_ATTEMPTS = 5  # per code
WRONG_CODE = "This code is wrong, used or expired; request another one if you cannot find it"


def send(ctx: Context, id_: str) -> models.Account:
    """Mail a new code, which replaces the previous one.

    Raises NotFound, Conflict("wrong_state") if the address is verified, Conflict("domain_taken"), TooMany("rate_limited"), and as
    `system_mail.send`.
    """
    row = _unverified(ctx, id_)
    domains.require_not_taken(ctx, row.email.rpartition("@")[2])
    code = f"{secrets.randbelow(10**8):08}"
    _store(ctx, row.email, _hash(ctx, row.email, code))
    owner = ctx.connection.scalar(select(tables.Account.email).where(tables.Account.id == ctx.account_id))
    text = (
        f"{owner} wants to send mail as {row.email} with {ctx.settings.public_url}.\n\n"
        f"To allow this, enter this code within 15 minutes: {code}\n\n"
        "If you did not request this, ignore this e-mail and give the code to nobody; no mail will be sent in your name.\n"
    )
    system_mail.send(ctx, row.email, "Confirm your address as a sender", text)
    return accounts.get(ctx, id_)


def confirm(ctx: DetachedContext, id_: str, code: str) -> models.Account:
    """Make the address a verified sender.

    Raises NotFound, Conflict("wrong_state" | "domain_taken"), Unauthenticated("invalid_credentials") for a wrong code.
    """
    if not ctx.writing(lambda unit: _confirm(unit, id_, code)):  # a refusal inside the unit of work would undo the count of the attempt
        raise Unauthenticated("invalid_credentials", WRONG_CODE)
    with ctx.reading() as unit:
        return accounts.get(unit, id_)


def _confirm(ctx: Context, id_: str, code: str) -> bool:
    row = _unverified(ctx, id_)
    domains.require_not_taken(ctx, row.email.rpartition("@")[2])
    sent = tables.AddressCode
    attempt = (
        update(sent)
        .where(sent.account_id == ctx.account_id, sent.email == row.email, sent.code_hash.is_not(None))
        .where(sent.attempt_count < MAX_ATTEMPTS, sent.sent_at > ctx.now() - LIFETIME)
        .values(attempt_count=sent.attempt_count + 1)
        .returning(sent.code_hash)
    )
    expected = ctx.connection.scalar(attempt)
    if expected is None or not hmac.compare_digest(bytes(expected), _hash(ctx, row.email, code)):
        return False
    ctx.connection.execute(update(sent).where(sent.account_id == ctx.account_id, sent.email == row.email).values(code_hash=None))
    row.verified_at = ctx.now()
    ctx.db.flush()
    return True


def _unverified(ctx: Context, id_: str) -> tables.ConnectedAccount:
    row = ctx.lock(tables.ConnectedAccount, id_, "account")
    if row.verified_at is not None:
        raise Conflict("wrong_state", f"{row.email} is already verified")
    return row


def _store(ctx: Context, email: str, code_hash: bytes) -> None:
    """Store a new code within the limits. Raises TooMany("rate_limited")."""
    now = ctx.now()
    new = {"code_hash": code_hash, "attempt_count": 0, "sent_at": now}
    first = {"account_id": ctx.account_id, "email": email, **new, "day_began_at": now, "sent_count": 1}
    if ctx.insert_new(tables.AddressCode, first):
        return
    row = ctx.db.scalars(
        select(tables.AddressCode)
        .where(tables.AddressCode.account_id == ctx.account_id, tables.AddressCode.email == email)
        .with_for_update()
    ).one()
    if row.sent_at > now - INTERVAL:
        raise _too_many("A code was sent less than a minute ago", row.sent_at + INTERVAL - now)
    if row.day_began_at <= now - DAY:
        row.day_began_at, row.sent_count = now, 0
    if row.sent_count >= MAX_CODES:
        raise _too_many(f"{MAX_CODES} codes were sent within a day", row.day_began_at + DAY - now)
    row.code_hash, row.attempt_count, row.sent_at, row.sent_count = code_hash, 0, now, row.sent_count + 1
    ctx.db.flush()


def _too_many(sentence: str, wait: int) -> TooMany:
    return TooMany("rate_limited", sentence, retry_after=max(1, -(-wait // SECOND)))


def _hash(ctx: Context, email: str, code: str) -> bytes:
    """The hash to store. It is keyed, because a code of 8 digits could be found from a plain hash."""
    return hmac.digest(vault.derived(ctx.settings, "address code"), f"{ctx.account_id}/{email}/{code}".encode(), "sha256")
