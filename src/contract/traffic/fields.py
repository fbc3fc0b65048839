"""The use of properties: which properties of a schema a value has, and which it has that the schema does not describe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.openapi.references import Json, escape, lookup, resolve

BRANCHES = ("allOf", "oneOf", "anyOf")
CONDITIONAL = ("if", "then", "else")
MAX_ITEMS = 50  # of a list; the other items are assumed to be alike
MAX_DEPTH = 60


@dataclass(slots=True)
class PropertyUse:
    """The properties that values had. `used` are pointers of properties; `unknown` are values by (schema's pointer, name)."""

    used: set[str] = field(default_factory=set)
    unknown: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def compare(self, bundle: Json, pointer: str, value: Any, depth: int = 0) -> None:
        """Compare a value with the schema at a pointer."""
        if depth > MAX_DEPTH:
            return
        if isinstance(value, dict):
            self._compare_object(bundle, pointer, value, depth)
        elif isinstance(value, list):
            for part, schema in parts(bundle, pointer):
                if "items" in schema:
                    for item in value[:MAX_ITEMS]:
                        self.compare(bundle, f"{part}/items", item, depth + 1)

    def _compare_object(self, bundle: Json, pointer: str, value: Json, depth: int) -> None:
        all_parts = list(parts(bundle, pointer))
        described_names: set[str] = set()
        for part, schema in all_parts:
            described = schema.get("properties", {})
            for name in (key for key in value if key in described):
                described_names.add(name)
                self.used.add(f"{part}/properties/{escape(name)}")
                self.compare(bundle, f"{part}/properties/{escape(name)}", value[name], depth + 1)
            for name in (key for key in value if key not in described):
                below = _below(schema, name)
                if below is not None:
                    described_names.add(name)
                    self.compare(bundle, f"{part}/{below}", value[name], depth + 1)
        listing_part = next((part for part, schema in all_parts if "properties" in schema), None)
        if listing_part is not None and not any(_is_map(schema) for _, schema in all_parts):
            for name in (key for key in value if key not in described_names):
                self.unknown.setdefault((listing_part, name), []).append(value[name])


def _below(schema: Json, name: str) -> str | None:
    """The schema of a property that is not listed, as a pointer; None if there is none."""
    for pattern in schema.get("patternProperties", {}):
        if _matches(pattern, name):
            return f"patternProperties/{escape(pattern)}"
    return "additionalProperties" if isinstance(schema.get("additionalProperties"), dict) else None


def _matches(pattern: str, name: str) -> bool:
    """Whether a pattern matches. One that Python cannot read matches everything, so that it reports nothing as undocumented."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True


def _is_map(schema: Json) -> bool:
    """Whether the schema itself allows any name."""
    return schema.get("additionalProperties") is True or isinstance(schema.get("unevaluatedProperties"), dict)


def parts(bundle: Json, pointer: str, visited: frozenset[str] = frozenset()) -> Iterator[tuple[str, Json]]:
    """A schema and the schemas that it is composed of, each with its pointer. References are followed; circles end."""
    schema = lookup(bundle, pointer)
    if not isinstance(schema, dict) or pointer in visited:
        return
    visited |= {pointer}
    if "$ref" in schema:
        yield from parts(bundle, resolve(bundle, {"$ref": schema["$ref"]}, pointer)[1], visited)
    yield pointer, schema
    for keyword in BRANCHES:
        for index in range(len(schema.get(keyword, ()))):
            yield from parts(bundle, f"{pointer}/{keyword}/{index}", visited)
    for keyword in CONDITIONAL:
        if keyword in schema:
            yield from parts(bundle, f"{pointer}/{keyword}", visited)


def properties(bundle: Json, pointer: str, visited: set[str] | None = None) -> Iterator[str]:
    """The pointers of all properties that a schema describes, at any depth, each once."""
    visited = set() if visited is None else visited
    for part, schema in parts(bundle, pointer):
        if part in visited:
            continue
        visited.add(part)
        for name in schema.get("properties", {}):
            yield f"{part}/properties/{escape(name)}"
            yield from properties(bundle, f"{part}/properties/{escape(name)}", visited)
        for keyword in ("items", "additionalProperties"):
            if isinstance(schema.get(keyword), dict):
                yield from properties(bundle, f"{part}/{keyword}", visited)
