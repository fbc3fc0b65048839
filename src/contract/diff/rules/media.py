"""The names of media types (RFC 6838, RFC 9110 section 8.3.1): parameters, ranges and structured suffixes."""

from __future__ import annotations


def relation(before: str, after: str) -> str:
    """How one name relates to another: `changed`, `generalized`, `specialized` or not at all."""
    one, other = bare(before), bare(after)
    if one == other:
        return "changed"
    if _within(other, one):
        return "specialized"
    return "generalized" if _within(one, other) else ""


def bare(name: str) -> str:
    """A name without its parameters."""
    return name.split(";", maxsplit=1)[0].strip().lower()


def _within(narrow: str, wide: str) -> bool:
    """Whether a media type is one of a range (`text/*`), or of a structured syntax (`application/problem+json` is JSON)."""
    main, _, sub = narrow.partition("/")
    wide_main, _, wide_sub = wide.partition("/")
    if wide_sub == "*":
        return wide_main in {"*", main}
    return main == wide_main and "+" in sub and sub.rpartition("+")[2] == wide_sub
