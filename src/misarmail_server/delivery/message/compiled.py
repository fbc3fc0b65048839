"""A mail compiled once for all who get it: what is the same for everybody is encoded bytes, the rest is filled for each copy.

CRLF only, 7 bits in the body, the same bytes each time. What could break out of a header is refused with Unsendable, also in a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from misarmail_server.delivery.message import dkim
from misarmail_server.delivery.message import headers as wire
from misarmail_server.delivery.message.dkim import Signer
from misarmail_server.delivery.message.encoding import Text
from misarmail_server.delivery.message.headers import Address, Unsendable
from misarmail_server.delivery.message.mime import File, Tree
from misarmail_server.delivery.message.template import Slots, Template, TooLarge

SUBJECT_LIMIT = 998  # RFC 5322, section 2.1.1
OWN_FIELDS = frozenset(
    {
        *("from", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "sender", "return-path", "received"),
        *("mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id", "dkim-signature"),
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a mail says. `boundary` is a word that its texts cannot contain, such as a random id made after them."""

    sender: Address
    subject: Template[str]
    boundary: str
    html: Template[str] | None = None
    text: Template[str] | None = None
    cc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """What is one recipient's own. `written_at` is in milliseconds; `fields` are the platform's, encoded and folded."""

    message_id: str
    written_at: int
    to: tuple[Address, ...]
    values: object = None
    slots: Slots = field(default_factory=dict)
    fields: tuple[tuple[str, str], ...] = ()


class Written(NamedTuple):
    """A mail of one recipient: its header fields, each whole, its body and the body's hash for DKIM."""

    fields: list[bytes]
    body: bytes
    body_hash: str

    def signed(self, signers: Sequence[Signer]) -> bytes:
        """The whole mail, with a DKIM signature of each of these."""
        return b"%s%s\r\n%s" % (dkim.signatures(self.fields, self.body_hash, signers), b"".join(self.fields), self.body)


class CompiledMail:
    """A mail with places to fill. Safe to use from several threads."""

    def __init__(self, source: Source) -> None:
        """Raises Unsendable when no correct mail can be made of it."""
        root = Tree(source.boundary).root(source.html, source.text, source.files)
        self._source = source
        self._domain = wire.wire_address(source.sender.email, "sender").rpartition("@")[2]
        self._from = wire.field("From", wire.address_list((source.sender,), "sender", used=4))
        self._middle = list(_middle(source))
        self._subject = None if source.subject.varies else self._subject_field(None)
        self._last = [*(_custom(*one) for one in source.fields), b"MIME-Version: 1.0\r\n", *root.fields]
        self._content = root.content
        is_same = not any(isinstance(part, Text) for part in root.content)
        self._fixed = self._hashed(None, {}) if is_same else None

    def write(self, copy: Copy) -> Written:
        """One recipient's mail. Raises Unsendable when a value cannot stand where it is to stand."""
        body, body_hash = self._fixed or self._hashed(copy.values, copy.slots)
        to = wire.address_list(copy.to, "recipient", used=2) if copy.to else "undisclosed-recipients:;"
        fields = [
            self._from,
            wire.field("To", to),
            *self._middle,
            self._subject or self._subject_field(copy.values),
            wire.field("Date", wire.date(copy.written_at)),
            wire.field("Message-ID", f"<{copy.message_id}@{self._domain}>"),
            *(wire.field(name, body) for name, body in copy.fields),
            *self._last,
        ]
        return Written(fields, body, body_hash)

    def _subject_field(self, values: object) -> bytes:
        template = self._source.subject
        try:
            subject = template.render(values, escape=False, limit=SUBJECT_LIMIT) if template.varies else "".join(template.literals)
        except TooLarge:
            raise Unsendable(f"The subject becomes longer than {SUBJECT_LIMIT} characters") from None
        return wire.field("Subject", wire.unstructured(subject, "subject", used=7))

    def _hashed(self, values: object, slots: Mapping[str, str]) -> tuple[bytes, str]:
        body = b"".join(part.fill(values, slots) if isinstance(part, Text) else part for part in self._content)
        return body, dkim.body_hash(body)


def _middle(source: Source) -> Sequence[bytes]:
    fields = []
    if source.cc:
        fields.append(wire.field("Cc", wire.address_list(source.cc, "copy recipient", used=2)))
    if source.reply_to:
        fields.append(wire.field("Reply-To", wire.address_list((source.reply_to,), "reply", used=8)))
    return fields


def _custom(name: str, value: str) -> bytes:
    if name.lower() in OWN_FIELDS:
        raise Unsendable(f"The header {name} is written by the platform")
    return wire.field(name, wire.unstructured(value, f"header {name[:80]!r}", used=len(name)))
