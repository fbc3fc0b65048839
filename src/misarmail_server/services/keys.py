"""API keys: creation, authentication and revocation. Only the SHA-256 of a secret is stored, so a leaked database reveals no key."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, get_args

from msgspec import UNSET
from sqlalchemy import Connection, bindparam, insert, or_, select, update

from misarmail_contract import models
from misarmail_server.context import Context, Principal, at, at_or_none, moment, new_id, now
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.db.store import Store
from misarmail_server.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from misarmail_server.services import plans

SECRET = re.compile(r"msk_[0-9a-f]{64}")
PREFIX_LENGTH = len("msk_") + 8
MAX_SHOWN = PREFIX_LENGTH + 20  # characters of a key that was not found: an id, or the beginning of a secret
HINT = "Use an API key: Authorization: Bearer msk_..."
ALL_SCOPES: tuple[str, ...] = get_args(models.Scope)
ACTIVE = tables.Key.revoked_at.is_(None)

SELECT_KEY = Prepared(
    select(
        tables.Key.id,
        tables.Key.account_id,
        tables.Key.scopes,
        tables.Key.expires_at,
        tables.Key.revoked_at,
        tables.Key.last_used_at,
        tables.Account.plan,
        tables.Account.senders,
        tables.Key.allowed_account_id,
        tables.ConnectedAccount.email,
    )
    .join(tables.Account, tables.Account.id == tables.Key.account_id)
    .outerjoin(tables.ConnectedAccount, tables.ConnectedAccount.id == tables.Key.allowed_account_id)
    .where(tables.Key.secret_hash == bindparam("hash"))
)
SELECT_VALIDITY = Prepared(select(tables.Key.expires_at, tables.Key.revoked_at).where(tables.Key.id == bindparam("id")))


class NewKey(NamedTuple):
    """A newly created key; the secret exists in clear only here."""

    id: str
    secret: str
    created_at: int


def authenticate(store: Store, secret: str) -> tuple[Principal, int | None]:
    """The principal of a secret, and its last use. Read from the database each time, so that a revoked key is refused at once.

    Raises Unauthenticated with `unauthenticated`, `key_revoked` or `key_expired`.
    """
    if not SECRET.fullmatch(secret):
        raise Unauthenticated("unauthenticated", HINT)
    row = store.fetch_one(SELECT_KEY, {"hash": _hash(secret)})
    if row is None:
        raise Unauthenticated("unauthenticated", f"This API key is unknown. {HINT}")
    id_, account_id, scopes, expires_at, revoked_at, last_used_at, plan, may_send_as, bound_to, sender = row
    _refuse_ended(expires_at, revoked_at)
    granted = frozenset(scopes.split(","))
    return Principal(account_id, plan, may_send_as, id_, granted, expires_at, bound_to, sender), last_used_at


def require_in_force(connection: Connection, id_: str) -> None:
    """Check a key again inside the unit of work: it can end while the rest of its request arrives.

    Raises Unauthenticated with `key_revoked` or `key_expired`.
    """
    row = SELECT_VALIDITY.run(connection, {"id": id_}).fetchone()
    _refuse_ended(*(row or (None, 0)))


def make(
    connection: Connection, account_id: str, name: str, scopes: Iterable[str], *, expires_at: int | None = None, bound_to: str | None = None
) -> NewKey:
    """Create a key without checking permissions; for the operator, and the last step of `create`."""
    key = NewKey(new_id("key"), f"msk_{secrets.token_hex(32)}", now())
    row = {
        "id": key.id,
        "account_id": account_id,
        "name": name,
        "secret_hash": _hash(key.secret),
        "key_prefix": key.secret[:PREFIX_LENGTH],
        "scopes": ",".join(scopes),
        "allowed_account_id": bound_to,
        "created_at": key.created_at,
        "expires_at": expires_at,
    }
    connection.execute(insert(tables.Key).values(row))
    return key


def create(ctx: Context, new: models.KeyCreate) -> models.KeyCreateResponse:
    """Create a key with at most the permissions of the requesting key.

    Raises Forbidden("scope_missing"), Forbidden("plan_limit_exceeded"), Invalid for an expiry in the past.
    """
    own = ctx.principal.scopes
    missing = [] if own is None else [scope for scope in new.scopes if not {scope, scope.partition(":")[0]} & own]
    if missing:
        raise Forbidden("scope_missing", f"This key cannot grant scopes that it lacks: {', '.join(missing)}")
    expires_at, bound_to = _expiry(ctx, new), _binding(ctx, new)
    plans.require_room(ctx, "api_keys")
    key = make(ctx.connection, ctx.account_id, new.name, new.scopes, expires_at=expires_at, bound_to=bound_to)
    return models.KeyCreateResponse(
        key=key.secret,
        id=key.id,
        key_prefix=key.secret[:PREFIX_LENGTH],
        name=new.name,
        scopes=",".join(new.scopes),
        created_at=at(key.created_at),
        expires_at=at_or_none(expires_at),
    )


def parse_scopes(text: str) -> list[str]:
    """Parse scopes as an operator writes them; `all` means every scope. Raises Invalid naming unknown scopes."""
    words = text.replace(",", " ").split()
    scopes = list(ALL_SCOPES) if words == ["all"] else words
    unknown = [word for word in scopes if word not in ALL_SCOPES]
    if unknown or not scopes:
        raise Invalid("scopes", f"Not a scope: {', '.join(unknown) or 'nothing'}. The scopes are: {', '.join(ALL_SCOPES)}")
    return scopes


def _expiry(ctx: Context, new: models.KeyCreate) -> int | None:
    """The new key's expiry, which defaults to that of the requesting key and must not be later."""
    latest = ctx.principal.expires_at if ctx.principal.key_id else None  # a session may create keys that outlive it
    if new.expires_at is UNSET:
        return latest
    expires_at = moment("expires_at", new.expires_at)
    if expires_at <= ctx.now():
        raise Invalid("expires_at", "Must be in the future")
    if latest is not None and expires_at > latest:
        raise Invalid("expires_at", "Must not be after the expiry of the requesting key")
    return expires_at


