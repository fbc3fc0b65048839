"""Header fields on the wire (RFC 5322, 2047, 2231): ASCII, CRLF, folded, and nothing that could start another field.

Every text that enters a header passes `checked`; that is the last line of defence against injection.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

import idna
import msgspec

LINE = 78  # RFC 5322, section 2.1.1: lines should not be longer
MAX_WORD_LENGTH = 900  # a text that cannot be folded must leave room below 998 for the field's name
WORD_BYTES = 45  # RFC 2047, section 2: an encoded word has at most 75 characters
PARAMETER_PIECE = 60
FOLD = "\r\n "

FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")
PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
# Decoders are lenient, so a text that contains this is always encoded.
WORD_START = "=?"
ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=", re.IGNORECASE)
ENCODED_LINE = 76  # RFC 2047, section 2: of a line with encoded words
MIN_WORD_ROOM = 20
BLANKS_AND_WORD = re.compile(r"( *)([^ ]+)")
# Parts of a phrase that stay as they are, and quoted texts.
PHRASE_SYNTAX = re.compile(r"(<[^<>]*>|\"(?:[^\"\\]|\\.)*\"|,)")
# Fields with a syntax, in which encoded words must not stand (RFC 2047, section 5).
STRUCTURED = frozenset(
    {
        *("list-help", "list-subscribe", "list-unsubscribe", "list-unsubscribe-post", "list-post", "list-owner", "list-archive"),
        *("in-reply-to", "references", "supersedes", "original-message-id", "auto-submitted", "precedence", "importance", "priority"),
        *("sensitivity", "content-language", "accept-language", "archived-at", "autocrypt", "expires", "expiry-date", "reply-by"),
        *("feedback-id", "bimi-selector", "require-recipient-valid-since", "tls-required", "x-priority", "x-msmail-priority"),
        *("x-auto-response-suppress", "authentication-results", "arc-seal", "arc-message-signature", "arc-authentication-results"),
    }
)
# Fields with phrases, in which encoded words are allowed beside their syntax.
WITH_PHRASES = frozenset(
    {
        *("list-id", "keywords", "disposition-notification-to", "errors-to", "return-receipt-to"),
        *("resent-from", "resent-sender", "resent-to", "resent-cc", "resent-bcc", "resent-reply-to"),
    }
)
FORBIDDEN_IN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f<>()\[\]\\,;:\"]")


class Unsendable(Exception):  # noqa: N818 - named like the refusals in errors.py
    """No correct mail can be made, now or later. The message is a sentence for the sender."""


class MailAddress(msgspec.Struct, frozen=True):
    """An address with its display name, as in a header."""

    email: str
    name: str | None = None


def field(name: str, body: str) -> bytes:
    """One field, ready for the wire. `body` is encoded and folded already. Raises Unsendable for an invalid name."""
    if not FIELD_NAME.fullmatch(name):
        raise Unsendable(f"{name[:80]!r} is not a valid header name")
    return f"{name}:{body}\r\n".encode() if body.startswith("\r\n") else f"{name}: {body}\r\n".encode()


def checked(text: str, role: str) -> str:
    """The text itself. Raises Unsendable if it contains CR, LF or NUL."""
    if "\r" in text or "\n" in text or "\0" in text:
        raise Unsendable(f"The {role} contains a line break or a NUL")
    return text


def custom(name: str, value: str) -> str:
    """The value of a sender's own field, encoded as its kind allows. Raises Unsendable for a value that its syntax cannot hold."""
    role, used, kind = f"header {name[:80]!r}", len(name), name.lower()
    if kind in STRUCTURED:
        return structured(value, role, used=used)
    if kind in WITH_PHRASES:
        return _with_phrases(checked(value, role).strip(), role, used)
    return unstructured(value, role, used=used)


def unstructured(text: str, role: str, *, used: int) -> str:
    """Free text such as a subject, folded; as encoded words if it is not plain. `used` is the length of the field's name."""
    if not checked(text, role):
        return ""
    return _folded(text, used + 2) if _is_plain(text) else _joined(_encoded_words(text, used + 2), used + 2)


def address_list(addresses: tuple[MailAddress, ...], role: str, *, used: int) -> str:
    """The addresses of From, To, Cc or Reply-To, folded between them."""
    words: list[str] = []
    for address in addresses:
        if words:
            words[-1] += ","
        words += _mailbox(address, role, used + 2 if not words else 0)
    return _joined(words, used + 2)


def _mailbox(address: MailAddress, role: str, used: int) -> list[str]:
    """`Ada <ada@example.com>`, with the name quoted or encoded if necessary, in the parts between which a line may be folded."""
    email = wire_address(address.email, role)
    name = checked(address.name or "", role)
    if not name:
        return [email]
    if not (name.isascii() and name.isprintable()) or len(name) > MAX_WORD_LENGTH // 2 or WORD_START in name:
        return [*_encoded_words(name, used), f"<{email}>"]
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return [name if PLAIN_PHRASE.fullmatch(name) else f'"{escaped}"', f"<{email}>"]


