"""Findings as text for people, and as JSON, SARIF and GitHub annotations for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from contract.lint.engine import Finding, explanations
from contract.openapi.locations import Location

LONGEST = 200  # columns of a source line
SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def text(findings: Sequence[Finding]) -> str:
    """`file:line:col: rule: text`, each with its source line and a mark below it."""
    sources = {file: _lines(Path(file)) for file in {finding.location.file for finding in findings}}
    return "".join(f"{finding.location}: {finding.rule}: {finding.text}\n{_source(finding.location, sources)}" for finding in findings)


def _source(place: Location, sources: Mapping[str, Sequence[str]]) -> str:
    lines = sources[place.file]
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if len(line) > LONGEST:  # such as a document that is one line
        first = max(0, place.column - 1 - LONGEST // 2)
        line, place = line[first : first + LONGEST], Location(place.file, place.line, place.column - first)
    mark = "".join("\t" if sign == "\t" else " " for sign in line[: place.column - 1])
    return f"    {line.rstrip()}\n    {mark}^\n" if line.strip() else ""


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").split("\n") if path.is_file() else []


def as_json(findings: Sequence[Finding]) -> str:
    """One object with a list `findings`."""
    return json.dumps({"findings": [_object(finding) for finding in findings]}, indent=2, ensure_ascii=False) + "\n"


def _object(finding: Finding) -> dict[str, object]:
    place = finding.location
    shown = {"file": place.file, "line": place.line, "column": place.column}
    return {**shown, "rule": finding.rule, "text": finding.text, "pointer": finding.pointer}


def sarif(findings: Sequence[Finding]) -> str:
    """A SARIF 2.1.0 log, for code scanning."""
    known = explanations()
    names = sorted({finding.rule for finding in findings})
    rules = [
        {"id": name, "shortDescription": {"text": known[name].splitlines()[0]}, "fullDescription": {"text": known[name]}} for name in names
    ]
    run = {"tool": {"driver": {"name": "contract lint", "rules": rules}}, "results": [_result(finding) for finding in findings]}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding) -> dict[str, object]:
    place = finding.location
    region = {"startLine": place.line, "startColumn": place.column}
    location = {"physicalLocation": {"artifactLocation": {"uri": place.file}, "region": region}}
    return {"ruleId": finding.rule, "level": "error", "message": {"text": finding.text}, "locations": [location]}


def github(findings: Sequence[Finding]) -> str:
    """Workflow commands that GitHub shows beside the changed lines."""
    return "".join(_annotation(finding) for finding in findings)


def _annotation(finding: Finding) -> str:
    place = finding.location
    message = finding.text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::error file={place.file},line={place.line},col={place.column},title={finding.rule}::{message}\n"


FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {"text": text, "json": as_json, "sarif": sarif, "github": github}
