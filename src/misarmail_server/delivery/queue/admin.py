"""Operator's view of the queue, and the actions on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from misarmail_server.context import SECOND, now
from misarmail_server.db import tables
from misarmail_server.delivery.queue import lanes
from misarmail_server.delivery.queue.leased_row import RECIPIENT, RECIPIENTS
from misarmail_server.errors import NotFound
from misarmail_server.rows.recipient_states import OPEN_STATES, STREAMS, RecipientState
from misarmail_server.setting_types import relays

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


def require_message(connection: Connection, message_id: str) -> None:
    """Raise NotFound for an id that no message has."""
    if connection.scalar(select(tables.Message.id).where(tables.Message.id == message_id)) is None:
        raise NotFound("message", message_id)


def resend(connection: Connection, message_id: str, address: str | None) -> int:
    """Send ambiguous mail of a message again, to all or to one address, with the same Message-ID; returns the number of rows.

    Raises NotFound.
    """
    require_message(connection, message_id)
    recipient = RECIPIENT.message_id == message_id
    change = (
        update(RECIPIENTS)
        .where(recipient, RECIPIENT.state == RecipientState.AMBIGUOUS)
        .values(state=RecipientState.DEFERRED, due_at=now(), finished_at=None)
    )
    return connection.execute(change if address is None else change.where(func.lower(RECIPIENT.address) == address.lower())).rowcount


class Captured(NamedTuple):
    """Which captured mail to release: of these messages, or of an account, or all; and only to `address`, if it is given."""

    message_ids: Sequence[str] = ()
    account_id: str | None = None
    address: str | None = None


def release(connection: Connection, captured: Captured, methods: Mapping[str, str]) -> int:
    """Deliver captured mail after all, by the method of its stream; returns the number of recipients.

    Mail that was sent to the sandbox stays there, and so does mail of a stream whose method is to capture.
    """
    count = 0
    for stream, method in methods.items():
        if method == relays.CAPTURE:
            continue
        wanted = _captured(captured, stream)
        messages = sorted(connection.scalars(select(RECIPIENT.message_id).where(wanted).distinct()))
        count += connection.execute(
            update(RECIPIENTS).where(wanted).values(state=RecipientState.PENDING, due_at=now(), finished_at=None)
        ).rowcount
        for message_id in messages:
            connection.execute(update(tables.Message).where(tables.Message.id == message_id).values(delivery_method=method))
            still_captured = select(RECIPIENT.id).where(RECIPIENT.message_id == message_id, RECIPIENT.state == RecipientState.CAPTURED)
            connection.execute(delete(tables.Capture).where(tables.Capture.message_id == message_id, ~still_captured.exists()))
    return count


def _captured(captured: Captured, stream: str) -> ColumnElement[bool]:
    message = tables.Message
    of_stream = select(message.id).where(message.stream == stream, ~message.is_sandbox)
    if captured.message_ids:
        of_stream = of_stream.where(message.id.in_(captured.message_ids))
    wanted = (RECIPIENT.state == RecipientState.CAPTURED) & RECIPIENT.message_id.in_(of_stream)
    if captured.account_id is not None:
        wanted &= RECIPIENT.account_id == captured.account_id
    return wanted if captured.address is None else wanted & (func.lower(RECIPIENT.address) == captured.address.lower())


def suspend(connection: Connection, account_id: str | None) -> None:
    """Lease nothing, of one account or of all, until `resume`. Running SMTP sessions finish."""
    lanes.hold(connection, account_id or lanes.ALL)


def resume(connection: Connection, account_id: str | None) -> bool:
    """End a suspension; returns whether there was one."""
    return lanes.free(connection, account_id or lanes.ALL)
