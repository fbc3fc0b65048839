"""The Cookie header (RFC 6265, section 5.4). A malformed pair does not affect the others."""

from __future__ import annotations


def parse(header: str) -> dict[str, list[str]]:
    """Values by name, the first first: browsers send the one with the longest path first."""
    cookies: dict[str, list[str]] = {}
    for pair in header.split(";"):
        name, separator, value = pair.strip().partition("=")
        if separator and name:
            cookies.setdefault(name.rstrip(), []).append(_unquoted(value.strip()))
    return cookies


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
