"""`info.version`: whether it moved as far as the changes ask for, and what the next one is. Semantic Versioning 2.0.0."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from contract.diff.findings import Change, Collector
from contract.diff.nodes import Node, Pair
from contract.diff.vocabulary import Level

SEMANTIC = re.compile(r"v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """The three numbers; what follows them is not compared."""

    major: int
    minor: int
    patch: int

    def next(self, worst: Level | None) -> Version:
        """The version after changes of which the worst has this level. Below 1.0.0 the minor number tells of breaking changes."""
        if worst is None:
            return self
        if worst is Level.INFO:
            return Version(self.major, self.minor + 1, 0) if self.major else Version(0, self.minor, self.patch + 1)
        return Version(self.major + 1, 0, 0) if self.major else Version(0, self.minor + 1, 0)

    @property
    def breaking(self) -> tuple[int, int]:
        """What is the same for all versions that do not break each other."""
        return (self.major, 0 if self.major else self.minor)

    @property
    def shown(self) -> str:
        """As it is written."""
        return f"{self.major}.{self.minor}.{self.patch}"


def version(document: Node) -> Version | None:
    """A document's version, None where it is not a semantic one."""
    info = document.child("info")
    found = SEMANTIC.fullmatch(str(info.get("version"))) if info else None
    return Version(int(found[1]), int(found[2]), int(found[3])) if found else None


def worst(levels: Iterable[Level]) -> Level | None:
    """The highest level, None of none."""
    return max(levels, default=None)


def compare(collector: Collector, document: Pair) -> None:
    """Report a version that went back, stayed, or did not move far enough for what changed."""
    info = document.child("info")
    before, after = version(document.base), version(document.revision)
    if info is None:
        return
    if info.base.get("version") == info.revision.get("version"):
        if collector.found:
            _tell(collector, "api-version-not-bumped", "did not change, but the document did", info)
    elif before and after and after < before:
        _tell(collector, "api-version-decreased", "went back", info)
    elif before and after and after.breaking == before.breaking and _breaks(collector):
        _tell(collector, "api-major-version-not-bumped", "did not move as far as a breaking change asks for", info)


def _breaks(collector: Collector) -> bool:
    return any(finding.level >= Level.WARN for finding in collector.found.values())


def _tell(collector: Collector, name: str, what: str, info: Pair) -> None:
    collector.at(Change(name, "version", what, *info.values("version")), info, "version")
