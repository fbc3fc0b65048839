"""The two documents of a comparison as nodes that know where they stand; whatever has not the shape it should have is read as absent.

A base may have been published with mistakes that nobody can take back, so documents are compared as they are, valid or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.openapi.document import Document
from contract.openapi.locations import Location
from contract.openapi.operations import Json, escape, lookup

BESIDE_REFERENCES = {"$ref", "summary", "description"}
LONGEST_CHAIN = 100


@dataclass(slots=True)
class Side:
    """One of the two documents. `merged` keeps references that have siblings, laid over what they name (3.1 only).

    `forms` keeps schemas in another form, so that each has one identity.
    """

    document: Document
    merged: dict[int, Json] = field(default_factory=dict)
    forms: dict[tuple[int, str], Json] = field(default_factory=dict)
    places: dict[str, Location] = field(default_factory=dict)

    @property
    def is_30(self) -> bool:
        """Whether the document is written in 3.0, which has words of its own for null and exclusive bounds."""
        return self.document.version.startswith("3.0")

    @property
    def root(self) -> Node:
        """The whole document."""
        return Node(self, self.document.bundle, self.document.bundle, "")

    def node(self, written: Any, pointer: str) -> Node | None:
        """What stands at a pointer, with its references followed; None for what is no object. A schema `true` is `{}`."""
        value, place = written, pointer
        for _ in range(LONGEST_CHAIN):
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                break
            place = value["$ref"].removeprefix("#")
            value = self._target(value)
        value = self._spelled(value)
        return Node(self, written, value, place) if isinstance(value, dict) else None

    @staticmethod
    def _spelled(value: Any) -> Any:
        """A schema that is a boolean, in the form of an object."""
        if isinstance(value, bool):
            return {} if value else {"not": {}}
        return value

    def _target(self, value: Json) -> Any:
        try:
            target = lookup(self.document.bundle, value["$ref"])
        except (KeyError, IndexError, TypeError, ValueError):
            return None
        if not self.is_30 and value.keys() - BESIDE_REFERENCES:
            target = self._spelled(target)
        if self.is_30 or not isinstance(target, dict) or not value.keys() - BESIDE_REFERENCES:
            return target
        if id(value) not in self.merged:
            self.merged[id(value)] = {**target, **{key: entry for key, entry in value.items() if key != "$ref"}}
        return self.merged[id(value)]

    def location(self, pointer: str) -> Location:
        """Where a pointer was written."""
        if pointer not in self.places:
            self.places[pointer] = self.document.location(pointer)
        return self.places[pointer]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """An object: as `written` (a reference where one stands), its `value` behind all references, and the JSON pointer of that."""

    side: Side
    written: Any
    value: Json
    pointer: str

    def get(self, key: str) -> Any:
        """A member as it is written, None where there is none."""
        return self.value.get(key)

    def text(self, key: str) -> str:
        """A member that is a string, else an empty one."""
        found = self.value.get(key)
        return found if isinstance(found, str) else ""

    def flag(self, key: str) -> bool:
        """Whether a member is `true`."""
        return self.value.get(key) is True

    def words(self, key: str) -> list[str]:
        """The strings of a list, in its order, each once."""
        found = self.value.get(key)
        return list(dict.fromkeys(one for one in found if isinstance(one, str))) if isinstance(found, list) else []

    def at(self, key: str) -> str:
        """The pointer of a member; of the node where it has none."""
        return f"{self.pointer}/{escape(key)}" if key in self.value else self.pointer

    def child(self, key: str) -> Node | None:
        """A member that is an object."""
        return self.side.node(self.value[key], f"{self.pointer}/{escape(key)}") if key in self.value else None

    def children(self, key: str) -> dict[str, Node]:
        """The objects of a map by name."""
        entries = self.value.get(key)
        return dict(self._nodes(key, entries.items())) if isinstance(entries, dict) else {}

    def members(self) -> dict[str, Node]:
        """The objects it holds, where it is a map itself."""
        found = {name: self.child(name) for name in self.value}
        return {name: node for name, node in found.items() if node}

    def listed(self, key: str) -> list[Node]:
        """The objects of a list."""
        entries = self.value.get(key)
        return [node for _, node in self._nodes(key, enumerate(entries))] if isinstance(entries, list) else []

    def _nodes(self, key: str, entries: Any) -> Iterator[tuple[str, Node]]:
        for name, entry in entries:
            node = self.side.node(entry, f"{self.pointer}/{escape(key)}/{escape(str(name))}")
            if node is not None:
                yield str(name), node

    @property
    def reference(self) -> str:
        """What it was written as a reference to; empty for what stands in its place."""
        found = self.written.get("$ref", "") if isinstance(self.written, dict) else ""
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The same thing in the base and in the revision."""

    base: Node
    revision: Node

    def values(self, key: str) -> tuple[Any, Any]:
        """A member before and after."""
        return self.base.value.get(key), self.revision.value.get(key)

    def child(self, key: str) -> Pair | None:
        """A member that is an object on both sides."""
        base, revision = self.base.child(key), self.revision.child(key)
        return Pair(base, revision) if base and revision else None

    def children(self, key: str) -> Split:
        """The objects of a map: those on both sides by name, those removed, those added."""
        return split(self.base.children(key), self.revision.children(key))


@dataclass(frozen=True, slots=True)
class Split:
    """What two maps of nodes have in common, and what only one of them has; in the maps' order."""

    kept: dict[str, Pair]
    removed: dict[str, Node]
    added: dict[str, Node]


def split(base: dict[str, Node], revision: dict[str, Node]) -> Split:
    """Compare two maps by their keys."""
    return Split(
        {name: Pair(node, revision[name]) for name, node in base.items() if name in revision},
        {name: node for name, node in base.items() if name not in revision},
        {name: node for name, node in revision.items() if name not in base},
    )
