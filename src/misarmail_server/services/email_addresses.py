"""E-mail addresses in the one form that is stored, compared and sent: ASCII, an internationalized domain in its xn-- form."""

from __future__ import annotations

import re
import unicodedata

import idna

ADDRESS = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])\Z"
).match
IN_BRACKETS = re.compile(r"<([^<>]+)>[^<>]*\Z").search
MAILTO = re.compile(r"mailto:", re.IGNORECASE).match
INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})  # Unicode categories


def to_ascii(address: str) -> str:
    """The address with its domain as A-labels (RFC 5891, section 5, after the mapping of UTS 46). An ASCII address is returned as it is.

    Raises ValueError for a domain that is not valid, or an address that is too long in this form.
    """
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        converted = f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        raise ValueError("Must be an e-mail address") from None
    if not ADDRESS(converted):
        raise ValueError("Must be an e-mail address")
    return converted


def key(address: str) -> str:
    """The form in which addresses are compared: `to_ascii` in lower case. An address that has no such form matches none."""
    try:
        return to_ascii(address).lower()
    except ValueError:
        return address.lower()


def from_cell(text: str) -> str:
    """The address in a cell of a table, which programs write as `Ada <ada@example.com>` or `mailto:ada@example.com`."""
    bracketed = IN_BRACKETS(text)
    address = strip_invisible(bracketed[1] if bracketed else text)
    prefix = MAILTO(address)
    return strip_invisible(address[prefix.end() :].partition("?")[0]) if prefix else address


def strip_invisible(text: str) -> str:
    """Text without spaces, control and format characters (such as U+200B and U+FEFF) at both ends."""
    if text.isascii() and text.isprintable():
        return text.strip()
    first, last = 0, len(text)
    while first < last and unicodedata.category(text[first]) in INVISIBLE:
        first += 1
    while first < last and unicodedata.category(text[last - 1]) in INVISIBLE:
        last -= 1
    return text[first:last]
