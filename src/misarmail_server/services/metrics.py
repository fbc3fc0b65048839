"""Metrics of the platform, read on request: the queue, webhooks, and events of mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from misarmail_server.context import SECOND, now
from misarmail_server.db import tables
from misarmail_server.rows.recipient_states import OPEN_STATES, STREAMS, RecipientState
from misarmail_server.services.request_counts import RequestCounts

COUNTED_STATES = (*OPEN_STATES, RecipientState.AMBIGUOUS)


class MetricSample(NamedTuple):
    """One value. `labels` are pairs of name and value."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


# name -> (gauge or counter, help text)
METRICS = {
    "misarmail_queue_recipients": ("gauge", "Recipients whose mail is not finished or is ambiguous, by stream and state."),
    "misarmail_queue_oldest_seconds": ("gauge", "Waiting time of the recipient that has been due longest, by stream."),
    "misarmail_mail_events": ("counter", "Events of mail, by kind."),
    "misarmail_http_requests": ("counter", "HTTP requests of all API processes, by operation and status; pages have no operation."),
    "misarmail_http_request_seconds": ("counter", "Time from the head of a request to the end of its response, by operation and status."),
    "misarmail_webhook_deliveries_waiting": ("gauge", "Events that wait to be posted to webhooks."),
}


def samples(connection: Connection) -> Iterator[MetricSample]:
    """All metrics, from one snapshot."""
    yield from _queue(connection)
    counts, delivery = tables.EventCount, tables.WebhookDelivery
    total = select(counts.kind, func.sum(counts.count)).where(counts.campaign_id == "", counts.span == "day").group_by(counts.kind)
    for kind, count in connection.execute(total.order_by(counts.kind)):
        yield MetricSample("misarmail_mail_events", (("kind", kind),), count)
    waiting = connection.scalar(select(func.count()).where(delivery.state == "pending")) or 0
    yield MetricSample("misarmail_webhook_deliveries_waiting", (), waiting)


def request_samples(counts: RequestCounts | None) -> Iterator[MetricSample]:
    """The requests that the HTTP server has counted."""
    for count in counts.totals() if counts else ():
        labels = (("operation", count.operation), ("status", count.status))
        yield MetricSample("misarmail_http_requests", labels, count.requests)
        yield MetricSample("misarmail_http_request_seconds", labels, count.seconds)


def _queue(connection: Connection) -> Iterator[MetricSample]:
    row = tables.Recipient
    counted = select(row.priority, row.state, func.count(), func.min(row.due_at)).where(row.state.in_(COUNTED_STATES))
    oldest = dict.fromkeys(STREAMS, now())
    for priority, state, count, due_at in connection.execute(counted.group_by(row.priority, row.state).order_by(row.priority, row.state)):
        stream = STREAMS[priority]
        if state != RecipientState.AMBIGUOUS:
            oldest[stream] = min(oldest[stream], due_at)
        yield MetricSample("misarmail_queue_recipients", (("stream", stream), ("state", state)), count)
    for stream, due_at in oldest.items():
        yield MetricSample("misarmail_queue_oldest_seconds", (("stream", stream),), (now() - due_at) / SECOND)
