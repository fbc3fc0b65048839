"""The queue: rows of `recipients` are leased, tried and settled. No row is ever held by two owners at once.

A lease names its owner and attempt; what a late worker settles is ignored when either has changed. A lease that ran out is due again,
so a worker that dies loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import BigInteger, Connection, Select, Table, bindparam, case, exists, func, or_, select, update

from misarmail_server import dialects, tables
from misarmail_server.context import SECOND, now
from misarmail_server.delivery import happenings, outcomes
from misarmail_server.delivery.happenings import Happening
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.store import Store

PRIORITIES = (0, 1)  # transactional, marketing
RETRY_SHARE = 4  # a quarter of a lease is offered to retries first, so that fresh mail cannot starve them

# What an outcome makes of a row's state; what is not here is the outcome's own name.
STATES = {"held": "deferred", "released": "pending"}
UNCOUNTED = frozenset({"held", "released", "suppressed"})  # the mail was not tried
UNFINISHED = frozenset({"deferred", *STATES})

RECIPIENTS = cast("Table", tables.Recipient.__table__)
RECIPIENT = RECIPIENTS.c
MESSAGE = tables.Message
SUPPRESSION = tables.Suppression


@dataclass(frozen=True, slots=True)
class Leased:
    """A recipient that this owner may try until `lease_until`. `due_since` is when its message was first due; times are milliseconds."""

    id: int
    message_id: str
    account_id: str
    address: str
    attempt: int
    owner: str
    lease_until: int
    due_since: int
    is_sandbox: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a leased row; `due_at` says when a deferred or held one is tried again."""

    row: Leased
    outcome: Outcome
    due_at: int | None = None


def lease(store: Store, owner: str, limit: int, lease_seconds: float) -> list[Leased]:
    """Take at most `limit` due rows, transactional first, oldest first. Suppressed ones are settled here and not returned."""
    return store.write(lambda connection: _lease(connection, owner, limit, lease_seconds))


def settle(store: Store, settlements: Sequence[Settlement]) -> int:
    """Write what became of rows, with their events, in one transaction. Gives how many were still ours; the others are ignored."""
    return store.write(lambda connection: _settle(connection, settlements))


def release(store: Store, owner: str) -> int:
    """Give back all leases of an owner that stops or died: their rows are due at once and the attempt is not counted."""
    statement = update(RECIPIENTS).where(RECIPIENT.state == "leased", RECIPIENT.lease_owner == owner).values(_given_back())
    return store.write(lambda connection: connection.execute(statement).rowcount)


def owners(store: Store) -> set[str]:
    """Who holds leases."""
    with store.read() as connection:
        held = select(RECIPIENT.lease_owner).where(RECIPIENT.state == "leased").distinct()
        return {owner for owner in connection.scalars(held) if owner}


def has_due(store: Store) -> bool:
    """Whether a lease would find anything: one read of a few index entries."""
    with store.read() as connection:
        return bool(connection.scalar(HAS_DUE, {"now": now()}))


def _due(state: str, priority: int) -> Select[tuple[Any]]:
    """Due rows of one state and priority: one range of ix_recipients_due, in its order."""
    where = (RECIPIENT.state == state, RECIPIENT.priority == priority, RECIPIENT.due_at <= bindparam("now"))
    return select(RECIPIENT.id).where(*where).order_by(RECIPIENT.due_at)


def _expired() -> Select[tuple[Any]]:
    """Rows whose lease ran out: one range of ix_recipients_lease."""
    return select(RECIPIENT.id).where(RECIPIENT.state == "leased", RECIPIENT.lease_until < bindparam("now")).order_by(RECIPIENT.lease_until)


DUE = {(state, priority): _due(state, priority) for state in ("pending", "deferred") for priority in PRIORITIES}
HAS_DUE = select(or_(*map(exists, DUE.values()), exists(_expired())))


SETTLE = (
    update(RECIPIENTS)
    .where(RECIPIENT.id == bindparam("row"))
    .values(
        state=bindparam("becomes"),
        due_at=func.coalesce(bindparam("due", type_=BigInteger), RECIPIENT.due_at),
        finished_at=bindparam("finished"),
        attempt_count=bindparam("attempts"),
        lease_owner=None,
        lease_until=None,
    )
)


def _lease(connection: Connection, owner: str, limit: int, lease_seconds: float) -> list[Leased]:
    at = now()
    ids = _claim(connection, limit, at)
    if not ids:
        return []
    taken = {"state": "leased", "lease_owner": owner, "lease_until": at + int(lease_seconds * SECOND)}
    connection.execute(update(RECIPIENTS).where(RECIPIENT.id.in_(ids)).values(**taken, attempt_count=RECIPIENT.attempt_count + 1))
    rows = _read_leased(connection, ids)
    barred = {row.id: reason for row, reason in _suppressed(connection, rows)}
    _settle(connection, [Settlement(row, outcomes.suppressed(barred[row.id])) for row in rows if row.id in barred])
    return [row for row in rows if row.id not in barred]


def _claim(connection: Connection, limit: int, at: int) -> list[int]:
    """The ids to lease. PostgreSQL locks them and passes by what others hold; on SQLite nobody else writes meanwhile."""
    ids: list[int] = []
    for due, share in _turns(limit):
        most = min(share, limit - len(ids))
        if most > 0:
            claim = due.where(RECIPIENT.id.not_in(ids)).limit(most).with_for_update(skip_locked=True)
            ids += connection.scalars(claim, {"now": at})
    return ids


