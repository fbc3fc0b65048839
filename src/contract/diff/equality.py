"""Which nodes of the two documents mean the same, so that only what changed is looked into."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from contract.diff.nodes import Node, Pair, Side
from contract.openapi.operations import lookup
from contract.openapi.shape import member

ANNOTATIONS = {"title", "description", "example", "examples", "externalDocs", "xml", "$comment", "deprecated", "summary"}
DEEPEST = 30


class Sameness:
    """Answers for one comparison. `changed` are the references whose target, or anything it refers to, is not the same."""

    def __init__(self, base: Side, revision: Side) -> None:
        self._references: dict[int, frozenset[str]] = {}
        self._kept: list[Any] = []
        self.changed = self._changed(base, revision)

    def same(self, pair: Pair) -> bool:
        """Whether both sides are written alike and refer to nothing that changed."""
        if pair.base.written != pair.revision.written:
            return False
        return self._below(pair.base.written).isdisjoint(self.changed)

    def _below(self, written: Any) -> frozenset[str]:
        known = self._references.get(id(written))
        if known is None:
            known = self._references[id(written)] = frozenset(references(written))
            self._kept.append(written)  # so that its identity is not given to something else
        return known

    def _changed(self, base: Side, revision: Side) -> set[str]:
        waiting = [*references(base.document.bundle), *references(revision.document.bundle)]
        users: dict[str, set[str]] = defaultdict(set)
        changed = set()
        for reference in set(waiting):
            before, after = _target(base, reference), _target(revision, reference)
            if before != after:
                changed.add(reference)
            for inner in (*references(before), *references(after)):
                users[inner].add(reference)
        waiting = list(changed)
        while waiting:
            new = users[waiting.pop()] - changed
            changed |= new
            waiting += new
        return changed


def references(value: Any) -> list[str]:
    """Every `$ref` at and below a value."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("$ref"), str):
                found.append(one["$ref"])
            waiting += [entry for entry in one.values() if isinstance(entry, dict | list)]
        elif isinstance(one, list):
            waiting += [entry for entry in one if isinstance(entry, dict | list)]
    return found


def _target(side: Side, reference: str) -> Any:
    try:
        return lookup(side.document.bundle, reference)
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def equivalent(base: Node, revision: Node) -> bool:
    """Whether two schemas accept the same, as far as their words go: references and annotations do not matter."""
    return _Equivalence().hold(base, revision, 0)


class _Equivalence:
    """One question. What is being compared already is taken as equivalent, so that circles end."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()

    def hold(self, base: Node, revision: Node, depth: int) -> bool:
        if (base.pointer, revision.pointer) in self.asked:
            return True
        if depth > DEEPEST:
            return base.reference == revision.reference
        self.asked.add((base.pointer, revision.pointer))
        keys = {key for key in (*base.value, *revision.value) if key not in ANNOTATIONS and not key.startswith("x-")}
        return all(self.member(base, revision, key, depth + 1) for key in keys)

    def member(self, base: Node, revision: Node, key: str, depth: int) -> bool:
        reading = member("schema", key)
        if reading is None:
            return bool(base.get(key) == revision.get(key))
        before, after = _below(base, key), _below(revision, key)
        return before.keys() == after.keys() and all(self.hold(before[name], after[name], depth) for name in before)


def _below(node: Node, key: str) -> dict[str, Node]:
    """The schemas in a member, whatever its form."""
    form, _ = member("schema", key) or ("one", "")
    if form == "map":
        return node.children(key)
    if form == "list":
        return {str(index): one for index, one in enumerate(node.listed(key))}
    one = node.child(key)
    return {"": one} if one else {}
