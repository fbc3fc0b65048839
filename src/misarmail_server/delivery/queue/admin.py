"""Operator's view of the queue, and the actions on it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select, update

from misarmail_server.context import SECOND, now
from misarmail_server.db import tables
from misarmail_server.delivery.queue import lanes
from misarmail_server.delivery.queue.leased_row import RECIPIENT, RECIPIENTS
from misarmail_server.rows.recipient_states import OPEN_STATES, STREAMS, RecipientState

MAX_LISTED = 20  # ambiguous mails


class QueueLine(NamedTuple):
    """The number of rows of a stream in a state; `due_seconds` is for how long the oldest has been due, negative if none is due yet."""

    stream: str
    state: str
    rows: int
    due_seconds: int


class AmbiguousMail(NamedTuple):
    """A mail that may have been delivered twice, or, if it is marketing, not at all."""

    at: int
    account: str
    message_id: str
    address: str | None


class QueueStatus(NamedTuple):
    """The queue now. `ambiguous` are the newest of `ambiguous_count`; `held` are the lanes from which nothing is leased."""

    lines: list[QueueLine]
    ambiguous: list[AmbiguousMail]
    ambiguous_count: int
    held: list[str]


def status(connection: Connection) -> QueueStatus:
    """Read what waits, what is ambiguous and what is held. Takes time in proportion to the length of the queue."""
    counts = select(RECIPIENT.priority, RECIPIENT.state, func.count(), func.min(RECIPIENT.due_at)).where(RECIPIENT.state.in_(OPEN_STATES))
    rows = connection.execute(counts.group_by(RECIPIENT.priority, RECIPIENT.state).order_by(RECIPIENT.priority, RECIPIENT.state))
    lines = [QueueLine(STREAMS[priority], state, count, (now() - due_at) // SECOND) for priority, state, count, due_at in rows]
    event, account = tables.Event, tables.Account
    is_ambiguous = event.type == "ambiguous"
    events = select(event.at, account.email, event.message_id, event.recipient).join(account, account.id == event.account_id)
    newest = connection.execute(events.where(is_ambiguous).order_by(event.at.desc(), event.id.desc()).limit(MAX_LISTED))
    total = connection.scalar(select(func.count()).select_from(event).where(is_ambiguous)) or 0
    return QueueStatus(lines, [AmbiguousMail(*row) for row in newest], total, sorted(lanes.holds(connection)))


def flush(connection: Connection, account_id: str | None) -> int:
    """Make deferred mail due now, of one account or of all; returns the number of rows."""
    change = update(RECIPIENTS).where(RECIPIENT.state == RecipientState.DEFERRED, RECIPIENT.due_at > now()).values(due_at=now())
    return connection.execute(change if account_id is None else change.where(RECIPIENT.account_id == account_id)).rowcount


def resend(connection: Connection, message_id: str, address: str | None) -> int | None:
    """Send ambiguous mail of a message again, to all or to one address, with the same Message-ID; returns the number of rows.

    None if the message does not exist.
    """
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
    """Lease nothing, of one account or of all, until `resume`. Running SMTP sessions finish."""
    lanes.hold(connection, account_id or lanes.ALL)


def resume(connection: Connection, account_id: str | None) -> bool:
    """End a suspension; returns whether there was one."""
    return lanes.free(connection, account_id or lanes.ALL)
