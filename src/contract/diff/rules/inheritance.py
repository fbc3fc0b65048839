"""What an object has by its `allOf`: the properties and demands of all branches together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from contract.diff.nodes import Node, Pair, Split

MOST = 300  # branches of one object


@dataclass(frozen=True, slots=True)
class Whole:
    """An object with all its branches: each property where it is described nearest, and every name that is required."""

    properties: dict[str, Node]
    required: set[str]


def whole(schema: Node) -> Whole:
    """Take a schema and its branches together, the first few hundred; each branch counts once, so circles end."""
    properties: dict[str, Node] = {}
    required: set[str] = set()
    seen: set[str] = set()
    waiting = deque([schema])
    while waiting and len(seen) < MOST:
        branch = waiting.popleft()
        if branch.pointer not in seen:
            seen.add(branch.pointer)
            for name, node in branch.children("properties").items():
                properties.setdefault(name, node)
            required.update(branch.words("required"))
            waiting += branch.listed("allOf")
    return Whole(properties, required)


def settle(found: Split, base: Whole, revision: Whole) -> tuple[Split, dict[str, Pair]]:
    """The split of an object's own properties without those that only moved to or from a branch; and those."""
    moved = {name: Pair(node, revision.properties[name]) for name, node in found.removed.items() if name in revision.properties}
    moved |= {name: Pair(base.properties[name], node) for name, node in found.added.items() if name in base.properties}
    removed = {name: node for name, node in found.removed.items() if name not in moved}
    added = {name: node for name, node in found.added.items() if name not in moved}
    return Split(found.kept, removed, added), moved
