"""Equality of nodes: which parts of the two documents are unchanged, so that only the others are compared."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from contract.diff.nodes import DiffNode, Pair, Side
from contract.openapi.references import lookup
from contract.openapi.shape import member

ANNOTATIONS = {"title", "description", "example", "examples", "externalDocs", "xml", "$comment", "deprecated", "summary"}
MAX_DEPTH = 30


class Equality:
    """The unchanged parts of two documents. `changed` are the references whose target, or anything below it, differs."""

    def __init__(self, base: Side, revision: Side) -> None:
        self._references: dict[int, frozenset[str]] = {}
        self._alive: list[Any] = []
        self.changed = self._changed(base, revision)

    def is_unchanged(self, pair: Pair) -> bool:
        """Whether both sides are written alike and refer to nothing that changed."""
        if pair.base.original != pair.revision.original:
            return False
        return self._references_below(pair.base.original).isdisjoint(self.changed)

    def _references_below(self, value: Any) -> frozenset[str]:
        cached = self._references.get(id(value))
        if cached is None:
            cached = self._references[id(value)] = frozenset(references(value))
            self._alive.append(value)  # keeps it alive, so that its identity is not reused
        return cached

    def _changed(self, base: Side, revision: Side) -> set[str]:
        waiting = [*references(base.document.bundle), *references(revision.document.bundle)]
        users: dict[str, set[str]] = defaultdict(set)
        changed = set()
        for reference in set(waiting):
            before, after = _target(base, reference), _target(revision, reference)
            if before != after:
                changed.add(reference)
            for nested in (*references(before), *references(after)):
                users[nested].add(reference)
        waiting = list(changed)
        while waiting:
            new = users[waiting.pop()] - changed
            changed |= new
            waiting += new
        return changed


def references(value: Any) -> list[str]:
    """Every `$ref` at and below a value."""
    targets: list[str] = []
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                targets.append(node["$ref"])
            waiting += [entry for entry in node.values() if isinstance(entry, dict | list)]
        elif isinstance(node, list):
            waiting += [entry for entry in node if isinstance(entry, dict | list)]
    return targets


def _target(side: Side, reference: str) -> Any:
    try:
        return lookup(side.document.bundle, reference)
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def equivalent(base: DiffNode, revision: DiffNode) -> bool:
    """Whether two schemas accept the same values, judged by their keywords. References and annotations do not matter."""
    return _Equivalence().holds(base, revision, 0)


class _Equivalence:
    """One comparison. A pair that is being compared is assumed to be equivalent, so that circles end."""

    def __init__(self) -> None:
        self.assumed: set[tuple[str, str]] = set()

    def holds(self, base: DiffNode, revision: DiffNode, depth: int) -> bool:
        if (base.pointer, revision.pointer) in self.assumed:
            return True
        if depth > MAX_DEPTH:
            return base.reference == revision.reference
        self.assumed.add((base.pointer, revision.pointer))
        keys = {key for key in (*base.value, *revision.value) if key not in ANNOTATIONS and not key.startswith("x-")}
        return all(self.member(base, revision, key, depth + 1) for key in keys)

    def member(self, base: DiffNode, revision: DiffNode, key: str, depth: int) -> bool:
        reading = member("schema", key)
        if reading is None:
            return bool(base.get(key) == revision.get(key))
        before, after = _schemas_below(base, key), _schemas_below(revision, key)
        return before.keys() == after.keys() and all(self.holds(before[name], after[name], depth) for name in before)


def _schemas_below(node: DiffNode, key: str) -> dict[str, DiffNode]:
    """The schemas in a member of any form."""
    form, _ = member("schema", key) or ("one", "")
    if form == "map":
        return node.children(key)
    if form == "list":
        return {str(index): item for index, item in enumerate(node.list_items(key))}
    item = node.child(key)
    return {"": item} if item else {}
