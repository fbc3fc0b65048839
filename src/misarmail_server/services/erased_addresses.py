"""Addresses of erased persons, as keyed hashes: an import must not bring a person back by accident.

The key is the platform's, so that a copy of the database alone does not tell whether an address was erased.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, delete, select

from misarmail_server import vault
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared

ERASED = tables.ErasedAddress
HASH_BYTES = 16
CHUNK_SIZE = 500  # values per query
FIND_ANY = Prepared(select(ERASED.created_at).where(ERASED.account_id == bindparam("account")).limit(1))


def remember(ctx: Context, email: str) -> None:
    """Keep the hash of a lower-case address."""
    ctx.insert_new(ERASED, {"account_id": ctx.account_id, "hash": _hashes(ctx, [email])[0], "created_at": ctx.now()})


def forget(ctx: Context, email: str) -> None:
    """Delete the hash of a lower-case address: its person is a contact again, on purpose."""
    if _has_any(ctx):
        own = (ERASED.account_id == ctx.account_id, ERASED.hash == _hashes(ctx, [email])[0])
        ctx.connection.execute(delete(ERASED).where(*own))


def among(ctx: Context, emails: Collection[str]) -> set[str]:
    """The erased ones of some lower-case addresses."""
    if not emails or not _has_any(ctx):
        return set()
    by_hash = dict(zip(_hashes(ctx, emails), emails, strict=True))
    hashes = list(by_hash)
    erased: set[str] = set()
    for first in range(0, len(hashes), CHUNK_SIZE):
        query = select(ERASED.hash).where(ERASED.account_id == ctx.account_id, ERASED.hash.in_(hashes[first : first + CHUNK_SIZE]))
        erased.update(by_hash[bytes(hash_)] for hash_ in ctx.connection.scalars(query))
    return erased


def _has_any(ctx: Context) -> bool:
    """Whether the account has erased a person: most have not, and pay one look-up."""
    return FIND_ANY.run(ctx.connection, {"account": ctx.account_id}).fetchone() is not None


def _hashes(ctx: Context, emails: Collection[str]) -> Sequence[bytes]:
    key = vault.derived(ctx.settings, "erased addresses")
    return [hmac.digest(key, f"{ctx.account_id}/{email}".encode(), "sha256")[:HASH_BYTES] for email in emails]
