"""Types as text: unions, tuples, lists and literals, and identifiers for names of the document."""

from __future__ import annotations

import itertools
import keyword
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contract import names

JSON, ANY_INPUT = "JsonValue", "object"
MAX_LITERAL = 1 << 63


@dataclass(frozen=True, slots=True)
class Type:
    """A type in responses (`read`) and in arguments (`write`), where a dictionary stands for a model."""

    read: str
    write: str


ANY_TYPE = Type(JSON, ANY_INPUT)


def can_be_literal(value: Any) -> bool:
    """Whether a `Literal` can hold a value: text, integers, booleans and null."""
    return value is None or isinstance(value, str | bool) or (isinstance(value, int) and abs(value) < MAX_LITERAL)


def literal(choices: list[Any]) -> Type:
    """The type of some fixed values."""
    values = list(dict.fromkeys(map(repr, choices)))
    text = "None" if values == ["None"] else f"Literal[{', '.join(values)}]"
    return Type(text, text)


def list_of(items: Type) -> Type:
    """An array of items. Text is a sequence of texts, so arrays of texts are lists or tuples."""
    return Type(f"list[{items.read}]", f"Sequence[{items.write}]" if items.write != "str" else "list[str] | tuple[str, ...]")


def tuple_of(first: list[Type], rest: Type | None) -> Type:
    """An array whose first items have their own types; `rest` is the type of the others, None for none."""
    tails = [f"Unpack[tuple[{text}, ...]]" for text in (rest.read, rest.write)] if rest else []
    reads, writes = [item.read for item in first] + tails[:1], [item.write for item in first] + tails[1:]
    return Type(f"tuple[{', '.join(reads) or '()'}]", f"tuple[{', '.join(writes) or '()'}]")


def union(types: Any) -> Type:
    """The union of types, without duplicates. Anything absorbs all others; None is last."""
    members = list(types)
    texts = []
    for side, anything in (("read", JSON), ("write", ANY_INPUT)):
        parts = list(dict.fromkeys(part for member in members for part in split_union(getattr(member, side))))
        parts = [anything] if anything in parts else sorted(parts, key=lambda part: part == "None")
        texts.append(" | ".join(parts) or anything)
    return Type(*texts)


def python_names(wire_names: list[tuple[str, str]], reserved: Iterable[str]) -> list[str]:
    """An identifier for each (name, location). A name that is one already keeps it; others give way, by location, then by number."""
    used, result = set(reserved), {}
    exact_first = sorted(range(len(wire_names)), key=lambda index: _identifier(wire_names[index][0]) != wire_names[index][0])
    for index in exact_first:
        name, location = wire_names[index]
        base = _identifier(name)
        second = f"{location}_{base}" if location else f"{base}_"
        candidates = itertools.chain([base, f"{base}_" if base in reserved else second], (f"{base}_{n}" for n in itertools.count(2)))
        result[index] = next(candidate for candidate in candidates if candidate not in used)
        used.add(result[index])
    return [result[index] for index in range(len(wire_names))]


def _identifier(name: str) -> str:
    """A name in snake case without underscores at its ends, except after a keyword."""
    base = names.snake(name).strip("_") or "value"
    return f"{base}_" if keyword.iskeyword(base) else base


def split_union(text: str) -> list[str]:
    """The members of a union at the top of a type."""
    parts, depth, start, quote = [], 0, 0, ""
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote and not _is_escaped(text, index) else quote
        elif character in "'\"":
            quote = character
        else:
            depth += {"[": 1, "]": -1}.get(character, 0)
            if character == "|" and depth == 0:
                parts.append(text[start:index].strip())
                start = index + 1
    return [*parts, text[start:].strip()]


def _is_escaped(text: str, index: int) -> bool:
    before = text[:index]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
