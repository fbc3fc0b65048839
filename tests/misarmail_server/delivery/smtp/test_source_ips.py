"""Which address a mail leaves from while addresses warm up."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from misarmail_server.context import DAY, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.envelope import SourceAddress
from misarmail_server.delivery.smtp import source_ips
from misarmail_server.delivery.smtp.source_ips import SourceAddresses
from tests.support.ledger import ACCOUNT, Ledger


@pytest.fixture
def claim(store: Store, ledger: Ledger) -> Any:  # noqa: ARG001 - the ledger has the account
    """Gives the account an address that it has had for some days; None: it waits for one."""

    def give(address: str | None, days: int = 0, pool: str = "marketing", *, warmup: bool = True) -> int:
        row = {"account_id": ACCOUNT, "pool": pool, "rdns": "m.example.com", "warmup_enabled": warmup, "created_at": 1}
        since = now() - days * DAY - 1_000

        def work(connection: Any) -> None:
            if address:
                connection.execute(insert(tables.IpAddress), {"address": address, "created_at": 1})
            had = {"address": address, "provisioned_at": since if address else None}
            connection.execute(insert(tables.DedicatedIp), {"id": f"ip_{address}", **row, **had})

        store.write(work)
        return since

    return give


def taken(chosen: SourceAddresses, count: int, pool: str = "marketing") -> list[str | None]:
    result = [chosen.take(ACCOUNT, pool) for _ in range(count)]
    return [source.ip if source else None for source in result]


def test_take_leaves_the_choice_to_the_system_without_addresses(store: Store, claim: Any) -> None:
    claim(None)

    assert taken(SourceAddresses(store), 2) == [None, None]


def test_take_warms_an_address_up_to_its_limit_and_overflows_to_warm_ones(store: Store, claim: Any) -> None:
    claim("192.0.2.1")
    claim("192.0.2.2", days=40)
    claim("192.0.2.3", pool="transactional")
    chosen = SourceAddresses(store)

    assert taken(chosen, 52) == ["192.0.2.1"] * 50 + ["192.0.2.2"] * 2
    assert taken(chosen, 51, "transactional") == ["192.0.2.3"] * 50 + ["192.0.2.2"]


def test_take_overflows_to_any_address_without_a_warm_one(store: Store, claim: Any) -> None:
    claim("192.0.2.1", days=4)

    assert taken(SourceAddresses(store), 201)[-2:] == ["192.0.2.1", None]


def test_take_counts_for_all_workers_together(store: Store, claim: Any) -> None:
    claim("192.0.2.1")
    item, other = SourceAddresses(store), SourceAddresses(store)

    both = [address for _ in range(40) for address in taken(item, 1) + taken(other, 1)]

    assert (both.count("192.0.2.1"), both.count(None)) == (50, 30)


def test_take_has_no_limit_where_the_warm_up_is_off(store: Store, claim: Any) -> None:
    claim("192.0.2.1", warmup=False)

    assert set(taken(SourceAddresses(store), 60)) == {"192.0.2.1"}


def test_give_back_lets_another_mail_have_the_place(store: Store, claim: Any) -> None:
    claim("192.0.2.1")
    chosen = SourceAddresses(store)
    taken(chosen, 50)

    chosen.give_back(SourceAddress("192.0.2.1", "m.example.com"))
    chosen.give_back(None)

    assert taken(chosen, 2) == ["192.0.2.1", None]


def test_sent_today_counts_the_day_of_the_warm_up(store: Store, claim: Any) -> None:
    since = claim("192.0.2.1", days=4)
    taken(SourceAddresses(store), 15)

    with store.read() as connection:
        assert source_ips.sent_today(connection, "192.0.2.1", since) == 20  # taken ten at a time
        assert source_ips.sent_today(connection, "192.0.2.1", since + 1) == 0


def test_began_at_is_the_start_of_a_day_that_begins_with_the_warm_up() -> None:
    first = 1_700_000_123_456

    assert source_ips.began_at(first, first + DAY - 1) == first
    assert source_ips.began_at(first, first + DAY) == first + DAY
    assert source_ips.began_at(first, first + 3 * DAY + 5) == first + 3 * DAY
    assert source_ips.began_at(first, first - 5) == first - 5  # a clock that was set back
