"""The DKIM keys of sender domains, read from the database and cached for a minute."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy import select

from misarmail_server import vault
from misarmail_server.context import SECOND, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.message import dkim
from misarmail_server.delivery.message.dkim import Signer
from misarmail_server.errors import Unavailable
from misarmail_server.settings import Settings

CACHE_SECONDS = 60  # how long a key signs after it was replaced; its record stays published for longer
MAX_CACHED = 1_000


class KeyUnreadableError(Exception):
    """A domain's key cannot be used. Its mail must wait: receivers would take it for forged without a signature."""


@dataclass(frozen=True, slots=True)
class _CachedSigners:
    signers: tuple[Signer, ...]
    until: int


class SigningKeys:
    """The signing keys of accounts. Thread-safe."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._kept: dict[tuple[str, str], _CachedSigners] = {}
        self._lock = threading.Lock()

    def of(self, account_id: str, domain: str) -> tuple[Signer, ...]:
        """The keys that sign for a domain, RSA first; none for a domain that this account has not verified.

        Raises KeyUnreadableError, and Unavailable if the database is unreachable.
        """
        name, at = domain.lower(), now()
        with self._lock:
            kept = self._kept.get((account_id, name))
        if kept is not None and at < kept.until:
            return kept.signers
        signers = self._read(account_id, name)
        with self._lock:
            if len(self._kept) >= MAX_CACHED:
                self._kept.clear()
            self._kept[account_id, name] = _CachedSigners(signers, at + CACHE_SECONDS * SECOND)
        return signers

    def _read(self, account_id: str, name: str) -> tuple[Signer, ...]:
        key, domain = tables.DkimKey, tables.VerifiedDomain
        active = (
            select(key.selector, key.algorithm, key.private_key)
            .join(domain, domain.domain_id == key.domain_id)
            .where(domain.name == name, domain.account_id == account_id, key.state == "active")
            .order_by(key.algorithm.desc(), key.generation)
        )
        with self._store.read() as connection:
            rows = connection.execute(active).all()
        return tuple(self._signer(name, row.selector, row.algorithm, row.private_key) for row in rows)

    def _signer(self, name: str, selector: str, algorithm: str, sealed: bytes) -> Signer:
        try:
            return dkim.load(name, selector, algorithm, vault.unseal(self._settings, sealed))
        except (Unavailable, ValueError):
            raise KeyUnreadableError(f"The key {selector} of {name} cannot be read with this platform's secret") from None
