"""Which defaults of a document can be written into a class: values of the type that their place has there."""

from __future__ import annotations

from typing import Any

from contract.generate.all_of import Unjoinable, joined
from contract.openapi.operations import Json

PYTHON_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}


def fits(bundle: Json, schema: Any, value: Any) -> bool:
    """Whether a default can stand in a class: a scalar of its schema's type, a list of such, or an empty map."""
    if not isinstance(schema, dict):
        return False
    try:
        node = joined(bundle, schema)
    except Unjoinable:
        return False
    if {"anyOf", "oneOf"} & node.keys():
        return any(fits(bundle, one, value) for one in [*node.get("anyOf", ()), *node.get("oneOf", ())])
    return _is_allowed(node, value) and _has_type(bundle, node, value)


def kinds_of(node: Json) -> list[str]:
    """The types of a node without null, found by its keywords where none is written."""
    written = node.get("type", [])
    kinds = [one for one in ([written] if isinstance(written, str) else written) if one != "null"]
    if kinds or written:
        return kinds
    return (
        ["object"]
        if "properties" in node or "additionalProperties" in node
        else ["array"]
        if {"items", "prefixItems"} & node.keys()
        else []
    )


def _is_allowed(node: Json, value: Any) -> bool:
    return ("enum" not in node or value in node["enum"]) and ("const" not in node or value == node["const"])


def _has_type(bundle: Json, node: Json, value: Any) -> bool:
    kinds = kinds_of(node)
    if value is None:
        return not node.get("type") or "null" in node["type"]
    if isinstance(value, list):
        return kinds == ["array"] and all(fits(bundle, node.get("items", {}), one) for one in value)
    if isinstance(value, dict):
        return not value and kinds == ["object"] and not node.get("properties")
    if not kinds:
        return isinstance(value, str | int | float)
    allowed = tuple(python for kind in kinds for python in PYTHON_TYPES.get(kind, ()))
    return isinstance(value, allowed) and (not isinstance(value, bool) or bool in allowed) and node.get("format") != "date-time"
