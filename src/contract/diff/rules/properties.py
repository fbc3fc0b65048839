"""The properties of an object: those that came, those that went, and what those that stayed demand."""

from __future__ import annotations

from contract.diff.nodes import Node, Pair
from contract.diff.rules.comparison import Visit
from contract.diff.rules.inheritance import Whole, settle, whole
from contract.diff.rules.lifecycle import deprecation, stability, stability_change

FLAGS = {"readOnly": "read-only", "writeOnly": "write-only"}
DEPRECATED = {
    "missing": "deprecated-sunset-missing",
    "invalid": "deprecated-sunset-invalid",
    "too-small": "sunset-date-too-small",
    "dated": "deprecated-with-sunset",
    "undated": "deprecated",
}


def is_hidden(visit: Visit, node: Node) -> bool:
    """Whether a property never travels in this direction: by its own word, or by that of an object around it."""
    return visit.spot.is_hidden or node.flag("readOnly" if visit.area.is_request else "writeOnly")


def compare(visit: Visit) -> dict[str, Pair]:
    """All that is said of an object's properties; what is in those that stayed is compared elsewhere.

    Returns those that moved between the object and a branch of its `allOf`.
    """
    found, moved = visit.pair.children("properties"), dict[str, Pair]()
    before, after = set(visit.base.words("required")), set(visit.revision.words("required"))
    if "allOf" in visit.base.value or "allOf" in visit.revision.value:
        old, new = whole(visit.base), whole(visit.revision)
        found, moved = settle(found, old, new)
        _demanded_of_branches(visit, (before ^ after) - found.kept.keys() - moved.keys(), (old, new))
        before, after = old.required, new.required
    for name, node in found.removed.items():
        _removed(visit, name, node, is_required=name in before)
    for name, node in found.added.items():
        _added(visit, name, node, is_required=name in after)
    for name, pair in {**found.kept, **moved}.items():
        inner = visit.below(pair, visit.spot.below(name, is_hidden=is_hidden(visit, pair.revision)))
        if (name in before) != (name in after):
            _requirement(inner, is_required=name in after)
        _flags(inner, is_required=name in after)
    return moved


def _demanded_of_branches(visit: Visit, names: set[str], wholes: tuple[Whole, Whole]) -> None:
    """What an object demands of properties that only its branches describe."""
    old, new = wholes
    for name in sorted(names & old.properties.keys() & new.properties.keys()):
        if (name in old.required) != (name in new.required):
            pair = Pair(old.properties[name], new.properties[name])
            spot = visit.spot.below(name, is_hidden=is_hidden(visit, pair.revision))
            _requirement(visit.below(pair, spot), is_required=name in new.required)


def lose_branches(visit: Visit, branches: list[Node]) -> None:
    """Report the properties of an answer that nothing describes once these branches are gone."""
    if not branches or visit.area.part != "response-body":
        return
    left = whole(visit.revision)
    for lost in map(whole, branches):
        for name in [name for name in lost.properties if name not in left.properties]:
            _removed(visit, name, lost.properties[name], is_required=name in lost.required)


def _removed(visit: Visit, name: str, node: Node, *, is_required: bool) -> None:
    if visit.area.part == "request-parameter":
        found = "request-parameter-property-removed"
    elif visit.area.part == "request-body":
        found = "" if is_hidden(visit, node) else "request-property-removed"
    else:
        found = _of_answer(visit, node, "removed", is_required=is_required)
    if found:
        visit.tell(found, "was removed", Pair(node, visit.revision), visit.spot.below(name))


def _added(visit: Visit, name: str, node: Node, *, is_required: bool) -> None:
    found = _new(visit, node, is_required=is_required)
    if found:
        what = "was added and is required" if is_required else "was added"
        visit.tell(found, what, Pair(visit.base, node), visit.spot.below(name))


def _new(visit: Visit, node: Node, *, is_required: bool) -> str:
    if visit.area.part == "response-body":
        return _of_answer(visit, node, "added", is_required=is_required)
    if is_hidden(visit, node):
        return ""
    if visit.area.part == "request-parameter":
        return _of_parameter(visit, is_required=is_required)
    if visit.area.part != "request-body":
        return ""
    if not is_required:
        return "new-optional-request-property"
    return "new-required-request-property-with-default" if "default" in node.value else "new-required-request-property"


def _of_parameter(visit: Visit, *, is_required: bool) -> str:
    if not is_required:
        return "request-parameter-property-added"
    return "new-required-request-header-property" if visit.area.location == "header" else "request-parameter-property-added-required"


def _of_answer(visit: Visit, node: Node, what: str, *, is_required: bool) -> str:
    if visit.area.part != "response-body":
        return ""
    hidden = "-write-only" if is_hidden(visit, node) else ""
    return f"response-{_word(is_required=is_required)}{hidden}-property-{what}"


def _word(*, is_required: bool) -> str:
    return "required" if is_required else "optional"


def _requirement(inner: Visit, *, is_required: bool) -> None:
    if inner.area.is_request and inner.spot.is_hidden:
        return
    if not is_required:
        inner.report("became-optional")
    elif "default" not in inner.revision.value or not inner.report("became-required-with-default"):
        inner.report("became-required")


def _flags(inner: Visit, *, is_required: bool) -> None:
    if not inner.area.part.endswith("-body"):
        return
    for keyword, word in FLAGS.items():
        before, after = inner.base.flag(keyword), inner.revision.flag(keyword)
        if before != after:
            negation = "" if after else "not-"
            name = f"{inner.area.of_properties.replace('-', f'-{_word(is_required=is_required)}-')}-became-{negation}{word}"
            inner.tell(name, f"became {negation.replace('-', ' ')}{word}", inner.pair)


def lifecycle(visit: Visit) -> None:
    """Deprecation and stability of one property."""
    if not visit.spot.is_nested:
        return
    before, after = visit.base.flag("deprecated"), visit.revision.flag("deprecated")
    if after and not before:
        visit.report(DEPRECATED[deprecation(visit.revision, visit.policy, stability(visit.revision))], "deprecated")
    elif before and not after:
        visit.report("reactivated", "deprecated")
    moved = stability_change(visit.base, visit.revision, visit.policy)
    if moved:
        visit.report(f"stability-{moved}", "x-stability-level", (stability(visit.base), stability(visit.revision)))
