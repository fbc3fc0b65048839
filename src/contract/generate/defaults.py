"""Which defaults of a document can be class attributes: values of the declared type."""

from __future__ import annotations

from typing import Any

from contract.generate.all_of import NotJoinableError, join
from contract.openapi.references import Json

PYTHON_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}


def can_be_default(bundle: Json, schema: Any, value: Any) -> bool:
    """Whether a default can be a class attribute: a scalar of its schema's type, a list of such scalars, or an empty map."""
    if not isinstance(schema, dict):
        return False
    try:
        node = join(bundle, schema)
    except NotJoinableError:
        return False
    if {"anyOf", "oneOf"} & node.keys():
        return any(can_be_default(bundle, branch, value) for branch in [*node.get("anyOf", ()), *node.get("oneOf", ())])
    return _is_allowed(node, value) and _has_type(bundle, node, value)


def type_names(node: Json) -> list[str]:
    """The types of a node without null, derived from its keywords if it has no `type`."""
    declared = node.get("type", [])
    names = [name for name in ([declared] if isinstance(declared, str) else declared) if name != "null"]
    if names or declared:
        return names
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
    names = type_names(node)
    if value is None:
        return not node.get("type") or "null" in node["type"]
    if isinstance(value, list):
        return names == ["array"] and all(can_be_default(bundle, node.get("items", {}), item) for item in value)
    if isinstance(value, dict):
        return not value and names == ["object"] and not node.get("properties")
    if not names:
        return isinstance(value, str | int | float)
    allowed = tuple(python for name in names for python in PYTHON_TYPES.get(name, ()))
    return isinstance(value, allowed) and (not isinstance(value, bool) or bool in allowed) and node.get("format") != "date-time"
