"""Unions that a decoder cannot tell apart, and names that mean only themselves, become plain values.

msgspec decodes a union with at most one kind of object, of list and of text, and no alias that contains itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.openapi.operations import Json

MODELS = "#/components/schemas/"
EXCLUSIVE = ("object", "array", "string")


class Settler:
    """Makes the models of a document decodable, in place. `plain` collects the names of models with a union made plain."""

    def __init__(self, schemas: dict[str, Json]) -> None:
        self._schemas = schemas
        self.plain: dict[str, None] = {}

    def settle(self) -> None:
        """Break circles of aliases first, then every union from the inside out."""
        for name in self._schemas:
            if self._meets(name, self._schemas[name], set()):
                self.plain[name] = None
                self._schemas[name] = _kept_notes(self._schemas[name])
        for name in self._schemas:
            self._settle(name, self._schemas[name])

    def _meets(self, name: str, schema: Json, seen: set[str]) -> bool:
        """Whether the alias leads back to itself without a class between."""
        if is_struct(schema):
            return False
        target = str(schema.get("$ref", "")).removeprefix(MODELS)
        if not target:
            return any(self._meets(name, inner, seen) for inner in _inner(schema))
        if target == name or target in seen:
            return target == name
        seen.add(target)
        return self._meets(name, self._schemas.get(target, {}), seen)

    def _settle(self, name: str, schema: Json) -> None:
        for inner in _inner(schema):
            self._settle(name, inner)
        if "anyOf" not in schema:
            return
        branches = schema["anyOf"]
        if any(one == {} or set(one) <= {"description", "default"} for one in branches):
            self._replace(schema, {})
            return
        clash = self._clash(branches)
        if clash:
            if clash != {"string"}:
                self.plain[name] = None
            self._replace(schema, self._plain(branches, clash))

    def _clash(self, branches: list[Json]) -> set[str]:
        """The kinds that more than one branch has."""
        counted = [kind for one in branches for kind in self._kinds(one, frozenset()) if kind in EXCLUSIVE]
        return {kind for kind in counted if counted.count(kind) > 1}

    def _kinds(self, schema: Json, seen: frozenset[str]) -> set[str]:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(MODELS)
            return set() if name in seen else self._kinds(self._schemas.get(name, {}), seen | {name})
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return {kind for one in schema[keyword] for kind in self._kinds(one, seen)}
        if "allOf" in schema:
            return {"object"}
        kinds = schema.get("type", ["any"])
        return {kinds} if isinstance(kinds, str) else set(kinds)

    def _plain(self, branches: list[Json], clash: set[str]) -> Json:
        """What is left when the branches that clash are carried as what they have in common."""
        others = [one for one in branches if not self._kinds(one, frozenset()) & clash]
        if any(len(self._kinds(one, frozenset()) - {"null"}) > 1 for one in branches if one not in others):
            return {}
        merged: dict[str, Json] = {
            "object": {"type": "object", "additionalProperties": {}},
            "array": {"type": "array", "items": {}},
            "string": {"type": "string"},
        }
        nullable = any("null" in self._kinds(one, frozenset()) for one in branches)
        kept = [*(merged[kind] for kind in EXCLUSIVE if kind in clash), *(one for one in others if one != {"type": "null"})]
        kept += [{"type": "null"}] if nullable else []
        return kept[0] if len(kept) == 1 else {"anyOf": kept}

    def _replace(self, schema: Json, found: Json) -> None:
        notes = _kept_notes(schema)
        schema.clear()
        schema.update({**found, **notes})


def is_struct(schema: Json) -> bool:
    """Whether a carrying schema becomes a class."""
    return "properties" in schema or "allOf" in schema


def _inner(schema: Json) -> Iterator[Json]:
    """The schemas below one."""
    for keyword in ("anyOf", "oneOf", "allOf"):
        yield from schema.get(keyword, ())
    yield from schema.get("properties", {}).values()
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield schema[keyword]


def _kept_notes(schema: Json) -> dict[str, Any]:
    return {key: schema[key] for key in ("description", "default") if key in schema}
