"""Mails ready for the wire: compiled once for all recipients of a message, then filled and signed for each."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.envelope import Stream
from misarmail_server.delivery.message import headers as wire
from misarmail_server.delivery.message import message as message_message
from misarmail_server.delivery.message import personalize
from misarmail_server.delivery.message.signing_keys import SigningKeys
from misarmail_server.delivery.message.tracking_links import Tracking
from misarmail_server.delivery.queue.leases import Leased
from misarmail_server.settings import Settings

KEPT = 4  # one may have megabytes of attachments

Write = Callable[[Leased], bytes]  # a recipient's mail, signed


@dataclass(frozen=True, slots=True)
class Ready:
    """What a transport needs besides the recipient."""

    envelope_sender: str
    stream: Stream
    pool: str  # of the account's own IP addresses
    mime: bytes


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A message, ready to be written for each recipient."""

    sender: str
    stream: Stream
    pool: str
    write: Write


class Mails:
    """Compiles messages and keeps the last few. Safe to use from several threads."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._keys = SigningKeys(settings, store)
        self._tracking = Tracking(settings)
        self._kept: OrderedDict[str, _Compiled] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, row: Leased) -> Ready:
        """The recipient's mail.

        Raises Unsendable when none can be made, KeyUnreadableError when none can be signed, Unavailable when the store cannot be read.
        """
        mail = self._compiled(row.message_id)
        return Ready(self._tracking.envelope_sender(row.id, mail.sender), mail.stream, mail.pool, mail.write(row))

    def _compiled(self, message_id: str) -> _Compiled:
        with self._lock:
            found = self._kept.get(message_id)
            if found is not None:
                self._kept.move_to_end(message_id)
                return found
        made = self._make(message_id)
        with self._lock:
            self._kept[message_id] = made
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _make(self, message_id: str) -> _Compiled:
        message, attachment = tables.Message.__table__, tables.Attachment.__table__
        with self._store.read() as connection:
            row = connection.execute(select(message).where(message.c.id == message_id)).one()
            pool = connection.scalar(select(tables.Alias.ip_pool).where(tables.Alias.id == row.alias_id)) if row.alias_id else None
            files = connection.execute(select(attachment).where(attachment.c.message_id == message_id).order_by(attachment.c.id)).all()
        return _Compiled(row.from_email, row.stream, pool or row.stream, self._writer(row, files))

    def _writer(self, row: Any, files: Sequence[Any]) -> Write:
        signers = self._keys.of(row.account_id, wire.wire_address(row.from_email, "sender").rpartition("@")[2])
        one = personalize.of(row, message_message.from_rows(row, files), self._tracking)
        if one.whole is None:
            return lambda to: one.write(to).signed(signers)
        mime = one.whole.signed(signers)
        return lambda _: mime
