"""Mails ready for the wire: compiled once for all recipients of a message, then filled and signed for each."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import select

from misarmail_server import tables
from misarmail_server.delivery import compose, marketing, merge
from misarmail_server.delivery import headers as wire
from misarmail_server.delivery.compiled import CompiledMail, Copy
from misarmail_server.delivery.compose import Mail
from misarmail_server.delivery.headers import Address, Unsendable
from misarmail_server.delivery.merge_tokens import TemplateError
from misarmail_server.delivery.outgoing import Stream
from misarmail_server.delivery.queue import Leased
from misarmail_server.delivery.signing import SigningKeys
from misarmail_server.delivery.tracking import OWN_FIELDS, TrackedMail, Tracking
from misarmail_server.settings import Settings
from misarmail_server.store import Store

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
        return _Compiled(row.from_email, row.stream, pool or row.stream, self._writer(row, compose.from_rows(row, files)))

    def _writer(self, row: Any, mail: Mail) -> Write:
        signers = self._keys.of(row.account_id, wire.wire_address(row.from_email, "sender").rpartition("@")[2])
        if row.campaign_id is not None:
            newsletter = self._newsletter(row, mail)
            return lambda to: newsletter.write(_own(mail, to), to.id).signed(signers)
        if row.stream == "marketing":
            tracked, own = self._tracked(row, mail), compose.copy(mail)
            return lambda to: tracked.write(own, to.id).signed(signers)
        whole = CompiledMail(compose.source(mail)).write(compose.copy(mail)).signed(signers)
        return lambda _: whole

    def _newsletter(self, row: Any, mail: Mail) -> TrackedMail:
        """A campaign's mail, whose tags are filled for each recipient."""
        try:
            bodies = marketing.bodies(mail.html, mail.text, is_template=True, is_tracked=True)
            subject = merge.compile_template(mail.subject)
        except TemplateError as error:
            raise Unsendable(f"The campaign's text cannot be read as a template: {error}") from error
        source = replace(compose.source(mail), subject=subject, html=bodies.html, text=bodies.text)
        return TrackedMail(row.id, CompiledMail(source), self._tracking, len(bodies.urls), f"{row.campaign_id}:{row.account_id}:campaign")

    def _tracked(self, row: Any, mail: Mail) -> TrackedMail:
        """Marketing mail: the account's own fields of the same names are left out."""
        bodies = marketing.bodies(mail.html, mail.text, is_template=False, is_tracked=True)
        fields = tuple((name, value) for name, value in mail.fields if name.lower() not in OWN_FIELDS)
        source = replace(compose.source(mail), html=bodies.html, text=bodies.text, fields=fields)
        counted_by = f"{row.template_id or 'send'}:{row.account_id}:marketing"
        return TrackedMail(row.id, CompiledMail(source), self._tracking, len(bodies.urls), counted_by)


def _own(mail: Mail, to: Leased) -> Copy:
    """One recipient's copy of a campaign, the same on every attempt."""
    values = {} if to.values_json is None else msgspec.json.decode(to.values_json)
    return Copy(f"{mail.message_id}.{to.id}", mail.written_at, (Address(to.address),), values)
