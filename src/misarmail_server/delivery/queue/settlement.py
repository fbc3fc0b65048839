"""Settlement of leased rows: the outcome, its events and suppressions, in one transaction.

A settlement that comes after the lease has changed is ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, func, null, select, update

from misarmail_server.context import now
from misarmail_server.db import dialects, tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.db.store import Store
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue.leased_row import RECIPIENT, RECIPIENTS, Leased
from misarmail_server.events import quota, record, soft_bounces, suppress
from misarmail_server.events.record import EmailEvent
from misarmail_server.events.suppress import SuppressionCause
from misarmail_server.rows.recipient_states import RecipientState

# The state of a row after an outcome; every other outcome has the name of its state.
STATE_OF_OUTCOME = {"held": RecipientState.DEFERRED, "released": RecipientState.PENDING}
UNCOUNTED_OUTCOMES = frozenset({"held", "released", "suppressed"})  # no attempt was made
NEVER_LEFT = frozenset({"suppressed", "captured"})
UNFINISHED_OUTCOMES = frozenset({"deferred", *STATE_OF_OUTCOME})


SETTLE = Prepared(
    update(RECIPIENTS)
    .where(RECIPIENT.id == bindparam("row"))
    .values(
        state=bindparam("becomes"),
        due_at=func.coalesce(bindparam("due", type_=BigInteger), RECIPIENT.due_at),
        finished_at=bindparam("finished"),
        attempt_count=bindparam("attempts"),
        lease_owner=null(),
        lease_until=null(),
    )
)
SETTLE_COLUMNS = ("becomes", "due", "finished", "attempts", "row")


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of a leased row; `due_at` is the time of the next attempt of a deferred or held one."""

    row: Leased
    outcome: Outcome
    due_at: int | None = None


def settle(store: Store, settlements: Sequence[Settlement]) -> int:
    """Record outcomes and their events in one transaction. Returns how many rows were still leased by us; others are ignored."""
    return store.write(lambda connection: settle_in(connection, settlements))


def settle_in(connection: Connection, settlements: Sequence[Settlement]) -> int:
    """As `settle`, in a transaction that is already open."""
    ours = _still_ours(connection, settlements)
    if not ours:
        return 0
    at = now()
    SETTLE.run_rows(connection, SETTLE_COLUMNS, [_settled(settlement, at) for settlement in ours])
    record.record_events(connection, [_email_event(our, at) for our in ours if our.outcome.state != "released"])
    quota.give_back_each(connection, _not_left(ours))
    _insert(connection, tables.Capture, [_capture(our.row, at) for our in ours if our.outcome.state == "captured"])
    suppress.apply(connection, [_suppression_cause(our.row) for our in ours if _suppresses(connection, our, at)], at)
    return len(ours)


def _not_left(settlements: Sequence[Settlement]) -> list[tuple[str, int]]:
    """(account, when it was accepted) of each mail that was counted against the plan and will never leave."""
    rows = (settlement.row for settlement in settlements if settlement.outcome.state in NEVER_LEFT)
    return [(row.account_id, row.accepted_at) for row in rows if not row.is_sandbox]


def _suppresses(connection: Connection, settlement: Settlement, at: int) -> bool:
    """Whether to suppress the address: it does not exist, or it had too many soft bounces. The events are recorded already."""
    row, outcome = settlement.row, settlement.outcome
    if outcome.state != "bounced" or outcome.code is None:  # without a reply, nothing is known about the address
        return outcome.is_hard
    return outcome.is_hard or soft_bounces.are_too_many(connection, row.account_id, row.address, at)


def _still_ours(connection: Connection, settlements: Sequence[Settlement]) -> list[Settlement]:
    """The settlements whose row is still in the same lease.

    An attempt that was not tried is not counted, so the same owner may lease a row again with the same number: the end tells them apart.
    """
    ids = [settlement.row.id for settlement in settlements]
    held = select(RECIPIENT.id, RECIPIENT.lease_owner, RECIPIENT.lease_until).where(
        RECIPIENT.id.in_(ids), RECIPIENT.state == RecipientState.LEASED
    )
    leases = {tuple(row) for row in connection.execute(held.order_by(RECIPIENT.id).with_for_update())}
    return [settlement for settlement in settlements if (settlement.row.id, settlement.row.owner, settlement.row.lease_until) in leases]


def _settled(settlement: Settlement, at: int) -> tuple[Any, ...]:
    """The values of SETTLE, in the order of SETTLE_COLUMNS."""
    row, state = settlement.row, settlement.outcome.state
    attempts = row.attempt - 1 if state in UNCOUNTED_OUTCOMES else row.attempt
    finished = None if settlement.due_at is not None or state in UNFINISHED_OUTCOMES else at
    return _next_state(settlement, attempts), settlement.due_at, finished, attempts, row.id


def _next_state(settlement: Settlement, attempts: int) -> RecipientState:
    """The state of the row: an ambiguous attempt that is due again is deferred, an attempt that was not made restores the state before."""
    state = settlement.outcome.state
    if state == "ambiguous" and settlement.due_at is not None:
        return RecipientState.DEFERRED
    if state == "released" and attempts:
        return RecipientState.DEFERRED
    return STATE_OF_OUTCOME.get(state) or RecipientState(state)


def _email_event(settlement: Settlement, at: int) -> EmailEvent:
    row, outcome = settlement.row, settlement.outcome
    type_ = STATE_OF_OUTCOME.get(outcome.state, outcome.state)
    kind: str | None = ("hard_bounced" if outcome.is_hard else "soft_bounced") if type_ == "bounced" else type_
    if type_ == "ambiguous" and settlement.due_at is not None:
        kind = None  # it is tried again, and counted then
    whose = (row.message_id, row.account_id, row.address)
    return EmailEvent(*whose, type_, kind, at, row.campaign_id, reply_code=outcome.code, reply_text=outcome.text or None)


def _capture(row: Leased, at: int) -> dict[str, Any]:
    return {"message_id": row.message_id, "account_id": row.account_id, "created_at": at}


def _suppression_cause(row: Leased) -> SuppressionCause:
    return SuppressionCause(row.account_id, row.address, "bounced")


def _insert(connection: Connection, table: type[tables.Table], rows: list[dict[str, Any]]) -> None:
    """Insert rows; existing rows stay unchanged."""
    if rows:
        connection.execute(dialects.insert(connection.dialect.name, table).on_conflict_do_nothing(), rows)
