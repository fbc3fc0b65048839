"""A received mail in the parts that an account works with: addresses, subject, text, HTML, attachments. Hostile input is normal."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from misarmail_server.received import reply_text
from misarmail_server.received.bounces import addresses
from misarmail_server.received.bounces.reading import Fields, ParsedMessage, ParsedPart, in_charset, read, words

MAX_BYTES = 40 << 20  # of a message; the rest is not read
MAX_BODY_LENGTH = 2 << 20  # characters of text or HTML
MAX_NAME_LENGTH = 255
MAX_ADDRESSES = 100
MAX_REFERENCES = 50

MAILBOX = re.compile(r"(?:\"((?:[^\"\\]|\\.){0,500})\"|([^<>,\"]{0,500}))[ \t]*<([^<>\s]{1,320})>|([^\s<>,;\"]{1,320}@[^\s<>,;\"]{1,255})")
MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
PARAMETER = re.compile(r";[ \t]*([\w-]{1,40})(?:\*(\d{1,2}))?(\*)?[ \t]*=[ \t]*(?:\"((?:[^\"\\]|\\.){0,1000})\"|([^\s;\"]{0,1000}))")
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]+")


class ReceivedMailbox(NamedTuple):
    """`Ada <ada@example.com>`; the name is empty if there is none."""

    email: str
    name: str


class ReceivedAttachment(NamedTuple):
    """`filename` has no path and may be empty; `content_id` is the id that the HTML refers to, without angle brackets."""

    filename: str
    media_type: str
    content: bytes
    content_id: str
    is_inline: bool

    @property
    def size(self) -> int:
        """The size in bytes."""
        return len(self.content)


class ReceivedMail(NamedTuple):
    """A received mail. `sent_at` is in milliseconds, None without a valid date; ids have no angle brackets.

    `reply` is the text that its author wrote, without quotations and signature; `headers` are all fields in order, names in lower case.
    """

    sender: ReceivedMailbox | None
    reply_to: tuple[ReceivedMailbox, ...]
    to: tuple[ReceivedMailbox, ...]
    cc: tuple[ReceivedMailbox, ...]
    subject: str
    sent_at: int | None
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    html: str
    reply: str
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[ReceivedAttachment, ...]


def parse_mail(raw: bytes) -> ReceivedMail:
    """Parse a mail from any bytes; every part of the result is bounded."""
    message = read(raw, MAX_BYTES)
    fields = message.fields
    text, html = _body(message, "text/plain"), _body(message, "text/html")
    shown = text or _first_text(message, "text/html")
    return ReceivedMail(
        sender=next(iter(_mailboxes(fields.get("from", ""))), None),
        reply_to=_mailboxes(fields.get("reply-to", "")),
        to=_mailboxes(fields.get("to", "")),
        cc=_mailboxes(fields.get("cc", "")),
        subject=fields.get("subject", ""),
        sent_at=_time(fields.get("date", "")),
        message_id=_id(fields.get("message-id", "")),
        in_reply_to=_id(fields.get("in-reply-to", "")),
        references=tuple(MESSAGE_ID.findall(fields.get("references", "")))[-MAX_REFERENCES:],
        text=text,
        html=html,
        reply=reply_text.new_text(shown[:MAX_BODY_LENGTH]),
        headers=tuple(message.all_fields),
        attachments=tuple(_attachment(part) for part in message.parts if _is_attached(part)),
    )


def _body(message: ParsedMessage, media_type: str) -> str:
    """The first part of a type that is not an attachment, decoded."""
    part = _part(message, media_type)
    return part.source().strip("\n")[:MAX_BODY_LENGTH] if part else ""


def _first_text(message: ParsedMessage, media_type: str) -> str:
    part = _part(message, media_type)
    return part.text().strip()[:MAX_BODY_LENGTH] if part else ""


def _part(message: ParsedMessage, media_type: str) -> ParsedPart | None:
    own = (part for part in message.parts if part.media_type == media_type and not _is_attached(part))
    return next((part for part in own if part.body.strip(b"\n")), None)


def _is_attached(part: ParsedPart) -> bool:
    """Whether a part is a file rather than a body."""
    if part.media_type.startswith("multipart/"):
        return False
    disposition = part.fields.get("content-disposition", "").strip().lower()
    if disposition.startswith("attachment"):
        return True
    return part.media_type not in {"text/plain", "text/html"} or bool(_filename(part.fields) and disposition.startswith("inline"))


def _attachment(part: ParsedPart) -> ReceivedAttachment:
    disposition = part.fields.get("content-disposition", "").strip().lower()
    content_id = part.fields.get("content-id", "").strip(" <>")[:MAX_NAME_LENGTH]
    return ReceivedAttachment(_filename(part.fields), part.media_type, part.content(), content_id, disposition.startswith("inline"))


def _filename(fields: Fields) -> str:
    """The file name without a path, on one line."""
    for field, name in (("content-disposition", "filename"), ("content-type", "name")):
        given = _parameter(fields.get(field, ""), name)
        if given:
            return UNSAFE.sub("_", given.replace("\\", "/").rpartition("/")[2]).strip(" .")[:MAX_NAME_LENGTH]
    return ""


def _parameter(value: str, name: str) -> str:
    """A parameter joined from its pieces (RFC 2231), or with encoded words, which some programs write against the rules."""
    pieces: dict[int, bytes] = {}
    charset = "utf-8"
    for match in PARAMETER.finditer(f";{value.partition(';')[2]}"):
        if match[1].lower() != name:
            continue
        text = re.sub(r"\\(.)", r"\1", match[4]) if match[4] is not None else match[5]
        if not match[3]:
            pieces.setdefault(int(match[2] or 0), words(text).encode("utf-8", "replace"))
            continue
        if text.count("'") > 1 and not int(match[2] or 0):
            charset, _, text = text.split("'", 2)
        pieces[int(match[2] or 0)] = unquote_to_bytes(text)
    return in_charset(b"".join(pieces[number] for number in sorted(pieces)), charset)


def _mailboxes(value: str) -> tuple[ReceivedMailbox, ...]:
    mailboxes: list[ReceivedMailbox] = []
    for match in MAILBOX.finditer(value):
        email = addresses.tidy(match[3] or match[4] or "")
        if email and len(mailboxes) < MAX_ADDRESSES:
            name = re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else (match[2] or "")
            mailboxes.append(ReceivedMailbox(email, name.strip()[:MAX_NAME_LENGTH]))
    return tuple(mailboxes)


def _id(value: str) -> str:
    match = MESSAGE_ID.search(value)
    return match[1] if match else value.strip()[:MAX_NAME_LENGTH]


def _time(value: str) -> int | None:
    try:
        at = parsedate_to_datetime(value)
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
