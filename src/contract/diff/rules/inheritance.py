"""Inheritance by `allOf`: the properties and required names of all branches of an object together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from contract.diff.nodes import DiffNode, MapDiff, Pair

MAX_BRANCHES = 300  # of one object


@dataclass(frozen=True, slots=True)
class MergedObject:
    """An object with all its branches: each property from the nearest branch, and every required name."""

    properties: dict[str, DiffNode]
    required: set[str]


def merge_branches(schema: DiffNode) -> MergedObject:
    """Merge a schema and its branches, up to MAX_BRANCHES. Each branch counts once, so that circles end."""
    properties: dict[str, DiffNode] = {}
    required: set[str] = set()
    visited: set[str] = set()
    waiting = deque([schema])
    while waiting and len(visited) < MAX_BRANCHES:
        branch = waiting.popleft()
        if branch.pointer not in visited:
            visited.add(branch.pointer)
            for name, node in branch.children("properties").items():
                properties.setdefault(name, node)
            required.update(branch.strings("required"))
            waiting += branch.list_items("allOf")
    return MergedObject(properties, required)


def without_moved(properties: MapDiff, base: MergedObject, revision: MergedObject) -> tuple[MapDiff, dict[str, Pair]]:
    """The changes of an object's own properties without those that only moved to or from a branch; and the moved ones."""
    moved = {name: Pair(node, revision.properties[name]) for name, node in properties.removed.items() if name in revision.properties}
    moved |= {name: Pair(base.properties[name], node) for name, node in properties.added.items() if name in base.properties}
    removed = {name: node for name, node in properties.removed.items() if name not in moved}
    added = {name: node for name, node in properties.added.items() if name not in moved}
    return MapDiff(properties.common, removed, added), moved
