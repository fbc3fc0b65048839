"""The operations of the two documents: which came, which went, and everything said of those that stayed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contract.diff.findings import Change, Endpoint
from contract.diff.nodes import Node, Pair
from contract.diff.rules import bodies, lifecycle, parameters, responses, security
from contract.diff.rules.lifecycle import STABILITY, removal, stability, stability_change
from contract.diff.rules.parameters import Owner
from contract.diff.rules.schemas import Comparison
from contract.openapi.operations import METHODS, PATH_PARAMETER

Key = tuple[str, str]  # the path without the names of its parameters, and the method
RULES = lifecycle.Rules(
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
BROKEN_LEVEL = "api-invalid-stability-level"


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation of one side."""

    path: str
    method: str
    item: Node
    node: Node

    @property
    def endpoint(self) -> Endpoint:
        """Its name."""
        return Endpoint(self.method, self.path, self.node.text("operationId"))

    @property
    def owner(self) -> Owner:
        """Where its parameters stand."""
        return Owner(self.path, self.item, self.node)


def compare(comparison: Comparison, document: Pair, section: str) -> None:
    """Report every change of the operations under `paths` or `webhooks`."""
    _items(comparison, document, (document.base.children(section), document.revision.children(section)), is_sent=section == "webhooks")
    comparison.collector.endpoint = None


def _items(comparison: Comparison, around: Pair, items: tuple[dict[str, Node], dict[str, Node]], *, is_sent: bool) -> None:
    """Report every change of the operations of two maps of path items. A webhook that came or went as a whole is told elsewhere."""
    before, after = dict(_entries(items[0])), dict(_entries(items[1]))
    old_paths, new_paths = {path for path, _ in before}, {path for path, _ in after}
    for key, entry in before.items():
        comparison.collector.endpoint = after.get(key, entry).endpoint
        if key in after:
            _kept(comparison, entry, after[key], is_sent=is_sent)
        elif not is_sent or key[0] in new_paths:
            _removed(comparison, entry, around.revision, is_path=key[0] not in new_paths)
    for key, entry in after.items():
        if key not in before and (not is_sent or key[0] in old_paths):
            comparison.collector.endpoint = entry.endpoint
            comparison.collector.added(Change("endpoint-added", entry.endpoint.shown, "was added"), entry.node, around.base)


def _entries(items: dict[str, Node]) -> Iterator[tuple[Key, Entry]]:
    """Every operation; of two that only differ in the names of path parameters the later counts."""
    for path, item in items.items():
        if path.startswith("x-"):
            continue
        for method in METHODS:
            if node := item.child(method):
                yield (PATH_PARAMETER.sub("{}", path), method), Entry(path, method, item, node)


def _removed(comparison: Comparison, entry: Entry, around: Node, *, is_path: bool) -> None:
    level = stability(entry.node)
    if level not in STABILITY:
        comparison.collector.removed(Change(BROKEN_LEVEL, "operation", _wrong(level)), entry.node, around)
    if not comparison.policy.counts(level):
        return
    found = removal(entry.node, comparison.policy)
    name = "api-path-sunset-parse" if found == "invalid" else f"api-{'path-' if is_path else ''}removed-{found}"
    comparison.collector.removed(Change(name, entry.endpoint.shown, "was removed"), entry.node, around)


def _kept(comparison: Comparison, base: Entry, revision: Entry, *, is_sent: bool) -> None:
    pair = Pair(base.node, revision.node)
    if not _stability(comparison, pair):
        return
    if not comparison.policy.counts(stability(pair.base)):
        return
    _lifecycle(comparison, pair)
    _names(comparison, pair)
    security.compare_operations(comparison.collector, pair)
    parameters.compare(comparison, base.owner, revision.owner)
    bodies.compare(comparison, pair, is_sent=is_sent)
    responses.compare(comparison, pair)
    _callbacks(comparison, pair)


def _callbacks(comparison: Comparison, pair: Pair) -> None:
    """What the server sends on its own for an operation; a callback that leads back to its own operation is told once."""
    if (pair.base.pointer, pair.revision.pointer) in comparison.called:
        return
    comparison.called.add((pair.base.pointer, pair.revision.pointer))
    found, collector = pair.children("callbacks"), comparison.collector
    for name, node in found.removed.items():
        collector.removed(Change("webhook-removed", f"callback {name!r}", "was removed"), node, pair.revision)
    for name, node in found.added.items():
        collector.added(Change("webhook-added", f"callback {name!r}", "was added"), node, pair.base)
    for callback in found.kept.values():
        _items(comparison, callback, (callback.base.members(), callback.revision.members()), is_sent=True)


def _wrong(level: str) -> str:
    return f"has the stability level {level!r}, it is one of {', '.join(STABILITY)}"


def _tell(comparison: Comparison, name: str, what: str, pair: Pair) -> None:
    comparison.collector.at(Change(name, "operation", what), pair)


def _stability(comparison: Comparison, pair: Pair) -> bool:
    """Report a changed level; False where a level is none of the four, so that nothing can be said."""
    before, after = stability(pair.base), stability(pair.revision)
    if not {before, after} <= set(STABILITY):
        wrong = before if before not in STABILITY else after
        _tell(comparison, BROKEN_LEVEL, _wrong(wrong), pair)
        return False
    if moved := stability_change(pair.base, pair.revision, comparison.policy):
        _tell(comparison, f"api-stability-{moved}", f"went from {before} to {after}", pair)
    return True


def _lifecycle(comparison: Comparison, pair: Pair) -> None:
    for name, what in lifecycle.changes(pair.base, pair.revision, comparison.policy, RULES):
        _tell(comparison, name, what, pair)


def _names(comparison: Comparison, pair: Pair) -> None:
    before, after = pair.base.text("operationId"), pair.revision.text("operationId")
    if before != after:
        name = "api-operation-id-removed" if before else "api-operation-id-added"
        comparison.collector.at(Change(name, "operationId", "changed", before or None, after or None), pair, "operationId")
    old, new = pair.base.words("tags"), pair.revision.words("tags")
    for tag in old:
        if tag not in new:
            comparison.collector.at(Change("api-tag-removed", f"tag {tag!r}", "was removed"), pair, "tags")
    for tag in new:
        if tag not in old:
            comparison.collector.at(Change("api-tag-added", f"tag {tag!r}", "was added"), pair, "tags")
