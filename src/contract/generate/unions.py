"""Unions that msgspec cannot decode, and aliases that only refer to themselves, become plain values.

msgspec decodes a union with at most one object, one list and one string type, and no recursive alias.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.openapi.references import Json

MODELS = "#/components/schemas/"
EXCLUSIVE = ("object", "array", "string")


class UnionSimplifier:
    """Makes the models of a document decodable, in place. `untyped` collects the models with a union that became plain."""

    def __init__(self, schemas: dict[str, Json]) -> None:
        self._schemas = schemas
        self.untyped: dict[str, None] = {}

    def simplify(self) -> None:
        """Break circles of aliases first, then simplify every union from the inside out."""
        for name in self._schemas:
            if self._leads_to(name, self._schemas[name], set()):
                self.untyped[name] = None
                self._schemas[name] = _annotations(self._schemas[name])
        for name in self._schemas:
            self._simplify(name, self._schemas[name])

    def _leads_to(self, name: str, schema: Json, visited: set[str]) -> bool:
        """Whether the alias leads back to itself without a class between."""
        if is_struct(schema):
            return False
        target = str(schema.get("$ref", "")).removeprefix(MODELS)
        if not target:
            return any(self._leads_to(name, nested, visited) for nested in _nested(schema))
        if target == name or target in visited:
            return target == name
        visited.add(target)
        return self._leads_to(name, self._schemas.get(target, {}), visited)

    def _simplify(self, name: str, schema: Json) -> None:
        for nested in _nested(schema):
            self._simplify(name, nested)
        if "anyOf" not in schema:
            return
        branches = schema["anyOf"]
        if any(branch == {} or set(branch) <= {"description", "default"} for branch in branches):
            self._replace(schema, {})
            return
        clash = self._clash(branches)
        if clash:
            if clash != {"string"}:
                self.untyped[name] = None
            self._replace(schema, self._plain(branches, clash))

    def _clash(self, branches: list[Json]) -> set[str]:
        """The types that more than one branch has."""
        counted = [type_name for branch in branches for type_name in self._types(branch, frozenset()) if type_name in EXCLUSIVE]
        return {type_name for type_name in counted if counted.count(type_name) > 1}

    def _types(self, schema: Json, visited: frozenset[str]) -> set[str]:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(MODELS)
            return set() if name in visited else self._types(self._schemas.get(name, {}), visited | {name})
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return {type_name for branch in schema[keyword] for type_name in self._types(branch, visited)}
        if "allOf" in schema:
            return {"object"}
        names = schema.get("type", ["any"])
        return {names} if isinstance(names, str) else set(names)

    def _plain(self, branches: list[Json], clash: set[str]) -> Json:
        """The union with the clashing branches replaced by their common plain type."""
        compatible = [branch for branch in branches if not self._types(branch, frozenset()) & clash]
        if any(len(self._types(branch, frozenset()) - {"null"}) > 1 for branch in branches if branch not in compatible):
            return {}
        merged: dict[str, Json] = {
            "object": {"type": "object", "additionalProperties": {}},
            "array": {"type": "array", "items": {}},
            "string": {"type": "string"},
        }
        nullable = any("null" in self._types(branch, frozenset()) for branch in branches)
        remaining = [
            *(merged[type_name] for type_name in EXCLUSIVE if type_name in clash),
            *(branch for branch in compatible if branch != {"type": "null"}),
        ]
        remaining += [{"type": "null"}] if nullable else []
        return remaining[0] if len(remaining) == 1 else {"anyOf": remaining}

    def _replace(self, schema: Json, replacement: Json) -> None:
        annotations = _annotations(schema)
        schema.clear()
        schema.update({**replacement, **annotations})


def is_struct(schema: Json) -> bool:
    """Whether a model schema becomes a class."""
    return "properties" in schema or "allOf" in schema


def _nested(schema: Json) -> Iterator[Json]:
    """The schemas directly below a schema."""
    for keyword in ("anyOf", "oneOf", "allOf"):
        yield from schema.get(keyword, ())
    yield from schema.get("properties", {}).values()
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield schema[keyword]


def _annotations(schema: Json) -> dict[str, Any]:
    return {key: schema[key] for key in ("description", "default") if key in schema}
