"""The structure of an OpenAPI document as one table: which members of which object are schemas, parameters, responses and so on.

The table covers 3.0 and 3.1. Other members (values of examples, defaults, enums, extensions) are data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract.openapi.operations import METHODS
from contract.openapi.references import escape

SECTIONS = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "request_body": "requestBodies",
    "header": "headers",
    "security_scheme": "securitySchemes",
    "link": "links",
    "callback": "callbacks",
    "path_item": "pathItems",
}

# `kind` is one object of that kind, `[kind]` a list, `{kind}` a map by name. The member * is any other one.
_MEMBERS: dict[str, dict[str, str]] = {
    "document": {"paths": "{path_item}", "webhooks": "{path_item}", "components": "components"},
    "components": {section: f"{{{kind}}}" for kind, section in SECTIONS.items()},
    "path_item": {"parameters": "[parameter]", **dict.fromkeys(METHODS, "operation")},
    "operation": {
        "parameters": "[parameter]",
        "requestBody": "request_body",
        "responses": "{response}",
        "callbacks": "{callback}",
    },
    "parameter": {"schema": "schema", "examples": "{example}", "content": "{media_type}"},
    "header": {"schema": "schema", "examples": "{example}", "content": "{media_type}"},
    "request_body": {"content": "{media_type}"},
    "media_type": {"schema": "schema", "examples": "{example}", "encoding": "{encoding}"},
    "encoding": {"headers": "{header}"},
    "response": {"headers": "{header}", "content": "{media_type}", "links": "{link}"},
    "callback": {"*": "path_item"},
    "schema": {
        **dict.fromkeys(["allOf", "anyOf", "oneOf", "prefixItems"], "[schema]"),
        **dict.fromkeys(["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"], "{schema}"),
        **dict.fromkeys(["items", "contains", "unevaluatedItems", "contentSchema"], "schema"),
        **dict.fromkeys(["additionalProperties", "propertyNames", "unevaluatedProperties"], "schema"),
        **dict.fromkeys(["not", "if", "then", "else"], "schema"),
    },
}
_BRACKETS = {"[": "list", "{": "map"}
MEMBERS = {
    kind: {name: (_BRACKETS.get(form[0], "one"), form.strip("[]{}")) for name, form in members.items()}
    for kind, members in _MEMBERS.items()
}
EXTENDED_MAPS = {"path_item", "response"}  # maps of these may hold extensions beside their entries


@dataclass(frozen=True, slots=True)
class Node:
    """An object of a document: its kind in the table, its value (which may be a reference) and its JSON pointer."""

    kind: str
    value: Any
    pointer: str


def member(kind: str, name: str) -> tuple[str, str] | None:
    """How to read the member of an object: as `one`, `list` or `map`, and of which kind. None if it is data."""
    members = MEMBERS.get(kind, {})
    reading = members.get(name)
    return reading if reading or name.startswith("x-") else members.get("*")


def walk(value: Any, kind: str = "document", pointer: str = "") -> Iterator[Node]:
    """Every object at and below a value, each before its members, in document order. References are not followed."""
    waiting = [Node(kind, value, pointer)]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(list(children(node)))


def children(node: Node) -> Iterator[Node]:
    """The objects directly below a node."""
    if not isinstance(node.value, dict):
        return
    for name, value in node.value.items():
        reading = member(node.kind, name)
        if reading:
            yield from _entries(*reading, value, f"{node.pointer}/{escape(name)}")


def _entries(form: str, kind: str, value: Any, pointer: str) -> Iterator[Node]:
    match form, value:
        case "list", list():
            yield from (Node(kind, entry, f"{pointer}/{index}") for index, entry in enumerate(value))
        case "map", dict():
            for name, entry in value.items():
                if not (name.startswith("x-") and kind in EXTENDED_MAPS):
                    yield Node(kind, entry, f"{pointer}/{escape(name)}")
        case "one", dict() | bool():
            yield Node(kind, value, pointer)
        case _:
            return
