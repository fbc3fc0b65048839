"""Which properties of a schema a value used, and which it has that no schema names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.openapi.operations import Json, escape, lookup, resolve

BRANCHES = ("allOf", "oneOf", "anyOf")
SINGLE = ("if", "then", "else")
MOST_ITEMS = 50  # of a list; the others are like them
DEEPEST = 60


@dataclass(slots=True)
class Fields:
    """What values showed. `used` are pointers of properties in schemas, `unknown` has the values under (schema's pointer, name)."""

    used: set[str] = field(default_factory=set)
    unknown: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def look(self, bundle: Json, pointer: str, value: Any, depth: int = 0) -> None:
        """Compare a value with the schema at a pointer."""
        if depth > DEEPEST:
            return
        if isinstance(value, dict):
            self._look_at_object(bundle, pointer, value, depth)
        elif isinstance(value, list):
            for part, schema in parts(bundle, pointer):
                if "items" in schema:
                    for one in value[:MOST_ITEMS]:
                        self.look(bundle, f"{part}/items", one, depth + 1)

    def _look_at_object(self, bundle: Json, pointer: str, value: Json, depth: int) -> None:
        every = list(parts(bundle, pointer))
        known: set[str] = set()
        for part, schema in every:
            described = schema.get("properties", {})
            for name in (one for one in value if one in described):
                known.add(name)
                self.used.add(f"{part}/properties/{escape(name)}")
                self.look(bundle, f"{part}/properties/{escape(name)}", value[name], depth + 1)
            for name in (one for one in value if one not in described):
                below = _below(schema, name)
                if below is not None:
                    known.add(name)
                    self.look(bundle, f"{part}/{below}", value[name], depth + 1)
        lists = next((part for part, schema in every if "properties" in schema), None)
        if lists is not None and not any(_is_map(schema) for _, schema in every):
            for name in (one for one in value if one not in known):
                self.unknown.setdefault((lists, name), []).append(value[name])


def _below(schema: Json, name: str) -> str | None:
    """Where a schema describes a property that it does not list, None where it does not."""
    for pattern in schema.get("patternProperties", {}):
        if _matches(pattern, name):
            return f"patternProperties/{escape(pattern)}"
    return "additionalProperties" if isinstance(schema.get("additionalProperties"), dict) else None


def _matches(pattern: str, name: str) -> bool:
    """Whether a pattern fits. One of ECMA 262 that Python cannot read fits anything: nothing is to be called undocumented for it."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True


def _is_map(schema: Json) -> bool:
    """Whether a schema says by itself that any name may come."""
    return schema.get("additionalProperties") is True or isinstance(schema.get("unevaluatedProperties"), dict)


def parts(bundle: Json, pointer: str, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, Json]]:
    """A schema and all that it is composed of, each with its pointer; references are followed, circles end."""
    schema = lookup(bundle, pointer)
    if not isinstance(schema, dict) or pointer in seen:
        return
    seen |= {pointer}
    if "$ref" in schema:
        yield from parts(bundle, resolve(bundle, {"$ref": schema["$ref"]}, pointer)[1], seen)
    yield pointer, schema
    for keyword in BRANCHES:
        for index in range(len(schema.get(keyword, ()))):
            yield from parts(bundle, f"{pointer}/{keyword}/{index}", seen)
    for keyword in SINGLE:
        if keyword in schema:
            yield from parts(bundle, f"{pointer}/{keyword}", seen)


def properties(bundle: Json, pointer: str, seen: set[str] | None = None) -> Iterator[str]:
    """The pointers of all properties that a schema describes, at any depth, each once."""
    seen = set() if seen is None else seen
    for part, schema in parts(bundle, pointer):
        if part in seen:
            continue
        seen.add(part)
        for name in schema.get("properties", {}):
            yield f"{part}/properties/{escape(name)}"
            yield from properties(bundle, f"{part}/properties/{escape(name)}", seen)
        for keyword in ("items", "additionalProperties"):
            if isinstance(schema.get(keyword), dict):
                yield from properties(bundle, f"{part}/{keyword}", seen)
