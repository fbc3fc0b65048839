"""Which of an account's own IP addresses a mail is sent from: addresses in warm-up up to their daily limit, then warm ones.

All workers share a day's limit: each reserves a few mails at a time in the database. A worker that ends loses its reservation, so a warm-up
may be used less than fully but is never exceeded.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from misarmail_server.context import DAY, now
from misarmail_server.db import dialects, tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.envelope import SourceAddress
from misarmail_server.delivery.smtp import warmup
from misarmail_server.delivery.ttl_cache import TtlCache

CACHE_SECONDS = 30.0  # after which a new address is seen
PARTS = 20  # a day's limit is reserved in at least this many parts


@dataclass(frozen=True, slots=True)
class DedicatedAddress:
    """An address of an account; `started_at` is the start of its warm-up."""

    source: SourceAddress
    pool: str
    started_at: int
    is_warming: bool


class SourceAddresses:
    """Chooses source addresses for one process. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._accounts: TtlCache[list[DedicatedAddress]] = TtlCache()
        self._left: dict[tuple[str, int], int] = {}  # of the reservation, by address and start of the day
        self._used_up: set[tuple[str, int]] = set()

    def take(self, account_id: str, pool: str) -> SourceAddress | None:
        """The source address for the next mail; None for any, if the account has none or all have reached their limit today."""
        own = self._accounts.get(account_id, lambda: (_read(self._store, account_id), CACHE_SECONDS))
        at = now()
        for dedicated in in_turn(own, pool, at) if own else ():
            if self._may_send(dedicated, at):
                return dedicated.source
        return None

    def give_back(self, source: SourceAddress | None) -> None:
        """Return a reservation: the mail was not tried."""
        with self._lock:
            of_source = [key for key in self._left if source and key[0] == source.ip]
            if of_source:
                self._left[max(of_source)] += 1

    def _may_send(self, dedicated: DedicatedAddress, at: int) -> bool:
        limit = warmup.of(dedicated.started_at, at, is_enabled=dedicated.is_warming).daily_limit
        if limit is None:
            return True
        key = (dedicated.source.ip, began_at(dedicated.started_at, at))
        with self._lock:
            if self._left.get(key, 0) < 1 and key not in self._used_up:
                self._refill(key, limit)
            if self._left.get(key, 0) < 1:
                return False
            self._left[key] -= 1
            return True

    def _refill(self, key: tuple[str, int], limit: int) -> None:
        part = -(-limit // PARTS)
        reserved = self._store.write(lambda connection: _reserve(connection, key, part, limit))
        for old in [known for known in self._left if known[0] == key[0] and known != key]:
            del self._left[old]
        self._used_up = {used for used in self._used_up if used[0] != key[0]}
        self._left[key] = reserved
        if not reserved:
            self._used_up.add(key)


def in_turn(own: Sequence[DedicatedAddress], pool: str, at: int) -> Iterator[DedicatedAddress]:
    """The addresses of the pool, those in warm-up first, then the account's other warm addresses: overflow instead of waiting."""
    of_pool = [dedicated for dedicated in own if dedicated.pool == pool]
    yield from (dedicated for dedicated in of_pool if not _is_warm(dedicated, at))
    yield from (dedicated for dedicated in of_pool if _is_warm(dedicated, at))
    yield from (dedicated for dedicated in own if dedicated.pool != pool and _is_warm(dedicated, at))


def began_at(started_at: int, at: int) -> int:
    """The start of the current day of a warm-up."""
    return at - max(0, at - started_at) % DAY


def sent_today(connection: Connection, address: str, started_at: int) -> int:
    """The mails of an address in the current day of its warm-up, including those that workers have reserved."""
    day = (tables.IpDay.address == address, tables.IpDay.began_at == began_at(started_at, now()))
    return connection.scalar(select(tables.IpDay.sent_count).where(*day)) or 0


def _is_warm(dedicated: DedicatedAddress, at: int) -> bool:
    return warmup.of(dedicated.started_at, at, is_enabled=dedicated.is_warming).daily_limit is None


def _read(store: Store, account_id: str) -> list[DedicatedAddress]:
    claim = tables.DedicatedIp
    columns = (claim.address, claim.rdns, claim.pool, claim.provisioned_at, claim.warmup_enabled)
    with store.read() as connection:
        rows = connection.execute(
            select(*columns).where(claim.account_id == account_id, claim.address.is_not(None)).order_by(claim.id)
        ).all()
    return [
        DedicatedAddress(SourceAddress(address or "", rdns), pool, since or 0, is_warming)
        for address, rdns, pool, since, is_warming in rows
    ]


def _reserve(connection: Connection, key: tuple[str, int], wanted: int, limit: int) -> int:
    """Reserve a part of a day's limit; returns how many mails were left to reserve."""
    address, day = key
    first = {"address": address, "began_at": day, "sent_count": 0}
    connection.execute(dialects.insert(connection.dialect.name, tables.IpDay).values(first).on_conflict_do_nothing())
    where = (tables.IpDay.address == address, tables.IpDay.began_at == day)
    sent = connection.scalar(select(tables.IpDay.sent_count).where(*where).with_for_update()) or 0
    reserved = max(0, min(wanted, limit - sent))
    connection.execute(update(tables.IpDay).where(*where).values(sent_count=sent + reserved))
    return reserved
