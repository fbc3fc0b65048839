"""From a message's rows to the bytes of its mail: CRLF only, 7 bits in the body, the same bytes each time.

Bcc is never written. What could break out of a header is refused with Unsendable.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from misarmail_server.delivery import headers as wire
from misarmail_server.delivery.headers import Address, Unsendable

LONGEST_LINE = 998  # RFC 5322, section 2.1.1
BASE64_BYTES = 57  # in a line of 76 characters

OWN_FIELDS = frozenset(
    {
        *("from", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "sender", "return-path", "received"),
        *("mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id", "dkim-signature"),
    }
)
# Parts that are messages or have parts of their own may not be base64 (RFC 2046), so such files travel as opaque bytes.
MEDIA_TYPE = re.compile(r"(?:text|image|audio|video|application|font|model|chemical)/[A-Za-z0-9!#$&^_.+-]{1,127}")
CHARSET = re.compile(r';\s*charset="?([A-Za-z0-9_.:-]{1,40})"?', re.IGNORECASE)
OPAQUE = "application/octet-stream"

_addresses = msgspec.json.Decoder(tuple[Address, ...])
_address = msgspec.json.Decoder(Address)
_fields = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class File:
    """An attachment; `content_id` makes it part of the HTML (RFC 2392)."""

    filename: str
    content_type: str
    content: bytes
    content_id: str | None = None


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
    """The whole mail. Raises Unsendable when no correct mail can be made of it."""
    head = b"".join(wire.field(name, body) for name, body in _head(mail))
    return b"%sMIME-Version: 1.0\r\n%s" % (head, _Body(mail).root())


def headers(mail: Mail) -> dict[str, str]:
    """The mail's header fields as a person reads them, without those of its MIME structure."""
    return {
        "From": _readable((mail.sender,)),
        "To": _readable(mail.to),
        **({"Cc": _readable(mail.cc)} if mail.cc else {}),
        **({"Reply-To": _readable((mail.reply_to,))} if mail.reply_to else {}),
        "Subject": mail.subject,
        "Date": wire.date(mail.written_at),
        "Message-ID": message_id(mail),
        **dict(mail.fields),
    }


def message_id(mail: Mail) -> str:
    """`<id@sender's domain>`, the same on every attempt."""
    return f"<{mail.message_id}@{wire.wire_address(mail.sender.email, 'sender').rpartition('@')[2]}>"


def _head(mail: Mail) -> list[tuple[str, str]]:
    """Names and encoded bodies in the order they are written."""
    head = [
        ("From", wire.address_list((mail.sender,), "sender", used=4)),
        ("To", wire.address_list(mail.to, "recipient", used=2) if mail.to else "undisclosed-recipients:;"),
    ]
    if mail.cc:
        head.append(("Cc", wire.address_list(mail.cc, "copy recipient", used=2)))
    if mail.reply_to:
        head.append(("Reply-To", wire.address_list((mail.reply_to,), "reply", used=8)))
    head += [
        ("Subject", wire.unstructured(mail.subject, "subject", used=7)),
        ("Date", wire.date(mail.written_at)),
        ("Message-ID", message_id(mail)),
    ]
    return head + [_custom(name, value) for name, value in mail.fields]


def _custom(name: str, value: str) -> tuple[str, str]:
    if name.lower() in OWN_FIELDS:
        raise Unsendable(f"The header {name} is written by the platform")
    return name, wire.unstructured(value, f"header {name[:80]!r}", used=len(name))


def _readable(addresses: Sequence[Address]) -> str:
    return ", ".join(f"{one.name} <{one.email}>" if one.name else one.email for one in addresses)


class _Body:
    """The tree of parts below the head; each part is its own fields, an empty line and its content."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._boundaries = 0

    def root(self) -> bytes:
        has_page = self._mail.html is not None
        inline = [file for file in self._mail.files if has_page and file.content_id]
        attached = [file for file in self._mail.files if not (has_page and file.content_id)]
        body = self._body(inline)
        return self._multipart("mixed", [body, *map(_attachment, attached)]) if attached else body

    def _body(self, inline: list[File]) -> bytes:
        html, text = self._mail.html, self._mail.text
        if html is None:
            return _text("plain", text or "")
        page = _text("html", html)
        if inline:
            page = self._multipart("related", [page, *map(_attachment, inline)], ';\r\n type="text/html"')
        return page if text is None else self._multipart("alternative", [_text("plain", text), page])

    def _multipart(self, subtype: str, parts: list[bytes], more: str = "") -> bytes:
        # "=_" occurs in neither base64 nor quoted-printable; in plain text the message's random id keeps it unique.
        self._boundaries += 1
        boundary = f"=_{self._mail.message_id}_{self._boundaries}"
        head = f'Content-Type: multipart/{subtype}{more};\r\n boundary="{boundary}"\r\n\r\n'.encode()
        edge = b"--" + boundary.encode()
        return head + b"".join(b"%s\r\n%s\r\n" % (edge, part) for part in parts) + edge + b"--\r\n"


def _text(subtype: str, text: str) -> bytes:
    encoding, content = _encoded_text(text)
    return f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + content


def _encoded_text(text: str) -> tuple[str, bytes]:
    """As it is when that is safe, else in the shorter of quoted-printable and base64."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    raw = lines.encode("utf-8", "replace")
    if lines.isascii() and "\0" not in lines and max(map(len, lines.split("\n"))) <= LONGEST_LINE:
        return "7bit", raw.replace(b"\n", b"\r\n")
    quoted = binascii.b2a_qp(raw, istext=True)
    if len(quoted) <= len(raw) * 4 // 3:
        return "quoted-printable", quoted.replace(b"\n", b"\r\n")
    return "base64", _base64(raw.replace(b"\n", b"\r\n"))


def _attachment(file: File) -> bytes:
    media_type = _media_type(wire.checked(file.content_type, "content type"))
    disposition = "inline" if file.content_id else "attachment"
    head = (
        f"Content-Type: {media_type}{wire.parameter('name', file.filename)}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: {disposition}{wire.parameter('filename', file.filename)}\r\n{_content_id(file.content_id)}\r\n"
    )
    return head.encode() + _base64(file.content)


def _media_type(asked: str) -> str:
    """The type asked for with its charset, or the type of bytes that nobody knows."""
    kind, _, parameters = asked.partition(";")
    kind = kind.strip().lower()
    charset = CHARSET.search(";" + parameters)
    if not MEDIA_TYPE.fullmatch(kind):
        return OPAQUE
    return f"{kind}; charset={charset[1]}" if charset else kind


def _content_id(content_id: str | None) -> str:
    if not content_id:
        return ""
    bare = content_id.removeprefix("<").removesuffix(">")
    if not re.fullmatch(r"[!-;=?-~]{1,255}", bare):
        raise Unsendable(f"{content_id[:80]!r} cannot be the content id of an attachment")
    return f"Content-ID: <{bare}>\r\n"


def _base64(content: bytes) -> bytes:
    lines = (content[start : start + BASE64_BYTES] for start in range(0, len(content), BASE64_BYTES))
    return b"".join(base64.b64encode(line) + b"\r\n" for line in lines)
