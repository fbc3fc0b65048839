"""Leases of dead and late workers: answered mail is settled, ambiguous mail is listed, the rest becomes due again."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import journal, leases, owners
from misarmail_server.delivery.queue.journal import Journal
from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.delivery.queue.recovery import Recovery
from tests.support.ledger import Ledger


@pytest.fixture
def dead() -> str:
    """The name of a worker of this machine that is gone."""
    process = subprocess.Popen(["true"])
    process.wait()
    prefix = owners.own_name().rsplit(":", 2)[0]
    return f"{prefix}:{process.pid}:1"


def lease(store: Store, owner: str) -> dict[str, Leased]:
    return {row.address: row for row in leases.lease(store, owner, 100, 300)}


def test_recovery_of_a_dead_worker_reads_its_journal(store: Store, ledger: Ledger, settings: Any, dead: str) -> None:
    ledger.post("answered@example.com", "doubtful@example.com", "untouched@example.com", "refused@example.com")
    ledger.post("campaign@example.com", "second@example.com", priority=1)
    rows = lease(store, dead)
    written = Journal(settings().journals, dead)
    for address in ("answered@example.com", "doubtful@example.com", "campaign@example.com", "second@example.com"):
        written.dot(rows[address].key)
    written.reply(rows["answered@example.com"].key, Outcome("delivered", 250, "2.0.0 kept"))
    written.reply(rows["refused@example.com"].key, Outcome("bounced", 550, "5.1.1 unknown", is_hard=True))

    assert Recovery(settings(), store).run() == 6

    assert ledger.states() == {
        "answered@example.com": "delivered",
        "doubtful@example.com": "deferred",
        "untouched@example.com": "pending",
        "refused@example.com": "bounced",
        "campaign@example.com": "ambiguous",
        "second@example.com": "ambiguous",
    }
    assert [ledger.recipient(f"{name}@example.com").attempt_count for name in ("doubtful", "untouched", "campaign")] == [1, 0, 1]
    ambiguous = {address.partition("@")[0] for address, kind, _, _ in ledger.events() if kind == "ambiguous"}
    assert ambiguous == {"doubtful", "campaign", "second"}
    counted = [row.count for row in ledger.rows(tables.EventCount) if (row.span, row.kind, row.campaign_id) == ("day", "ambiguous", "")]
    assert sum(counted) == 2  # the doubtful mail is tried again, and counted then
    assert ledger.suppressions() == {"refused@example.com": "bounced"}
    assert journal.read(settings().journals, dead) == {}
    assert set(lease(store, "next")) == {"doubtful@example.com", "untouched@example.com"}
    assert Recovery(settings(), store).run() == 0


def test_recovery_leaves_who_lives_but_what_ran_out(store: Store, ledger: Ledger, settings: Any) -> None:
    ledger.post("early@example.com", "marked@example.com")
    mine = lease(store, owners.own_name())
    assert Recovery(settings(), store).run() == 0

    ledger.make_due()
    Journal(settings().journals, owners.own_name()).dot(mine["marked@example.com"]._replace(lease_until=1).key)
    ledger.post("late@example.com")
    lease(store, owners.own_name())

    assert Recovery(settings(), store).run() == 2
    assert ledger.states() == {"early@example.com": "pending", "marked@example.com": "deferred", "late@example.com": "leased"}
    assert len(journal.read(settings().journals, owners.own_name())) == 1  # it is still written


def test_recovery_waits_for_the_lease_of_a_worker_elsewhere(store: Store, ledger: Ledger, settings: Any) -> None:
    ledger.post("a@example.com")
    lease(store, "elsewhere/1:17:123")
    assert Recovery(settings(), store).run() == 0
    ledger.make_due()

    assert Recovery(settings(), store).run() == 1
    assert (ledger.states(), ledger.recipient("a@example.com").due_at <= now()) == ({"a@example.com": "pending"}, True)
