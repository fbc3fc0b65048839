"""The operations of the two documents: added, removed and changed ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contract.diff.findings import Change, Endpoint
from contract.diff.nodes import DiffNode, Pair
from contract.diff.rules import bodies, lifecycle, parameters, responses, security
from contract.diff.rules.lifecycle import STABILITY_LEVELS, removal, stability, stability_change
from contract.diff.rules.parameters import ParameterOwner
from contract.diff.rules.schemas import Comparison
from contract.openapi.operations import METHODS, PATH_PARAMETER

OperationKey = tuple[str, str]  # the path without the names of its parameters, and the method
RULES = lifecycle.LifecycleRules(
    reactivated="endpoint-reactivated",
    deprecated={
        "missing": "api-deprecated-sunset-missing",
        "invalid": "api-deprecated-sunset-parse",
        "too-small": "api-sunset-date-too-small",
        "dated": "endpoint-deprecated-with-sunset",
        "undated": "endpoint-deprecated",
    },
    sunset={"deleted": "sunset-deleted", "invalid": "api-deprecated-sunset-parse", "too-small": "api-sunset-date-changed-too-small"},
)
INVALID_STABILITY = "api-invalid-stability-level"


@dataclass(frozen=True, slots=True)
class OperationSide:
    """One operation of one side."""

    path: str
    method: str
    item: DiffNode
    node: DiffNode

    @property
    def endpoint(self) -> Endpoint:
        """The method, path and operationId."""
        return Endpoint(self.method, self.path, self.node.text("operationId"))

    @property
    def owner(self) -> ParameterOwner:
        """The owner of its parameters."""
        return ParameterOwner(self.path, self.item, self.node)


def compare(comparison: Comparison, document: Pair, section: str) -> None:
    """Report every change of the operations under `paths` or `webhooks`."""
    _items(comparison, document, (document.base.children(section), document.revision.children(section)), is_outgoing=section == "webhooks")
    comparison.collector.endpoint = None


def _items(comparison: Comparison, around: Pair, items: tuple[dict[str, DiffNode], dict[str, DiffNode]], *, is_outgoing: bool) -> None:
    """Report every change of the operations of two maps of path items. Whole webhooks are reported elsewhere."""
    before, after = dict(_entries(items[0])), dict(_entries(items[1]))
    old_paths, new_paths = {path for path, _ in before}, {path for path, _ in after}
    for key, entry in before.items():
        comparison.collector.endpoint = after.get(key, entry).endpoint
        if key in after:
            _changed(comparison, entry, after[key], is_outgoing=is_outgoing)
        elif not is_outgoing or key[0] in new_paths:
            _removed(comparison, entry, around.revision, is_path=key[0] not in new_paths)
    for key, entry in after.items():
        if key not in before and (not is_outgoing or key[0] in old_paths):
            comparison.collector.endpoint = entry.endpoint
            comparison.collector.add_added(Change("endpoint-added", entry.endpoint.label, "was added"), entry.node, around.base)


def _entries(items: dict[str, DiffNode]) -> Iterator[tuple[OperationKey, OperationSide]]:
    """Every operation. If two differ only in the names of path parameters, the later one counts."""
    for path, item in items.items():
        if path.startswith("x-"):
            continue
        for method in METHODS:
            if node := item.child(method):
                yield (PATH_PARAMETER.sub("{}", path), method), OperationSide(path, method, item, node)


def _removed(comparison: Comparison, entry: OperationSide, around: DiffNode, *, is_path: bool) -> None:
    level = stability(entry.node)
    if level not in STABILITY_LEVELS:
        comparison.collector.add_removed(Change(INVALID_STABILITY, "operation", _invalid_level(level)), entry.node, around)
    if not comparison.policy.counts(level):
        return
    announcement = removal(entry.node, comparison.policy)
    name = "api-path-sunset-parse" if announcement == "invalid" else f"api-{'path-' if is_path else ''}removed-{announcement}"
    comparison.collector.add_removed(Change(name, entry.endpoint.label, "was removed"), entry.node, around)


def _changed(comparison: Comparison, base: OperationSide, revision: OperationSide, *, is_outgoing: bool) -> None:
    pair = Pair(base.node, revision.node)
    if not _stability(comparison, pair):
        return
    if not comparison.policy.counts(stability(pair.base)):
        return
    _lifecycle(comparison, pair)
    _names(comparison, pair)
    security.compare_operations(comparison.collector, pair)
    parameters.compare(comparison, base.owner, revision.owner)
    bodies.compare(comparison, pair, is_outgoing=is_outgoing)
    responses.compare(comparison, pair)
    _callbacks(comparison, pair)


def _callbacks(comparison: Comparison, pair: Pair) -> None:
    """Compare the callbacks of an operation. A callback that leads back to its own operation is compared once."""
    if (pair.base.pointer, pair.revision.pointer) in comparison.visited_callbacks:
        return
    comparison.visited_callbacks.add((pair.base.pointer, pair.revision.pointer))
    callbacks, collector = pair.children("callbacks"), comparison.collector
    for name, node in callbacks.removed.items():
        collector.add_removed(Change("webhook-removed", f"callback {name!r}", "was removed"), node, pair.revision)
    for name, node in callbacks.added.items():
        collector.add_added(Change("webhook-added", f"callback {name!r}", "was added"), node, pair.base)
    for callback in callbacks.common.values():
        _items(comparison, callback, (callback.base.members(), callback.revision.members()), is_outgoing=True)


def _invalid_level(level: str) -> str:
    return f"has the stability level {level!r}, it is one of {', '.join(STABILITY_LEVELS)}"


def _report(comparison: Comparison, name: str, predicate: str, pair: Pair) -> None:
    comparison.collector.add_at(Change(name, "operation", predicate), pair)


def _stability(comparison: Comparison, pair: Pair) -> bool:
    """Report a changed stability level. False if a level is invalid, so that nothing else can be judged."""
    before, after = stability(pair.base), stability(pair.revision)
    if not {before, after} <= set(STABILITY_LEVELS):
        invalid = before if before not in STABILITY_LEVELS else after
        _report(comparison, INVALID_STABILITY, _invalid_level(invalid), pair)
        return False
    if direction := stability_change(pair.base, pair.revision, comparison.policy):
        _report(comparison, f"api-stability-{direction}", f"went from {before} to {after}", pair)
    return True


def _lifecycle(comparison: Comparison, pair: Pair) -> None:
    for name, predicate in lifecycle.changes(pair.base, pair.revision, comparison.policy, RULES):
        _report(comparison, name, predicate, pair)


def _names(comparison: Comparison, pair: Pair) -> None:
    before, after = pair.base.text("operationId"), pair.revision.text("operationId")
    if before != after:
        name = "api-operation-id-removed" if before else "api-operation-id-added"
        comparison.collector.add_at(Change(name, "operationId", "changed", before or None, after or None), pair, "operationId")
    old, new = pair.base.strings("tags"), pair.revision.strings("tags")
    for tag in old:
        if tag not in new:
            comparison.collector.add_at(Change("api-tag-removed", f"tag {tag!r}", "was removed"), pair, "tags")
    for tag in new:
        if tag not in old:
            comparison.collector.add_at(Change("api-tag-added", f"tag {tag!r}", "was added"), pair, "tags")
