"""Which models a schema needs: one where requests and answers carry the same, two where `readOnly` or `writeOnly` make them differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from contract.openapi.operations import Json, Operation, escape, lookup, operations
from contract.openapi.shape import Node, walk
from contract.runtime.visibility import SIDES, Side, hidden

SCHEMAS = "/components/schemas/"


class Sides:
    """The schemas of a bundle by pointer: what each leads to, whether its sides differ, and on which sides it is met."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._leads_to: dict[str, set[str]] = {}
        self._differing: set[str] = set()
        self._explore(f"{SCHEMAS}{escape(name)}" for name in bundle.get("components", {}).get("schemas", {}))
        self._met: dict[Side, set[str]] = {"answer": set(), "request": set()}
        for operation in operations(bundle):
            self._meet(operation)
        self._spread()

    def of(self, pointer: str) -> tuple[Side, ...]:
        """The sides to make models for: one where they are the same. What no operation uses is an answer."""
        if pointer not in self._differing:
            return ("answer",)
        return tuple(side for side in self._met if pointer in self._met[side]) or ("answer",)

    def differ(self, pointer: str) -> bool:
        """Whether the schema carries something else in requests than in answers."""
        return pointer in self._differing

    def _explore(self, pointers: Iterable[str]) -> None:
        waiting = deque(pointers)
        while waiting:
            pointer = waiting.popleft()
            if pointer in self._leads_to:
                continue
            targets, differs = self._look(lookup(self._bundle, pointer), pointer)
            self._leads_to[pointer] = targets
            if differs:
                self._differing.add(pointer)
            waiting.extend(targets)

    def _look(self, schema: Any, pointer: str) -> tuple[set[str], bool]:
        """(what a schema refers to, whether one of its own properties is hidden on a side)."""
        targets: set[str] = set()
        differs = False
        for node in walk(schema, "schema", pointer):
            targets.update(_targets(node))
            differs = differs or self._has_hidden(node)
        return targets, differs

    def _has_hidden(self, node: Node) -> bool:
        properties = node.value.get("properties") if isinstance(node.value, dict) else None
        return isinstance(properties, dict) and any(hidden(self._bundle, one, side) for one in properties.values() for side in SIDES)

    def _meet(self, operation: Operation) -> None:
        taken = [one.schema for one in operation.parameters] + (list(operation.body.media.values()) if operation.body else [])
        given = [schema for response in operation.responses.values() for schema in response.media.values()]
        for side, schemas in (("request", taken), ("answer", given)):
            found = {target for schema in schemas for node in walk(schema, "schema") for target in _targets(node)}
            self._explore(found)
            self._follow(self._met["request" if side == "request" else "answer"], found)

    def _follow(self, met: set[str], pointers: set[str]) -> None:
        waiting = deque(pointers - met)
        while waiting:
            pointer = waiting.popleft()
            if pointer not in met:
                met.add(pointer)
                waiting.extend(self._leads_to[pointer])

    def _spread(self) -> None:
        """What leads to something that differs differs."""
        back: dict[str, list[str]] = {}
        for pointer, targets in self._leads_to.items():
            for target in targets:
                back.setdefault(target, []).append(pointer)
        waiting = deque(self._differing)
        while waiting:
            for pointer in back.get(waiting.popleft(), []):
                if pointer not in self._differing:
                    self._differing.add(pointer)
                    waiting.append(pointer)


def _targets(node: Node) -> Iterator[str]:
    if isinstance(node.value, dict) and "$ref" in node.value:
        yield node.value["$ref"].removeprefix("#")
