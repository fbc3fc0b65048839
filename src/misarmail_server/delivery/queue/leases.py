"""The queue: rows of `recipients` are leased, attempted and settled. A row never has two owners at once.

A lease is identified by its owner and its end; a settlement that comes after either has changed is ignored. Leases that expired or whose
owner died are handled in `recovery.py`, so a worker that dies loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, bindparam, case, func, literal_column, null, select, update

from misarmail_server.context import SECOND, now
from misarmail_server.db import dialects, tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import lanes
from misarmail_server.delivery.queue.journal import AttemptKey
from misarmail_server.events import record, soft_bounces, suppress
from misarmail_server.events.record import EmailEvent
from misarmail_server.events.suppress import SuppressionCause
from misarmail_server.rows.recipient_states import RecipientState

# The state of a row after an outcome; every other outcome has the name of its state.
STATE_OF_OUTCOME = {"held": RecipientState.DEFERRED, "released": RecipientState.PENDING}
UNCOUNTED_OUTCOMES = frozenset({"held", "released", "suppressed"})  # no attempt was made
UNFINISHED_OUTCOMES = frozenset({"deferred", *STATE_OF_OUTCOME})

RECIPIENTS = cast("Table", tables.Recipient.__table__)
RECIPIENT = RECIPIENTS.c
MESSAGE = tables.Message
SUPPRESSION = tables.Suppression


class Leased(NamedTuple):
    """A recipient that its owner may try until `lease_until`. `due_since` is when its message was first due; times are milliseconds."""

    id: int
    message_id: str
    account_id: str
    address: str
    attempt: int
    owner: str
    lease_until: int
    due_since: int
    is_sandbox: bool
    priority: int
    campaign_id: str | None = None
    values_json: str | None = None  # the values of a campaign's merge tags
    lane: str = ""

    @property
    def key(self) -> AttemptKey:
        """The key of this attempt in the journal."""
        return AttemptKey(self.id, self.lease_until)


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of a leased row; `due_at` is the time of the next attempt of a deferred or held one."""

    row: Leased
    outcome: Outcome
    due_at: int | None = None


def lease(store: Store, owner: str, limit: int, lease_seconds: float) -> list[Leased]:
    """Lease at most `limit` due rows, transactional first, oldest first. Suppressed ones are settled here and not returned."""
    return store.write(lambda connection: _lease(connection, owner, limit, lease_seconds))


def settle(store: Store, settlements: Sequence[Settlement]) -> int:
    """Record outcomes and their events in one transaction. Returns how many rows were still leased by us; others are ignored."""
    return store.write(lambda connection: settle_in(connection, settlements))


def recheck(store: Store, rows: Sequence[Leased]) -> dict[int, Outcome]:
    """Which rows of an earlier lease must not be tried now, and why: the address was suppressed or the lane was held since."""
    with store.read() as connection:
        suppressed = {row.id: outcomes.suppressed(reason) for row, reason in _suppressed(connection, rows)}
        held = lanes.holds(connection)
    return {row.id: outcomes.NOT_TRIED for row in rows if lanes.is_held(row.lane, held)} | suppressed


def has_due(store: Store) -> bool:
    """Whether a lease would return anything; reads a few index entries."""
    with store.read() as connection:
        return lanes.count_due(connection, 1) > 0


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
LEASE = Prepared(
    update(RECIPIENTS)
    .where(RECIPIENT.id == bindparam("row"))
    .values(
        state=literal_column(f"'{RecipientState.LEASED}'"),
        lease_owner=bindparam("owner"),
        lease_until=bindparam("until"),
        attempt_count=RECIPIENT.attempt_count + literal_column("1"),
    )
)
LEASE_COLUMNS = ("owner", "until", "row")


def _lease(connection: Connection, owner: str, limit: int, lease_seconds: float) -> list[Leased]:
    at = now()
    ids = lanes.claim(connection, limit, at)
    if not ids:
        return []
    until = at + int(lease_seconds * SECOND)
    LEASE.run_rows(connection, LEASE_COLUMNS, [(owner, until, id_) for id_ in ids])
    rows = read_leased(connection, RECIPIENT.id.in_(ids))
    reasons = {row.id: reason for row, reason in _suppressed(connection, rows)}
    settle_in(connection, [Settlement(row, outcomes.suppressed(reasons[row.id])) for row in rows if row.id in reasons])
    return [row for row in rows if row.id not in reasons]


def read_leased(connection: Connection, *which: ColumnElement[bool]) -> list[Leased]:
    """Leased rows with the columns of their message that a worker needs, in the order in which they are tried."""
    since = case((MESSAGE.scheduled_at > MESSAGE.created_at, MESSAGE.scheduled_at), else_=MESSAGE.created_at)
    columns = (
        *(RECIPIENT.id, RECIPIENT.message_id, RECIPIENT.account_id, RECIPIENT.address, RECIPIENT.attempt_count),
        *(RECIPIENT.lease_owner, RECIPIENT.lease_until, since, MESSAGE.is_sandbox, RECIPIENT.priority),
        *(MESSAGE.campaign_id, RECIPIENT.values_json, RECIPIENT.lane),
    )
    query = select(*columns).join(MESSAGE, MESSAGE.id == RECIPIENT.message_id).where(RECIPIENT.state == RecipientState.LEASED, *which)
    rows = connection.execute(query.order_by(RECIPIENT.priority, RECIPIENT.due_at, RECIPIENT.id))
    return [Leased(*row) for row in rows]


def _suppressed(connection: Connection, rows: Sequence[Leased]) -> list[tuple[Leased, str]]:
    """The rows whose address was suppressed after the message was accepted, with the reason."""
    accounts, addresses = {row.account_id for row in rows}, {row.address.lower() for row in rows}
    wanted = (SUPPRESSION.account_id.in_(accounts), SUPPRESSION.address.in_(addresses))  # pairs would not use the index on SQLite
    suppressions = connection.execute(select(SUPPRESSION.account_id, SUPPRESSION.address, SUPPRESSION.reason).where(*wanted))
    reasons = {(account_id, address): reason for account_id, address, reason in suppressions}
    return [(row, reasons[key]) for row in rows if (key := (row.account_id, row.address.lower())) in reasons]


def settle_in(connection: Connection, settlements: Sequence[Settlement]) -> int:
    """As `settle`, in a transaction that is already open."""
    ours = _still_ours(connection, settlements)
    if not ours:
        return 0
    at = now()
    SETTLE.run_rows(connection, SETTLE_COLUMNS, [_settled(settlement, at) for settlement in ours])
    record.record_events(connection, [_email_event(our, at) for our in ours if our.outcome.state != "released"])
    _insert(connection, tables.Capture, [_capture(our.row, at) for our in ours if our.outcome.state == "captured"])
    suppress.apply(connection, [_suppression_cause(our.row) for our in ours if _suppresses(connection, our, at)], at)
    return len(ours)


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
    kind = ("hard_bounced" if outcome.is_hard else "soft_bounced") if type_ == "bounced" else type_
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
