"""Which components of a bundle are used, directly or through others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.openapi.operations import operations
from contract.openapi.references import Json, escape, lookup


def used_components(bundle: Json) -> set[str]:
    """The pointers of the components that can be reached from outside `components`."""
    outside = {key: value for key, value in bundle.items() if key != "components"}
    waiting = [*_references(outside), *_schemes(bundle)]
    used: set[str] = set()
    while waiting:
        pointer = "/".join(waiting.pop().split("/")[:4])
        if pointer not in used:
            used.add(pointer)
            waiting += _references(_find(bundle, pointer))
    return used


def _find(bundle: Json, pointer: str) -> Any:
    try:
        return lookup(bundle, pointer)
    except (KeyError, IndexError, ValueError, TypeError):
        return {}


def _references(value: Any) -> Iterator[str]:
    """Every local reference at or below a value, including extensions and discriminators."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            mapping = node.get("mapping")
            names = [node.get("$ref"), *(mapping.values() if isinstance(mapping, dict) else ())]
            yield from (name[1:] for name in names if isinstance(name, str) and name.startswith("#/"))
            yield from (f"/components/schemas/{name}" for name in names[1:] if isinstance(name, str) and "/" not in name)
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _schemes(bundle: Json) -> Iterator[str]:
    for node in (bundle, *(operation.node for operation in operations(bundle))):
        for alternative in node.get("security", ()):
            yield from (f"/components/securitySchemes/{escape(name)}" for name in alternative)
