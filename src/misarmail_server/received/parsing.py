"""A received mail in the parts that an account works with: addresses, subject, text, HTML, attachments. Hostile input is normal."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from misarmail_server.received import reply_text
from misarmail_server.received.bounces.reading import Fields, ParsedMessage, ParsedPart, read
from misarmail_server.received.decoding import display, in_charset, words
from misarmail_server.received.mailboxes import ReceivedMailbox, mailboxes

MAX_BYTES = 40 << 20  # of a message; the rest is not read
MAX_BODY_LENGTH = 2 << 20  # characters of text or HTML
MAX_NAME_LENGTH = 255
MAX_REFERENCES = 50

MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
# A value ends where the next parameter begins: file names with blanks, semicolons or quotation marks often lack the required quoting.
PARAMETER = re.compile(
    r";\s*(?P<name>[\w-]{1,40})(?:\*(?P<number>\d{1,2}))?(?P<extended>\*)?\s*=\s*"
    r"(?:\"(?P<quoted>(?:[^\"\\]|\\.)*+)\"|(?P<bare>.*?))(?=\s*;\s*[\w-]{1,40}(?:\*\d{1,2})?\*?\s*=|[\s;]*\Z)",
    re.DOTALL,
)
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]+")


class ReceivedAttachment(NamedTuple):
    """`filename` has no path and may be empty; `content_type` is the media type with its parameters.

    `content_id` is the id that the HTML refers to, without angle brackets.
    """

    filename: str
    media_type: str
    content: bytes
    content_id: str
    is_inline: bool
    content_type: str

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
        sender=next(iter(mailboxes(fields.get("from", ""))), None),
        reply_to=mailboxes(fields.get("reply-to", "")),
        to=mailboxes(fields.get("to", "")),
        cc=mailboxes(fields.get("cc", "")),
        subject=fields.get("subject", ""),
        sent_at=_time(fields.get("date", "")),
        message_id=_id(fields.get("message-id", "")),
        in_reply_to=_id(fields.get("in-reply-to", "")),
        references=tuple(MESSAGE_ID.findall(fields.get("references", "")))[-MAX_REFERENCES:],
        text=text,
        html=html,
        reply=reply_text.new_text(shown[:MAX_BODY_LENGTH]),
        headers=tuple((name, display(name, value)) for name, value in message.all_fields),
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
    content_type = part.fields.get("content-type", "").strip() or part.media_type
    is_inline = disposition.startswith("inline")
    return ReceivedAttachment(_filename(part.fields), part.media_type, part.content(), content_id, is_inline, content_type)


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
        if match["name"].lower() != name:
            continue
        number, text = int(match["number"] or 0), _unquoted(match)
        if not match["extended"]:
            pieces.setdefault(number, (words(text) if "=?" in text else text).encode("utf-8", "replace"))
            continue
        if text.count("'") > 1 and not number:
            charset, _, text = text.split("'", 2)
        pieces[number] = unquote_to_bytes(text)
    return in_charset(b"".join(pieces[number] for number in sorted(pieces)), charset)


def _unquoted(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", match["quoted"])
    bare = match["bare"].strip()
    return bare[1:-1] if len(bare) > 1 and bare[0] == bare[-1] == '"' else bare


def _id(value: str) -> str:
    match = MESSAGE_ID.search(value)
    return match[1] if match else value.strip()[:MAX_NAME_LENGTH]


def _time(value: str) -> int | None:
    try:
        at = parsedate_to_datetime(value)
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
