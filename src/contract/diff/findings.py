"""What a comparison finds, and the list it is collected in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contract.diff.nodes import Node, Pair, Side
from contract.diff.vocabulary import LEVELS, Level
from contract.errors import ContractError
from contract.openapi.locations import Location

MOST = 200_000
LONGEST = 80  # a value longer than this is cut in a sentence


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The operation a finding is about: method and path as the revision (or, once removed, the base) writes them."""

    method: str
    path: str
    operation_id: str

    @property
    def shown(self) -> str:
        """As people name it."""
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One change. A side's place is the change itself or, where that side has nothing, what it would stand in."""

    id: str
    level: Level
    text: str
    endpoint: Endpoint | None
    base: Location
    revision: Location
    pointer: str
    handler: str = ""
    reason: str = ""  # why it is accepted, empty where it is not


@dataclass(frozen=True, slots=True)
class Change:
    """What is said of a change: the id, its subject, what happened to it, and the values before and after where there are any."""

    id: str
    subject: str
    what: str
    before: Any = None
    after: Any = None
    level: Level | None = None

    @property
    def text(self) -> str:
        """One sentence without a full stop."""
        values = f" ({shown(self.before)} -> {shown(self.after)})" if self.before != self.after else ""
        return f"{self.subject}{'' if self.what.startswith(':') else ' '}{self.what}{values}"


@dataclass(slots=True)
class Collector:
    """The findings so far, each once. `endpoint` is the operation being compared."""

    base: Side
    revision: Side
    endpoint: Endpoint | None = None
    found: dict[tuple[object, ...], Finding] = field(default_factory=dict)

    def add(self, change: Change, base: str, revision: str) -> None:
        """Add a change that stands at two pointers."""
        level = LEVELS[change.id] if change.level is None else change.level
        key = (change.id, self.endpoint, change.text, base, revision)
        if key not in self.found:
            if len(self.found) >= MOST:
                raise ContractError(f"there are more than {MOST:,} changes: these are not two versions of one API")
            places = self.base.location(base), self.revision.location(revision)
            self.found[key] = Finding(change.id, level, change.text, self.endpoint, *places, revision)

    def at(self, change: Change, pair: Pair, key: str = "") -> None:
        """Add a change of a pair of nodes, or of a member of theirs."""
        self.add(change, pair.base.at(key), pair.revision.at(key))

    def removed(self, change: Change, node: Node, around: Node) -> None:
        """Add what only the base has; `around` is the revision's node it stood in."""
        self.add(change, node.pointer, around.pointer)

    def added(self, change: Change, node: Node, around: Node) -> None:
        """Add what only the revision has; `around` is the base's node it was put in."""
        self.add(change, around.pointer, node.pointer)


def shown(value: Any) -> str:
    """A value in a sentence."""
    if value is None:
        return "none"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
