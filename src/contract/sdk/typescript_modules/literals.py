"""Texts of TypeScript: literals, comments, property names and identifiers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from contract.names import joined
from contract.sdk.plan import iterated

IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
EXACT_INTEGER = 2**53
WIDTH = 140
RESERVED_WORDS = frozenset(
    [
        "arguments",
        "await",
        "break",
        "caller",
        "case",
        "catch",
        "class",
        "const",
        "constructor",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "eval",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "then",
        "typeof",
        "undefined",
        "var",
        "void",
        "while",
        "with",
        "yield",
    ]
)


def js(value: object) -> str:
    """A JSON value as an expression. Text that UTF-8 cannot hold is escaped."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key(name)}: {js(item)}" for name, item in value.items()) + " }" if value else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(js, value)) + "]"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return text if text.isprintable() else json.dumps(value)
    return json.dumps(value)


def key(name: str) -> str:
    """A key of an object expression. A plain `__proto__` would be the prototype."""
    return f"[{js(name)}]" if name == "__proto__" else property_name(name)


def property_name(name: str) -> str:
    """A property name, in quotes unless it is an identifier."""
    return name if IDENTIFIER.fullmatch(name) else js(name)


def comment(text: str, indent: str = "", tags: Iterable[str] = ()) -> list[str]:
    """The lines of a documentation comment; none for an empty text."""
    lines = [line.rstrip() for part in (text.strip(), *tags) if part for line in part.replace("*/", "*\\/").splitlines()]
    if not lines:
        return []
    if len(lines) == 1 and len(lines[0]) + len(indent) < WIDTH:
        return [f"{indent}/** {lines[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]


def literal_type(value: Any, *, is_bigint: bool = False) -> str:
    """The type of one JSON value."""
    if isinstance(value, bool) or value is None or isinstance(value, (str, float)):
        return js(value)
    if isinstance(value, int):
        return f"{value}n" if is_bigint else str(value) if abs(value) < EXACT_INTEGER else "number"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal_type, value)) + "]"
    return "{ " + "; ".join(f"{property_name(name)}: {literal_type(item)}" for name, item in value.items()) + " }" if value else "{}"


def camel_case(name: str) -> str:
    """`list_contacts` becomes `listContacts`; a reserved word gets an underscore."""
    result = joined(name)
    result = result[:1].lower() + result[1:]
    return f"{result}_" if result in RESERVED_WORDS else result


def iterator_name(name: str) -> str:
    """The name of the function that iterates over all pages: `list_contacts` has `iterContacts`."""
    return camel_case(f"iter_{iterated(name)}")
