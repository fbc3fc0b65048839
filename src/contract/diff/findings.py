"""The findings of a comparison, and their collector."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contract.diff.nodes import DiffNode, Pair, Side
from contract.diff.rule_levels import LEVELS, Level
from contract.errors import ContractError
from contract.openapi.locations import Location

MAX_FINDINGS = 200_000
MAX_VALUE_LENGTH = 80  # longer values are cut in sentences


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The operation of a finding: method and path as in the revision or, for a removed operation, as in the base."""

    method: str
    path: str
    operation_id: str

    @property
    def label(self) -> str:
        """As people name it."""
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True, slots=True)
class DiffFinding:
    """One change. A side that lacks the changed part has the location of the part around it."""

    id: str
    level: Level
    text: str
    endpoint: Endpoint | None
    base: Location
    revision: Location
    pointer: str
    handler: str = ""
    reason: str = ""  # why it is accepted, empty if it is not


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it is reported: its id, its subject, what happened to it, and the values before and after, if any."""

    id: str
    subject: str
    predicate: str
    before: Any = None
    after: Any = None
    level: Level | None = None

    @property
    def text(self) -> str:
        """One sentence without a full stop."""
        values = f" ({as_text(self.before)} -> {as_text(self.after)})" if self.before != self.after else ""
        return f"{self.subject}{'' if self.predicate.startswith(':') else ' '}{self.predicate}{values}"


@dataclass(slots=True)
class Collector:
    """The findings so far, each once. `endpoint` is the operation that is being compared."""

    base: Side
    revision: Side
    endpoint: Endpoint | None = None
    findings: dict[tuple[object, ...], DiffFinding] = field(default_factory=dict)

    def add(self, change: Change, base: str, revision: str) -> None:
        """Add a change at two pointers."""
        level = LEVELS[change.id] if change.level is None else change.level
        key = (change.id, self.endpoint, change.text, base, revision)
        if key not in self.findings:
            if len(self.findings) >= MAX_FINDINGS:
                raise ContractError(f"there are more than {MAX_FINDINGS:,} changes: these are not two versions of one API")
            locations = self.base.location(base), self.revision.location(revision)
            self.findings[key] = DiffFinding(change.id, level, change.text, self.endpoint, *locations, revision)

    def add_at(self, change: Change, pair: Pair, key: str = "") -> None:
        """Add a change of a pair of nodes, or of one of their members."""
        self.add(change, pair.base.pointer_of(key), pair.revision.pointer_of(key))

    def add_removed(self, change: Change, node: DiffNode, around: DiffNode) -> None:
        """Add a node that only the base has. `around` is the node of the revision that it was in."""
        self.add(change, node.pointer, around.pointer)

    def add_added(self, change: Change, node: DiffNode, around: DiffNode) -> None:
        """Add a node that only the revision has. `around` is the node of the base that it was put in."""
        self.add(change, around.pointer, node.pointer)


def as_text(value: Any) -> str:
    """A value in a sentence."""
    if value is None:
        return "none"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)
    return text if len(text) <= MAX_VALUE_LENGTH else text[: MAX_VALUE_LENGTH - 3] + "..."
