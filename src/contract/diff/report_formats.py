"""Formats of a report: text for terminals, JSON for programs, and a changelog in Markdown."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable

from contract.diff.engine import DiffReport
from contract.diff.findings import DiffFinding
from contract.diff.rule_levels import Level
from contract.openapi.locations import Location

MAX_OPERATIONS = 5  # listed for one change
HEADINGS = {Level.ERR: "Breaking changes", Level.WARN: "Changes that may break clients", Level.INFO: "Other changes"}


def text(report: DiffReport) -> str:
    """Each finding with its base and revision location; the counts and the next version last. Findings with equal locations are grouped."""
    groups: dict[tuple[object, ...], list[DiffFinding]] = defaultdict(list)
    for finding in report.findings:
        groups[finding.id, finding.base, finding.revision, finding.reason].append(finding)
    return "".join(_lines(findings[0], _others(findings)) for findings in groups.values()) + _summary(report)


def _lines(finding: DiffFinding, other_labels: str) -> str:
    endpoint = f"{finding.endpoint.label}: " if finding.endpoint else ""
    handler = f", handler {finding.handler}" if finding.handler else ""
    accepted = f"\n    accepted: {finding.reason}" if finding.reason else ""
    locations = f"{_line(finding.base)} -> {_line(finding.revision)}{handler}"
    return f"{finding.level.name:4} {finding.id}: {endpoint}{finding.text}\n    {locations}{other_labels}{accepted}\n"


def _others(findings: list[DiffFinding]) -> str:
    """The other operations that the same change affects."""
    labels = list(
        dict.fromkeys(finding.endpoint.label for finding in findings if finding.endpoint and finding.endpoint != findings[0].endpoint)
    )
    if not labels:
        return ""
    remainder = f" and {len(labels) - MAX_OPERATIONS} more" if len(labels) > MAX_OPERATIONS else ""
    return f"\n    also affects {', '.join(labels[:MAX_OPERATIONS])}{remainder}"


def _line(location: Location) -> str:
    return f"{location.file}:{location.line}"


def _summary(report: DiffReport) -> str:
    counts = [sum(finding.level is level for finding in report.findings) for level in (Level.ERR, Level.WARN, Level.INFO)]
    summary = f"{counts[0]} breaking, {counts[1]} possibly breaking, {counts[2]} other changes"
    version = f"; {report.version} should be followed by {report.next_version}" if report.next_version != report.version else ""
    return f"{summary}{version}\n"


def as_json(report: DiffReport) -> str:
    """One object: `changes`, and the base's `version` with the `next_version`."""
    changes = [_object(finding) for finding in report.findings]
    output = {"changes": changes, "version": report.version or None, "next_version": report.next_version or None}
    return json.dumps(output, indent=2, ensure_ascii=False) + "\n"


def _object(finding: DiffFinding) -> dict[str, object]:
    entry: dict[str, object] = {"id": finding.id, "level": finding.level.word, "text": finding.text}
    if finding.endpoint:
        endpoint = finding.endpoint
        entry |= {"method": endpoint.method, "path": endpoint.path, "operation_id": endpoint.operation_id or None}
    entry |= {"base": _position(finding.base), "revision": _position(finding.revision), "pointer": finding.pointer}
    return entry | {"handler": finding.handler or None, "accepted": finding.reason or None}


def _position(location: Location) -> dict[str, object]:
    return {"file": location.file, "line": location.line, "column": location.column}


def markdown(report: DiffReport) -> str:
    """A changelog: a section for each level, in it a list for each operation."""
    title = f"# API changes{f' since {report.version}' if report.version else ''}\n"
    following = f"\nThe next version is {report.next_version}.\n" if report.next_version != report.version else ""
    sections = [_section(level, [finding for finding in report.findings if finding.level is level]) for level in HEADINGS]
    return title + following + ("".join(sections) or "\nNothing changed.\n")


def _section(level: Level, findings: list[DiffFinding]) -> str:
    if not findings:
        return ""
    grouped: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        heading = f"`{finding.endpoint.label}`" if finding.endpoint else "The whole API"
        accepted = f" Accepted: {_escaped(finding.reason)}" if finding.reason else ""
        grouped[heading].append(f"- {_escaped(finding.text)} ({finding.id}){accepted}\n")
    parts = (f"\n### {heading}\n\n{''.join(dict.fromkeys(entries))}" for heading, entries in grouped.items())
    return f"\n## {HEADINGS[level]}\n{''.join(parts)}"


def _escaped(sentence: str) -> str:
    """A sentence whose characters have no meaning in Markdown."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#" else character for character in sentence)


FORMATS: dict[str, Callable[[DiffReport], str]] = {"text": text, "json": as_json, "markdown": markdown}
