"""The properties of an object: added, removed and changed ones."""

from __future__ import annotations

from contract.diff.nodes import DiffNode, Pair
from contract.diff.rules.comparison import SchemaComparison
from contract.diff.rules.inheritance import MergedObject, merge_branches, without_moved
from contract.diff.rules.lifecycle import deprecation, stability, stability_change

FLAGS = {"readOnly": "read-only", "writeOnly": "write-only"}
DEPRECATION_STEMS = {
    "missing": "deprecated-sunset-missing",
    "invalid": "deprecated-sunset-invalid",
    "too-small": "sunset-date-too-small",
    "dated": "deprecated-with-sunset",
    "undated": "deprecated",
}


def is_hidden(comparison: SchemaComparison, node: DiffNode) -> bool:
    """Whether a property is never sent in this direction, by itself or because of an object around it."""
    return comparison.position.is_hidden or node.flag("readOnly" if comparison.area.is_request else "writeOnly")


def compare(comparison: SchemaComparison) -> dict[str, Pair]:
    """Report the changes of an object's properties. The schemas of common properties are compared elsewhere.

    Returns the properties that moved between the object and a branch of its `allOf`.
    """
    own, moved = comparison.pair.children("properties"), dict[str, Pair]()
    before, after = set(comparison.base.strings("required")), set(comparison.revision.strings("required"))
    if "allOf" in comparison.base.value or "allOf" in comparison.revision.value:
        old, new = merge_branches(comparison.base), merge_branches(comparison.revision)
        own, moved = without_moved(own, old, new)
        _required_in_branches(comparison, (before ^ after) - own.common.keys() - moved.keys(), (old, new))
        before, after = old.required, new.required
    for name, node in own.removed.items():
        _removed(comparison, name, node, is_required=name in before)
    for name, node in own.added.items():
        _added(comparison, name, node, is_required=name in after)
    for name, pair in {**own.common, **moved}.items():
        inner = comparison.nested(pair, comparison.position.below(name, is_hidden=is_hidden(comparison, pair.revision)))
        if (name in before) != (name in after):
            _requirement(inner, is_required=name in after)
        _flags(inner, is_required=name in after)
    return moved


def _required_in_branches(comparison: SchemaComparison, names: set[str], merged_objects: tuple[MergedObject, MergedObject]) -> None:
    """Report changed requirements for properties that only branches describe."""
    old, new = merged_objects
    for name in sorted(names & old.properties.keys() & new.properties.keys()):
        if (name in old.required) != (name in new.required):
            pair = Pair(old.properties[name], new.properties[name])
            position = comparison.position.below(name, is_hidden=is_hidden(comparison, pair.revision))
            _requirement(comparison.nested(pair, position), is_required=name in new.required)


def report_lost_properties(comparison: SchemaComparison, branches: list[DiffNode]) -> None:
    """Report the properties of a response that no branch describes once these branches are removed."""
    if not branches or comparison.area.part != "response-body":
        return
    remaining = merge_branches(comparison.revision)
    for lost in map(merge_branches, branches):
        for name in [name for name in lost.properties if name not in remaining.properties]:
            _removed(comparison, name, lost.properties[name], is_required=name in lost.required)


def _removed(comparison: SchemaComparison, name: str, node: DiffNode, *, is_required: bool) -> None:
    if comparison.area.part == "request-parameter":
        rule_id = "request-parameter-property-removed"
    elif comparison.area.part == "request-body":
        rule_id = "" if is_hidden(comparison, node) else "request-property-removed"
    else:
        rule_id = _response_rule(comparison, node, "removed", is_required=is_required)
    if rule_id:
        comparison.report_id(rule_id, "was removed", Pair(node, comparison.revision), comparison.position.below(name))


def _added(comparison: SchemaComparison, name: str, node: DiffNode, *, is_required: bool) -> None:
    rule_id = _addition_rule(comparison, node, is_required=is_required)
    if rule_id:
        predicate = "was added and is required" if is_required else "was added"
        comparison.report_id(rule_id, predicate, Pair(comparison.base, node), comparison.position.below(name))


def _addition_rule(comparison: SchemaComparison, node: DiffNode, *, is_required: bool) -> str:
    if comparison.area.part == "response-body":
        return _response_rule(comparison, node, "added", is_required=is_required)
    if is_hidden(comparison, node):
        return ""
    if comparison.area.part == "request-parameter":
        return _parameter_addition_rule(comparison, is_required=is_required)
    if comparison.area.part != "request-body":
        return ""
    if not is_required:
        return "new-optional-request-property"
    return "new-required-request-property-with-default" if "default" in node.value else "new-required-request-property"


def _parameter_addition_rule(comparison: SchemaComparison, *, is_required: bool) -> str:
    if not is_required:
        return "request-parameter-property-added"
    return "new-required-request-header-property" if comparison.area.location == "header" else "request-parameter-property-added-required"


def _response_rule(comparison: SchemaComparison, node: DiffNode, change: str, *, is_required: bool) -> str:
    if comparison.area.part != "response-body":
        return ""
    hidden = "-write-only" if is_hidden(comparison, node) else ""
    return f"response-{_presence(is_required=is_required)}{hidden}-property-{change}"


def _presence(*, is_required: bool) -> str:
    return "required" if is_required else "optional"


def _requirement(comparison: SchemaComparison, *, is_required: bool) -> None:
    if comparison.area.is_request and comparison.position.is_hidden:
        return
    if not is_required:
        comparison.report("became-optional")
    elif "default" not in comparison.revision.value or not comparison.report("became-required-with-default"):
        comparison.report("became-required")


def _flags(comparison: SchemaComparison, *, is_required: bool) -> None:
    if not comparison.area.part.endswith("-body"):
        return
    for keyword, word in FLAGS.items():
        before, after = comparison.base.flag(keyword), comparison.revision.flag(keyword)
        if before != after:
            negation = "" if after else "not-"
            name = f"{comparison.area.property_part.replace('-', f'-{_presence(is_required=is_required)}-')}-became-{negation}{word}"
            comparison.report_id(name, f"became {negation.replace('-', ' ')}{word}", comparison.pair)


def lifecycle(comparison: SchemaComparison) -> None:
    """Deprecation and stability of one property."""
    if not comparison.position.is_nested:
        return
    before, after = comparison.base.flag("deprecated"), comparison.revision.flag("deprecated")
    if after and not before:
        comparison.report(
            DEPRECATION_STEMS[deprecation(comparison.revision, comparison.policy, stability(comparison.revision))], "deprecated"
        )
    elif before and not after:
        comparison.report("reactivated", "deprecated")
    direction = stability_change(comparison.base, comparison.revision, comparison.policy)
    if direction:
        comparison.report(f"stability-{direction}", "x-stability-level", (stability(comparison.base), stability(comparison.revision)))
