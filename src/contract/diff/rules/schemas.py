"""Two schemas in an area, and all schemas within them: each pair is looked at once, so that circles end and shared parts are told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from contract.diff.equality import Sameness
from contract.diff.findings import Change, Collector
from contract.diff.nodes import Pair
from contract.diff.rules import composition, keywords, properties, type_unions, types
from contract.diff.rules.areas import Area, Spot
from contract.diff.rules.comparison import Told, Visit
from contract.diff.rules.lifecycle import Policy
from contract.openapi.shape import MEMBERS

OF_TYPES = frozenset({"type", "format", "nullable", "enum"})
# Each rule with the keywords it reads: it is asked where one of them is written otherwise.
RULES: tuple[tuple[Callable[[Visit], None], frozenset[str]], ...] = (
    (keywords.bounds, frozenset({*keywords.BOUNDS, "contains"})),
    (keywords.values, frozenset({*keywords.VALUES, *keywords.WHOLE})),
    (keywords.pattern, frozenset({"pattern"})),
    (keywords.enumeration, frozenset({"enum", "x-extensible-enum"})),
    (keywords.presence, frozenset({*keywords.PRESENCE, *keywords.KEYED, "prefixItems", "uniqueItems", "items", "additionalProperties"})),
    (keywords.discriminator, frozenset({"discriminator"})),
    (properties.lifecycle, frozenset({"deprecated", "x-stability-level"})),
)
# `definitions` hold what is used elsewhere; alternatives are matched before they are compared
WITHIN = {name: form for name, (form, _) in MEMBERS["schema"].items() if name not in {"$defs", "definitions", *composition.STEMS}}


class Look(NamedTuple):
    """What is found in one pair of schemas of an area, and the pairs within it."""

    told: list[Told]
    within: list[tuple[Pair, Spot]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What every comparison of two documents needs at hand. A pair of schemas is looked at once and told wherever it is used."""

    collector: Collector
    sameness: Sameness
    policy: Policy
    called: set[tuple[str, str]] = field(default_factory=set)  # operations whose callbacks are told
    looks: dict[tuple[int, int, Area, bool, bool], Look] = field(default_factory=dict)
    kept: list[Pair] = field(default_factory=list)  # so that no identity in `looks` is given to another object

    def schemas(self, area: Area, pair: Pair) -> None:
        """Report every change between two schemas of an area."""
        seen = set()
        waiting = [(pair, Spot())]
        while waiting:
            written, spot = waiting.pop()
            current = type_unions.aligned(written)
            key = (id(current.base.value), id(current.revision.value), area, spot.is_nested, spot.is_hidden)
            if key in seen or self.sameness.same(current):
                continue
            seen.add(key)
            if key not in self.looks:
                self.kept.append(current)
                self.looks[key] = _look(Visit(area, Spot("", is_nested=spot.is_nested, is_hidden=spot.is_hidden), current, self.policy))
            look = self.looks[key]
            for told in look.told:
                self._tell(area, spot.path, told)
            waiting += [(inner, below.behind(spot.path)) for inner, below in look.within]

    def _tell(self, area: Area, prefix: str, told: Told) -> None:
        path = f"{prefix}{told.path}".removeprefix("/")
        subject = f"{path!r} of {area.subject}" if path else area.subject
        self.collector.add(Change(told.id, subject, told.what, *told.values, level=told.level), told.base, told.revision)


def _look(visit: Visit) -> Look:
    """Apply every rule to a pair of schemas."""
    if composition.annotated(visit) or composition.null_wrap(visit) or composition.one_of_wrap(visit):
        properties.lifecycle(visit)
        return Look(visit.told, [])
    before, after = visit.base.value, visit.revision.value
    changed = {key for key in (*before, *after) if before.get(key, visit) != after.get(key, visit)}
    is_list = types.list_of_types(visit)
    if not is_list and not changed.isdisjoint(OF_TYPES):
        types.types(visit)
        types.nullability(visit)
    for rule, read in RULES:
        if not changed.isdisjoint(read):
            rule(visit)
    moved = properties.compare(visit)
    branches = [] if is_list else list(composition.compare(visit))
    within = [(pair, visit.spot.below(_branch_name(pair))) for pair in branches]
    within += [(pair, visit.spot.below(name, is_hidden=properties.is_hidden(visit, pair.revision))) for name, pair in moved.items()]
    return Look(visit.told, [*reversed(list(_within(visit))), *reversed(within)])


def _branch_name(pair: Pair) -> str:
    return pair.revision.reference.rpartition("/")[2] or pair.revision.text("title") or "alternative"


def _within(visit: Visit) -> Iterator[tuple[Pair, Spot]]:
    for keyword in [keyword for keyword in visit.base.value if keyword in WITHIN and keyword in visit.revision.value]:
        for name, pair in _pairs(visit.pair, keyword, WITHIN[keyword]):
            yield pair, visit.spot.below(name, is_hidden=properties.is_hidden(visit, pair.revision))


def _pairs(pair: Pair, keyword: str, form: str) -> Iterator[tuple[str, Pair]]:
    """The schemas in a member on both sides, with the word that leads to them."""
    if form == "map":
        yield from pair.children(keyword).kept.items()
    elif form == "list":
        listed = zip(pair.base.listed(keyword), pair.revision.listed(keyword), strict=False)
        yield from ((f"{keyword}/{index}", Pair(*both)) for index, both in enumerate(listed))
    elif both := pair.child(keyword):
        yield keyword, type_unions.of_names(both) if keyword == "propertyNames" else both
