"""Submitted mail whose bytes must not change: signatures, encryption and reports are over the bytes of their parts."""

from __future__ import annotations

import re

from misarmail_server.delivery.message import mime
from misarmail_server.delivery.message.mime import OriginalBody
from misarmail_server.errors import Invalid
from misarmail_server.received.bounces.reading import read
from misarmail_server.received.parsing import MAX_BYTES

PROTECTED = frozenset(
    {
        *("multipart/signed", "multipart/encrypted", "multipart/report"),
        *("application/pkcs7-mime", "application/x-pkcs7-mime"),
    }
)
MAX_LENGTH = 14_000_000  # bytes, as many as 10 MB of files in base64
MAX_LINE_LENGTH = 998  # RFC 5322, section 2.1.1
FIELD = re.compile(rb"^(content-type|content-transfer-encoding)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
LONG_LINE = re.compile(rb"[^\r\n]{%d}" % (MAX_LINE_LENGTH + 1))
BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
FIELD_NAME = "body"  # of a refusal


def original_body(content: bytes) -> OriginalBody | None:
    """The body of a mail that must be sent as it is; None for other mail. Raises Invalid."""
    if not any(part.media_type in PROTECTED for part in read(content, MAX_BYTES).parts):
        return None
    header, _, body = content.partition(b"\r\n\r\n")
    if len(body) > MAX_LENGTH:
        raise Invalid("attachments", f"Must have at most {MAX_LENGTH:,} bytes of signed or encrypted mail")
    if BARE.search(content) or LONG_LINE.search(body):
        raise Invalid(FIELD_NAME, f"Signed or encrypted mail must have CRLF line ends and at most {MAX_LINE_LENGTH} characters in a line")
    fields = {match[1].lower(): _one_line(match[2]) for match in reversed(list(FIELD.finditer(header)))}
    encoding = fields.get(b"content-transfer-encoding", "7bit" if body.isascii() else "8bit").lower()
    content_type = fields.get(b"content-type", "")
    if encoding not in mime.ENCODINGS or not content_type.isascii():
        raise Invalid(FIELD_NAME, "Signed or encrypted mail must have a Content-Type and Content-Transfer-Encoding of RFC 2045")
    return OriginalBody(content_type, encoding, body)


def _one_line(value: bytes) -> str:
    return value.replace(b"\r\n", b"").replace(b"\t", b" ").decode("utf-8", "replace").strip()
