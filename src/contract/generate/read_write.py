"""Which models a schema needs: one, or two if `readOnly` or `writeOnly` make requests and responses differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from contract.openapi.operations import Operation, operations
from contract.openapi.references import Json, escape, lookup
from contract.openapi.shape import Node, walk
from contract.runtime.visibility import SIDES, Side, is_hidden

SCHEMAS = "/components/schemas/"


class SchemaSides:
    """The schemas of a bundle by pointer: their references, whether their sides differ, and the sides on which they occur."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._references: dict[str, set[str]] = {}
        self._differing: set[str] = set()
        self._explore(f"{SCHEMAS}{escape(name)}" for name in bundle.get("components", {}).get("schemas", {}))
        self._used: dict[Side, set[str]] = {"response": set(), "request": set()}
        for operation in operations(bundle):
            self._record_use(operation)
        self._propagate()

    def of(self, pointer: str) -> tuple[Side, ...]:
        """The sides that need a model: one if they are the same. A schema that no operation uses counts as a response."""
        if pointer not in self._differing:
            return ("response",)
        return tuple(side for side in self._used if pointer in self._used[side]) or ("response",)

    def differ(self, pointer: str) -> bool:
        """Whether the schema differs between requests and responses."""
        return pointer in self._differing

    def _explore(self, pointers: Iterable[str]) -> None:
        waiting = deque(pointers)
        while waiting:
            pointer = waiting.popleft()
            if pointer in self._references:
                continue
            targets, differs = self._inspect(lookup(self._bundle, pointer), pointer)
            self._references[pointer] = targets
            if differs:
                self._differing.add(pointer)
            waiting.extend(targets)

    def _inspect(self, schema: Any, pointer: str) -> tuple[set[str], bool]:
        """(the references of a schema, whether a property of the schema itself is hidden in one direction)."""
        targets: set[str] = set()
        has_hidden = False
        for node in walk(schema, "schema", pointer):
            targets.update(_targets(node))
            has_hidden = has_hidden or self._has_hidden(node)
        return targets, has_hidden

    def _has_hidden(self, node: Node) -> bool:
        properties = node.value.get("properties") if isinstance(node.value, dict) else None
        return isinstance(properties, dict) and any(
            is_hidden(self._bundle, property_schema, side) for property_schema in properties.values() for side in SIDES
        )

    def _record_use(self, operation: Operation) -> None:
        request_schemas = [parameter.schema for parameter in operation.parameters] + (
            list(operation.body.media.values()) if operation.body else []
        )
        response_schemas = [schema for response in operation.responses.values() for schema in response.media.values()]
        for side, schemas in (("request", request_schemas), ("response", response_schemas)):
            targets = {target for schema in schemas for node in walk(schema, "schema") for target in _targets(node)}
            self._explore(targets)
            self._follow(self._used["request" if side == "request" else "response"], targets)

    def _follow(self, used: set[str], pointers: set[str]) -> None:
        waiting = deque(pointers - used)
        while waiting:
            pointer = waiting.popleft()
            if pointer not in used:
                used.add(pointer)
                waiting.extend(self._references[pointer])

    def _propagate(self) -> None:
        """A schema that refers to a differing schema differs as well."""
        referrers: dict[str, list[str]] = {}
        for pointer, targets in self._references.items():
            for target in targets:
                referrers.setdefault(target, []).append(pointer)
        waiting = deque(self._differing)
        while waiting:
            for pointer in referrers.get(waiting.popleft(), []):
                if pointer not in self._differing:
                    self._differing.add(pointer)
                    waiting.append(pointer)


def _targets(node: Node) -> Iterator[str]:
    if isinstance(node.value, dict) and "$ref" in node.value:
        yield node.value["$ref"].removeprefix("#")
