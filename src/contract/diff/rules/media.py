"""The names of media types (RFC 6838, RFC 9110 section 8.3.1): parameters, ranges and structured suffixes."""

from __future__ import annotations


def relation(before: str, after: str) -> str:
    """The relation of two names: `changed`, `generalized`, `specialized`, or empty for unrelated ones."""
    first, second = without_parameters(before), without_parameters(after)
    if first == second:
        return "changed"
    if _is_within(second, first):
        return "specialized"
    return "generalized" if _is_within(first, second) else ""


def without_parameters(name: str) -> str:
    """A name without its parameters."""
    return name.split(";", maxsplit=1)[0].strip().lower()


def _is_within(narrow: str, wide: str) -> bool:
    """Whether a media type is in a range (`text/*`) or has a structured syntax (`application/problem+json` is JSON)."""
    main, _, sub = narrow.partition("/")
    wide_main, _, wide_sub = wide.partition("/")
    if wide_sub == "*":
        return wide_main in {"*", main}
    return main == wide_main and "+" in sub and sub.rpartition("+")[2] == wide_sub
