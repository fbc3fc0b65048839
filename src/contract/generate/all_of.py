"""One plain schema from a schema that is spread over `$ref` and `allOf`: what a type must express, without conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.openapi import aliases
from contract.openapi.references import Json, lookup

COMBINING = ("allOf", "anyOf", "oneOf")
CONDITIONAL = {"type", "properties", "additionalProperties", *COMBINING}
STRUCTURAL = CONDITIONAL | {"items", "prefixItems", "enum", "const", "$ref", "format"}


class NotJoinableError(Exception):
    """The parts of a schema do not form one type, such as an object that is also one of several others."""


def join(bundle: Json, schema: Json) -> Json:
    """The schema without `$ref` and `allOf` at its top. Raises NotJoinableError."""
    return _AllOfJoiner(bundle, property_names(bundle, schema)).join(schema, frozenset())


def property_names(bundle: Json, schema: Any, visited: frozenset[str] = frozenset()) -> set[str]:
    """The names of a schema's properties: its own, and those by reference or `allOf`."""
    if not isinstance(schema, dict) or schema.get("$ref") in visited:
        return set()
    names = set(schema.get("properties", ()))
    if "$ref" in schema:
        names |= property_names(bundle, lookup(bundle, schema["$ref"]), visited | {schema["$ref"]})
    for branch in schema.get("allOf", ()):
        names |= property_names(bundle, branch, visited)
    return names


def is_condition(schema: Any, known_names: set[str]) -> bool:
    """Whether a branch only restricts values and defines no structure. `known_names` are the properties defined elsewhere."""
    if not isinstance(schema, dict):
        return True
    structural = STRUCTURAL & schema.keys()
    if not structural <= CONDITIONAL or (structural == {"type"} and schema["type"] != "object"):
        return False
    nested = [branch for keyword in COMBINING for branch in schema.get(keyword, ())]
    return known_names >= set(schema.get("properties", ())) and all(is_condition(branch, known_names) for branch in nested)


class _AllOfJoiner:
    """Joins the parts of one schema."""

    def __init__(self, bundle: Json, property_names: set[str]) -> None:
        self._bundle = bundle
        self._property_names = property_names

    def join(self, schema: Json, visited: frozenset[str]) -> Json:
        if "$ref" in schema:
            return self._reference(schema, visited)
        joined = self._unconditional({key: value for key, value in schema.items() if key != "allOf"})
        for branch in schema.get("allOf", ()):
            if isinstance(branch, dict):
                joined = _both(_as_part(branch, self.join(branch, visited)), joined)
        return joined

    def _reference(self, schema: Json, visited: frozenset[str]) -> Json:
        if schema["$ref"] in visited:
            raise NotJoinableError
        target = lookup(self._bundle, schema["$ref"])
        joined = self.join(target, visited | {schema["$ref"]}) if isinstance(target, dict) else {}
        siblings = {key: value for key, value in schema.items() if key != "$ref"}
        return _both(joined, self.join(siblings, visited)) if siblings else joined

    def _unconditional(self, schema: Json) -> Json:
        """The schema without alternatives that are conditions. A property that all of them require is required."""
        required = list(aliases.required_by_either_name(schema))
        if required:
            schema["required"] = [*schema.get("required", ()), *required]
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema and all(is_condition(branch, self._property_names) for branch in schema[keyword]):
                del schema[keyword]
        return schema


def _as_part(branch: Json, part: Json) -> Json:
    """The part without the description of its target, which describes the target and not this schema."""
    return {key: value for key, value in part.items() if key != "description" or "$ref" not in branch}


def _both(first: Json, second: Json) -> Json:
    """Both schemas as one; where they disagree, the second wins. Raises NotJoinableError."""
    if (_has_alternatives(first) and (_has_alternatives(second) or _has_shape(second))) or (
        _has_alternatives(second) and _has_shape(first)
    ):
        raise NotJoinableError
    joins = {key: JOINS[key](first[key], second[key]) for key in JOINS if key in first and key in second}
    return {**first, **second, **joins}


def _has_alternatives(schema: Json) -> bool:
    return "anyOf" in schema or "oneOf" in schema


def _has_shape(schema: Json) -> bool:
    return bool({"properties", "items", "enum", "const"} & schema.keys())


def _properties(first: Json, second: Json) -> Json:
    in_both = {name: {"allOf": [first[name], second[name]]} for name in first.keys() & second.keys() if first[name] != second[name]}
    return {**first, **second, **in_both}


def _types(first: Any, second: Any) -> Any:
    """The types that both allow; an integer is a number."""
    left, right = ([name] if isinstance(name, str) else list(name) for name in (first, second))
    both = [name for name in left if name in right] or (["integer"] if "integer" in {*left, *right} else left)
    return both[0] if len(both) == 1 else both


JOINS: dict[str, Callable[[Any, Any], Any]] = {
    "properties": _properties,
    "required": lambda first, second: list(dict.fromkeys([*first, *second])),
    "type": _types,
    "enum": lambda first, second: [value for value in first if value in second] or first,
}
