"""Messages compiled once for all their recipients, then rendered and signed for each. The last few are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.envelope import Envelope
from misarmail_server.delivery.message import stored_message as stored
from misarmail_server.delivery.message import stored_parts
from misarmail_server.delivery.message.compiled_message import CompiledMessage, MailRecipient
from misarmail_server.delivery.message.dkim import Signer
from misarmail_server.delivery.message.personalize import compile_message
from misarmail_server.delivery.message.recipient_urls import RecipientUrls
from misarmail_server.delivery.message.return_paths import ReturnPaths
from misarmail_server.delivery.message.signing_keys import SigningKeys
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.delivery.worker.compile_marks import CompileMarks
from misarmail_server.settings import Settings

MAX_MESSAGES = 4  # one may have megabytes of attachments


class _Entry(NamedTuple):
    """A message, and what makes the signed bytes of a recipient's mail."""

    message: StoredMessage
    sign: Callable[[MailRecipient], bytes]


class MessageCache:
    """Compiles messages and keeps the last few. Thread-safe."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._keys = SigningKeys(settings, store)
        self._tracking = RecipientUrls(settings)
        self._return_paths = ReturnPaths(store)
        self._marks = CompileMarks(settings.journals / "compiling")
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def envelope(self, row: Leased) -> Envelope:
        """The mail of a leased recipient, signed.

        Raises Unsendable if no correct mail can be made, KeyUnreadableError if it cannot be signed, Unavailable if the database is
        unreachable.
        """
        message, sign = self._entry(row.message_id)
        host = self._return_paths.host(message.account_id, message.sender_domain)
        sender = self._tracking.envelope_sender(row.id, message.sender.email, host)
        return Envelope(sender, row.address, sign(row), message.stream, message.pool)

    def _entry(self, message_id: str) -> _Entry:
        with self._lock:
            entry = self._entries.get(message_id)
            if entry is not None:
                self._entries.move_to_end(message_id)
                return entry
        entry = self._compile(self._read(message_id))
        with self._lock:
            self._entries[message_id] = entry
            if len(self._entries) > MAX_MESSAGES:
                self._entries.popitem(last=False)
        return entry

    def _read(self, message_id: str) -> StoredMessage:
        message = tables.Message.__table__
        with self._store.read() as connection:
            row = connection.execute(select(message).where(message.c.id == message_id)).one()
            pool = connection.scalar(select(tables.Alias.ip_pool).where(tables.Alias.id == row.alias_id)) if row.alias_id else None
            return stored.from_rows(row, stored_parts.read(connection, row), pool)

    def _compile(self, message: StoredMessage) -> _Entry:
        signers = self._keys.of(message.account_id, message.sender_domain)
        with self._marks.compiling(message):
            compiled = compile_message(message, self._tracking)
        return _Entry(message, _signing(compiled, signers))


def _signing(compiled: CompiledMessage, signers: tuple[Signer, ...]) -> Callable[[MailRecipient], bytes]:
    """The function that signs each recipient's mail; a mail that all recipients share is signed once."""
    if compiled.shared is None:
        return lambda recipient: compiled.render(recipient).signed(signers)
    content = compiled.shared.signed(signers)
    return lambda _: content
