"""One run: two documents are read, and everything that changed between them is found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contract.diff import versions
from contract.diff.equality import Sameness
from contract.diff.findings import Change, Collector, Finding
from contract.diff.nodes import Pair, Side
from contract.diff.rules import endpoints, security
from contract.diff.rules.lifecycle import Policy
from contract.diff.rules.schemas import Comparison
from contract.openapi import document


@dataclass(frozen=True, slots=True)
class Report:
    """The findings, the worst first, then by place; and the base's version with the one that should follow it, empty if not semantic."""

    findings: list[Finding]
    version: str
    next_version: str


def compare(base: Path, revision: Path, policy: Policy) -> Report:
    """What changed. Raises ContractError for a document that cannot be read."""
    sides = Side(document.read(base)), Side(document.read(revision))
    collector = Collector(*sides)
    pair = Pair(sides[0].root, sides[1].root)
    if sides[0].document.bundle != sides[1].document.bundle:
        _compare(Comparison(collector, Sameness(*sides), policy), pair)
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
            collector.removed(Change("api-schema-removed", f"schema {name!r}", "was removed"), node, components.revision)
    versions.compare(collector, pair)


def _webhooks(collector: Collector, pair: Pair) -> None:
    found = pair.children("webhooks")
    for name, node in found.removed.items():
        collector.removed(Change("webhook-removed", f"webhook {name!r}", "was removed"), node, pair.revision)
    for name, node in found.added.items():
        collector.added(Change("webhook-added", f"webhook {name!r}", "was added"), node, pair.base)


def _report(collector: Collector, pair: Pair) -> Report:
    found = sorted(collector.found.values(), key=lambda one: (-one.level, one.revision, one.id, one.text))
    before = versions.version(pair.base)
    after = before.next(versions.worst(one.level for one in found)) if before else None
    return Report(found, before.shown if before else "", after.shown if after else "")
