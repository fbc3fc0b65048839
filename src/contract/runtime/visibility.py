"""`readOnly` and `writeOnly`: what a request must not carry, and what an answer must not show.

The schemas of one side are the document's with the hidden properties refused, and not required: the owner of a value decides about it.
"""

from __future__ import annotations

import copy
from typing import Any, Literal

from contract.openapi.operations import Json, lookup
from contract.openapi.shape import Node, walk

Side = Literal["answer", "request"]
SIDES: tuple[Side, ...] = ("answer", "request")
HIDDEN: dict[Side, str] = {"answer": "writeOnly", "request": "readOnly"}
SENTENCES: dict[Side, str] = {"answer": "Must not be shown", "request": "Is set by the server"}


def hidden(bundle: Json, schema: Any, side: Side) -> bool:
    """Whether a property is not there on one side: `writeOnly` in answers, `readOnly` in requests."""
    while isinstance(schema, dict):
        if schema.get(HIDDEN[side]) is True:
            return True
        if "$ref" not in schema:
            return False
        schema = lookup(bundle, schema["$ref"])
    return False


def seen_from(bundle: Json, side: Side) -> Json:
    """The bundle as one side has it; the same object where nothing is hidden. Pointers mean the same in both."""
    if not any(_hides(bundle, node, side) for node in walk(bundle)):
        return bundle
    found = copy.deepcopy(bundle)
    changes = [(node.value, _hidden_names(bundle, node.value, side, frozenset())) for node in walk(found) if _is_object(node)]
    for schema, names in changes:
        if names:
            _hide(schema, names, side)
    return found


def _is_object(node: Node) -> bool:
    return node.kind == "schema" and isinstance(node.value, dict)


def _hides(bundle: Json, node: Node, side: Side) -> bool:
    if not _is_object(node):
        return False
    properties = node.value.get("properties")
    return isinstance(properties, dict) and any(hidden(bundle, one, side) for one in properties.values())


def _hidden_names(bundle: Json, schema: Any, side: Side, seen: frozenset[str]) -> set[str]:
    """The hidden properties of a schema, its references and the parts of its `allOf`."""
    if not isinstance(schema, dict) or schema.get("$ref") in seen:
        return set()
    found = {name for name, one in schema.get("properties", {}).items() if hidden(bundle, one, side)}
    if "$ref" in schema:
        found |= _hidden_names(bundle, lookup(bundle, schema["$ref"]), side, seen | {schema["$ref"]})
    for branch in schema.get("allOf", ()):
        found |= _hidden_names(bundle, branch, side, seen)
    return found


def _hide(schema: Json, names: set[str], side: Side) -> None:
    """Refuse the properties where they are described, and require them nowhere in the schema."""
    refused = {"not": {}, "x-messages": {"not": SENTENCES[side]}}
    if "properties" in schema:
        schema["properties"] = {name: refused if name in names else one for name, one in schema["properties"].items()}
    for part in (schema, *schema.get("allOf", ())):
        if isinstance(part, dict) and "required" in part:
            part["required"] = [name for name in part["required"] if name not in names]
