"""Lanes: every account gets a share of the queue, and a hold stops a campaign, an account or all at once."""

from __future__ import annotations

from collections import Counter

import pytest

from misarmail_server.context import now
from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import lanes, leases
from tests.support.ledger import ACCOUNT, Ledger

CAMPAIGN = lanes.of_campaign(ACCOUNT, "msg_9")


def lease(store: Store, limit: int = 100) -> list[str]:
    return [row.address for row in leases.lease(store, "me", limit, 300)]


def test_claim_gives_each_lane_its_share(store: Store, ledger: Ledger) -> None:
    ledger.post(*(f"many{number}@example.com" for number in range(500)), due_at=1)
    ledger.post(*(f"some{number}@example.com" for number in range(20)), lane="acc_2", due_at=2)
    ledger.post("one@example.com", lane="acc_3", due_at=3)

    first = Counter(address.partition("@")[0].rstrip("0123456789") for address in lease(store, 30))

    assert first == {"many": 19, "some": 10, "one": 1}
    assert len(lease(store, 1000)) == 491


def test_claim_serves_the_lane_first_that_waits_longest(store: Store, ledger: Ledger) -> None:
    for lane, due_at in (("acc_4", 3), ("acc_2", 1), ("acc_3", 2)):
        ledger.post(f"{lane}@example.com", lane=lane, due_at=due_at)

    assert [lease(store, 1) for _ in range(3)] == [["acc_2@example.com"], ["acc_3@example.com"], ["acc_4@example.com"]]


def test_claim_passes_over_what_is_held_and_takes_it_up_again(store: Store, ledger: Ledger) -> None:
    ledger.post("single@example.com")
    ledger.post("first@example.com", "second@example.com", lane=CAMPAIGN, priority=1)
    store.write(lambda connection: lanes.hold(connection, CAMPAIGN))

    assert lease(store) == ["single@example.com"]
    assert not leases.has_due(store)
    assert store.write(lambda connection: lanes.free(connection, CAMPAIGN))
    assert leases.has_due(store)
    assert lease(store) == ["first@example.com", "second@example.com"]
    assert not store.write(lambda connection: lanes.free(connection, CAMPAIGN))


@pytest.mark.parametrize("held", [ACCOUNT, lanes.ALL])
def test_a_hold_of_an_account_or_of_all_holds_its_campaigns_too(store: Store, ledger: Ledger, held: str) -> None:
    ledger.post("single@example.com")
    ledger.post("campaign@example.com", lane=CAMPAIGN, priority=1)
    for _ in range(2):  # the second changes nothing
        store.write(lambda connection: lanes.hold(connection, held))

    assert (lease(store), leases.has_due(store)) == ([], False)


def test_count_due_counts_what_could_be_leased(store: Store, ledger: Ledger) -> None:
    ledger.post(*(f"person{number}@example.com" for number in range(30)))
    ledger.post("later@example.com", due_at=now() + 3_600_000)
    ledger.post("held@example.com", lane="acc_2")
    store.write(lambda connection: lanes.hold(connection, "acc_2"))

    with store.read() as connection:
        assert [lanes.count_due(connection, most) for most in (1, 20, 1_000)] == [1, 20, 30]


def test_looking_for_lanes_seeks_in_the_index(store: Store, ledger: Ledger) -> None:
    ledger.post("a@example.com")
    if not store.is_sqlite:
        return
    with store.read() as connection:
        query = str(lanes._lanes_query().compile(connection))  # noqa: SLF001 - its plan, not its result
        values = ("pending", 0) * (query.count("?") // 2)
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)]

    assert not [step for step in plan if "recipients" in step and "SEARCH" not in step]
