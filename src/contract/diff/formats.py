"""A report as text for people, as JSON for machines, and as a changelog in Markdown."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable

from contract.diff.engine import Report
from contract.diff.findings import Finding
from contract.diff.vocabulary import Level
from contract.openapi.locations import Location

MOST_NAMED = 5  # operations that one change reaches, in the text
HEADINGS = {Level.ERR: "Breaking changes", Level.WARN: "Changes that may break clients", Level.INFO: "Other changes"}


def text(report: Report) -> str:
    """A finding with its old and new place below, those of one place together; the counts and the next version last."""
    together: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        together[finding.id, finding.base, finding.revision, finding.reason].append(finding)
    return "".join(_lines(findings[0], _others(findings)) for findings in together.values()) + _summary(report)


def _lines(finding: Finding, others: str) -> str:
    where = f"{finding.endpoint.shown}: " if finding.endpoint else ""
    handler = f", handler {finding.handler}" if finding.handler else ""
    accepted = f"\n    accepted: {finding.reason}" if finding.reason else ""
    places = f"{_line(finding.base)} -> {_line(finding.revision)}{handler}"
    return f"{finding.level.name:4} {finding.id}: {where}{finding.text}\n    {places}{others}{accepted}\n"


def _others(findings: list[Finding]) -> str:
    """The other operations that the same change reaches, by what they share."""
    shown = list(dict.fromkeys(one.endpoint.shown for one in findings if one.endpoint and one.endpoint != findings[0].endpoint))
    if not shown:
        return ""
    rest = f" and {len(shown) - MOST_NAMED} more" if len(shown) > MOST_NAMED else ""
    return f"\n    also reaches {', '.join(shown[:MOST_NAMED])}{rest}"


def _line(place: Location) -> str:
    return f"{place.file}:{place.line}"


def _summary(report: Report) -> str:
    counts = [sum(finding.level is level for finding in report.findings) for level in (Level.ERR, Level.WARN, Level.INFO)]
    said = f"{counts[0]} breaking, {counts[1]} possibly breaking, {counts[2]} other changes"
    version = f"; {report.version} should be followed by {report.next_version}" if report.next_version != report.version else ""
    return f"{said}{version}\n"


def as_json(report: Report) -> str:
    """One object: `changes`, and the base's `version` with the `next_version`."""
    changes = [_object(finding) for finding in report.findings]
    whole = {"changes": changes, "version": report.version or None, "next_version": report.next_version or None}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _object(finding: Finding) -> dict[str, object]:
    found: dict[str, object] = {"id": finding.id, "level": finding.level.word, "text": finding.text}
    if finding.endpoint:
        endpoint = finding.endpoint
        found |= {"method": endpoint.method, "path": endpoint.path, "operation_id": endpoint.operation_id or None}
    found |= {"base": _place(finding.base), "revision": _place(finding.revision), "pointer": finding.pointer}
    return found | {"handler": finding.handler or None, "accepted": finding.reason or None}


def _place(place: Location) -> dict[str, object]:
    return {"file": place.file, "line": place.line, "column": place.column}


def markdown(report: Report) -> str:
    """A changelog: a section for each level, in it a list for each operation."""
    title = f"# API changes{f' since {report.version}' if report.version else ''}\n"
    following = f"\nThe next version is {report.next_version}.\n" if report.next_version != report.version else ""
    sections = [_section(level, [one for one in report.findings if one.level is level]) for level in HEADINGS]
    return title + following + ("".join(sections) or "\nNothing changed.\n")


def _section(level: Level, findings: list[Finding]) -> str:
    if not findings:
        return ""
    grouped: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        heading = f"`{finding.endpoint.shown}`" if finding.endpoint else "The whole API"
        accepted = f" Accepted: {_plain(finding.reason)}" if finding.reason else ""
        grouped[heading].append(f"- {_plain(finding.text)} ({finding.id}){accepted}\n")
    parts = (f"\n### {heading}\n\n{''.join(dict.fromkeys(entries))}" for heading, entries in grouped.items())
    return f"\n## {HEADINGS[level]}\n{''.join(parts)}"


def _plain(sentence: str) -> str:
    """A sentence whose signs mean themselves in Markdown."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in sentence)


FORMATS: dict[str, Callable[[Report], str]] = {"text": text, "json": as_json, "markdown": markdown}
