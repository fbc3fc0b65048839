"""Macros of SPF (RFC 7208, section 7)."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import quote

MAX_LENGTH = 253

MACRO = re.compile(r"%(?:\{([slodiphv])(\d{0,3})(r?)([-.+,/_=]*)\}|([%_-]))", re.IGNORECASE)
PLAIN = {"%": "%", "_": " ", "-": "%20"}


class MacroValues(NamedTuple):
    """The values of macros: MAIL FROM, the client's address and its HELO name."""

    sender: str
    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    helo: str


def is_sound(text: str) -> bool:
    """Whether every macro in a text is valid."""
    return "%" not in MACRO.sub("", text)


def expand(text: str, values: MacroValues, domain: str) -> str:
    """A domain with its macros expanded, truncated on the left to the length of a name. Raises ValueError for an invalid macro."""
    if not is_sound(text):
        raise ValueError(text)
    sender, address, helo = values
    local, _, of_sender = sender.rpartition("@")
    letters = {"s": sender, "l": local, "o": of_sender, "d": domain, "p": "unknown", "h": helo, "i": _dotted(address)}
    letters["v"] = "in-addr" if address.version == 4 else "ip6"  # noqa: PLR2004 - the version of IP

    def filled(match: re.Match[str]) -> str:
        if match[5]:
            return PLAIN[match[5]]
        value = _transformed(letters[match[1].lower()], match[2], match[4] or ".", is_reversed=bool(match[3]))
        return quote(value, safe="") if match[1].isupper() else value

    name = MACRO.sub(filled, text).rstrip(".")
    while len(name) > MAX_LENGTH and "." in name:
        name = name.partition(".")[2]
    return name


def _transformed(value: str, digits: str, delimiters: str, *, is_reversed: bool) -> str:
    parts = re.split(f"[{re.escape(delimiters)}]", value)
    if is_reversed:
        parts.reverse()
    if digits:
        if not int(digits):
            raise ValueError(digits)
        parts = parts[-int(digits) :]
    return ".".join(parts)


def _dotted(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return str(address) if address.version == 4 else ".".join(address.exploded.replace(":", ""))  # noqa: PLR2004 - the version of IP
