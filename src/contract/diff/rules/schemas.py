"""The comparison of two schemas and all schemas below them. Each pair is compared once, so that circles end and shared parts are cheap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from contract.diff.equality import Equality
from contract.diff.findings import Change, Collector
from contract.diff.nodes import Pair
from contract.diff.rules import composition, keywords, properties, type_unions, types
from contract.diff.rules.areas import Area, SchemaPosition
from contract.diff.rules.comparison import SchemaChange, SchemaComparison
from contract.diff.rules.lifecycle import LifecyclePolicy
from contract.openapi.shape import MEMBERS

TYPE_KEYWORDS = frozenset({"type", "format", "nullable", "enum"})
# Each rule with the keywords that it reads: it runs if one of them changed.
RULES: tuple[tuple[Callable[[SchemaComparison], None], frozenset[str]], ...] = (
    (keywords.bounds, frozenset({*keywords.BOUNDS, "contains"})),
    (keywords.values, frozenset({*keywords.VALUES, *keywords.STRING_ENCODINGS})),
    (keywords.pattern, frozenset({"pattern"})),
    (keywords.enumeration, frozenset({"enum", "x-extensible-enum"})),
    (keywords.presence, frozenset({*keywords.PRESENCE, *keywords.KEYED, "prefixItems", "uniqueItems", "items", "additionalProperties"})),
    (keywords.discriminator, frozenset({"discriminator"})),
    (properties.lifecycle, frozenset({"deprecated", "x-stability-level"})),
)
# `definitions` are compared where they are used; alternatives are matched first
NESTED_KEYWORDS = {name: form for name, (form, _) in MEMBERS["schema"].items() if name not in {"$defs", "definitions", *composition.STEMS}}


class SchemaResult(NamedTuple):
    """The changes between two schemas of an area, and the pairs of schemas below them."""

    changes: list[SchemaChange]
    nested: list[tuple[Pair, SchemaPosition]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The state of the comparison of two documents. A pair of schemas is compared once, and its changes are reported at every use."""

    collector: Collector
    equality: Equality
    policy: LifecyclePolicy
    visited_callbacks: set[tuple[str, str]] = field(default_factory=set)  # operations whose callbacks were compared
    results: dict[tuple[int, int, Area, bool, bool], SchemaResult] = field(default_factory=dict)
    alive: list[Pair] = field(default_factory=list)  # so that no identity in `results` is reused

    def schemas(self, area: Area, pair: Pair) -> None:
        """Report every change between two schemas of an area."""
        visited = set()
        waiting = [(pair, SchemaPosition())]
        while waiting:
            original, position = waiting.pop()
            current = type_unions.align(original)
            key = (id(current.base.value), id(current.revision.value), area, position.is_nested, position.is_hidden)
            if key in visited or self.equality.is_unchanged(current):
                continue
            visited.add(key)
            if key not in self.results:
                self.alive.append(current)
                self.results[key] = _compare(
                    SchemaComparison(
                        area, SchemaPosition("", is_nested=position.is_nested, is_hidden=position.is_hidden), current, self.policy
                    )
                )
            result = self.results[key]
            for change in result.changes:
                self._report(area, position.path, change)
            waiting += [(nested_pair, below.prefixed(position.path)) for nested_pair, below in result.nested]

    def _report(self, area: Area, prefix: str, change: SchemaChange) -> None:
        path = f"{prefix}{change.path}".removeprefix("/")
        subject = f"{path!r} of {area.subject}" if path else area.subject
        self.collector.add(Change(change.id, subject, change.predicate, *change.values, level=change.level), change.base, change.revision)


def _compare(comparison: SchemaComparison) -> SchemaResult:
    """Apply every rule to a pair of schemas."""
    if composition.is_annotation_wrap(comparison) or composition.is_null_wrap(comparison) or composition.is_one_of_wrap(comparison):
        properties.lifecycle(comparison)
        return SchemaResult(comparison.changes, [])
    before, after = comparison.base.value, comparison.revision.value
    changed = {key for key in (*before, *after) if before.get(key, comparison) != after.get(key, comparison)}
    is_list = types.compare_type_lists(comparison)
    if not is_list and not changed.isdisjoint(TYPE_KEYWORDS):
        types.types(comparison)
        types.nullability(comparison)
    for rule, read in RULES:
        if not changed.isdisjoint(read):
            rule(comparison)
    moved_properties = properties.compare(comparison)
    branches = [] if is_list else list(composition.compare(comparison))
    nested = [(pair, comparison.position.below(_branch_name(pair))) for pair in branches]
    nested += [
        (pair, comparison.position.below(name, is_hidden=properties.is_hidden(comparison, pair.revision)))
        for name, pair in moved_properties.items()
    ]
    return SchemaResult(comparison.changes, [*reversed(list(_nested(comparison))), *reversed(nested)])


def _branch_name(pair: Pair) -> str:
    return pair.revision.reference.rpartition("/")[2] or pair.revision.text("title") or "alternative"


def _nested(comparison: SchemaComparison) -> Iterator[tuple[Pair, SchemaPosition]]:
    for keyword in [keyword for keyword in comparison.base.value if keyword in NESTED_KEYWORDS and keyword in comparison.revision.value]:
        for name, pair in _pairs(comparison.pair, keyword, NESTED_KEYWORDS[keyword]):
            yield pair, comparison.position.below(name, is_hidden=properties.is_hidden(comparison, pair.revision))


def _pairs(pair: Pair, keyword: str, form: str) -> Iterator[tuple[str, Pair]]:
    """The schemas in a member that both sides have, with their path segment."""
    if form == "map":
        yield from pair.children(keyword).common.items()
    elif form == "list":
        items = zip(pair.base.list_items(keyword), pair.revision.list_items(keyword), strict=False)
        yield from ((f"{keyword}/{index}", Pair(*both)) for index, both in enumerate(items))
    elif both := pair.child(keyword):
        yield keyword, type_unions.as_name_schemas(both) if keyword == "propertyNames" else both
