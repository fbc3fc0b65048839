"""Two schemas in an area, and all schemas within them: each pair is looked at once, so that circles end and shared parts are told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from contract.diff import composition, keywords, properties, types
from contract.diff.areas import Area, Spot
from contract.diff.findings import Collector
from contract.diff.lifecycle import Policy
from contract.diff.nodes import Pair
from contract.diff.sameness import Sameness
from contract.diff.visits import Visit
from contract.shape import MEMBERS

RULES = (
    keywords.bounds,
    keywords.values,
    keywords.pattern,
    keywords.enumeration,
    keywords.presence,
    keywords.discriminator,
    properties.compare,
    properties.lifecycle,
)
# `definitions` hold what is used elsewhere; alternatives are matched before they are compared
WITHIN = {name: form for name, (form, _) in MEMBERS["schema"].items() if name not in {"$defs", "definitions", *composition.STEMS}}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What every comparison of two documents needs at hand."""

    collector: Collector
    sameness: Sameness
    policy: Policy
    called: set[tuple[str, str]] = field(default_factory=set)  # operations whose callbacks are told

    def schemas(self, area: Area, pair: Pair) -> None:
        """Report every change between two schemas of an area."""
        seen: dict[tuple[int, int, bool, bool], Pair] = {}
        waiting = [Visit(self.collector, area, Spot(), pair, self.policy)]
        while waiting:
            visit = waiting.pop()
            key = (id(visit.base.value), id(visit.revision.value), bool(visit.spot.path), visit.spot.is_hidden)
            if key not in seen and not self.sameness.same(visit.pair):
                seen[key] = visit.pair
                waiting += reversed(list(_look(visit)))


def _look(visit: Visit) -> Iterator[Visit]:
    """Apply every rule to a pair of schemas; yields what is within."""
    if composition.null_wrap(visit) or composition.one_of_wrap(visit):
        return
    branches: list[Pair] = []
    if not types.list_of_types(visit):
        types.types(visit)
        types.nullability(visit)
        branches = list(composition.compare(visit))
    for rule in RULES:
        rule(visit)
    yield from (visit.below(pair, visit.spot.below(_branch_name(pair))) for pair in branches)
    yield from _within(visit)


def _branch_name(pair: Pair) -> str:
    return pair.revision.reference.rpartition("/")[2] or pair.revision.text("title") or "alternative"


def _within(visit: Visit) -> Iterator[Visit]:
    for keyword in [keyword for keyword in visit.base.value if keyword in WITHIN and keyword in visit.revision.value]:
        for name, pair in _pairs(visit.pair, keyword, WITHIN[keyword]):
            yield visit.below(pair, visit.spot.below(name, is_hidden=properties.is_hidden(visit, pair.revision)))


def _pairs(pair: Pair, keyword: str, form: str) -> Iterator[tuple[str, Pair]]:
    """The schemas in a member on both sides, with the word that leads to them."""
    if form == "map":
        yield from pair.children(keyword).kept.items()
    elif form == "list":
        listed = zip(pair.base.listed(keyword), pair.revision.listed(keyword), strict=False)
        yield from ((f"{keyword}/{index}", Pair(*both)) for index, both in enumerate(listed))
    elif both := pair.child(keyword):
        yield keyword, both
