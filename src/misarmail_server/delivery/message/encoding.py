"""Content transfer encodings (RFC 2045): 7 bits, CRLF, short lines; and texts whose encoded pieces can be joined.

A text with slots is encoded around them: each piece begins at the start of a line of quoted-printable and ends with a soft line break, so
any pieces fit together and only the values are encoded for each recipient.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.delivery.message.template import CompiledTemplate, Escape, RenderLimitExceeded, Slots

MAX_LINE_LENGTH = 998  # RFC 5322, section 2.1.1
BASE64_BYTES = 57  # in a line of 76 characters
SOFT_BREAK = b"=\r\n"
BLANKS_AT_LINE_END = re.compile(r"[ \t](?:\n|\Z)")  # relays remove them, which would break signatures (RFC 2045, section 6.7)
LIMIT = 4_000_000  # bytes that values and repetitions may add to a text


@dataclass(frozen=True, slots=True)
class EncodedTemplate:
    """A text, encoded except for its values. `finish` turns the joined pieces into content."""

    encoding: str
    template: CompiledTemplate[bytes]
    encode: Callable[[str], bytes]
    finish: Callable[[bytes], bytes]
    escape: Escape
    limit: int

    def fill(self, values: object, slots: Slots) -> bytes:
        """The content for one recipient. Raises Unsendable if it becomes too large."""
        try:
            return self.finish(b"".join(self.template.pieces(values, self.encode, escape=self.escape, limit=self.limit, slots=slots)))
        except RenderLimitExceeded:
            raise Unsendable(f"The mail's text becomes larger than {LIMIT:,} bytes") from None


def compiled(template: CompiledTemplate[str], escape: Escape) -> EncodedTemplate:
    """The text in the shorter of quoted-printable and base64, judged by its fixed part."""
    encoding, encode, finish = "quoted-printable", _piece, _without_soft_break
    if not _is_mostly_ascii(template):
        encoding, encode, finish = "base64", _lines, in_base64
    encoded = template.encoded(encode)
    return EncodedTemplate(encoding, encoded, encode, finish, escape, LIMIT + sum(map(len, encoded.literals)))


def encoded(text: str) -> tuple[str, bytes]:
    """A fixed text: unchanged if that is safe, else in the shorter of quoted-printable and base64."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    raw = lines.encode("utf-8", "replace")
    is_plain = lines.isascii() and "\0" not in lines and not BLANKS_AT_LINE_END.search(lines)
    if is_plain and max(map(len, lines.split("\n"))) <= MAX_LINE_LENGTH:
        return "7bit", raw.replace(b"\n", b"\r\n")
    quoted = binascii.b2a_qp(raw, istext=True)
    if _is_short(len(quoted), len(raw)):
        return "quoted-printable", quoted.replace(b"\n", b"\r\n")
    return "base64", in_base64(raw.replace(b"\n", b"\r\n"))


def in_base64(content: bytes) -> bytes:
    """Bytes in lines of 76 characters."""
    lines = (content[start : start + BASE64_BYTES] for start in range(0, len(content), BASE64_BYTES))
    return b"".join(base64.b64encode(line) + b"\r\n" for line in lines)


def _lines(text: str) -> bytes:
    """UTF-8 with CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").replace(b"\n", b"\r\n")


def _piece(text: str) -> bytes:
    """Quoted-printable that begins and ends at the start of a line."""
    raw = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    quoted = binascii.b2a_qp(raw, istext=True).replace(b"\n", b"\r\n")
    return quoted if not quoted or quoted.endswith(b"\r\n") else quoted + SOFT_BREAK


def _without_soft_break(content: bytes) -> bytes:
    """The last line of a text must not end with a soft line break (RFC 2045, section 6.7)."""
    return content.removesuffix(SOFT_BREAK)


def _is_mostly_ascii(template: CompiledTemplate[str]) -> bool:
    raw = "".join(template.texts()).encode("utf-8", "replace")
    return _is_short(len(binascii.b2a_qp(raw, istext=True)), len(raw))


def _is_short(quoted: int, raw: int) -> bool:
    """Whether quoted-printable is not longer than base64 would be."""
    return quoted <= raw * 4 // 3 or raw == 0
