"""The two documents of a comparison as nodes that know their location. A member of an unexpected type is read as absent.

A published base may contain mistakes that cannot be corrected any more, so documents are compared as they are, valid or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.openapi.document import Document
from contract.openapi.locations import Location
from contract.openapi.references import Json, escape, lookup

BESIDE_REFERENCES = {"$ref", "summary", "description"}
MAX_REFERENCE_CHAIN = 100


@dataclass(slots=True)
class Side:
    """One of the two documents.

    `merged` caches references with siblings, overlaid on their targets (3.1 only). `forms` caches converted schemas, so that each has one
    identity.
    """

    document: Document
    merged: dict[int, Json] = field(default_factory=dict)
    forms: dict[tuple[int, str], Json] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)

    @property
    def is_30(self) -> bool:
        """Whether the document is written in 3.0, which has its own keywords for null and exclusive bounds."""
        return self.document.version.startswith("3.0")

    @property
    def root(self) -> DiffNode:
        """The whole document."""
        return DiffNode(self, self.document.bundle, self.document.bundle, "")

    def node(self, original: Any, pointer: str) -> DiffNode | None:
        """The object at a pointer, after its references; None if it is not an object. The schema `true` is `{}`."""
        value, target_pointer = original, pointer
        for _ in range(MAX_REFERENCE_CHAIN):
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                break
            target_pointer = value["$ref"].removeprefix("#")
            value = self._target(value)
        value = self._as_object(value)
        return DiffNode(self, original, value, target_pointer) if isinstance(value, dict) else None

    @staticmethod
    def _as_object(value: Any) -> Any:
        """A boolean schema as an object."""
        if isinstance(value, bool):
            return {} if value else {"not": {}}
        return value

    def _target(self, value: Json) -> Any:
        try:
            target = lookup(self.document.bundle, value["$ref"])
        except (KeyError, IndexError, TypeError, ValueError):
            return None
        if not self.is_30 and value.keys() - BESIDE_REFERENCES:
            target = self._as_object(target)
        if self.is_30 or not isinstance(target, dict) or not value.keys() - BESIDE_REFERENCES:
            return target
        if id(value) not in self.merged:
            self.merged[id(value)] = {**target, **{key: entry for key, entry in value.items() if key != "$ref"}}
        return self.merged[id(value)]

    def location(self, pointer: str) -> Location:
        """The source location of a pointer."""
        if pointer not in self.locations:
            self.locations[pointer] = self.document.location(pointer)
        return self.locations[pointer]


@dataclass(frozen=True, slots=True, eq=False)
class DiffNode:
    """An object: its `original` form (possibly a reference), its `value` after all references, and the JSON pointer of the value."""

    side: Side
    original: Any
    value: Json
    pointer: str

    def get(self, key: str) -> Any:
        """A member, None without one."""
        return self.value.get(key)

    def text(self, key: str) -> str:
        """A string member; empty if it is missing or of another type."""
        value = self.value.get(key)
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        """Whether a member is `true`."""
        return self.value.get(key) is True

    def strings(self, key: str) -> list[str]:
        """The distinct strings of a list, in order."""
        items = self.value.get(key)
        return list(dict.fromkeys(item for item in items if isinstance(item, str))) if isinstance(items, list) else []

    def pointer_of(self, key: str) -> str:
        """The pointer of a member; of the node itself if it has no such member."""
        return f"{self.pointer}/{escape(key)}" if key in self.value else self.pointer

    def child(self, key: str) -> DiffNode | None:
        """A member that is an object."""
        return self.side.node(self.value[key], f"{self.pointer}/{escape(key)}") if key in self.value else None

    def children(self, key: str) -> dict[str, DiffNode]:
        """The objects of a map, by name."""
        entries = self.value.get(key)
        return dict(self._nodes(key, entries.items())) if isinstance(entries, dict) else {}

    def members(self) -> dict[str, DiffNode]:
        """The objects in this node, if it is a map."""
        nodes = {name: self.child(name) for name in self.value}
        return {name: node for name, node in nodes.items() if node}

    def list_items(self, key: str) -> list[DiffNode]:
        """The objects of a list."""
        entries = self.value.get(key)
        return [node for _, node in self._nodes(key, enumerate(entries))] if isinstance(entries, list) else []

    def _nodes(self, key: str, entries: Any) -> Iterator[tuple[str, DiffNode]]:
        for name, entry in entries:
            node = self.side.node(entry, f"{self.pointer}/{escape(key)}/{escape(str(name))}")
            if node is not None:
                yield str(name), node

    @property
    def reference(self) -> str:
        """The reference that the node stands for; empty for an inline object."""
        target = self.original.get("$ref", "") if isinstance(self.original, dict) else ""
        return target if isinstance(target, str) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The corresponding nodes of the base and the revision."""

    base: DiffNode
    revision: DiffNode

    def values(self, key: str) -> tuple[Any, Any]:
        """A member before and after."""
        return self.base.value.get(key), self.revision.value.get(key)

    def child(self, key: str) -> Pair | None:
        """A member that is an object on both sides."""
        base, revision = self.base.child(key), self.revision.child(key)
        return Pair(base, revision) if base and revision else None

    def children(self, key: str) -> MapDiff:
        """The objects of a map: common, removed and added ones."""
        return diff_maps(self.base.children(key), self.revision.children(key))


@dataclass(frozen=True, slots=True)
class MapDiff:
    """The nodes that two maps have in common, and those that only one of them has; in the maps' order."""

    common: dict[str, Pair]
    removed: dict[str, DiffNode]
    added: dict[str, DiffNode]


def diff_maps(base: dict[str, DiffNode], revision: dict[str, DiffNode]) -> MapDiff:
    """Compare two maps by their keys."""
    return MapDiff(
        {name: Pair(node, revision[name]) for name, node in base.items() if name in revision},
        {name: node for name, node in base.items() if name not in revision},
        {name: node for name, node in revision.items() if name not in base},
    )
