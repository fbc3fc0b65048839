"""Discriminators: which unions a decoder can resolve, by which value of which property."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.generate.all_of import NotJoinableError, join
from contract.openapi.references import Json, escape, resolve, unescape
from contract.openapi.shape import Node, walk

SCHEMAS = "/components/schemas/"


class DiscriminatedUnions:
    """The discriminated unions of a bundle.

    A schema has one tag, a value of one property: the first union that contains it decides.
    """

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._children = _children(bundle)
        self._tags: dict[str, tuple[str, str]] = {}
        self._unions: dict[str, tuple[str, dict[str, str]]] = {}
        for node in walk(bundle):
            if node.kind == "schema" and isinstance(node.value, dict) and isinstance(node.value.get("discriminator"), dict):
                self._register(node)

    def children(self, pointer: str) -> list[str]:
        """The components that extend a discriminated one by `allOf`. A value of it is a value of one of them."""
        return self._children.get(pointer, [])

    def union(self, pointer: str) -> tuple[str, dict[str, str]] | None:
        """(property, value -> pointer of the schema) of the union at a pointer; None if no discriminator can decode it."""
        return self._unions.get(pointer)

    def is_variant(self, pointer: str) -> bool:
        """Whether a property distinguishes the schema from others, so that no model may inherit from it."""
        return pointer in self._tags

    def _register(self, node: Node) -> None:
        targets = dict(self._tagged_targets(node))
        name = node.value["discriminator"].get("propertyName")
        tags = {target: (name, value) for value, target in targets.items()}
        if not targets or len(tags) < len(targets) or len(targets) < self._count(node) or node.pointer in self._mapping(node).values():
            return
        if all(self._tags.get(target, tag) == tag and self._is_object(target) for target, tag in tags.items()):
            self._tags.update(tags)
            self._unions[node.pointer] = (name, targets)

    def _count(self, node: Node) -> int:
        return len(list(self._branches(node)))

    def _tagged_targets(self, node: Node) -> Iterator[tuple[str, str]]:
        targets = self._mapping(node)
        for branch in self._branches(node):
            if not isinstance(branch, dict) or set(branch) - {"$ref", "description", "summary"} or "$ref" not in branch:
                continue
            pointer = branch["$ref"].removeprefix("#")
            values = [value for value, target in targets.items() if target == pointer] or [unescape(pointer.rpartition("/")[2])]
            end = resolve(self._bundle, branch, "")[1]
            yield from ((value, end) for value in values)

    def _mapping(self, node: Node) -> dict[str, str]:
        mapping = node.value["discriminator"].get("mapping") or {}
        return {value: _pointer(name) for value, name in mapping.items() if isinstance(name, str)}

    def _branches(self, node: Node) -> Iterator[Any]:
        branches = node.value.get("oneOf") or node.value.get("anyOf")
        if branches is None:
            branches = [{"$ref": f"#{child}"} for child in self.children(node.pointer)]
        yield from (branch for branch in branches if not (isinstance(branch, dict) and branch.get("type") == "null"))

    def _is_object(self, pointer: str) -> bool:
        try:
            return bool(join(self._bundle, {"$ref": f"#{pointer}"}).get("properties"))
        except NotJoinableError:
            return False


def _pointer(name: str) -> str:
    """The pointer of a schema that a mapping names: by reference, or by the name of a component."""
    return name.removeprefix("#") if name.startswith("#") else SCHEMAS + escape(name)


def _children(bundle: Json) -> dict[str, list[str]]:
    """Discriminated component without alternatives -> the components that have it in their `allOf`, directly or indirectly."""
    schemas = bundle.get("components", {}).get("schemas", {})
    bases = {
        f"{SCHEMAS}{escape(name)}": [
            branch["$ref"].removeprefix("#") for branch in schema.get("allOf", ()) if isinstance(branch, dict) and "$ref" in branch
        ]
        for name, schema in schemas.items()
        if isinstance(schema, dict)
    }
    descendants: dict[str, list[str]] = {}
    for pointer in bases:
        for base in _ancestors(pointer, bases):
            descendants.setdefault(base, []).append(pointer)
    return {pointer: descendants[pointer] for pointer in descendants if _is_extensible(bundle, pointer)}


def _ancestors(pointer: str, bases: dict[str, list[str]]) -> list[str]:
    ancestors: dict[str, None] = {}
    waiting = list(bases[pointer])
    while waiting:
        base = waiting.pop()
        if base not in ancestors and base != pointer:
            ancestors[base] = None
            waiting += bases.get(base, [])
    return list(ancestors)


def _is_extensible(bundle: Json, pointer: str) -> bool:
    schema, _ = resolve(bundle, {"$ref": f"#{pointer}"}, "")
    return isinstance(schema.get("discriminator"), dict) and not {"oneOf", "anyOf"} & schema.keys()
