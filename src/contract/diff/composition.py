"""`allOf`, `anyOf` and `oneOf`: which branches are the same, which came and which went; and schemas wrapped into alternatives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contract.diff import properties
from contract.diff.nodes import Node, Pair
from contract.diff.sameness import ANNOTATIONS, equivalent
from contract.diff.visits import Visit

STEMS = {"allOf": "all-of", "anyOf": "any-of", "oneOf": "one-of"}
MOST = 300  # branches compared with each other by content; more are told apart by their references only


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
    """References match by name, others by content, then by title; where one is left on each side it is the same one, changed."""
    kept: list[Pair] = []
    removed, added = list(base), list(revision)
    rules = [_same_name, _same_title] if len(base) * len(revision) > MOST**2 else [_same_name, _same_content, _same_title]
    for rule in rules:
        for one in list(removed):
            other = next((node for node in added if rule(one, node)), None)
            if other is not None:
                kept.append(Pair(one, other))
                removed.remove(one)
                added.remove(other)
    inline = [node for node in removed if not node.reference], [node for node in added if not node.reference]
    if len(inline[0]) == len(inline[1]) == 1 and len(removed) == len(added) == 1:
        return Branches([*kept, Pair(removed[0], added[0])], [], [])
    return Branches(kept, removed, added)


def _same_name(one: Node, other: Node) -> bool:
    return bool(one.reference) and one.reference == other.reference


def _same_content(one: Node, other: Node) -> bool:
    return not one.reference and not other.reference and one.value == other.value


def _same_title(one: Node, other: Node) -> bool:
    return not one.reference and not other.reference and bool(one.text("title")) and one.text("title") == other.text("title")


def unwrapped(node: Node) -> Node | None:
    """What a schema is when it is not null: the other branch of two, one of which is null. None where it is not written so."""
    for keyword in ("oneOf", "anyOf"):
        branches = node.listed(keyword)
        if len(branches) == 2 and not node.value.keys() - {keyword, *ANNOTATIONS, "default"}:  # noqa: PLR2004 - it and null
            others = [branch for branch in branches if branch.get("type") != "null"]
            if len(others) == 1:
                return others[0]
    return None


def null_wrap(visit: Visit) -> bool:
    """Report a schema that only got or lost the choice of null."""
    before, after = unwrapped(visit.base), unwrapped(visit.revision)
    if (before is None) == (after is None):
        return False
    if not equivalent(before or visit.base, after or visit.revision):
        return False
    return visit.report("became-nullable" if after else "became-not-nullable", "oneOf" if after else "")


def one_of_wrap(visit: Visit) -> bool:
    """Report an object that became one of several alternatives: its properties are not gone, but now stand in a branch."""
    before, after = visit.base, visit.revision
    if "oneOf" in before.value or not after.listed("oneOf") or "properties" not in before.value or "properties" in after.value:
        return False
    return visit.report("wrapped-in-one-of", "oneOf")
