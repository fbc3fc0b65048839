"""The rows that a worker holds in memory."""

from __future__ import annotations

import pytest

from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.delivery.worker.buffer import MAX_WAIT, MAX_WAITING, LeaseBuffer


def row(number: int) -> Leased:
    return Leased(number, "msg_1", "acc_1", "a@example.com", 1, "me", lease_until=0, due_since=0, is_sandbox=False, priority=0)


def test_get_gives_rows_in_their_order_and_those_that_waited_first() -> None:
    rows = LeaseBuffer()
    for number in (1, 2):
        rows.put(row(number))
    rows.put(None)
    assert rows.put_later(row(3), 0.0)
    assert rows.put_later(row(4), 5.0)

    assert [rows.get(1), rows.get(1), rows.get(1), rows.get(1)] == [row(3), row(1), row(2), None]


def test_get_waits_for_an_appointment_but_no_longer_than_it_may() -> None:
    rows = LeaseBuffer()
    rows.put_later(row(1), 0.01)
    assert rows.get(5) == row(1)

    rows.put_later(row(2), 5.0)
    with pytest.raises(TimeoutError):
        rows.get(0.01)


def test_put_later_leaves_to_the_database_what_is_too_late_or_too_much() -> None:
    rows = LeaseBuffer()

    assert not rows.put_later(row(0), MAX_WAIT + 1)
    assert [rows.put_later(row(number), 1.0) for number in range(MAX_WAITING + 1)] == [*[True] * MAX_WAITING, False]
    assert len(rows) == 0


def test_clear_forgets_everything() -> None:
    rows = LeaseBuffer()
    rows.put(row(1))
    rows.put_later(row(2), 0.0)

    rows.clear()

    with pytest.raises(TimeoutError):
        rows.get(0.0)
