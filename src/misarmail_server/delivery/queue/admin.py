"""What an operator sees of the queue and does to it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select, update

from misarmail_server.context import SECOND, now
from misarmail_server.db import tables
from misarmail_server.delivery.queue import lanes
from misarmail_server.delivery.queue.leases import RECIPIENT, RECIPIENTS
from misarmail_server.rows.recipient_states import OPEN, STREAMS, RecipientState

MAX_LISTED = 20  # mails in doubt that are named


class QueueLine(NamedTuple):
    """How many rows of a stream are in a state; `due_seconds` is how long the oldest has been due, negative when none is yet."""

    stream: str
    state: str
    rows: int
    due_seconds: int


class AmbiguousMail(NamedTuple):
    """A mail that its receiver may have got twice, or not at all if it is marketing."""

    at: int
    account: str
    message_id: str
    address: str | None


class QueueStatus(NamedTuple):
    """The queue now. `doubts` are the newest of `doubt_count`; `held` are the lanes of which nothing is leased."""

    lines: list[QueueLine]
    doubts: list[AmbiguousMail]
    doubt_count: int
    held: list[str]


def status(connection: Connection) -> QueueStatus:
    """Read what waits, what is in doubt and what is held; as long as the queue is, since all of it is counted."""
    counts = select(RECIPIENT.priority, RECIPIENT.state, func.count(), func.min(RECIPIENT.due_at)).where(RECIPIENT.state.in_(OPEN))
    rows = connection.execute(counts.group_by(RECIPIENT.priority, RECIPIENT.state).order_by(RECIPIENT.priority, RECIPIENT.state))
    lines = [QueueLine(STREAMS[priority], state, count, (now() - due_at) // SECOND) for priority, state, count, due_at in rows]
    event, account = tables.Event, tables.Account
    doubtful = event.type == "ambiguous"
    found = select(event.at, account.email, event.message_id, event.recipient).join(account, account.id == event.account_id)
    doubts = connection.execute(found.where(doubtful).order_by(event.at.desc(), event.id.desc()).limit(MAX_LISTED))
    total = connection.scalar(select(func.count()).select_from(event).where(doubtful)) or 0
    return QueueStatus(lines, [AmbiguousMail(*row) for row in doubts], total, sorted(lanes.holds(connection)))


def flush(connection: Connection, account_id: str | None) -> int:
    """Make deferred mail due now, of an account or of all; how much."""
    change = update(RECIPIENTS).where(RECIPIENT.state == RecipientState.DEFERRED, RECIPIENT.due_at > now()).values(due_at=now())
    return connection.execute(change if account_id is None else change.where(RECIPIENT.account_id == account_id)).rowcount


def resend(connection: Connection, message_id: str, address: str | None) -> int | None:
    """Have mail in doubt of a message, to all or to one address, sent again with its Message-ID; how many. None for no such message."""
    recipient = RECIPIENT.message_id == message_id
    if connection.scalar(select(RECIPIENT.id).where(recipient).limit(1)) is None:
        return None
    change = (
        update(RECIPIENTS)
        .where(recipient, RECIPIENT.state == RecipientState.AMBIGUOUS)
        .values(state=RecipientState.DEFERRED, due_at=now(), finished_at=None)
    )
    return connection.execute(change if address is None else change.where(func.lower(RECIPIENT.address) == address.lower())).rowcount


def suspend(connection: Connection, account_id: str | None) -> None:
    """Have nothing leased, of an account or at all, until `resume`. What is under way is finished."""
    lanes.hold(connection, account_id or lanes.ALL)


def resume(connection: Connection, account_id: str | None) -> bool:
    """End a suspension; whether there was one."""
    return lanes.free(connection, account_id or lanes.ALL)
