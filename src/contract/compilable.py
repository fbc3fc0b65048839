"""Schemas in the form that jsonschema-rs compiles: references that are URIs (RFC 3986), and patterns in its dialect."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from contract.errors import ContractError
from contract.openapi.references import Json

FRAGMENT = "/~!$&'()*+,;=:@"  # allowed in a URI fragment without encoding (RFC 3986, section 3.5)
MAX_NESTING = 255  # of jsonschema-rs
VALUES = {"const", "enum", "default", "example", "examples"}  # keywords whose values are not schemas
MAPS = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas"}  # from names to schemas
# A group (with its name, if it has one), an escape, a class, a class of nothing or of everything.
PIECE = re.compile(
    r"\(\?<(?P<name>[A-Za-z_$][\w$]*)>|(?P<group>\((?!\?))|\\k<(?P<back>[^>]+)>"
    r"|(?P<all>\[\^\])|(?P<none>\[\])|\\.|\[(?:\\.|[^\]\\])*\]",
    re.DOTALL,
)


def registry(uri: str, document: Json) -> jsonschema_rs.Registry:
    """The schemas of a document for jsonschema-rs. Raises ContractError if it is nested too deeply."""
    try:
        return jsonschema_rs.Registry([(uri, compilable(document))], draft=jsonschema_rs.Draft202012)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"The document is nested too deeply: more than {MAX_NESTING} objects and arrays contain each other") from error


def compilable(value: Any, base: str = "") -> Any:
    """A copy of a schema, or of a document, whose references to itself begin with `base`."""
    return _copied(value, base, pattern)


def with_uri_references(document: Any) -> Any:
    """A copy of a bundle whose references are URIs, for a file."""
    return _copied(document, "", str)


def _copied(value: Any, base: str, write_pattern: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_copied(item, base, write_pattern) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: item if key in VALUES else _member(key, item, base, write_pattern) for key, item in value.items()}


def _member(key: str, value: Any, base: str, write_pattern: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        if key == "$ref" and value.startswith("#"):
            return f"{base}#{quote(value[1:], safe=FRAGMENT)}"
        return write_pattern(value) if key == "pattern" else value
    if key in MAPS and isinstance(value, dict):
        rename = write_pattern if key == "patternProperties" else str
        return {rename(name): _copied(item, base, write_pattern) for name, item in value.items()}
    return _copied(value, base, write_pattern)


def pattern(text: str) -> str:
    r"""A pattern of ECMA 262 without what jsonschema-rs does not know: `\k<name>` becomes a number, `[^]` any character, `[]` none."""
    groups: dict[str, int] = {}
    count = 0
    for piece in PIECE.finditer(text):
        if piece["name"] or piece["group"]:
            count += 1
        if piece["name"]:
            groups[piece["name"]] = count

    def written(piece: re.Match[str]) -> str:
        if piece["back"] in groups:
            return f"(?:\\{groups[piece['back']]})"
        return r"[\s\S]" if piece["all"] else "(?!)" if piece["none"] else piece[0]

    return PIECE.sub(written, text)
