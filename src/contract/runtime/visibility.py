"""`readOnly` and `writeOnly`: what a request must not contain, and what a response must not contain.

The schemas of one side are the document's, with the hidden properties forbidden and not required.
"""

from __future__ import annotations

import copy
from typing import Any, Literal

from contract.openapi.references import Json, lookup
from contract.openapi.shape import Node, walk

Side = Literal["response", "request"]
SIDES: tuple[Side, ...] = ("response", "request")
HIDING_KEYWORDS: dict[Side, str] = {"response": "writeOnly", "request": "readOnly"}
MESSAGES: dict[Side, str] = {"response": "Must not be in a response", "request": "Is set by the server"}


def is_hidden(bundle: Json, schema: Any, side: Side) -> bool:
    """Whether a property is absent on one side: `writeOnly` in responses, `readOnly` in requests."""
    while isinstance(schema, dict):
        if schema.get(HIDING_KEYWORDS[side]) is True:
            return True
        if "$ref" not in schema:
            return False
        schema = lookup(bundle, schema["$ref"])
    return False


def for_side(bundle: Json, side: Side) -> Json:
    """The bundle for one side; the same object if nothing is hidden. Pointers are the same in both."""
    if not any(_has_hidden(bundle, node, side) for node in walk(bundle)):
        return bundle
    copied = copy.deepcopy(bundle)
    changes = [(node.value, _hidden_names(bundle, node.value, side, frozenset())) for node in walk(copied) if _is_object(node)]
    for schema, names in changes:
        if names:
            _hide(schema, names, side)
    return copied


def _is_object(node: Node) -> bool:
    return node.kind == "schema" and isinstance(node.value, dict)


def _has_hidden(bundle: Json, node: Node, side: Side) -> bool:
    if not _is_object(node):
        return False
    properties = node.value.get("properties")
    return isinstance(properties, dict) and any(is_hidden(bundle, property_schema, side) for property_schema in properties.values())


def _hidden_names(bundle: Json, schema: Any, side: Side, visited: frozenset[str]) -> set[str]:
    """The hidden properties of a schema, its references and the parts of its `allOf`."""
    if not isinstance(schema, dict) or schema.get("$ref") in visited:
        return set()
    hidden = {name for name, property_schema in schema.get("properties", {}).items() if is_hidden(bundle, property_schema, side)}
    if "$ref" in schema:
        hidden |= _hidden_names(bundle, lookup(bundle, schema["$ref"]), side, visited | {schema["$ref"]})
    for branch in schema.get("allOf", ()):
        hidden |= _hidden_names(bundle, branch, side, visited)
    return hidden


def _hide(schema: Json, names: set[str], side: Side) -> None:
    """Forbid the properties where they are described, and require them nowhere in the schema."""
    forbidden = {"not": {}, "x-messages": {"not": MESSAGES[side]}}
    if "properties" in schema:
        schema["properties"] = {
            name: forbidden if name in names else property_schema for name, property_schema in schema["properties"].items()
        }
    for part in (schema, *schema.get("allOf", ())):
        if isinstance(part, dict) and "required" in part:
            part["required"] = [name for name in part["required"] if name not in names]
