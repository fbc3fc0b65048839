"""One run: read two documents and find everything that changed between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contract.diff import versions
from contract.diff.equality import Equality
from contract.diff.findings import Change, Collector, DiffFinding
from contract.diff.nodes import Pair, Side
from contract.diff.rules import endpoints, security
from contract.diff.rules.lifecycle import LifecyclePolicy
from contract.diff.rules.schemas import Comparison
from contract.openapi import document


@dataclass(frozen=True, slots=True)
class DiffReport:
    """The findings, worst first, then by location; the base's version and the next one, both empty if it is not semantic."""

    findings: list[DiffFinding]
    version: str
    next_version: str


def compare(base: Path, revision: Path, policy: LifecyclePolicy) -> DiffReport:
    """The changes. Raises ContractError for a document that cannot be read."""
    sides = Side(document.read(base)), Side(document.read(revision))
    collector = Collector(*sides)
    pair = Pair(sides[0].root, sides[1].root)
    if sides[0].document.bundle != sides[1].document.bundle:
        _compare(Comparison(collector, Equality(*sides), policy), pair)
    return _report(collector, pair)


def _compare(comparison: Comparison, pair: Pair) -> None:
    collector = comparison.collector
    security.compare_documents(collector, pair)
    endpoints.compare(comparison, pair, "paths")
    _webhooks(collector, pair)
    endpoints.compare(comparison, pair, "webhooks")
    if components := pair.child("components"):
        security.compare_schemes(collector, components)
        for name, node in components.children("schemas").removed.items():
            collector.add_removed(Change("api-schema-removed", f"schema {name!r}", "was removed"), node, components.revision)
    versions.compare(collector, pair)


def _webhooks(collector: Collector, pair: Pair) -> None:
    webhooks = pair.children("webhooks")
    for name, node in webhooks.removed.items():
        collector.add_removed(Change("webhook-removed", f"webhook {name!r}", "was removed"), node, pair.revision)
    for name, node in webhooks.added.items():
        collector.add_added(Change("webhook-added", f"webhook {name!r}", "was added"), node, pair.base)


def _report(collector: Collector, pair: Pair) -> DiffReport:
    findings = sorted(collector.findings.values(), key=lambda finding: (-finding.level, finding.revision, finding.id, finding.text))
    before = versions.version(pair.base)
    after = before.next(versions.worst(finding.level for finding in findings)) if before else None
    return DiffReport(findings, before.text if before else "", after.text if after else "")
