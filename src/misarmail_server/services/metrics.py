"""What there is to watch of the platform, read when it is asked for: the queue, webhooks, and what happened to mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from misarmail_server.context import SECOND, now
from misarmail_server.db import tables
from misarmail_server.rows.recipient_states import OPEN, STREAMS, RecipientState

WATCHED = (*OPEN, RecipientState.AMBIGUOUS)


class Sample(NamedTuple):
    """One number. `labels` are pairs of name and value."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


# name -> (gauge or counter, what it says)
NAMES = {
    "misarmail_queue_recipients": ("gauge", "Recipients whose mail is not finished, or in doubt for good, by stream and state."),
    "misarmail_queue_oldest_seconds": ("gauge", "For how long the recipient that has been due longest waits, by stream."),
    "misarmail_mail_events": ("counter", "What happened to mail, by kind."),
    "misarmail_webhook_deliveries_waiting": ("gauge", "Events that are still to be posted to webhooks."),
}


def samples(connection: Connection) -> Iterator[Sample]:
    """All of them, from one snapshot."""
    yield from _queue(connection)
    counts, delivery = tables.EventCount, tables.WebhookDelivery
    total = select(counts.kind, func.sum(counts.count)).where(counts.campaign_id == "", counts.span == "day").group_by(counts.kind)
    for kind, count in connection.execute(total.order_by(counts.kind)):
        yield Sample("misarmail_mail_events", (("kind", kind),), count)
    waiting = connection.scalar(select(func.count()).where(delivery.state == "pending")) or 0
    yield Sample("misarmail_webhook_deliveries_waiting", (), waiting)


def _queue(connection: Connection) -> Iterator[Sample]:
    row = tables.Recipient
    counted = select(row.priority, row.state, func.count(), func.min(row.due_at)).where(row.state.in_(WATCHED))
    oldest = dict.fromkeys(STREAMS, now())
    for priority, state, count, due_at in connection.execute(counted.group_by(row.priority, row.state).order_by(row.priority, row.state)):
        stream = STREAMS[priority]
        if state != RecipientState.AMBIGUOUS:
            oldest[stream] = min(oldest[stream], due_at)
        yield Sample("misarmail_queue_recipients", (("stream", stream), ("state", state)), count)
    for stream, due_at in oldest.items():
        yield Sample("misarmail_queue_oldest_seconds", (("stream", stream),), (now() - due_at) / SECOND)
