"""Leases of the queue: rows of `recipients` are leased, attempted and settled (settlement.py). A row never has two owners at once.

A lease is identified by its owner and its end; a settlement that comes after either has changed is ignored. Leases that expired or whose
owner died are handled in `recovery.py`, so a worker that dies loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, bindparam, case, literal_column, select, update

from misarmail_server.context import SECOND, now
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import lanes
from misarmail_server.delivery.queue.leased_row import RECIPIENT, RECIPIENTS, Leased
from misarmail_server.delivery.queue.settlement import Settlement, settle_in
from misarmail_server.delivery.queue.suppression_check import suppressed
from misarmail_server.rows.recipient_states import RecipientState

MESSAGE = tables.Message


def lease(store: Store, owner: str, limit: int, lease_seconds: float) -> list[Leased]:
    """Lease at most `limit` due rows, transactional first, oldest first. Suppressed ones are settled here and not returned."""
    return store.write(lambda connection: _lease(connection, owner, limit, lease_seconds))


def recheck(store: Store, rows: Sequence[Leased]) -> dict[int, Outcome]:
    """Which rows of an earlier lease must not be tried now, and why: the address was suppressed or the lane was held since."""
    with store.read() as connection:
        refused = {row.id: outcomes.suppressed(reason) for row, reason in suppressed(connection, rows)}
        held = lanes.holds(connection)
    return {row.id: outcomes.NOT_TRIED for row in rows if lanes.is_held(row.lane, held)} | refused


def has_due(store: Store) -> bool:
    """Whether a lease would return anything; reads a few index entries."""
    with store.read() as connection:
        return lanes.count_due(connection, 1) > 0


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
    reasons = {row.id: reason for row, reason in suppressed(connection, rows)}
    settle_in(connection, [Settlement(row, outcomes.suppressed(reasons[row.id])) for row in rows if row.id in reasons])
    return [row for row in rows if row.id not in reasons]


def read_leased(connection: Connection, *which: ColumnElement[bool]) -> list[Leased]:
    """Leased rows with the columns of their message that a worker needs, in the order in which they are tried."""
    since = case((MESSAGE.scheduled_at > MESSAGE.created_at, MESSAGE.scheduled_at), else_=MESSAGE.created_at)
    columns = (
        *(RECIPIENT.id, RECIPIENT.message_id, RECIPIENT.account_id, RECIPIENT.address, RECIPIENT.attempt_count),
        *(RECIPIENT.lease_owner, RECIPIENT.lease_until, since, MESSAGE.is_sandbox, RECIPIENT.priority),
        *(MESSAGE.campaign_id, RECIPIENT.values_json, RECIPIENT.lane, MESSAGE.delivery_method, MESSAGE.created_at),
        *(MESSAGE.is_platform_mail, MESSAGE.topic_id),
    )
    query = select(*columns).join(MESSAGE, MESSAGE.id == RECIPIENT.message_id).where(RECIPIENT.state == RecipientState.LEASED, *which)
    rows = connection.execute(query.order_by(RECIPIENT.priority, RECIPIENT.due_at, RECIPIENT.id))
    return [Leased(*row) for row in rows]
