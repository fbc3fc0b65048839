"""One comparison of two schemas in an area: what the rules about schemas are given, and where they put what they find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contract.diff.areas import Area, Spot
from contract.diff.findings import Change, Collector
from contract.diff.lifecycle import Policy
from contract.diff.nodes import Node, Pair
from contract.diff.vocabulary import Level


@dataclass(frozen=True, slots=True)
class Visit:
    """A pair of schemas at a spot of an area."""

    collector: Collector
    area: Area
    spot: Spot
    pair: Pair
    policy: Policy

    @property
    def base(self) -> Node:
        """The schema before."""
        return self.pair.base

    @property
    def revision(self) -> Node:
        """The schema after."""
        return self.pair.revision

    @property
    def subject(self) -> str:
        """What the schema describes, in words."""
        return _subject(self.area, self.spot)

    def report(self, stem: str, key: str = "", values: tuple[Any, Any] = (None, None), *, is_harmless: bool = False) -> bool:
        """Report a change of this schema, or of a member of it; False where the vocabulary has no id for it."""
        name = self.area.id(stem, self.spot)
        if name:
            level = Level.INFO if is_harmless else self.area.level(name)
            change = Change(name, self.subject, stem.replace("-", " "), *values, level=level)
            self.collector.at(change, self.pair, key)
        return bool(name)

    def tell(self, name: str, what: str, pair: Pair, spot: Spot | None = None) -> None:
        """Report an id that is not made of the area's name and a stem."""
        change = Change(name, _subject(self.area, spot or self.spot), what, level=self.area.level(name))
        self.collector.at(change, pair)

    def below(self, pair: Pair, spot: Spot) -> Visit:
        """The visit of schemas within these."""
        return Visit(self.collector, self.area, spot, pair, self.policy)


def _subject(area: Area, spot: Spot) -> str:
    path = spot.path.removeprefix("/")
    return f"{path!r} of {area.subject}" if path else area.subject
