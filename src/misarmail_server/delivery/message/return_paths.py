"""The hosts of return paths below senders' own domains, so that SPF aligns with the sender (RFC 7489, section 3.1.2)."""

from __future__ import annotations

from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.ttl_cache import TtlCache
from misarmail_server.rows.domains import return_path_host

CACHE_SECONDS = 60.0


class ReturnPaths:
    """The return-path hosts of verified domains, as their last verification found them. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hosts: TtlCache[str] = TtlCache()

    def host(self, account_id: str, domain: str) -> str | None:
        """The host below a domain that this account has verified, if its return-path record is valid. Raises Unavailable."""
        name = domain.lower()
        return self._hosts.get(f"{account_id} {name}", lambda: (self._read(account_id, name), CACHE_SECONDS)) or None

    def _read(self, account_id: str, name: str) -> str:
        domain, verified = tables.Domain, tables.VerifiedDomain
        query = select(domain.id).join(verified, verified.domain_id == domain.id)
        valid = query.where(verified.name == name, verified.account_id == account_id, domain.return_path_status == "valid")
        with self._store.read() as connection:
            return return_path_host(name) if connection.scalar(valid) is not None else ""
