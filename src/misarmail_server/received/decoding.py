"""Decodes what a received mail contains: charsets, transfer encodings, and the encoded words of header fields (RFC 2047)."""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator

ENCODED_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]*)?\?([bq])\?([^?\s]{0,4000})\?=", re.IGNORECASE)
# Words that follow each other; the blanks between them are not part of the text (RFC 2047, section 6.2).
WORDS = re.compile(rf"{ENCODED_WORD.pattern}(?:[ \t]*{ENCODED_WORD.pattern})*", re.IGNORECASE)
# A mark that is not closed matches to the end, so that it is searched for once: no mark behind it is closed either.
QUOTED_OR_WORDS = re.compile(rf"\"(?:[^\"\\]|\\(?s:.))*+(?:\"|(?P<open>\\?\Z))|{WORDS.pattern}", re.IGNORECASE)
PLAIN_PHRASE = re.compile(r"[\w !#$%&'*+/=?^`{|}~.-]*")
NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

ADDRESS_FIELDS = frozenset(
    {
        *("from", "sender", "reply-to", "to", "cc", "bcc", "errors-to", "disposition-notification-to", "return-receipt-to"),
        *("resent-from", "resent-sender", "resent-reply-to", "resent-to", "resent-cc", "resent-bcc"),
    }
)
# Their values are parsed before words are decoded: a decoded word may contain what would be syntax (RFC 2047, section 6.2).
STRUCTURED = ADDRESS_FIELDS | {
    *("return-path", "delivered-to", "message-id", "resent-message-id", "in-reply-to", "references", "received", "date", "mime-version"),
    *("content-type", "content-disposition", "content-transfer-encoding", "content-id"),
    *("dkim-signature", "authentication-results", "arc-seal", "arc-message-signature", "arc-authentication-results"),
}

# The charsets of mail. A charset is looked up here, not among all of Python's codecs: some of those are not charsets, or are slow.
CHARSETS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8",
    "iso-2022-jp": "iso2022_jp_ext", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "cp932": "cp932",
    "windows-31j": "cp932", "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030",
    "big5": "big5", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "koi8-r": "koi8_r", "koi8-u": "koi8_u", "utf-16": "utf-16",
}  # fmt: skip
NUMBERED = re.compile(r"(?:iso[-_]?8859-?(?:1|2|3|4|5|6|7|8|9|10|11|13|14|15|16)|windows-125[0-8]|cp125[0-8])\Z")


def in_charset(body: bytes, charset: str) -> str:
    """The text; a declared charset counts only if it is one of mail and the text is valid in it."""
    name = charset.lower()
    codec = CHARSETS.get(name) or (name if NUMBERED.match(name) else "utf-8")
    for candidate in ("iso2022_jp_ext" if b"\x1b$" in body else codec, "utf-8"):
        try:
            return CONTROLS.sub("", body.decode(candidate))
        except UnicodeError:
            continue
    return CONTROLS.sub("", body.decode(codec, "replace"))


def transfer_decoded(body: bytes, encoding: str) -> bytes:
    """The bytes without their transfer encoding; unchanged for an unknown one."""
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    if encoding != "base64":
        return body
    digits = NO_BASE64.sub(b"", body)
    return base64.b64decode(digits[: len(digits) - (len(digits) % 4 == 1)] + b"==")


def words(text: str) -> str:
    """Text with its encoded words decoded, on one line."""
    return WORDS.sub(lambda match: _decoded(match[0]), text).strip() if "=?" in text else text.strip()


def display(name: str, value: str) -> str:
    """The value of a header field for people: words decoded, and quoted where they would be read as part of the syntax."""
    if name.lower() in ADDRESS_FIELDS:
        return QUOTED_OR_WORDS.sub(_display, value).strip()
    return value if name.lower() in STRUCTURED else words(value)


def _display(match: re.Match[str]) -> str:
    text = match[0]
    if not text.startswith('"'):
        return _phrase(_decoded(text))
    return text if match["open"] is None else WORDS.sub(lambda run: _phrase(_decoded(run[0])), text)


def _phrase(text: str) -> str:
    if PLAIN_PHRASE.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _decoded(run: str) -> str:
    """The text of words that follow each other. Programs split characters between words of one charset, so their bytes are joined."""
    return " ".join("".join(in_charset(content, charset) for charset, content in _contents(run)).splitlines())


def _contents(run: str) -> Iterator[tuple[str, bytes]]:
    """(charset, bytes) of neighbours in the same charset."""
    charset, joined = "", b""
    for match in ENCODED_WORD.finditer(run):
        if joined and match[1].lower() != charset:
            yield charset, joined
            joined = b""
        charset = match[1].lower()
        inner = match[3].encode("utf-8", "replace")
        is_base64 = match[2] in "bB"
        joined += transfer_decoded(inner, "base64") if is_base64 else transfer_decoded(inner.replace(b"_", b" "), "quoted-printable")
    yield charset, joined
