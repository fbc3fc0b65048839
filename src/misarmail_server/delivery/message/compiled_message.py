"""A message compiled once for all its recipients: the parts that they share are encoded bytes, the rest is filled for each.

CRLF only, 7 bits in the body, the same bytes each time. Anything that could break out of a header is refused with Unsendable, also a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from misarmail_server.delivery.message import dkim, mime, template
from misarmail_server.delivery.message import headers as wire
from misarmail_server.delivery.message.dkim import Signer
from misarmail_server.delivery.message.encoding import EncodedTemplate
from misarmail_server.delivery.message.headers import MailAddress, Unsendable
from misarmail_server.delivery.message.mime import MimePart, MimeTree
from misarmail_server.delivery.message.recipient_urls import MARKETING_FIELDS, RecipientUrls
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.delivery.message.template import CompiledTemplate, RenderLimitExceeded, Slots

SUBJECT_LIMIT = 998  # RFC 5322, section 2.1.1
PLATFORM_FIELDS = frozenset(
    {
        *("from", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "sender", "return-path", "received"),
        *("mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id", "dkim-signature"),
    }
)
NO_SLOTS: Slots = {}


class MailRecipient(Protocol):
    """The columns of `recipients` that a mail needs."""

    @property
    def id(self) -> int:
        """The row's id."""

    @property
    def address(self) -> str:
        """The recipient's address."""

    @property
    def values_json(self) -> str | None:
        """The values of a campaign's merge tags."""


class MessageContent(NamedTuple):
    """Subject and bodies, parsed; `urls` are where the tracked links lead, by number.

    `warning` is a sentence if the styles of the HTML are not inlined.
    """

    subject: CompiledTemplate[str]
    html: CompiledTemplate[str] | None
    text: CompiledTemplate[str] | None
    urls: tuple[str, ...] = ()
    warning: str = ""


class RenderedMail(NamedTuple):
    """The mail of one recipient: its header fields, each whole, its body, and the body's hash for DKIM, relaxed or simple."""

    fields: list[bytes]
    body: bytes
    body_hash: str
    is_relaxed: bool = False

    def signed(self, signers: Sequence[Signer]) -> bytes:
        """The bytes of the mail, with a DKIM signature of each of these."""
        return b"%s%s\r\n%s" % (self._signatures(signers), b"".join(self.fields), self.body)

    def _signatures(self, signers: Sequence[Signer]) -> bytes:
        return dkim.signatures(self.fields, self.body_hash, signers, is_relaxed=self.is_relaxed)


