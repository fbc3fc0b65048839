"""Questions about a schema that do not need a value: its types, and the schemas of its members and items.

References, `allOf`, `anyOf` and `oneOf` are followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from contract.openapi.references import Json, lookup, resolve

Types = frozenset[str]
ALL_TYPES: Types = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
UNIONS = ("anyOf", "oneOf")


def types_of(bundle: Json, schema: Any) -> Types:
    """The types that a schema names, with `integer` apart from `number`; empty if it leaves the type open."""
    types = _types(bundle, schema, frozenset())
    return frozenset() if types == ALL_TYPES and not _lists_values(bundle, schema) else types


def _lists_values(bundle: Json, schema: Any) -> bool:
    """Whether a schema lists its values, whose types may be all that there are."""
    target: Any = resolve(bundle, schema, "")[0] if isinstance(schema, dict) else {}
    return isinstance(target, dict) and not target.keys().isdisjoint({"enum", "const"})


def type_of(bundle: Json, schema: Any) -> str:
    """The one type that a schema allows beside null; `string` for several and for an open one."""
    types = types_of(bundle, schema)
    types = types - {"null"} or types
    types = types - {"integer"} if "number" in types else types
    return next(iter(types)) if len(types) == 1 else "string"


def _types(bundle: Json, schema: Any, visited: frozenset[str]) -> Types:
    if not isinstance(schema, dict):
        return ALL_TYPES
    types = _own_types(schema)
    if "$ref" in schema and schema["$ref"] not in visited:
        types = _common(types, _types(bundle, lookup(bundle, schema["$ref"]), visited | {schema["$ref"]}))
    for branch in schema.get("allOf", ()):
        types = _common(types, _types(bundle, branch, visited))
    for keyword in UNIONS:
        if schema.get(keyword):
            types = _common(types, frozenset().union(*(_types(bundle, branch, visited) for branch in schema[keyword])))
    return types


def _own_types(schema: Json) -> Types:
    declared = schema.get("type")
    types = ALL_TYPES if declared is None else frozenset([declared] if isinstance(declared, str) else declared)
    if "number" in types:
        types |= {"integer"}
    if "const" in schema or "enum" in schema:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        types &= {type_ for value in values for type_ in _types_of_value(value)}
    if declared is None and types == ALL_TYPES and "properties" in schema:
        return frozenset({"object"})
    return types


def _types_of_value(value: Any) -> Iterable[str]:
    if isinstance(value, float):
        return ("number", "integer") if value.is_integer() else ("number",)
    names = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    return (names.get(type(value), "null"),)


def _common(first: Types, second: Types) -> Types:
    """The types of both. Schemas that contradict each other have those of the first."""
    return first & second or first


def properties_of(bundle: Json, schema: Any) -> dict[str, Any]:
    """The properties of a schema by name. One that several schemas describe has all of them, in `allOf` or `anyOf`."""
    return _collected(bundle, schema, lambda node: node.get("properties", {}), frozenset())


def patterns_of(bundle: Json, schema: Any) -> dict[str, Any]:
    """The schemas of properties by the pattern of their names."""
    return _collected(bundle, schema, lambda node: node.get("patternProperties", {}), frozenset())


def additional_of(bundle: Json, schema: Any) -> Any:
    """The schema of other properties than the named ones; None if the schema does not mention them."""
    return _collected(bundle, schema, _additional, frozenset()).get("")


def items_of(bundle: Json, schema: Any) -> Any:
    """The schema of the items behind the first ones; empty without one."""
    return _collected(bundle, schema, lambda node: {"": node["items"]} if "items" in node else {}, frozenset()).get("", {})


def first_items_of(bundle: Json, schema: Any) -> list[Any]:
    """The schemas of the first items, by position (`prefixItems`)."""
    return list(_collected(bundle, schema, lambda node: dict(enumerate(node.get("prefixItems", ()))), frozenset()).values())


def _additional(node: Json) -> dict[str, Any]:
    keyword = next((keyword for keyword in ("additionalProperties", "unevaluatedProperties") if keyword in node), None)
    return {"": node[keyword]} if keyword is not None else {}


def _collected(bundle: Json, schema: Any, members: Callable[[Json], dict[Any, Any]], visited: frozenset[str]) -> dict[Any, Any]:
    """The members of a schema and of those it is composed of."""
    if not isinstance(schema, dict):
        return {}
    parts = [members(schema)]
    if "$ref" in schema and schema["$ref"] not in visited:
        parts.append(_collected(bundle, lookup(bundle, schema["$ref"]), members, visited | {schema["$ref"]}))
    parts += [_collected(bundle, branch, members, visited) for branch in schema.get("allOf", ())]
    for keyword in UNIONS:
        parts.append(_merged("anyOf", [_collected(bundle, branch, members, visited) for branch in schema.get(keyword, ())]))
    return _merged("allOf", parts)


def _merged(keyword: str, parts: Iterable[dict[Any, Any]]) -> dict[Any, Any]:
    schemas: dict[Any, list[Any]] = {}
    for part in parts:
        for name, schema in part.items():
            if schema not in schemas.setdefault(name, []):
                schemas[name].append(schema)
    return {name: each[0] if len(each) == 1 else {keyword: each} for name, each in schemas.items()}
