"""Deleting old rows and erased persons: a background task of the worker, in small batches, so that no other write waits long.

Counts remain: they are stored beside the events. Tables are read from their oldest row on, so that nothing is scanned in vain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, delete, exists, select

from misarmail_server.context import DAY, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.rows.recipient_states import OPEN_STATES
from misarmail_server.services import contact_erasure, idempotency, message_content, sandbox_space
from misarmail_server.settings import Settings

BATCH_SIZE = 500  # rows per unit of work
MESSAGES = 50  # messages per unit of work, each with its files
MIN_EVENT_DAYS = 60  # soft bounces are counted for so long
IDLE_SECONDS = 60.0
Step = Callable[[Connection], bool]  # deletes a batch; whether there may be more


class Retention:
    """Deletes what is older than the settings allow, and what was erased."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._next = 0.0

    def run(self) -> bool:
        """Delete a batch of each kind, unless there was nothing to delete a moment ago. False, so that the loop pauses."""
        if time.monotonic() >= self._next and not self.run_once():
            self._next = time.monotonic() + IDLE_SECONDS
        return False

    def run_once(self) -> bool:
        """Delete a batch of each kind; whether any of them has more."""
        return sum(self._store.write(step) for step in self._steps()) > 0  # `any` would end at the first

    def _steps(self) -> Iterable[Step]:
        chosen = self._settings
        yield lambda connection: _free_captures(connection, chosen.sandbox_days)
        yield contact_erasure.continue_one
        yield message_content.delete_finished
        yield _delete_idempotency
        if chosen.content_days:
            yield lambda connection: _delete_content(connection, chosen.content_days)
        for table, days in self._kept():
            if days:
                yield lambda connection, table=table, days=days: _delete_oldest(connection, table, days)  # type: ignore[misc]  # bound now

    def _kept(self) -> Iterable[tuple[Any, int]]:
        """(table, days) of the logs, whose ids sort by time."""
        chosen = self._settings
        event_days = chosen.event_days and max(chosen.event_days, MIN_EVENT_DAYS)
        yield tables.Event, event_days
        yield tables.ContactEvent, event_days
        yield tables.TrackedEvent, chosen.tracked_event_days
        yield tables.WebhookDelivery, chosen.webhook_days
        yield tables.AuditEntry, chosen.audit_days


def _delete_oldest(connection: Connection, table: Any, days: int) -> bool:
    """Delete the old ones among the first rows of a table."""
    at = table.created_at if table is tables.WebhookDelivery else table.at
    is_pending = table.state == "pending" if table is tables.WebhookDelivery else at < 0
    oldest = connection.execute(select(table.id, at, is_pending).order_by(table.id).limit(BATCH_SIZE)).all()
    old = [id_ for id_, at_, waits in oldest if at_ < now() - days * DAY and not waits]
    connection.execute(delete(table).where(table.id.in_(old)))
    return len(old) == BATCH_SIZE


def _delete_idempotency(connection: Connection) -> bool:
    row = tables.Idempotency
    expired = select(row.account_id, row.key).where(row.created_at < now() - idempotency.RETENTION).limit(BATCH_SIZE)
    keys = connection.execute(expired).all()
    for account_id, key in keys:
        connection.execute(delete(row).where(row.account_id == account_id, row.key == key, row.created_at < now() - idempotency.RETENTION))
    return len(keys) == BATCH_SIZE


def _free_captures(connection: Connection, days: int) -> bool:
    """Delete captured mail that expired or was deleted: with its message if it was sent to the sandbox, else from the inbox only."""
    capture, message, recipient = tables.Capture, tables.Message, tables.Recipient
    is_open = exists().where(recipient.message_id == capture.message_id, recipient.state.in_(OPEN_STATES))
    gone = (
        select(capture.message_id, capture.account_id, capture.size, message.is_sandbox)
        .join(message, message.id == capture.message_id)
        .where(capture.created_at <= now() - days * DAY, ~(message.is_sandbox & is_open))
        .order_by(capture.created_at, capture.message_id)
        .limit(MESSAGES)
        .with_for_update(of=capture, skip_locked=True)
    )
    rows = connection.execute(gone).all()
    for row in rows:
        if row.is_sandbox:
            message_content.delete_message(connection, row.message_id)
        else:
            connection.execute(delete(capture).where(capture.message_id == row.message_id))
        if row.size:
            sandbox_space.give_back(connection, row.account_id, row.size)
    return len(rows) == MESSAGES


def _delete_content(connection: Connection, days: int) -> bool:
    """Delete the content of old messages whose recipients are all finished."""
    message, recipient = tables.Message, tables.Recipient
    is_open = exists().where(recipient.message_id == message.id, recipient.state.in_(OPEN_STATES))
    old = select(message.id, message.campaign_id).where(message.has_content, message.created_at < now() - days * DAY, ~is_open)
    rows = connection.execute(old.order_by(message.created_at).limit(MESSAGES)).all()
    for row in rows:
        if row.campaign_id is not None and message_content.delete_values(connection, row.id):
            return True
        message_content.delete_content(connection, message_content.lock_finished(connection, [row.id]))
    return len(rows) == MESSAGES
