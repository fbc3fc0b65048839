"""`info.version`: whether it was increased enough for the changes, and the next version. Semantic Versioning 2.0.0."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from contract.diff.findings import Change, Collector
from contract.diff.nodes import DiffNode, Pair
from contract.diff.rule_levels import Level

SEMANTIC = re.compile(r"v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """The three numbers. A suffix is not compared."""

    major: int
    minor: int
    patch: int

    def next(self, worst: Level | None) -> Version:
        """The version after changes whose worst level is this. Below 1.0.0 the minor number counts breaking changes."""
        if worst is None:
            return self
        if worst is Level.INFO:
            return Version(self.major, self.minor + 1, 0) if self.major else Version(0, self.minor, self.patch + 1)
        return Version(self.major + 1, 0, 0) if self.major else Version(0, self.minor + 1, 0)

    @property
    def compatibility(self) -> tuple[int, int]:
        """Equal for versions that are compatible with each other."""
        return (self.major, 0 if self.major else self.minor)

    @property
    def text(self) -> str:
        """`1.2.3`."""
        return f"{self.major}.{self.minor}.{self.patch}"


def version(document: DiffNode) -> Version | None:
    """A document's version, None if it is not a semantic one."""
    info = document.child("info")
    match = SEMANTIC.fullmatch(str(info.get("version"))) if info else None
    return Version(int(match[1]), int(match[2]), int(match[3])) if match else None


def worst(levels: Iterable[Level]) -> Level | None:
    """The highest level, None without levels."""
    return max(levels, default=None)


def compare(collector: Collector, document: Pair) -> None:
    """Report a version that decreased, stayed, or was not increased enough for the changes."""
    info = document.child("info")
    before, after = version(document.base), version(document.revision)
    if info is None:
        return
    if info.base.get("version") == info.revision.get("version"):
        if collector.findings:
            _report(collector, "api-version-not-bumped", "did not change, but the document did", info)
    elif before and after and after < before:
        _report(collector, "api-version-decreased", "decreased", info)
    elif before and after and after.compatibility == before.compatibility and _breaks(collector):
        _report(collector, "api-major-version-not-bumped", "was not increased enough for a breaking change", info)


def _breaks(collector: Collector) -> bool:
    return any(finding.level >= Level.WARN for finding in collector.findings.values())


def _report(collector: Collector, name: str, predicate: str, info: Pair) -> None:
    collector.add_at(Change(name, "version", predicate, *info.values("version")), info, "version")
