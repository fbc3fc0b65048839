"""Mails ready for the wire: compiled once for all recipients of a message, then filled and signed for each."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from misarmail_server import tables
from misarmail_server.delivery import compose, marketing
from misarmail_server.delivery import headers as wire
from misarmail_server.delivery.compiled import CompiledMail
from misarmail_server.delivery.compose import Mail
from misarmail_server.delivery.queue import Leased
from misarmail_server.delivery.signing import SigningKeys
from misarmail_server.delivery.tracking import OWN_FIELDS, TrackedMail, Tracking
from misarmail_server.settings import Settings
from misarmail_server.store import Store

KEPT = 4  # one may have megabytes of attachments


@dataclass(frozen=True, slots=True)
class Ready:
    """What a transport needs besides the recipient."""

    envelope_sender: str
    mime: bytes


Write = Callable[[int], Ready]  # a recipient's row -> what he gets


class Mails:
    """Compiles messages and keeps the last few. Safe to use from several threads."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._keys = SigningKeys(settings, store)
        self._tracking = Tracking(settings)
        self._kept: OrderedDict[str, Write] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, row: Leased) -> Ready:
        """The recipient's mail.

        Raises Unsendable when none can be made, KeyUnreadableError when none can be signed, Unavailable when the store cannot be read.
        """
        return self._writer(row.message_id)(row.id)

    def _writer(self, message_id: str) -> Write:
        with self._lock:
            write = self._kept.get(message_id)
            if write is not None:
                self._kept.move_to_end(message_id)
                return write
        write = self._make(message_id)
        with self._lock:
            self._kept[message_id] = write
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return write

    def _make(self, message_id: str) -> Write:
        message, attachment = tables.Message.__table__, tables.Attachment.__table__
        with self._store.read() as connection:
            row = connection.execute(select(message).where(message.c.id == message_id)).one()
            files = connection.execute(select(attachment).where(attachment.c.message_id == message_id).order_by(attachment.c.id)).all()
        mail = compose.from_rows(row, files)
        signers = self._keys.of(row.account_id, wire.wire_address(row.from_email, "sender").rpartition("@")[2])
        if row.stream == "marketing":
            tracked, own = self._tracked(row, mail), compose.copy(mail)
            return lambda recipient: self._ready(row, recipient, tracked.write(own, recipient).signed(signers))
        whole = CompiledMail(compose.source(mail)).write(compose.copy(mail)).signed(signers)
        return lambda recipient: self._ready(row, recipient, whole)

    def _ready(self, message: Any, recipient: int, mime: bytes) -> Ready:
        return Ready(self._tracking.envelope_sender(recipient, message.from_email), mime)

    def _tracked(self, row: Any, mail: Mail) -> TrackedMail:
        """Marketing mail: the account's own fields of the same names are left out."""
        bodies = marketing.bodies(mail.html, mail.text, is_template=False, is_tracked=True)
        fields = tuple((name, value) for name, value in mail.fields if name.lower() not in OWN_FIELDS)
        source = replace(compose.source(mail), html=bodies.html, text=bodies.text, fields=fields)
        return TrackedMail(
            CompiledMail(source), self._tracking, len(bodies.urls), f"{row.template_id or 'send'}:{row.account_id}:marketing"
        )
