"""Deprecated second spellings: a property with `x-alias-of: other` carries the same value as `other`.

The schema on the wire states both spellings exactly; after validation a value is folded into its real name,
so that models and handlers know one name only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from contract.openapi.operations import Json, lookup
from contract.openapi.shape import walk

Fold = Callable[[Any], None]


def of(schema: Json) -> dict[str, str]:
    """Alias -> real name, for the properties of one object schema."""
    properties: dict[str, Any] = schema.get("properties", {})
    return {name: node["x-alias-of"] for name, node in properties.items() if isinstance(node, dict) and "x-alias-of" in node}


def fold(value: dict[str, Any], aliases: dict[str, str]) -> None:
    """Move every aliased value to its real name, in place."""
    for alias, name in aliases.items():
        if alias in value:
            value[name] = value.pop(alias)


def folder(bundle: Json, schema: Any) -> Fold | None:
    """What folds every alias at and below a schema, in place; None where there is none to fold."""
    found = _Folders(bundle)
    return found.of(schema) if found.has_alias(schema, set()) else None


def required_by_either_name(schema: Json) -> Iterator[str]:
    """Real names that are required in one of their spellings: a oneOf or anyOf of `{required: [name]}` and `{required: [alias]}`."""
    aliases = of(schema)
    for keyword in ("oneOf", "anyOf"):
        branches = schema.get(keyword, [])
        demanded = [branch.get("required", [None]) for branch in branches if isinstance(branch, dict) and set(branch) == {"required"}]
        names = {aliases.get(one[0], one[0]) for one in demanded if len(one) == 1}
        if len(demanded) == len(branches) and len(names) == 1:
            yield from (name for name in names if name)


class _Folders:
    """Folders by the place of their schema, so that a tree of itself has one."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._made: dict[int, list[Fold]] = {}

    def has_alias(self, schema: Any, seen: set[str]) -> bool:
        """Whether a schema, or one it refers to, has an alias anywhere."""
        for node in walk(schema, "schema"):
            if isinstance(node.value, dict) and of(node.value):
                return True
            target = node.value.get("$ref") if isinstance(node.value, dict) else None
            if isinstance(target, str) and target not in seen:
                seen.add(target)
                if self.has_alias(lookup(self._bundle, target), seen):
                    return True
        return False

    def of(self, schema: Any) -> Fold:
        """The folder of a schema; the values below are folded before their own names are."""
        if id(schema) not in self._made:
            steps: list[Fold] = []
            self._made[id(schema)] = steps
            steps += self._steps(schema) if isinstance(schema, dict) else ()
        found = self._made[id(schema)]

        def run(value: Any) -> None:
            for step in found:
                step(value)

        return run

    def _steps(self, schema: Json) -> Iterator[Fold]:
        branches = [one for keyword in ("allOf", "anyOf", "oneOf") for one in schema.get(keyword, ())]
        for inner in [*([lookup(self._bundle, schema["$ref"])] if "$ref" in schema else []), *branches]:
            if self.has_alias(inner, set()):
                yield self.of(inner)
        for name, inner in schema.get("properties", {}).items():
            if self.has_alias(inner, set()):
                yield _member(name, self.of(inner))
        for keyword, each in (("items", _items), ("additionalProperties", _values)):
            if self.has_alias(schema.get(keyword), set()):
                yield each(self.of(schema[keyword]))
        if own := of(schema):
            yield lambda value: fold(value, own) if isinstance(value, dict) else None


def _member(name: str, inner: Fold) -> Fold:
    return lambda value: inner(value[name]) if isinstance(value, dict) and name in value else None


def _items(inner: Fold) -> Fold:
    def run(value: Any) -> None:
        for one in value if isinstance(value, list) else ():
            inner(one)

    return run


def _values(inner: Fold) -> Fold:
    def run(value: Any) -> None:
        for one in value.values() if isinstance(value, dict) else ():
            inner(one)

    return run
