"""The parameters of an operation, matched by name and location; path parameters by their position in the template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contract.diff.findings import Change
from contract.diff.nodes import DiffNode, Pair
from contract.diff.rules import lifecycle
from contract.diff.rules.areas import Area, is_text
from contract.diff.rules.lifecycle import removal
from contract.diff.rules.schemas import Comparison
from contract.diff.rules.types import type_set
from contract.openapi.operations import DEFAULT_STYLES, PATH_PARAMETER

ParameterKey = tuple[str, str]
RULES = lifecycle.LifecycleRules(
    reactivated="request-parameter-reactivated",
    deprecated={
        "missing": "request-parameter-deprecated-sunset-missing",
        "invalid": "request-parameter-sunset-parse",
        "too-small": "request-parameter-sunset-date-too-small",
        "dated": "request-parameter-deprecated",
        "undated": "request-parameter-deprecated",
    },
    sunset={
        "deleted": "request-parameter-sunset-deleted",
        "invalid": "request-parameter-sunset-parse",
        "too-small": "request-parameter-sunset-date-changed-too-small",
    },
)
REMOVAL_RULES = {
    "without-deprecation": "request-parameter-removed",
    "with-deprecation": "request-parameter-removed-with-deprecation",
    "before-sunset": "request-parameter-removed-before-sunset",
    "invalid": "request-parameter-sunset-parse",
}


@dataclass(frozen=True, slots=True)
class ParameterOwner:
    """The owner of an operation's parameters: its path template, path item and the operation."""

    path: str
    item: DiffNode
    operation: DiffNode

    def parameters(self) -> dict[ParameterKey, DiffNode]:
        """The parameters, by key. The operation's replace those of the path item; path parameters are keyed by position."""
        positions = {name: f"#{index}" for index, name in enumerate(PATH_PARAMETER.findall(self.path))}
        return {_key(node, positions): node for node in (*self.item.list_items("parameters"), *self.operation.list_items("parameters"))}

    def common(self) -> set[str]:
        """The pointers of the parameters of the path item."""
        return {node.pointer for node in self.item.list_items("parameters")}


def _key(node: DiffNode, positions: dict[str, str]) -> ParameterKey:
    location, name = node.text("in"), node.text("name")
    return (location, positions.get(name, name) if location == "path" else name.lower() if location == "header" else name)


def compare(comparison: Comparison, base: ParameterOwner, revision: ParameterOwner) -> None:
    """Report every change of the parameters."""
    before, after = base.parameters(), revision.parameters()
    for key in before.keys() - after.keys():
        _removed(comparison, before[key], revision)
    common = revision.common()
    for key in after.keys() - before.keys():
        _added(comparison, after[key], base, is_common=after[key].pointer in common)
    for key, node in before.items():
        if key in after:
            _changed(comparison, Pair(node, after[key]))


def _subject(node: DiffNode) -> str:
    return f"{node.text('in')} parameter {node.text('name')!r}"


def _removed(comparison: Comparison, node: DiffNode, owner: ParameterOwner) -> None:
    change = Change(REMOVAL_RULES[removal(node, comparison.policy)], _subject(node), "was removed")
    comparison.collector.add_removed(change, node, owner.operation)


def _added(comparison: Comparison, node: DiffNode, owner: ParameterOwner, *, is_common: bool) -> None:
    required = "required" if node.flag("required") else "optional"
    if node.text("in") == "path":
        name = "new-request-path-parameter"
    elif is_common:
        name = f"new-{required}-request-default-parameter-to-existing-path"
    else:
        name = f"new-{required}-request-parameter"
    comparison.collector.add_added(Change(name, _subject(node), f"was added and is {required}"), node, owner.operation)


def _changed(comparison: Comparison, pair: Pair) -> None:
    before, after = pair.base.flag("required"), pair.revision.flag("required")
    if before != after and pair.revision.text("in") != "path":
        word = "required" if after else "optional"
        _report(comparison, f"request-parameter-became-{word}", f"became {word}", pair)
    is_plural = _is_plural(pair.base) and _is_plural(pair.revision)
    old_style, new_style = (_style(node, is_plural=is_plural) for node in (pair.base, pair.revision))
    if old_style != new_style:
        _report(comparison, "request-parameter-style-changed", f"has another serialization ({old_style} -> {new_style})", pair)
    _lifecycle(comparison, pair)
    for area, schemas in _schemas(pair):
        comparison.schemas(area, schemas)


def _style(node: DiffNode, *, is_plural: bool) -> str:
    """The serialization of the value. `explode` only matters for arrays and objects."""
    if media_types := node.children("content"):
        return ", ".join(media_types)
    style = node.text("style") or DEFAULT_STYLES.get(node.text("in"), "")
    explode = node.get("explode")
    return f"{style}, explode: {str(style == 'form' if explode is None else explode is True).lower()}" if is_plural else style


def _is_plural(node: DiffNode) -> bool:
    schema = node.child("schema")
    return schema is not None and bool(type_set(schema).types & {"array", "object"})


def _report(comparison: Comparison, name: str, predicate: str, pair: Pair) -> None:
    comparison.collector.add_at(Change(name, _subject(pair.revision), predicate), pair)


def _lifecycle(comparison: Comparison, pair: Pair) -> None:
    for name, predicate in lifecycle.changes(pair.base, pair.revision, comparison.policy, RULES):
        _report(comparison, name, predicate, pair)


def _schemas(pair: Pair) -> Iterator[tuple[Area, Pair]]:
    """The schema of the value, or those of its media types."""
    location = pair.revision.text("in")
    if both := pair.child("schema"):
        style, explode = pair.revision.text("style") or "form", pair.revision.get("explode")
        is_repeated = location == "query" and style == "form" and explode is not False
        yield Area("request-parameter", _subject(pair.revision), location, is_text=True, is_repeated=is_repeated), both
    for media_type, media in pair.children("content").common.items():
        if both := media.child("schema"):
            yield Area("request-parameter", _subject(pair.revision), location, is_text=is_text(media_type)), both
