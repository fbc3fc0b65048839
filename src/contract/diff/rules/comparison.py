"""One comparison of two schemas in an area: what the rules about schemas are given, and where they put what they find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contract.diff.nodes import Node, Pair
from contract.diff.rules.areas import Area, Spot
from contract.diff.rules.lifecycle import Policy
from contract.diff.vocabulary import Level


@dataclass(frozen=True, slots=True)
class Told:
    """A finding about a schema, wherever that schema is used: `path` leads from it to the subject."""

    id: str
    what: str
    values: tuple[Any, Any]
    level: Level
    path: str
    base: str
    revision: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A pair of schemas of an area. The spot's path starts at the schemas that are being looked at, not at the area's root."""

    area: Area
    spot: Spot
    pair: Pair
    policy: Policy
    told: list[Told] = field(default_factory=list)

    @property
    def base(self) -> Node:
        """The schema before."""
        return self.pair.base

    @property
    def revision(self) -> Node:
        """The schema after."""
        return self.pair.revision

    def report(self, stem: str, key: str = "", values: tuple[Any, Any] = (None, None), *, is_harmless: bool = False) -> bool:
        """Report a change of this schema, or of a member of it; False where the vocabulary has no id for it."""
        name = self.area.id(stem, self.spot)
        if name:
            level = Level.INFO if is_harmless else self.area.level(name)
            pointers = self.base.at(key), self.revision.at(key)
            self.told.append(Told(name, f": {stem.replace('-', ' ')}", values, level, self.spot.path, *pointers))
        return bool(name)

    def tell(self, name: str, what: str, pair: Pair, spot: Spot | None = None) -> None:
        """Report an id that is not made of the area's name and a stem."""
        path = (spot or self.spot).path
        self.told.append(Told(name, what, (None, None), self.area.level(name), path, pair.base.pointer, pair.revision.pointer))

    def below(self, pair: Pair, spot: Spot) -> Visit:
        """The visit of schemas within these; what is told there is told here too."""
        return Visit(self.area, spot, pair, self.policy, self.told)
