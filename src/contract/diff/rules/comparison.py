"""The comparison of two schemas in an area: the input of the rules about schemas, and the changes that they report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contract.diff.nodes import DiffNode, Pair
from contract.diff.rule_levels import Level
from contract.diff.rules.areas import Area, SchemaPosition
from contract.diff.rules.lifecycle import LifecyclePolicy


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A change of a schema, independent of where the schema is used. `path` leads from the schema to the changed keyword."""

    id: str
    predicate: str
    values: tuple[Any, Any]
    level: Level
    path: str
    base: str
    revision: str


@dataclass(frozen=True, slots=True)
class SchemaComparison:
    """A pair of schemas in an area. The position's path starts at these schemas, not at the area's root."""

    area: Area
    position: SchemaPosition
    pair: Pair
    policy: LifecyclePolicy
    changes: list[SchemaChange] = field(default_factory=list)

    @property
    def base(self) -> DiffNode:
        """The schema before."""
        return self.pair.base

    @property
    def revision(self) -> DiffNode:
        """The schema after."""
        return self.pair.revision

    def report(self, stem: str, key: str = "", values: tuple[Any, Any] = (None, None), *, is_harmless: bool = False) -> bool:
        """Report a change of this schema, or of one of its members. False if the vocabulary has no id for it."""
        name = self.area.id(stem, self.position)
        if name:
            level = Level.INFO if is_harmless else self.area.level(name)
            pointers = self.base.pointer_of(key), self.revision.pointer_of(key)
            self.changes.append(SchemaChange(name, f": {stem.replace('-', ' ')}", values, level, self.position.path, *pointers))
        return bool(name)

    def report_id(self, name: str, predicate: str, pair: Pair, position: SchemaPosition | None = None) -> None:
        """Report an id that is not composed of the area's part and a stem."""
        path = (position or self.position).path
        self.changes.append(
            SchemaChange(name, predicate, (None, None), self.area.level(name), path, pair.base.pointer, pair.revision.pointer)
        )

    def nested(self, pair: Pair, position: SchemaPosition) -> SchemaComparison:
        """The comparison of nested schemas. It reports into the same list."""
        return SchemaComparison(self.area, position, pair, self.policy, self.changes)