def _binding(ctx: Context, new: models.KeyCreate) -> str | None:
    """The connected account that the new key may send from, which defaults to that of the requesting key."""
    own = ctx.principal.allowed_account_id
    if new.allowed_account_id is UNSET:
        return own
    if own is not None and new.allowed_account_id != own:
        raise Invalid("allowed_account_id", "Must be the account that the requesting key is bound to")
    connected = ctx.own(tables.ConnectedAccount).where(tables.ConnectedAccount.id == new.allowed_account_id)
    if ctx.db.scalar(connected) is None:
        raise Invalid("allowed_account_id", f"There is no connected account {new.allowed_account_id}")
    return new.allowed_account_id


def list_(ctx: Context) -> list[models.Key]:
    """The account's keys that are not revoked, newest first."""
    rows = ctx.db.scalars(ctx.own(tables.Key).where(ACTIVE).order_by(tables.Key.created_at.desc(), tables.Key.id.desc()))
    return [_to_model(row) for row in rows]


def get(ctx: Context, id_: str) -> models.Key:
    """One key. Raises NotFound, also for a revoked one."""
    row = ctx.get(tables.Key, id_, "key")
    if row.revoked_at is not None:
        raise NotFound("key", id_)
    return _to_model(row)


def revoke(ctx: Context, id_: str) -> None:
    """Revoke a key; it is refused from this commit on. Raises NotFound if there is no such active key."""
    change = update(tables.Key).where(tables.Key.id == id_, tables.Key.account_id == ctx.account_id, ACTIVE).values(revoked_at=ctx.now())
    if ctx.connection.execute(change).rowcount == 0:
        raise NotFound("key", id_)


def of_account(connection: Connection, account_id: str) -> Sequence[tables.Key]:
    """The keys of an account that are not revoked, oldest first; for the operator."""
    key = tables.Key
    rows = select(key.id, key.key_prefix, key.name, key.scopes, key.created_at, key.last_used_at, key.expires_at)
    result: Any = connection.execute(rows.where(key.account_id == account_id, ACTIVE).order_by(key.created_at, key.id)).all()
    return result  # type: ignore[no-any-return] # rows with the attributes of a key


def revoke_any(connection: Connection, name: str) -> str:
    """Revoke the active key with this id, secret, or beginning of a secret as in lists; returns its id. Raises NotFound, Conflict."""
    key = tables.Key
    is_named = or_(key.id == name, key.key_prefix == name, key.secret_hash == _hash(name))
    named = select(key.id).where(ACTIVE, is_named)
    ids = connection.scalars(named).all()
    if not ids:
        raise NotFound("key", name[:MAX_SHOWN])
    if len(ids) > 1:
        raise Conflict("wrong_state", f"Several keys begin with it; use an id: {', '.join(ids)}")
    connection.execute(update(key).where(key.id == ids[0], ACTIVE).values(revoked_at=now()))
    return str(ids[0])


def _refuse_ended(expires_at: int | None, revoked_at: int | None) -> None:
    if revoked_at is not None:
        raise Unauthenticated("key_revoked", "This API key was revoked")
    if expires_at is not None and expires_at <= now():
        raise Unauthenticated("key_expired", "This API key has expired")


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _to_model(row: Any) -> models.Key:
    return models.Key(
        id=row.id,
        name=row.name,
        key_prefix=row.key_prefix,
        scopes=row.scopes,
        allowed_account_id=row.allowed_account_id,
        is_active=row.expires_at is None or row.expires_at > now(),
        last_used_at=at_or_none(row.last_used_at),
        created_at=at(row.created_at),
        expires_at=at_or_none(row.expires_at),
    )
