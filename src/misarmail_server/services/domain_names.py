"""Domain names in normalised form."""

from __future__ import annotations

from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

from misarmail_server.errors import Invalid


def normalised(text: str, field: str) -> str:
    """A name in lower case and its xn-- form (RFC 5891), without a final dot.

    Raises Invalid on `field` for a name that cannot be a registered domain or below one.
    """
    name = text.lower().removesuffix(".")
    if not name.isascii() or "xn--" in name:
        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            raise Invalid(field, "Must be a domain name such as example.com") from None
    if _suffixes().privatesuffix(name) is None:
        raise Invalid(field, f"Must be below {name}, which is a public suffix")
    return name


def lineage(name: str) -> list[str]:
    """A name and the names above it, down to two labels: `a.example.com`, `example.com`."""
    labels = name.split(".")
    return [".".join(labels[first:]) for first in range(len(labels) - 1)]


@cache
def _suffixes() -> PublicSuffixList:
    """Read once, on first use: it takes a tenth of a second."""
    return PublicSuffixList()
