"""One plain schema from one that is spread over `$ref` and `allOf`: what a type has to carry, without the conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.openapi import aliases
from contract.openapi.operations import Json, lookup

COMBINING = ("allOf", "anyOf", "oneOf")
CONDITIONS_MAY_HAVE = {"type", "properties", "additionalProperties", *COMBINING}
SHAPING = CONDITIONS_MAY_HAVE | {"items", "prefixItems", "enum", "const", "$ref", "format"}


class Unjoinable(Exception):  # noqa: N818 - not a fault: the schema has no one type
    """The parts of a schema do not make one type, such as an object that is also one of several others."""


def joined(bundle: Json, schema: Json) -> Json:
    """The schema without `$ref` and `allOf` at its top. Raises Unjoinable."""
    return _Joiner(bundle, property_names(bundle, schema)).join(schema, frozenset())


def property_names(bundle: Json, schema: Any, seen: frozenset[str] = frozenset()) -> set[str]:
    """The names of the properties that a schema has, itself, by reference or by a part of its `allOf`."""
    if not isinstance(schema, dict) or schema.get("$ref") in seen:
        return set()
    found = set(schema.get("properties", ()))
    if "$ref" in schema:
        found |= property_names(bundle, lookup(bundle, schema["$ref"]), seen | {schema["$ref"]})
    for branch in schema.get("allOf", ()):
        found |= property_names(bundle, branch, seen)
    return found


def is_condition(schema: Any, known: set[str]) -> bool:
    """Whether a branch only says which values are allowed, not what they look like; `known` are the properties there are anyway."""
    if not isinstance(schema, dict):
        return True
    shaping = SHAPING & schema.keys()
    if not shaping <= CONDITIONS_MAY_HAVE or (shaping == {"type"} and schema["type"] != "object"):
        return False
    inner = [branch for keyword in COMBINING for branch in schema.get(keyword, ())]
    return known >= set(schema.get("properties", ())) and all(is_condition(branch, known) for branch in inner)


class _Joiner:
    """Joins the parts of one schema; `known` are the names of all its properties."""

    def __init__(self, bundle: Json, known: set[str]) -> None:
        self._bundle = bundle
        self._known = known

    def join(self, schema: Json, seen: frozenset[str]) -> Json:
        if "$ref" in schema:
            return self._reference(schema, seen)
        found = self._unconditional({key: value for key, value in schema.items() if key != "allOf"})
        for branch in schema.get("allOf", ()):
            if isinstance(branch, dict):
                found = _both(_as_part(branch, self.join(branch, seen)), found)
        return found

    def _reference(self, schema: Json, seen: frozenset[str]) -> Json:
        if schema["$ref"] in seen:
            raise Unjoinable
        target = lookup(self._bundle, schema["$ref"])
        found = self.join(target, seen | {schema["$ref"]}) if isinstance(target, dict) else {}
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return _both(found, self.join(beside, seen)) if beside else found

    def _unconditional(self, schema: Json) -> Json:
        """The schema without alternatives that are conditions; what all of them require, under either name, is required."""
        required = list(aliases.required_by_either_name(schema))
        if required:
            schema["required"] = [*schema.get("required", ()), *required]
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema and all(is_condition(one, self._known) for one in schema[keyword]):
                del schema[keyword]
        return schema


def _as_part(branch: Json, part: Json) -> Json:
    """What is referred to describes itself, not what it is a part of."""
    return {key: value for key, value in part.items() if key != "description" or "$ref" not in branch}


def _both(first: Json, second: Json) -> Json:
    """Both schemas as one; what the second says of the same thing counts. Raises Unjoinable."""
    if (_has_alternatives(first) and (_has_alternatives(second) or _has_shape(second))) or (
        _has_alternatives(second) and _has_shape(first)
    ):
        raise Unjoinable
    joins = {key: JOINS[key](first[key], second[key]) for key in JOINS if key in first and key in second}
    return {**first, **second, **joins}


def _has_alternatives(schema: Json) -> bool:
    return "anyOf" in schema or "oneOf" in schema


def _has_shape(schema: Json) -> bool:
    return bool({"properties", "items", "enum", "const"} & schema.keys())


def _properties(first: Json, second: Json) -> Json:
    twice = {name: {"allOf": [first[name], second[name]]} for name in first.keys() & second.keys() if first[name] != second[name]}
    return {**first, **second, **twice}


def _types(first: Any, second: Any) -> Any:
    """The types that both allow, an integer being a number."""
    left, right = ([one] if isinstance(one, str) else list(one) for one in (first, second))
    both = [one for one in left if one in right] or (["integer"] if "integer" in {*left, *right} else left)
    return both[0] if len(both) == 1 else both


JOINS: dict[str, Callable[[Any, Any], Any]] = {
    "properties": _properties,
    "required": lambda first, second: list(dict.fromkeys([*first, *second])),
    "type": _types,
    "enum": lambda first, second: [one for one in first if one in second] or first,
}
