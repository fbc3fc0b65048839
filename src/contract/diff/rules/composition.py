"""`allOf`, `anyOf` and `oneOf`: matched, added and removed branches, and schemas that were wrapped into alternatives."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contract.diff.equality import ANNOTATIONS, equivalent
from contract.diff.nodes import DiffNode, Pair
from contract.diff.rules import properties, types
from contract.diff.rules.comparison import SchemaComparison

STEMS = {"allOf": "all-of", "anyOf": "any-of", "oneOf": "one-of"}


@dataclass(frozen=True, slots=True)
class Branches:
    """The matched and unmatched branches of one keyword."""

    matched: list[Pair]
    removed: list[DiffNode]
    added: list[DiffNode]


def compare(comparison: SchemaComparison) -> Iterator[Pair]:
    """Report added and removed branches. Yields the matched ones, which are compared next."""
    for keyword, stem in STEMS.items():
        if keyword not in comparison.base.value and keyword not in comparison.revision.value:
            continue
        branches = match_branches(comparison.base.list_items(keyword), comparison.revision.list_items(keyword))
        for node in branches.added:
            _branch(comparison, keyword, f"{stem}-added", node)
        for node in branches.removed:
            _branch(comparison, keyword, f"{stem}-removed", node)
        if keyword == "allOf":
            properties.report_lost_properties(comparison, branches.removed)
        yield from branches.matched


def _branch(comparison: SchemaComparison, keyword: str, stem: str, node: DiffNode) -> None:
    """Report a branch. A branch of `allOf` without constraints has no effect, so both of its ids get the level INFO."""
    name = node.reference.rpartition("/")[2] or node.text("title") or None
    values = (None, name) if stem.endswith("added") else (name, None)
    if keyword == "allOf" and not node.value.keys() - ANNOTATIONS:
        comparison.report(stem, keyword, values, is_harmless=True)
        comparison.report(f"{stem}-annotation-only", keyword, values)
    else:
        comparison.report(stem, keyword, values)


def match_branches(base: list[DiffNode], revision: list[DiffNode]) -> Branches:
    """Match references by name, other branches by content, then by title, then by equivalence.

    If one inline branch is left on each side, the two match as well.
    """
    matched: list[Pair] = []
    removed, added = base, revision
    for find in (_by(_name), _by(_content), _by(_title), _by_equivalence):
        pairs = list(find(removed, added))
        matched_nodes = {node for pair in pairs for node in (pair.base, pair.revision)}
        matched += pairs
        removed = [node for node in removed if node not in matched_nodes]
        added = [node for node in added if node not in matched_nodes]
    if len(removed) == len(added) == 1 and not removed[0].reference and not added[0].reference:
        return Branches([*matched, Pair(removed[0], added[0])], [], [])
    return Branches(matched, removed, added)


def _by(key: Callable[[DiffNode], str]) -> Callable[[list[DiffNode], list[DiffNode]], Iterator[Pair]]:
    return lambda removed, added: _pairs(removed, added, key)


def _by_equivalence(removed: list[DiffNode], added: list[DiffNode]) -> Iterator[Pair]:
    """Branches that accept the same values, whatever their names, annotations and extensions are."""
    free = list(added)
    for node in removed:
        candidate = next((candidate for candidate in free if equivalent(node, candidate)), None)
        if candidate is not None:
            free.remove(candidate)
            yield Pair(node, candidate)


def _pairs(removed: list[DiffNode], added: list[DiffNode], key: Callable[[DiffNode], str]) -> Iterator[Pair]:
    """The nodes with the same key, in order. An empty key never matches."""
    added_by_key: dict[str, deque[DiffNode]] = defaultdict(deque)
    for node in added:
        added_by_key[key(node)].append(node)
    for node in removed:
        name = key(node)
        if name and added_by_key[name]:
            yield Pair(node, added_by_key[name].popleft())


def _name(node: DiffNode) -> str:
    return node.reference


def _content(node: DiffNode) -> str:
    return "" if node.reference else json.dumps(node.value, sort_keys=True)


def _title(node: DiffNode) -> str:
    return "" if node.reference else node.text("title")


def non_null_branch(node: DiffNode) -> DiffNode | None:
    """The other branch of a `oneOf` or `anyOf` of two, one of which is null; None for any other schema."""
    for keyword in ("oneOf", "anyOf"):
        branches = node.list_items(keyword)
        if len(branches) == 2 and not node.value.keys() - {keyword, *ANNOTATIONS, "default"}:  # noqa: PLR2004 - it and null
            non_null = [branch for branch in branches if branch.get("type") != "null"]
            if len(non_null) == 1:
                return non_null[0]
    return None


def _only_branch(node: DiffNode) -> DiffNode | None:
    """The one branch of an `allOf` with only annotations and `nullable` beside it: the usual way to annotate a reference."""
    branches = node.list_items("allOf")
    is_only = len(branches) == 1 and not node.value.keys() - {"allOf", "nullable", *ANNOTATIONS}
    return branches[0] if is_only else None


def is_annotation_wrap(comparison: SchemaComparison) -> bool:
    """Whether one side only wrapped the other's schema into an `allOf`, possibly adding or removing null."""
    before, after = _only_branch(comparison.base), _only_branch(comparison.revision)
    if (before is None) == (after is None) or not equivalent(before or comparison.base, after or comparison.revision):
        return False
    types.nullability(comparison, (before, after))
    return True


def is_null_wrap(comparison: SchemaComparison) -> bool:
    """Report a schema that only became nullable or not nullable by an alternative."""
    before, after = non_null_branch(comparison.base), non_null_branch(comparison.revision)
    if (before is None) == (after is None):
        return False
    if not equivalent(before or comparison.base, after or comparison.revision):
        return False
    return comparison.report("became-nullable" if after else "became-not-nullable", "oneOf" if after else "")


def is_one_of_wrap(comparison: SchemaComparison) -> bool:
    """Report a schema that became one of several alternatives: its keywords are now in a branch."""
    before, after = comparison.base, comparison.revision
    if "oneOf" in before.value or "properties" in after.value or types.list_of_types_in(before):
        return False
    branches = after.list_items("oneOf")
    if not branches or not ("properties" in before.value or any(equivalent(before, branch) for branch in branches)):
        return False
    return comparison.report("wrapped-in-one-of", "oneOf")
