"""Unions that a discriminator lets a decoder tell apart: which schema is told by which value of which property."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.generate.all_of import Unjoinable, joined
from contract.openapi.operations import Json, escape, resolve, unescape
from contract.openapi.shape import Node, walk

SCHEMAS = "/components/schemas/"


class Variants:
    """The discriminated unions of a bundle. A schema can be told by one value of one property: the first union that names it counts."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._children = _children(bundle)
        self._tags: dict[str, tuple[str, str]] = {}
        self._unions: dict[str, tuple[str, dict[str, str]]] = {}
        for node in walk(bundle):
            if node.kind == "schema" and isinstance(node.value, dict) and isinstance(node.value.get("discriminator"), dict):
                self._register(node)

    def children(self, pointer: str) -> list[str]:
        """The components that extend a discriminated one by `allOf`: a value of it is a value of one of them."""
        return self._children.get(pointer, [])

    def union(self, pointer: str) -> tuple[str, dict[str, str]] | None:
        """(property, value -> pointer of the schema) of the union at a place, None where it cannot be decoded by a discriminator."""
        return self._unions.get(pointer)

    def is_variant(self, pointer: str) -> bool:
        """Whether the schema is told from others by a property, so that no model may inherit from it."""
        return pointer in self._tags

    def _register(self, node: Node) -> None:
        found = dict(self._named(node))
        name = node.value["discriminator"].get("propertyName")
        tags = {target: (name, value) for value, target in found.items()}
        if not found or len(tags) < len(found) or len(found) < self._count(node) or node.pointer in self._mapped(node).values():
            return
        if all(self._tags.get(target, tag) == tag and self._is_object(target) for target, tag in tags.items()):
            self._tags.update(tags)
            self._unions[node.pointer] = (name, found)

    def _count(self, node: Node) -> int:
        return len(list(self._branches(node)))

    def _named(self, node: Node) -> Iterator[tuple[str, str]]:
        targets = self._mapped(node)
        for branch in self._branches(node):
            if not isinstance(branch, dict) or set(branch) - {"$ref", "description", "summary"} or "$ref" not in branch:
                continue
            pointer = branch["$ref"].removeprefix("#")
            values = [value for value, target in targets.items() if target == pointer] or [unescape(pointer.rpartition("/")[2])]
            end = resolve(self._bundle, branch, "")[1]
            yield from ((value, end) for value in values)

    def _mapped(self, node: Node) -> dict[str, str]:
        mapping = node.value["discriminator"].get("mapping") or {}
        return {value: _pointer(name) for value, name in mapping.items() if isinstance(name, str)}

    def _branches(self, node: Node) -> Iterator[Any]:
        written = node.value.get("oneOf") or node.value.get("anyOf")
        if written is None:
            written = [{"$ref": f"#{child}"} for child in self.children(node.pointer)]
        yield from (one for one in written if not (isinstance(one, dict) and one.get("type") == "null"))

    def _is_object(self, pointer: str) -> bool:
        try:
            return bool(joined(self._bundle, {"$ref": f"#{pointer}"}).get("properties"))
        except Unjoinable:
            return False


def _pointer(name: str) -> str:
    """The schema that a mapping's value names: a reference, or the name of a component."""
    return name.removeprefix("#") if name.startswith("#") else SCHEMAS + escape(name)


def _children(bundle: Json) -> dict[str, list[str]]:
    """Discriminated component without alternatives of its own -> the components that have it in their `allOf`, however far down."""
    schemas = bundle.get("components", {}).get("schemas", {})
    bases = {
        f"{SCHEMAS}{escape(name)}": [
            one["$ref"].removeprefix("#") for one in schema.get("allOf", ()) if isinstance(one, dict) and "$ref" in one
        ]
        for name, schema in schemas.items()
        if isinstance(schema, dict)
    }
    found: dict[str, list[str]] = {}
    for pointer in bases:
        for base in _ancestors(pointer, bases):
            found.setdefault(base, []).append(pointer)
    return {pointer: found[pointer] for pointer in found if _is_open_family(bundle, pointer)}


def _ancestors(pointer: str, bases: dict[str, list[str]]) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(bases[pointer])
    while waiting:
        base = waiting.pop()
        if base not in found and base != pointer:
            found[base] = None
            waiting += bases.get(base, [])
    return list(found)


def _is_open_family(bundle: Json, pointer: str) -> bool:
    schema, _ = resolve(bundle, {"$ref": f"#{pointer}"}, "")
    return isinstance(schema.get("discriminator"), dict) and not {"oneOf", "anyOf"} & schema.keys()
