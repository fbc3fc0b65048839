"""`allOf`, `anyOf` and `oneOf`: which branches are the same, which came and which went; and schemas wrapped into alternatives."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contract.diff.equality import ANNOTATIONS, equivalent
from contract.diff.nodes import Node, Pair
from contract.diff.rules import properties, types
from contract.diff.rules.comparison import Visit

STEMS = {"allOf": "all-of", "anyOf": "any-of", "oneOf": "one-of"}


@dataclass(frozen=True, slots=True)
class Branches:
    """The branches of one keyword, matched."""

    kept: list[Pair]
    removed: list[Node]
    added: list[Node]


def compare(visit: Visit) -> Iterator[Pair]:
    """Report branches that came and went; yields those on both sides, to be looked into."""
    for keyword, stem in STEMS.items():
        if keyword not in visit.base.value and keyword not in visit.revision.value:
            continue
        found = match(visit.base.listed(keyword), visit.revision.listed(keyword))
        for node in found.added:
            _branch(visit, keyword, f"{stem}-added", node)
        for node in found.removed:
            _branch(visit, keyword, f"{stem}-removed", node)
        if keyword == "allOf":
            properties.lose_branches(visit, found.removed)
        yield from found.kept


def _branch(visit: Visit, keyword: str, stem: str, node: Node) -> None:
    """A branch of `allOf` that demands nothing changes nothing for anyone, so both ids that name it are then of no weight."""
    name = node.reference.rpartition("/")[2] or node.text("title") or None
    values = (None, name) if stem.endswith("added") else (name, None)
    if keyword == "allOf" and not node.value.keys() - ANNOTATIONS:
        visit.report(stem, keyword, values, is_harmless=True)
        visit.report(f"{stem}-annotation-only", keyword, values)
    else:
        visit.report(stem, keyword, values)


def match(base: list[Node], revision: list[Node]) -> Branches:
    """References match by name, others by content, then by title, then whatever accepts the same, such as a component with another name.

    Where one that is no reference is left on each side, it is the same one, changed.
    """
    kept: list[Pair] = []
    removed, added = base, revision
    for found in (_same(_name), _same(_content), _same(_title), _alike):
        pairs = list(found(removed, added))
        taken = {node for pair in pairs for node in (pair.base, pair.revision)}
        kept += pairs
        removed = [node for node in removed if node not in taken]
        added = [node for node in added if node not in taken]
    if len(removed) == len(added) == 1 and not removed[0].reference and not added[0].reference:
        return Branches([*kept, Pair(removed[0], added[0])], [], [])
    return Branches(kept, removed, added)


def _same(key: Callable[[Node], str]) -> Callable[[list[Node], list[Node]], Iterator[Pair]]:
    return lambda removed, added: _pairs(removed, added, key)


def _alike(removed: list[Node], added: list[Node]) -> Iterator[Pair]:
    """References whose targets accept the same."""
    free = [node for node in added if node.reference]
    for node in removed:
        other = next((other for other in free if node.reference and equivalent(node, other)), None)
        if other is not None:
            free.remove(other)
            yield Pair(node, other)


def _pairs(removed: list[Node], added: list[Node], key: Callable[[Node], str]) -> Iterator[Pair]:
    """Those that have the same key, in their order; an empty key is none."""
    known: dict[str, deque[Node]] = defaultdict(deque)
    for node in added:
        known[key(node)].append(node)
    for node in removed:
        name = key(node)
        if name and known[name]:
            yield Pair(node, known[name].popleft())


def _name(node: Node) -> str:
    return node.reference


def _content(node: Node) -> str:
    return "" if node.reference else json.dumps(node.value, sort_keys=True)


def _title(node: Node) -> str:
    return "" if node.reference else node.text("title")


def unwrapped(node: Node) -> Node | None:
    """What a schema is when it is not null: the other branch of two, one of which is null. None where it is not written so."""
    for keyword in ("oneOf", "anyOf"):
        branches = node.listed(keyword)
        if len(branches) == 2 and not node.value.keys() - {keyword, *ANNOTATIONS, "default"}:  # noqa: PLR2004 - it and null
            others = [branch for branch in branches if branch.get("type") != "null"]
            if len(others) == 1:
                return others[0]
    return None


def _alone(node: Node) -> Node | None:
    """The one branch of an `allOf` that nothing but annotations and `nullable` stand beside: the way to annotate a reference."""
    branches = node.listed("allOf")
    is_alone = len(branches) == 1 and not node.value.keys() - {"allOf", "nullable", *ANNOTATIONS}
    return branches[0] if is_alone else None


def annotated(visit: Visit) -> bool:
    """Whether one side only put the other's schema into an `allOf` of its own; null may come or go with it."""
    before, after = _alone(visit.base), _alone(visit.revision)
    if (before is None) == (after is None) or not equivalent(before or visit.base, after or visit.revision):
        return False
    types.nullability(visit, (before, after))
    return True


def null_wrap(visit: Visit) -> bool:
    """Report a schema that only got or lost the choice of null."""
    before, after = unwrapped(visit.base), unwrapped(visit.revision)
    if (before is None) == (after is None):
        return False
    if not equivalent(before or visit.base, after or visit.revision):
        return False
    return visit.report("became-nullable" if after else "became-not-nullable", "oneOf" if after else "")


def one_of_wrap(visit: Visit) -> bool:
    """Report a schema that became one of several alternatives: what it said is not gone, but now stands in a branch."""
    before, after = visit.base, visit.revision
    if "oneOf" in before.value or "properties" in after.value or types.listed(before):
        return False
    branches = after.listed("oneOf")
    if not branches or not ("properties" in before.value or any(equivalent(before, branch) for branch in branches)):
        return False
    return visit.report("wrapped-in-one-of", "oneOf")
