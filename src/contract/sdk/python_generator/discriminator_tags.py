"""Discriminators as constants: the property of each variant, with the values that select the variant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.generate.discriminators import DiscriminatedUnions
from contract.openapi.references import Json, escape, lookup, resolve, unescape
from contract.openapi.shape import walk

SCHEMAS = "/components/schemas/"


class DiscriminatorTags:
    """The values of the discriminating properties, by the pointer of the variant. A variant may belong to several unions."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._unions = DiscriminatedUnions(bundle)
        self._values: dict[str, dict[str, list[str]]] = {}
        self._fixed: dict[str, set[str]] = {}
        schemas = [node for node in walk(bundle) if node.kind == "schema" and isinstance(node.value, dict)]
        for node in schemas:
            if isinstance(node.value.get("discriminator"), dict):
                self._register(node.value, node.pointer)
        self._direct = {
            str(node.value["$ref"]).removeprefix("#") for node in schemas if "$ref" in node.value and not _is_branch(node.pointer)
        }

    def children(self, pointer: str) -> list[str]:
        """The components that extend a discriminated component by `allOf`: a value of it is a value of one of them."""
        return self._unions.children(pointer)

    def of(self, pointer: str) -> dict[str, Json]:
        """The discriminating properties of a variant, with their schemas. Any text is valid where a variant is used without its union."""
        if pointer in self._direct:
            return {}
        return {name: {"type": "string", "enum": values} for name, values in self._values.get(pointer, {}).items()}

    def fixed(self, pointer: str) -> set[str]:
        """The discriminating properties whose only value the variant states itself. A server needs them, required or not."""
        return self._fixed.get(pointer, set())

    def values(self, pointer: str) -> dict[str, list[str]]:
        """The values of the discriminating properties of a variant, or of the base of a hierarchy, by which a union selects it."""
        if self.children(pointer):
            return {name: [unescape(pointer.rpartition("/")[2])] for name in [self._property(pointer)] if isinstance(name, str)}
        return self._values.get(pointer, {})

    def _property(self, pointer: str) -> Any:
        schema, _ = resolve(self._bundle, {"$ref": f"#{pointer}"}, "")
        return schema["discriminator"].get("propertyName")

    def _register(self, schema: Json, pointer: str) -> None:
        name = schema["discriminator"].get("propertyName")
        mapping = {
            str(value): _pointer(target)
            for value, target in (schema["discriminator"].get("mapping") or {}).items()
            if isinstance(target, str)
        }
        for target in self._targets(schema, pointer):
            values = [value for value, mapped in mapping.items() if mapped == target] or [unescape(target.rpartition("/")[2])]
            end = resolve(self._bundle, {"$ref": f"#{target}"}, "")[1]
            if isinstance(name, str) and not self._is_open(end, name):
                self._fixed.setdefault(end, set()).add(name)
            elif isinstance(name, str):
                known = self._values.setdefault(end, {}).setdefault(name, [])
                known += [value for value in values if value not in known]

    def _targets(self, schema: Json, pointer: str) -> Iterator[str]:
        branches = schema.get("oneOf") or schema.get("anyOf")
        if branches is None:
            yield from self._unions.children(pointer)
        for branch in branches or ():
            if isinstance(branch, dict) and "$ref" in branch:
                yield branch["$ref"].removeprefix("#")

    def _is_open(self, pointer: str, name: str) -> bool:
        """Whether the variant has the property and does not fix its values itself."""
        schemas = list(_properties(self._bundle, {"$ref": f"#{pointer}"}, name, frozenset()))
        resolved = [resolve(self._bundle, schema, "")[0] for schema in schemas if isinstance(schema, dict)]
        return bool(schemas) and not any("const" in schema or len(schema.get("enum", (1, 2))) == 1 for schema in resolved)


def _is_branch(pointer: str) -> bool:
    """Whether a schema is an alternative of a union or a part of another schema."""
    return pointer.rpartition("/")[0].endswith(("/oneOf", "/anyOf", "/allOf"))


def _pointer(name: str) -> str:
    return name.removeprefix("#") if name.startswith("#") else SCHEMAS + escape(name)


def _properties(bundle: Json, schema: Any, name: str, visited: frozenset[str]) -> Iterator[Any]:
    """The schemas of a property in a schema, its references and the parts of its `allOf`."""
    if not isinstance(schema, dict) or schema.get("$ref") in visited:
        return
    if name in schema.get("properties", {}):
        yield schema["properties"][name]
    if "$ref" in schema:
        yield from _properties(bundle, lookup(bundle, schema["$ref"]), name, visited | {schema["$ref"]})
    for part in schema.get("allOf", ()):
        yield from _properties(bundle, part, name, visited)
