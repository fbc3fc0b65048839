"""Header fields on the wire (RFC 5322, 2047, 2231): ASCII, CRLF, folded, and nothing that could start another field.

Every text that enters a header passes `checked`; that is the last line of defence against injection.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
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
    return f"{name}: {body}\r\n".encode()


def checked(text: str, role: str) -> str:
    """The text itself. Raises Unsendable if it contains CR, LF or NUL."""
    if "\r" in text or "\n" in text or "\0" in text:
        raise Unsendable(f"The {role} contains a line break or a NUL")
    return text


def unstructured(text: str, role: str, *, used: int) -> str:
    """Free text such as a subject, folded; as encoded words if it is not plain. `used` is the length of the field's name."""
    if not checked(text, role):
        return ""
    words = text.split(" ")
    is_plain = text.isascii() and text.isprintable() and all(words) and max(map(len, words)) <= MAX_WORD_LENGTH
    return _folded(words if is_plain else list(_encoded_words(text)), used + 2, " ")


def address_list(addresses: tuple[MailAddress, ...], role: str, *, used: int) -> str:
    """The addresses of From, To, Cc or Reply-To, folded between them."""
    return _folded([mailbox(address, role) for address in addresses], used + 2, ", ")


def mailbox(address: MailAddress, role: str) -> str:
    """`Ada <ada@example.com>`, with the name quoted or encoded if necessary."""
    email = wire_address(address.email, role)
    name = checked(address.name or "", role)
    if not name:
        return email
    if not (name.isascii() and name.isprintable()) or len(name) > MAX_WORD_LENGTH // 2:
        return FOLD.join(_encoded_words(name)) + f" <{email}>"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f"{name} <{email}>" if PLAIN_PHRASE.fullmatch(name) else f'"{escaped}" <{email}>'


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
    if value.isascii() and value.isprintable() and len(value) <= PARAMETER_PIECE and not set(value) & {'"', "\\"}:
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


def _folded(words: list[str], used: int, separator: str) -> str:
    """Words joined by the separator, folded where the line would become too long."""
    line = used
    joined: list[str] = []
    for word in words:
        if joined and line + len(separator) + len(word) > LINE:
            joined.append(separator.rstrip() + FOLD)
            line = 1
        elif joined:
            joined.append(separator)
            line += len(separator)
        joined.append(word)
        line += len(word)
    return "".join(joined)


def _encoded_words(text: str) -> Iterator[str]:
    """RFC 2047 encoded words that never split a character."""
    piece = b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > WORD_BYTES:
            yield _encoded_word(piece)
            piece = b""
        piece += encoded
    yield _encoded_word(piece)


def _encoded_word(piece: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(piece).decode()}?="


def _pieces(encoded: str) -> list[str]:
    """Split percent-encoded text without splitting a `%XX`."""
    return re.findall(rf"(?:%..|[^%]){{1,{PARAMETER_PIECE // 3}}}", encoded)
