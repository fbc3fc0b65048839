"""Deprecated second names: a property with `x-alias-of: other` carries the same value as `other`.

The schema describes both names exactly. After validation a value is moved to its real name, so that models and handlers know one name
only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from contract.openapi.references import Json, lookup
from contract.openapi.shape import walk

Fold = Callable[[Any], None]


def of(schema: Json) -> dict[str, str]:
    """The aliases of one object schema: alias -> real name."""
    properties: dict[str, Any] = schema.get("properties", {})
    return {name: node["x-alias-of"] for name, node in properties.items() if isinstance(node, dict) and "x-alias-of" in node}


def fold(value: dict[str, Any], aliases: dict[str, str]) -> None:
    """Move every aliased value to its real name, in place."""
    for alias, name in aliases.items():
        if alias in value:
            value[name] = value.pop(alias)


def fold_function(bundle: Json, schema: Any) -> Fold | None:
    """A function that folds every alias at and below a schema, in place; None if there is no alias."""
    functions = _FoldFunctions(bundle)
    return functions.of(schema) if functions.has_alias(schema, set()) else None


def required_by_either_name(schema: Json) -> Iterator[str]:
    """Real names that are required under either name: by a oneOf or anyOf of `{required: [name]}` and `{required: [alias]}`."""
    aliases = of(schema)
    for keyword in ("oneOf", "anyOf"):
        branches = schema.get(keyword, [])
        required = [branch.get("required", [None]) for branch in branches if isinstance(branch, dict) and set(branch) == {"required"}]
        names = {aliases.get(entry[0], entry[0]) for entry in required if len(entry) == 1}
        if len(required) == len(branches) and len(names) == 1:
            yield from (name for name in names if name)


class _FoldFunctions:
    """Fold functions by the identity of their schema, so that a recursive schema has one."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._functions: dict[int, list[Fold]] = {}

    def has_alias(self, schema: Any, visited: set[str]) -> bool:
        """Whether a schema, or a schema that it refers to, has an alias anywhere."""
        for node in walk(schema, "schema"):
            if isinstance(node.value, dict) and of(node.value):
                return True
            target = node.value.get("$ref") if isinstance(node.value, dict) else None
            if isinstance(target, str) and target not in visited:
                visited.add(target)
                if self.has_alias(lookup(self._bundle, target), visited):
                    return True
        return False

    def of(self, schema: Any) -> Fold:
        """The fold function of a schema. Nested values are folded before the schema's own names."""
        if id(schema) not in self._functions:
            steps: list[Fold] = []
            self._functions[id(schema)] = steps
            steps += self._steps(schema) if isinstance(schema, dict) else ()
        own_steps = self._functions[id(schema)]

        def run(value: Any) -> None:
            for step in own_steps:
                step(value)

        return run

    def _steps(self, schema: Json) -> Iterator[Fold]:
        branches = [branch for keyword in ("allOf", "anyOf", "oneOf") for branch in schema.get(keyword, ())]
        for inner in [*([lookup(self._bundle, schema["$ref"])] if "$ref" in schema else []), *branches]:
            if self.has_alias(inner, set()):
                yield self.of(inner)
        for name, inner in schema.get("properties", {}).items():
            if self.has_alias(inner, set()):
                yield _member(name, self.of(inner))
        for keyword, wrap in (("items", _items), ("additionalProperties", _values)):
            if self.has_alias(schema.get(keyword), set()):
                yield wrap(self.of(schema[keyword]))
        if own := of(schema):
            yield lambda value: fold(value, own) if isinstance(value, dict) else None


def _member(name: str, inner: Fold) -> Fold:
    return lambda value: inner(value[name]) if isinstance(value, dict) and name in value else None


def _items(inner: Fold) -> Fold:
    def run(value: Any) -> None:
        for item in value if isinstance(value, list) else ():
            inner(item)

    return run


def _values(inner: Fold) -> Fold:
    def run(value: Any) -> None:
        for entry in value.values() if isinstance(value, dict) else ():
            inner(entry)

    return run
