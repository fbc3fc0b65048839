"""Leases and settlements: nothing is tried by two at once, nothing is lost, a late worker changes nothing."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import lanes, leases, settlement
from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.rows.recipient_states import MARKETING
from tests.support.ledger import ACCOUNT, Ledger, give_back

DELIVERED = Outcome("delivered", 250, "2.0.0 kept")
HOUR = 3_600_000


def lease(store: Store, owner: str = "me", limit: int = 100) -> list[Leased]:
    return leases.lease(store, owner, limit, 300)


def addresses(rows: list[Leased]) -> list[str]:
    return [row.address for row in rows]


def test_lease_takes_transactional_first_and_the_oldest_first(store: Store, ledger: Ledger) -> None:
    ledger.post("marketing@example.com", priority=1, due_at=1)
    ledger.post("second@example.com", due_at=20)
    ledger.post("first@example.com", due_at=10)

    assert addresses(lease(store, limit=2)) == ["first@example.com", "second@example.com"]
    assert addresses(lease(store)) == ["marketing@example.com"]
    assert lease(store) == []


def test_lease_says_what_a_worker_needs(store: Store, ledger: Ledger) -> None:
    message_id = ledger.post("a@example.com", is_sandbox=True, created_at=5, scheduled_at=7, due_at=7)

    (row,) = lease(store)

    assert (row.message_id, row.account_id, row.address, row.attempt, row.owner) == (message_id, ACCOUNT, "a@example.com", 1, "me")
    assert (row.due_since, row.is_sandbox) == (7, True)


def test_lease_counts_the_time_limit_from_acceptance_when_it_was_scheduled_for_the_past(store: Store, ledger: Ledger) -> None:
    ledger.post("a@example.com", created_at=500, scheduled_at=7)

    assert [row.due_since for row in lease(store)] == [500]


def test_lease_leaves_what_is_not_due(store: Store, ledger: Ledger) -> None:
    ledger.post("scheduled@example.com", due_at=now() + HOUR, scheduled_at=now() + HOUR)

    assert (leases.has_due(store), lease(store)) == (False, [])
    ledger.make_due()
    assert (leases.has_due(store), addresses(lease(store))) == (True, ["scheduled@example.com"])


def test_lease_offers_a_quarter_to_retries_while_fresh_mail_abounds(store: Store, ledger: Ledger) -> None:
    ledger.post(*(f"retry{number}@example.com" for number in range(8)))
    settlement.settle(store, [Settlement(row, Outcome("deferred", 451, "later"), 1) for row in lease(store)])
    ledger.post(*(f"fresh{number}@example.com" for number in range(8)))

    first = addresses(lease(store, limit=8))
    rest = addresses(lease(store))

    assert sum(address.startswith("retry") for address in first) == 2
    assert len({*first, *rest}) == 16


def test_lease_never_gives_a_row_to_two_owners(store: Store, ledger: Ledger) -> None:
    ledger.post(*(f"person{number}@example.com" for number in range(400)))
    taken: list[list[Leased]] = [[] for _ in range(4)]

    def take(number: int) -> None:
        while rows := lease(store, f"owner{number}", limit=7):
            taken[number] += rows

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    every = [row.id for rows in taken for row in rows]
    assert (len(every), len(set(every))) == (400, 400)


def test_lease_suppresses_what_became_suppressed_after_it_was_accepted(store: Store, ledger: Ledger) -> None:
    ledger.post("Left@example.com", "stays@example.com", priority=MARKETING)
    ledger.suppress("left@example.com")

    assert addresses(lease(store)) == ["stays@example.com"]
    assert ledger.states() == {"Left@example.com": "suppressed", "stays@example.com": "leased"}
    assert ledger.events() == [("Left@example.com", "suppressed", None, "The address is suppressed: unsubscribed")]
    left = ledger.recipient("Left@example.com")
    assert (left.attempt_count, left.lease_owner, left.finished_at is not None) == (0, None, True)


def test_settle_ignores_an_earlier_lease_of_the_same_owner(store: Store, ledger: Ledger) -> None:
    ledger.post("a@example.com")
    (slept_over,) = lease(store)
    give_back(store, "me")  # another worker found that it had run out
    (again,) = leases.lease(store, "me", 1, 301)
    assert (again.attempt, again.owner) == (slept_over.attempt, slept_over.owner)

    assert settlement.settle(store, [Settlement(slept_over, Outcome("released"), 1)]) == 0
    assert ledger.states() == {"a@example.com": "leased"}
    assert settlement.settle(store, [Settlement(again, DELIVERED)]) == 1


def test_settle_writes_states_and_events(store: Store, ledger: Ledger) -> None:
    ledger.post("a@example.com", "b@example.com", "c@example.com", "d@example.com")
    a, b, c, d = lease(store)

    settled = settlement.settle(
        store,
        [
            Settlement(a, DELIVERED),
            Settlement(b, Outcome("deferred", 451, "busy"), 77),
            Settlement(c, Outcome("bounced", 554, "no")),
            Settlement(d, outcomes.held("down"), 88),
        ],
    )

    assert settled == 4
    assert ledger.states() == {
        "a@example.com": "delivered",
        "b@example.com": "deferred",
        "c@example.com": "bounced",
        "d@example.com": "deferred",
    }
    assert ledger.events() == [
        ("a@example.com", "delivered", 250, "2.0.0 kept"),
        ("b@example.com", "deferred", 451, "busy"),
        ("c@example.com", "bounced", 554, "no"),
        ("d@example.com", "deferred", None, "down"),
    ]
    rows = [ledger.recipient(address) for address in ledger.states()]
    assert [(row.attempt_count, row.lease_owner, row.finished_at is None) for row in rows] == [
        (1, None, False),
        (1, None, True),
        (1, None, False),
        (0, None, True),
    ]
    assert [row.due_at for row in rows[1::2]] == [77, 88]
    assert ledger.suppressions() == {}


def test_settle_suppresses_a_hard_bounce_once(store: Store, ledger: Ledger) -> None:
    gone = outcomes.of_reply(550, b"5.1.1 no such user", is_about_recipient=True)
    ledger.suppress("old@example.com", "manual")
    ledger.post("Gone@example.com")
    rows = lease(store)

    settlement.settle(store, [Settlement(row, gone) for row in rows])

    assert ledger.suppressions() == {"gone@example.com": "bounced", "old@example.com": "manual"}


def test_settle_keeps_an_older_suppression(store: Store, ledger: Ledger) -> None:
    ledger.post("gone@example.com")
    (row,) = lease(store)
    ledger.suppress("gone@example.com", "complained")

    settlement.settle(store, [Settlement(row, outcomes.of_reply(550, b"5.1.1 no such user", is_about_recipient=True))])

    assert ledger.suppressions() == {"gone@example.com": "complained"}


def test_settle_captures_a_message_once_for_all_its_recipients(store: Store, ledger: Ledger) -> None:
    message_id = ledger.post("a@example.com", "b@example.com", is_sandbox=True)

    settlement.settle(store, [Settlement(row, outcomes.CAPTURED) for row in lease(store)])

    assert (ledger.captures(), set(ledger.states().values())) == ([message_id], {"captured"})


@pytest.mark.parametrize("next_owner", ["other", "me"])
def test_settle_ignores_a_worker_that_comes_after_its_lease(store: Store, ledger: Ledger, next_owner: str) -> None:
    ledger.post("a@example.com")
    (late,) = lease(store, "me")
    give_back(store, "me")
    settlement.settle(store, [Settlement(row, Outcome("deferred", 451, "later"), 1) for row in lease(store, "between")])
    (current,) = lease(store, next_owner)

    assert settlement.settle(store, [Settlement(late, Outcome("bounced", 550, "no"), None)]) == 0
    assert settlement.settle(store, [Settlement(current, DELIVERED)]) == 1
    assert settlement.settle(store, [Settlement(late, Outcome("deferred", 451, "no"), 1)]) == 0
    assert (ledger.states(), len(ledger.events())) == ({"a@example.com": "delivered"}, 2)


def test_settle_puts_back_what_was_not_tried_without_a_trace(store: Store, ledger: Ledger) -> None:
    ledger.post("a@example.com", due_at=5)

    settlement.settle(store, [Settlement(row, outcomes.NOT_TRIED) for row in lease(store)])

    row = ledger.recipient("a@example.com")
    assert (row.state, row.attempt_count, row.due_at, row.lease_until, ledger.events()) == ("pending", 0, 5, None, [])


def test_settle_of_one_owner_leaves_the_leases_of_others(store: Store, ledger: Ledger) -> None:
    ledger.post("a@example.com", "b@example.com")
    lease(store, "mine", limit=1)
    lease(store, "other", limit=1)

    assert give_back(store, "mine") == 1
    assert [row.lease_owner for row in ledger.rows(tables.Recipient)] == [None, "other"]
    assert [row.attempt for row in lease(store, "next")] == [1]


@pytest.mark.parametrize(
    ("code", "reply", "is_hard"),
    [
        (550, "5.1.1 The account does not exist", True),
        (553, "5.1.3 bad address", True),
        (550, "5.7.1 blocked", False),
        (550, "5.1.8 bad sender", False),
        (552, "5.2.2 mailbox full", False),
        (554, "5.1.10 null MX", True),
        (550, "No such user here", True),
        (551, "User not local", True),
        (550, "Rejected: listed by a block list", False),
        (550, "Relay access denied", False),
        (552, "Mailbox exceeds its storage", False),
        (554, "Transaction failed", False),
        (450, "4.1.1 unknown for now", False),
    ],
)
def test_of_reply_calls_only_missing_mailboxes_hard(code: int, reply: str, is_hard: bool) -> None:
    assert outcomes.of_reply(code, reply.encode(), is_about_recipient=True).is_hard is is_hard
    assert not outcomes.of_reply(code, reply.encode()).is_hard


@pytest.mark.parametrize(
    ("codes", "state"),
    [((200, 250, 299), "delivered"), ((500, 550, 599), "bounced"), ((199, 300, 354, 400, 451, 499, 600), "deferred")],
)
def test_of_reply_knows_the_classes_of_replies(codes: tuple[int, ...], state: str) -> None:
    assert {outcomes.of_reply(code, b"words").state for code in codes} == {state}


def test_of_reply_keeps_one_bounded_line() -> None:
    outcome = outcomes.of_reply(451, b"try\r\nlater\x00\x1b[0m \xff" + b"x" * 10_000)

    assert outcome.text.startswith("try later [0m \ufffdxxx")
    assert len(outcome.text) == 500


def test_a_lease_of_many_costs_few_statements(store: Store, ledger: Ledger) -> None:
    ledger.post(*(f"person{number}@example.com" for number in range(100)))
    statements: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    rows = lease(store)
    settlement.settle(store, [Settlement(row, DELIVERED) for row in rows])

    assert len(rows) == 100
    assert len(statements) <= 16


def test_lease_takes_transactional_mail_for_an_unsubscribed_address(store: Store, ledger: Ledger) -> None:
    ledger.post("left@example.com", "gone@example.com")
    ledger.suppress("left@example.com")
    ledger.suppress("gone@example.com", "bounced")

    assert addresses(lease(store)) == ["left@example.com"]
    assert ledger.states() == {"left@example.com": "leased", "gone@example.com": "suppressed"}


def test_lease_suppresses_the_addresses_of_a_suppressed_domain(store: Store, ledger: Ledger) -> None:
    ledger.post("ada@old.example", "ada@sub.old.example", "ada@expired.example")
    ledger.suppress("*@old.example", "manual")
    ledger.suppress("*@expired.example", "manual", expires_at=1)

    assert addresses(lease(store)) == ["ada@sub.old.example", "ada@expired.example"]


def test_barred_looks_again_at_what_was_leased_a_while_ago(store: Store, ledger: Ledger) -> None:
    ledger.post("Left@example.com", "stays@example.com", priority=MARKETING)
    ledger.post("campaign@example.com", lane=f"{ACCOUNT}/msg_9", priority=1)
    rows = {row.address: row for row in lease(store)}
    assert leases.recheck(store, list(rows.values())) == {}
    ledger.suppress("left@example.com")
    store.write(lambda connection: lanes.hold(connection, f"{ACCOUNT}/msg_9"))

    result = leases.recheck(store, list(rows.values()))

    assert result == {
        rows["Left@example.com"].id: outcomes.suppressed("unsubscribed"),
        rows["campaign@example.com"].id: outcomes.NOT_TRIED,
    }


def test_settle_suppresses_an_address_that_bounced_softly_three_times_over_two_days(store: Store, ledger: Ledger) -> None:
    refused = Outcome("bounced", 552, "5.2.2 mailbox full")
    for days in (3, 1, 0):
        ledger.post("full@example.com")
        settlement.settle(store, [Settlement(row, refused) for row in lease(store)])
        assert ledger.suppressions() == ({} if days else {"full@example.com": "bounced"})
        ledger.age_events(days)


def test_settle_blames_no_address_for_mail_that_never_left(store: Store, ledger: Ledger) -> None:
    for days in (3, 1, 0):
        ledger.post("full@example.com")
        settlement.settle(store, [Settlement(row, Outcome("bounced", None, "The subject becomes too long")) for row in lease(store)])
        ledger.age_events(days)

    assert ledger.suppressions() == {}
