"""Mails ready for the wire, made once for all recipients of a message."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import select

from misarmail_server import tables
from misarmail_server.delivery.compose import compose, from_rows
from misarmail_server.delivery.outgoing import Stream
from misarmail_server.store import Store

KEPT = 4  # one may have megabytes of attachments


@dataclass(frozen=True, slots=True)
class Ready:
    """What a transport needs besides the recipient."""

    envelope_sender: str
    stream: Stream
    pool: str  # of the account's own IP addresses
    mime: bytes


class Mails:
    """Composes messages and keeps the last few. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[str, Ready] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, message_id: str) -> Ready:
        """The message's mail. Raises Unsendable when none can be made, Unavailable when the store cannot be read."""
        with self._lock:
            ready = self._kept.get(message_id)
            if ready is not None:
                self._kept.move_to_end(message_id)
                return ready
        ready = self._make(message_id)
        with self._lock:
            self._kept[message_id] = ready
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return ready

    def _make(self, message_id: str) -> Ready:
        message, attachment = tables.Message.__table__, tables.Attachment.__table__
        with self._store.read() as connection:
            row = connection.execute(select(message).where(message.c.id == message_id)).one()
            pool = connection.scalar(select(tables.Alias.ip_pool).where(tables.Alias.id == row.alias_id)) if row.alias_id else None
            files = connection.execute(select(attachment).where(attachment.c.message_id == message_id).order_by(attachment.c.id)).all()
        return Ready(row.from_email, row.stream, pool or row.stream, compose(from_rows(row, files)))