def _turns(limit: int) -> Iterator[tuple[Select[tuple[int]], int]]:
    """The ranges in the order they are served, and how many rows each may take."""
    yield _expired(), limit
    for priority in PRIORITIES:
        yield DUE["deferred", priority], limit // RETRY_SHARE
        yield DUE["pending", priority], limit
        yield DUE["deferred", priority], limit


def _read_leased(connection: Connection, ids: Sequence[int]) -> list[Leased]:
    """Leased rows with what a worker must know of their message, in the order they are to be tried."""
    since = case((MESSAGE.scheduled_at > MESSAGE.created_at, MESSAGE.scheduled_at), else_=MESSAGE.created_at)
    columns = (
        *(RECIPIENT.id, RECIPIENT.message_id, RECIPIENT.account_id, RECIPIENT.address, RECIPIENT.attempt_count),
        *(RECIPIENT.lease_owner, RECIPIENT.lease_until, since, MESSAGE.is_sandbox),
    )
    query = select(*columns).join(MESSAGE, MESSAGE.id == RECIPIENT.message_id).where(RECIPIENT.id.in_(ids))
    rows = connection.execute(query.order_by(RECIPIENT.priority, RECIPIENT.due_at, RECIPIENT.id))
    return [Leased(*row) for row in rows]


def _suppressed(connection: Connection, rows: Sequence[Leased]) -> list[tuple[Leased, str]]:
    """The rows whose address became suppressed after the message was accepted, with the reason."""
    accounts, addresses = {row.account_id for row in rows}, {row.address.lower() for row in rows}
    wanted = (SUPPRESSION.account_id.in_(accounts), SUPPRESSION.address.in_(addresses))  # pairs would not use the index on SQLite
    found = connection.execute(select(SUPPRESSION.account_id, SUPPRESSION.address, SUPPRESSION.reason).where(*wanted))
    reasons = {(account_id, address): reason for account_id, address, reason in found}
    return [(row, reasons[key]) for row in rows if (key := (row.account_id, row.address.lower())) in reasons]


def _settle(connection: Connection, settlements: Sequence[Settlement]) -> int:
    ours = _still_ours(connection, settlements)
    if not ours:
        return 0
    at = now()
    connection.execute(SETTLE, [_settled(settlement, at) for settlement in ours])
    happenings.record(connection, [_happening(each, at) for each in ours if each.outcome.state != "released"])
    _insert(connection, tables.Capture, [_capture(each.row, at) for each in ours if each.outcome.state == "captured"])
    _insert(connection, tables.Suppression, [_suppression(each.row, at) for each in ours if each.outcome.is_hard])
    return len(ours)


def _still_ours(connection: Connection, settlements: Sequence[Settlement]) -> list[Settlement]:
    """Those whose row is still leased by the same owner in the same attempt."""
    ids = [settlement.row.id for settlement in settlements]
    held = select(RECIPIENT.id, RECIPIENT.lease_owner, RECIPIENT.attempt_count).where(RECIPIENT.id.in_(ids), RECIPIENT.state == "leased")
    leases = {tuple(row) for row in connection.execute(held.order_by(RECIPIENT.id).with_for_update())}
    return [each for each in settlements if (each.row.id, each.row.owner, each.row.attempt) in leases]


def _settled(settlement: Settlement, at: int) -> dict[str, Any]:
    row, state = settlement.row, settlement.outcome.state
    attempts = row.attempt - 1 if state in UNCOUNTED else row.attempt
    return {
        "row": row.id,
        "becomes": "deferred" if state == "released" and attempts else STATES.get(state, state),
        "due": settlement.due_at,
        "finished": None if state in UNFINISHED else at,
        "attempts": attempts,
    }


def _given_back() -> dict[str, Any]:
    """A lease's row as it was before, but for a held one, which reads as pending again."""
    attempts = RECIPIENT.attempt_count - 1
    state = case((attempts > 0, "deferred"), else_="pending")
    return {"state": state, "attempt_count": attempts, "lease_owner": None, "lease_until": None}


def _happening(settlement: Settlement, at: int) -> Happening:
    row, outcome = settlement.row, settlement.outcome
    type_ = STATES.get(outcome.state, outcome.state)
    kind = ("hard_bounced" if outcome.is_hard else "soft_bounced") if type_ == "bounced" else type_
    return Happening(row.message_id, row.account_id, row.address, type_, kind, at, reply_code=outcome.code, reply_text=outcome.text or None)


def _capture(row: Leased, at: int) -> dict[str, Any]:
    return {"message_id": row.message_id, "account_id": row.account_id, "created_at": at}


def _suppression(row: Leased, at: int) -> dict[str, Any]:
    return {"account_id": row.account_id, "address": row.address.lower(), "reason": "bounced", "created_at": at}


def _insert(connection: Connection, table: type[tables.Table], rows: list[dict[str, Any]]) -> None:
    """Insert rows; those that are there already stay as they are."""
    if rows:
        connection.execute(dialects.insert(connection.dialect.name, table).on_conflict_do_nothing(), rows)
