"""From a message's rows to its mail. Bcc is never written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from misarmail_server.delivery.message import headers as wire
from misarmail_server.delivery.message import template
from misarmail_server.delivery.message.compiled import CompiledMail, Copy, Source
from misarmail_server.delivery.message.headers import Address
from misarmail_server.delivery.message.mime import File

_addresses = msgspec.json.Decoder(tuple[Address, ...])
_address = msgspec.json.Decoder(Address)
_fields = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Mail:
    """Everything a mail is made of, rendered. `written_at` is in milliseconds."""

    message_id: str
    sender: Address
    to: tuple[Address, ...]
    subject: str
    written_at: int
    cc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    html: str | None = None
    text: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()


def from_rows(message: Any, attachments: Sequence[Any] = ()) -> Mail:
    """The mail of a row of `messages` and its rows of `attachments`."""
    return Mail(
        message_id=message.id,
        sender=Address(message.from_email, message.from_name),
        to=_addresses.decode(message.to_json),
        cc=_addresses.decode(message.cc_json),
        reply_to=_address.decode(message.reply_to_json) if message.reply_to_json else None,
        subject=message.subject,
        html=message.body_html,
        text=message.body_text,
        fields=tuple(_fields.decode(message.headers_json).items()),
        files=tuple(File(row.filename, row.content_type, row.content, row.content_id) for row in attachments),
        written_at=max(message.created_at, message.scheduled_at or 0),
    )


def compose(mail: Mail) -> bytes:
    """The whole mail, unsigned. Raises Unsendable when no correct mail can be made of it."""
    return CompiledMail(source(mail)).write(copy(mail)).signed(())


def source(mail: Mail) -> Source:
    """What all recipients of the mail get; its texts are no templates."""
    return Source(
        sender=mail.sender,
        subject=template.literal(mail.subject),
        boundary=mail.message_id,  # random, and made after the texts
        html=None if mail.html is None else template.literal(mail.html),
        text=None if mail.text is None else template.literal(mail.text),
        cc=mail.cc,
        reply_to=mail.reply_to,
        fields=mail.fields,
        files=mail.files,
    )


def copy(mail: Mail) -> Copy:
    """What is the mail's own; the same for all its recipients."""
    return Copy(mail.message_id, mail.written_at, mail.to)


def message_id(mail: Mail) -> str:
    """`<id@sender's domain>`, the same on every attempt."""
    return f"<{mail.message_id}@{wire.wire_address(mail.sender.email, 'sender').rpartition('@')[2]}>"
