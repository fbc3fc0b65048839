"""Cookies as servers meet them (RFC 6265, section 5.4): a broken pair costs nobody else's."""

from __future__ import annotations


def parse(header: str) -> dict[str, str]:
    """Values by name. The first of a name counts, browsers send the one of the longer path first."""
    found: dict[str, str] = {}
    for pair in header.split(";"):
        name, separator, value = pair.strip().partition("=")
        if separator and name:
            found.setdefault(name.rstrip(), _unquoted(value.strip()))
    return found


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
