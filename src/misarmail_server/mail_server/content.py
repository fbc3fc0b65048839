"""The content of a mail as it arrives after DATA: chunks of any size, without work for each line.

Lines end with CRLF only: a lone CR or LF is refused, because servers that disagree about it can be made to see two mails in one (SMTP
smuggling). Refused content is not kept, but read to its end.
"""

from __future__ import annotations

from collections.abc import Callable

END = b"\r\n.\r\n"
MAX_LINE_LENGTH = 1 << 16  # more than RFC 5321 allows: some programs write such lines, and they do no harm
MAX_HEADER_BYTES = 256_000
MAX_HEADER_LINES = 2_000

TOO_LONG = "500 5.5.6 A line is too long"
SMUGGLED = "550 5.6.0 A line of the mail ends with CR or LF alone; lines end with CRLF (RFC 5321, section 2.3.8)"
LARGE_HEADER = f"552 5.3.4 The header is too large: at most {MAX_HEADER_BYTES // 1000} kB and {MAX_HEADER_LINES:,} lines are accepted"


class MailContent:
    """Collects the content of one mail. `refusal_of` reserves room for a number of bytes and returns why they are refused, or nothing."""

    def __init__(self, refusal_of: Callable[[int], str]) -> None:
        self._refusal_of = refusal_of
        self._kept = bytearray(b"\r\n")  # DATA itself ended with CRLF, so that a first line of one dot ends the mail
        self.refusal = ""

    def take(self, chunk: bytes) -> bytes | None:
        """Add a chunk. After the end of the mail, returns the bytes that follow it; before it, None."""
        start = max(0, len(self._kept) - len(END) + 1)
        self._kept += chunk
        end = self._kept.find(END, start)
        rest = None if end < 0 else bytes(self._kept[end + len(END) :])
        if end >= 0:
            del self._kept[end + 2 :]
        self.refusal = self.refusal or self._refusal_of(len(chunk) - len(rest or b""))
        if self.refusal:
            del self._kept[: 1 - len(END)]  # the end may be split
        return rest

    def result(self) -> tuple[bytes, str]:
        """(the mail without stuffed dots, why it is refused). One of them is empty, or both."""
        if self.refusal:
            return b"", self.refusal
        content = bytes(memoryview(self._kept.replace(b"\r\n.", b"\r\n"))[2:])
        self._kept.clear()
        refusal = _refusal(content)
        return (b"", refusal) if refusal else (content, "")


def _refusal(content: bytes) -> str:
    if not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r"):
        return SMUGGLED
    if _has_long_line(content):
        return TOO_LONG
    return LARGE_HEADER if _has_large_header(content) else ""


def _has_long_line(content: bytes) -> bool:
    """Steps from one line's end to the last one within the limit, so that short lines cost nothing."""
    at = 0
    while len(content) - at > MAX_LINE_LENGTH:
        newline = content.rfind(b"\n", at, at + MAX_LINE_LENGTH)
        if newline < 0:
            return True
        at = newline + 1
    return False


def _has_large_header(content: bytes) -> bool:
    if content.startswith(b"\r\n"):
        return False
    end = content.find(b"\r\n\r\n", 0, MAX_HEADER_BYTES + 4)
    if end < 0 and len(content) > MAX_HEADER_BYTES:
        return True
    return content.count(b"\r\n", 0, end if end >= 0 else len(content)) >= MAX_HEADER_LINES
