"""The database refuses transitions that the table does not allow."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.rows.recipient_states import BOUNCEABLE, FINAL, OPEN_STATES, TRANSITIONS, WAITING, RecipientState
from tests.support.ledger import ACCOUNT, Ledger

RECIPIENT = tables.Recipient


def insert_recipient(store: Store, message_id: str, state: str, *, priority: int = 0) -> None:
    """Insert a recipient in this state."""
    row = {
        "message_id": message_id,
        "account_id": ACCOUNT,
        "address": "ada@example.com",
        "kind": "to",
        "lane": ACCOUNT,
        "state": state,
        "priority": priority,
        "attempt_count": 0,
        "due_at": now(),
    }
    store.write(lambda connection: connection.execute(insert(RECIPIENT), row))


def move(store: Store, message_id: str, state: str) -> None:
    change = update(RECIPIENT).where(RECIPIENT.message_id == message_id).values(state=state)
    store.write(lambda connection: connection.execute(change).rowcount)


@pytest.mark.parametrize("state", RecipientState)
def test_the_database_allows_exactly_the_transitions(ledger: Ledger, store: Store, state: RecipientState) -> None:
    for following in RecipientState:
        message_id = ledger.post()
        insert_recipient(store, message_id, state)
        if following == state or following in TRANSITIONS[state]:
            move(store, message_id, following)
        else:
            with pytest.raises(IntegrityError):
                move(store, message_id, following)

    kept = {row.message_id: row.state for row in ledger.rows(RECIPIENT)}
    moved = [following if following in TRANSITIONS[state] else state for following in RecipientState]
    assert list(kept.values()) == moved


@pytest.mark.parametrize(("state", "priority"), [("sent", 0), ("", 0), ("pending", 2), ("pending", -1)])
def test_unknown_states_and_priorities_are_refused(ledger: Ledger, store: Store, state: str, priority: int) -> None:
    message_id = ledger.post()

    with pytest.raises(IntegrityError):
        insert_recipient(store, message_id, state, priority=priority)


def test_unknown_stream_is_refused(ledger: Ledger) -> None:
    with pytest.raises(IntegrityError):
        ledger.post(stream="newsletter")


def test_sets_cover_every_state_once() -> None:
    assert {*OPEN_STATES, *FINAL} == set(RecipientState) == TRANSITIONS.keys()
    assert not set(OPEN_STATES) & set(FINAL)
    assert set(WAITING) < set(OPEN_STATES)
    assert all(RecipientState.LEASED in TRANSITIONS[state] for state in WAITING)
    assert [pair for pair in product(BOUNCEABLE, [RecipientState.BOUNCED]) if pair[1] not in TRANSITIONS[pair[0]]] == []
