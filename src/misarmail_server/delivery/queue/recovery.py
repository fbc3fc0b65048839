"""Recovers mail whose worker died or let its lease expire.

The worker's journal decides, where it is readable: an attempt with a reply gets its outcome, a dot without a reply is ambiguous, and all
other mail was not sent and goes back to the queue. A worker on another machine leaves no journal here; its mail goes back when the lease
expires.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import structlog
from sqlalchemy import Connection, select

from misarmail_server.context import now
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import journal, leases, owners, retry, settlement
from misarmail_server.delivery.queue.journal import AttemptKey
from misarmail_server.delivery.queue.leased_row import RECIPIENT, Leased
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.rows.recipient_states import RecipientState
from misarmail_server.settings import Settings

log = structlog.get_logger()


class Recovery:
    """Finds leases that their owner will not settle. Every worker does this, for its own leases too."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._draw = random.SystemRandom().random

    def run(self) -> int:
        """Settle or give back the leases of dead and late workers.

        Returns the number of rows. Safe to run concurrently: one caller does it.
        """
        with self._store.read() as connection:
            dead = set(filter(owners.is_dead, _owners(connection)))
            late = set(_owners(connection, expired_at=now()))
        return sum(self._take_over(owner, is_dead=owner in dead) for owner in sorted(dead | late))

    def give_back(self, owner: str) -> None:
        """Settle what a stopping worker still holds, by its journal; the rest is due at once. Raises Unavailable."""
        self._store.write(lambda connection: self._settle(connection, owner, journal.read(self._settings.journals, owner), is_dead=True))

    def _take_over(self, owner: str, *, is_dead: bool) -> int:
        folder = self._settings.journals
        journaled = journal.read(folder, owner)
        rows = self._store.write(lambda connection: self._settle(connection, owner, journaled, is_dead=is_dead))
        ambiguous = sum(journaled.get(row.key, outcomes.NOT_TRIED) is None for row in rows)
        log.warning("took over leases", owner=owner, rows=len(rows), ambiguous=ambiguous, owner_is_dead=is_dead)
        if is_dead:
            journal.delete_files(folder, owner)
        return len(rows)

    def _settle(
        self, connection: Connection, owner: str, journaled: dict[AttemptKey, Outcome | None], *, is_dead: bool
    ) -> Sequence[Leased]:
        expired = () if is_dead else (RECIPIENT.lease_until < now(),)
        rows = leases.read_leased(connection, RECIPIENT.lease_owner == owner, *expired)
        settlement.settle_in(connection, [self._conclude(row, journaled) for row in rows])
        return rows

    def _conclude(self, row: Leased, journaled: dict[AttemptKey, Outcome | None]) -> Settlement:
        outcome = journaled.get(row.key, outcomes.NOT_TRIED) or outcomes.NO_REPLY_AFTER_DOT
        settlement = retry.conclude(row, outcome, self._settings, at=now(), pause_seconds=0.0, draw=self._draw)
        if outcome is outcomes.NO_REPLY_AFTER_DOT and settlement.due_at is not None:
            return replace(settlement, due_at=now())  # the receiver gave no reason to wait
        return settlement


def _owners(connection: Connection, *, expired_at: int | None = None) -> list[str]:
    """The owners of leases, or of leases that expired before a time."""
    held = select(RECIPIENT.lease_owner).where(RECIPIENT.state == RecipientState.LEASED).distinct()
    if expired_at is not None:
        held = held.where(RECIPIENT.lease_until < expired_at)
    return [owner for owner in connection.scalars(held) if owner]