class CompiledMessage:
    """A message with slots to fill. Safe to use from several threads.

    `shared` is the mail that all recipients share, None if each gets a separate one.
    """

    def __init__(self, message: StoredMessage, content: MessageContent | None = None, tracking: RecipientUrls | None = None) -> None:
        """Raises Unsendable when no correct mail can be made of it."""
        content = content or literal_content(message)
        root = _root(message, content)
        self.message = message
        self.urls = content.urls
        self.warning = content.warning
        self._tracking = tracking
        self._domain = message.sender_domain
        self._from = wire.field("From", wire.address_list((message.sender,), "sender", used=4))
        self._copied = list(_copied(message))
        self._subject_template = content.subject
        self._subject = None if content.subject.varies else self._subject_field(None)
        self._last = [*(_custom(*field) for field in _custom_fields(message, tracking)), b"MIME-Version: 1.0\r\n", *root.fields]
        self._parts = root.content
        self._is_relaxed = message.original is not None and dkim.is_changed_by_relays(message.original.content)
        self._hashed_body = None if any(isinstance(part, EncodedTemplate) for part in root.content) else self._hashed(None, NO_SLOTS)
        self._is_personal = message.campaign_id is not None
        self.shared = None if self._is_personal or tracking else self._rendered(message.id, message.to, None, slots=NO_SLOTS, fields=())

    def render(self, recipient: MailRecipient) -> RenderedMail:
        """One recipient's mail, the same on every attempt. Raises Unsendable when a value cannot stand where it is to stand."""
        if self.shared is not None:
            return self.shared
        slots, fields = self._links(recipient)
        if not self._is_personal:
            return self._rendered(self.message.id, self.message.to, None, slots=slots, fields=fields)
        values = {} if recipient.values_json is None else msgspec.json.decode(recipient.values_json)
        return self._rendered(f"{self.message.id}.{recipient.id}", (MailAddress(recipient.address),), values, slots=slots, fields=fields)

    def _links(self, recipient: MailRecipient) -> tuple[Slots, tuple[tuple[str, str], ...]]:
        """The recipient's own URLs, and the header fields of marketing mail."""
        if self._tracking is None:
            return NO_SLOTS, ()
        message = self.message
        fields = self._tracking.fields(message.id, recipient.id, message.feedback_id)
        return self._tracking.slots(message.id, recipient.id, len(self.urls)), fields

    def _rendered(
        self, message_id: str, to: tuple[MailAddress, ...], values: object, *, slots: Slots, fields: tuple[tuple[str, str], ...]
    ) -> RenderedMail:
        body, body_hash = self._hashed_body or self._hashed(values, slots)
        rendered = [
            self._from,
            wire.field("To", wire.address_list(to, "recipient", used=2) if to else "undisclosed-recipients:;"),
            *self._copied,
            self._subject or self._subject_field(values),
            wire.field("Date", wire.date(self.message.written_at)),
            wire.field("Message-ID", f"<{message_id}@{self._domain}>"),
            *(wire.field(name, value) for name, value in fields),
            *self._last,
        ]
        return RenderedMail(rendered, body, body_hash, self._is_relaxed)

    def _subject_field(self, values: object) -> bytes:
        subject = self._subject_template
        try:
            text = subject.render(values, escape=False, limit=SUBJECT_LIMIT) if subject.varies else "".join(subject.literals)
        except RenderLimitExceeded:
            raise Unsendable(f"The subject becomes longer than {SUBJECT_LIMIT} characters") from None
        return wire.field("Subject", wire.unstructured(text, "subject", used=7))

    def _hashed(self, values: object, slots: Mapping[str, str]) -> tuple[bytes, str]:
        body = b"".join(part.fill(values, slots) if isinstance(part, EncodedTemplate) else part for part in self._parts)
        return body, dkim.relaxed_body_hash(body) if self._is_relaxed else dkim.body_hash(body)


def literal_content(message: StoredMessage) -> MessageContent:
    """Subject and bodies as they are written: no tag in them is filled."""
    html, text = (None if body is None else template.literal(body) for body in (message.html, message.text))
    return MessageContent(template.literal(message.subject), html, text)


def _root(message: StoredMessage, content: MessageContent) -> MimePart:
    if message.original is not None:
        return mime.original(message.original)
    return MimeTree(message.id).root(content.html, content.text, message.files)  # the id is random, and made after the texts


def _copied(message: StoredMessage) -> Sequence[bytes]:
    fields = []
    if message.cc:
        fields.append(wire.field("Cc", wire.address_list(message.cc, "copy recipient", used=2)))
    if message.reply_to:
        fields.append(wire.field("Reply-To", wire.address_list((message.reply_to,), "reply", used=8)))
    return fields


def _custom_fields(message: StoredMessage, tracking: RecipientUrls | None) -> Sequence[tuple[str, str]]:
    """The account's own header fields, without those that the platform writes into marketing mail itself."""
    if tracking is None:
        return message.fields
    fields = [(name, value) for name, value in message.fields if name.lower() not in MARKETING_FIELDS]
    if message.list_id is None:
        return fields
    return [("List-Id", message.list_id), *((name, value) for name, value in fields if name.lower() != "list-id")]


def _custom(name: str, value: str) -> bytes:
    if name.lower() in PLATFORM_FIELDS:
        raise Unsendable(f"The header {name} is written by the platform")
    return wire.field(name, wire.custom(name, value))