def wire_address(address: str, role: str) -> str:
    """The address with its domain in ASCII; the local part stays and may need SMTPUTF8. Raises Unsendable for an invalid address."""
    local, _, domain = address.rpartition("@")
    if not local or FORBIDDEN_IN_ADDRESS.search(address) or "@" in local:
        raise Unsendable(f"The {role} address cannot be used")
    if domain.isascii() and domain:
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        raise Unsendable(f"The {role} address has a domain that cannot be used") from None


def parameter(name: str, value: str) -> str:
    """`; name="value"` for Content-Type and Content-Disposition, in RFC 2231 pieces if it is not plain or is long."""
    checked(value, name)
    if (
        value.isascii()
        and value.isprintable()
        and len(value) <= PARAMETER_PIECE
        and not set(value) & {'"', "\\"}
        and WORD_START not in value
    ):
        return f';\r\n {name}="{value}"'
    encoded = "utf-8''" + quote(value, safe="", errors="replace")
    pieces = _pieces(encoded)
    if len(pieces) == 1:
        return f";\r\n {name}*={encoded}"
    return "".join(f";\r\n {name}*{number}*={piece}" for number, piece in enumerate(pieces))


def date(milliseconds: int) -> str:
    """The time as RFC 5322 writes it, in UTC."""
    return _date(milliseconds // 1000)


@lru_cache(maxsize=64)
def _date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC))


def structured(value: str, role: str, *, used: int) -> str:
    """The value of a field with a syntax, folded at its blanks. Raises Unsendable for other values than ASCII, and for encoded words."""
    text = checked(value, role).strip()
    if not text:
        return ""
    outside = PHRASE_SYNTAX.sub("", text)
    if not (text.isascii() and text.isprintable()) or ENCODED_WORD.search(outside):
        raise Unsendable(f"The {role} must be ASCII, without encoded words")
    if max(map(len, text.split(" "))) > MAX_WORD_LENGTH:
        raise Unsendable(f"The {role} has a part of more than {MAX_WORD_LENGTH} characters without a blank")
    return _folded(text, used + 2)


def _is_plain(text: str) -> bool:
    """Whether the text may be written into a field unchanged: a reader gets it back, and decodes nothing in it."""
    if not (text.isascii() and text.isprintable()) or WORD_START in text or text[0] == " " or text[-1] == " ":
        return False
    return len(text) <= MAX_WORD_LENGTH or max(map(len, text.split(" "))) <= MAX_WORD_LENGTH


def _with_phrases(text: str, role: str, used: int) -> str:
    """The text with its phrases encoded where they are not plain."""
    if not text or _is_plain(text):
        return _folded(text, used + 2)
    words: list[str] = []
    for number, piece in enumerate(PHRASE_SYNTAX.split(text)):
        phrase = piece.strip()
        if number % 2 and phrase == "," and words:
            words[-1] += ","
        elif number % 2 and not phrase.startswith('"'):
            words.append(structured(phrase, role, used=used))
        elif phrase:
            unquoted = re.sub(r"\\(.)", r"\1", phrase[1:-1]) if phrase.startswith('"') else phrase
            words += [phrase] if _is_plain(phrase) else _encoded_words(unquoted, used + 2 if not words else 0)
    return _joined(words, used + 2)


def _folded(text: str, used: int) -> str:
    """Plain text, folded where the line would become too long. Unfolding gives back its blanks (RFC 5322, section 2.2.3)."""
    if used + len(text) <= LINE:
        return text
    line = used
    joined: list[str] = []
    for blanks, word in BLANKS_AND_WORD.findall(text):
        is_next = bool(joined) and line + len(blanks) + len(word) > LINE
        joined.append(f"\r\n{blanks}{word}" if is_next else f"{blanks}{word}")
        line = (0 if is_next else line) + len(blanks) + len(word)
    return "".join(joined)


def _joined(words: Sequence[str], used: int) -> str:
    """Words with a blank or a fold between them."""
    limit = ENCODED_LINE if any(word.startswith(WORD_START) for word in words) else LINE
    line = used
    joined: list[str] = []
    for word in words:
        gap = 1 if joined else 0
        is_next = line + gap + len(word) > limit and (bool(joined) or word.startswith(WORD_START))
        joined.append(f"{FOLD}{word}" if is_next else f"{' ' * gap}{word}")
        line = (1 if is_next else line + gap) + len(word)
    return "".join(joined)


def _encoded_words(text: str, used: int) -> list[str]:
    """RFC 2047 encoded words that never split a character. The first one fits behind `used` characters if there is room for any."""
    room = ENCODED_LINE - used
    most = min(WORD_BYTES, (room - len(_encoded_word(b""))) // 4 * 3) if room >= MIN_WORD_ROOM else WORD_BYTES
    words: list[str] = []
    piece = b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > most:
            words.append(_encoded_word(piece))
            piece, most = b"", WORD_BYTES
        piece += encoded
    return [*words, _encoded_word(piece)]


def _encoded_word(piece: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(piece).decode()}?="


def _pieces(encoded: str) -> list[str]:
    """Split percent-encoded text without splitting a `%XX`."""
    return re.findall(rf"(?:%..|[^%]){{1,{PARAMETER_PIECE // 3}}}", encoded)
