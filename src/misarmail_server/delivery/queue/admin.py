"""Operator's view of the queue, and the actions on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, select, update

from misarmail_server.context import SECOND, now
from misarmail_server.db import tables
from misarmail_server.delivery.queue import lanes
from misarmail_server.delivery.queue.leased_row import RECIPIENT, RECIPIENTS
from misarmail_server.errors import NotFound
from misarmail_server.events import quota, record
from misarmail_server.events.record import EmailEvent
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
    _lock(connection, select(tables.Message.id).where(tables.Message.id == message_id).with_for_update())
    wanted = recipient & (RECIPIENT.state == RecipientState.AMBIGUOUS) & _can_be_sent()
    if address is not None:
        wanted &= func.lower(RECIPIENT.address) == address.lower()
    _uncount(connection, wanted, RecipientState.AMBIGUOUS)
    change = update(RECIPIENTS).where(wanted).values(state=RecipientState.DEFERRED, due_at=now(), finished_at=None)
    return connection.execute(change).rowcount


def _lock(connection: Connection, rows: Select[str]) -> None:
    """Lock rows, so that nothing is deleted between the checks of their content and the change of their recipients."""
    for _ in connection.execute(rows):
        pass


def _can_be_sent() -> ColumnElement[bool]:
    """The message still has its content, and the recipient was not erased and is not being erased."""
    message, erasure = tables.Message, tables.Erasure
    has_content = exists().where(message.id == RECIPIENT.message_id, message.has_content).correlate(RECIPIENTS)
    is_being_erased = (
        exists().where(erasure.account_id == RECIPIENT.account_id, erasure.email == func.lower(RECIPIENT.address)).correlate(RECIPIENTS)
    )
    return has_content & ~is_being_erased & (RECIPIENT.address != tables.Recipient.erased_address())


def _uncount(connection: Connection, wanted: ColumnElement[bool], kind: str) -> list[str]:
    """Take the final state of these recipients back from the counts, before they are delivered again. Returns their messages."""
    message = tables.Message
    columns = (RECIPIENT.message_id, RECIPIENT.account_id, RECIPIENT.address, RECIPIENT.finished_at, message.campaign_id)
    rows = connection.execute(select(*columns).join(message, message.id == RECIPIENT.message_id).where(wanted)).all()
    events = [EmailEvent(row.message_id, row.account_id, row.address, kind, kind, row.finished_at, row.campaign_id) for row in rows]
    record.take_back(connection, events)
    return sorted({row.message_id for row in rows})


class Captured(NamedTuple):
    """Which captured mail to release: of these messages, or of an account, or all; and only to `address`, if it is given.

    `since` is the earliest capture that the sandbox still shows.
    """

    since: int
    message_ids: Sequence[str] = ()
    account_id: str | None = None
    address: str | None = None


def release(connection: Connection, captured: Captured, methods: Mapping[str, str]) -> int:
    """Deliver captured mail after all, by the method of its stream; returns the number of recipients.

    Mail that was sent to the sandbox stays there, and so does mail of a stream whose method is to capture. Mail that was deleted
    from the sandbox, or has expired there, is not delivered, nor is mail without content or to an erased person.
    """
    count = 0
    for stream, method in methods.items():
        if method == relays.CAPTURE:
            continue
        visible = _visible(captured, stream)
        _lock(connection, visible.order_by(tables.Message.id).with_for_update())
        wanted = _captured(captured, visible)
        messages = _uncount(connection, wanted, RecipientState.CAPTURED)
        _charge(connection, wanted)
        count += connection.execute(
            update(RECIPIENTS).where(wanted).values(state=RecipientState.PENDING, due_at=now(), finished_at=None)
        ).rowcount
        for message_id in messages:
            connection.execute(update(tables.Message).where(tables.Message.id == message_id).values(delivery_method=method))
            still_captured = select(RECIPIENT.id).where(RECIPIENT.message_id == message_id, RECIPIENT.state == RecipientState.CAPTURED)
            connection.execute(delete(tables.Capture).where(tables.Capture.message_id == message_id, ~still_captured.exists()))
    return count


def _charge(connection: Connection, wanted: ColumnElement[bool]) -> None:
    """Count the mails against the plans, which got them back when they were captured."""
    counts = select(RECIPIENT.account_id, func.count()).where(wanted).group_by(RECIPIENT.account_id)
    quota.charge(connection, {row.account_id: row[1] for row in connection.execute(counts)}, now())


def _visible(captured: Captured, stream: str) -> Select[str]:
    """The messages of a stream that are in the sandbox without having been sent to it."""
    message, capture = tables.Message, tables.Capture
    ids = select(message.id).join(capture, capture.message_id == message.id)
    ids = ids.where(message.stream == stream, ~message.is_sandbox, capture.created_at > captured.since)
    if captured.message_ids:
        ids = ids.where(message.id.in_(captured.message_ids))
    return ids if captured.account_id is None else ids.where(message.account_id == captured.account_id)


def _captured(captured: Captured, visible: Select[str]) -> ColumnElement[bool]:
    wanted = (RECIPIENT.state == RecipientState.CAPTURED) & RECIPIENT.message_id.in_(visible) & _can_be_sent()
    return wanted if captured.address is None else wanted & (func.lower(RECIPIENT.address) == captured.address.lower())


def suspend(connection: Connection, account_id: str | None) -> None:
    """Lease nothing, of one account or of all, until `resume`. Running SMTP sessions finish."""
    lanes.hold(connection, account_id or lanes.ALL)


def resume(connection: Connection, account_id: str | None) -> bool:
    """End a suspension; returns whether there was one."""
    return lanes.free(connection, account_id or lanes.ALL)
