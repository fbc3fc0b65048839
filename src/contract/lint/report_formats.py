"""Formats of findings: text for terminals, JSON, SARIF and GitHub annotations for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from contract.lint.engine import LintFinding, explanations
from contract.openapi.locations import Location

MAX_LINE_LENGTH = 200  # of a source line, in columns
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def text(findings: Sequence[LintFinding]) -> str:
    """`file:line:col: rule: text`, each with its source line and a mark below it."""
    sources = {file: _lines(Path(file)) for file in {finding.location.file for finding in findings}}
    return "".join(f"{finding.location}: {finding.rule}: {finding.text}\n{_source(finding.location, sources)}" for finding in findings)


def _source(location: Location, sources: Mapping[str, Sequence[str]]) -> str:
    lines = sources[location.file]
    line = lines[location.line - 1] if location.line <= len(lines) else ""
    if len(line) > MAX_LINE_LENGTH:  # such as a document on one line
        first = max(0, location.column - 1 - MAX_LINE_LENGTH // 2)
        line, location = line[first : first + MAX_LINE_LENGTH], Location(location.file, location.line, location.column - first)
    mark = "".join("\t" if character == "\t" else " " for character in line[: location.column - 1])
    return f"    {line.rstrip()}\n    {mark}^\n" if line.strip() else ""


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").split("\n") if path.is_file() else []


def as_json(findings: Sequence[LintFinding]) -> str:
    """One object with a list `findings`."""
    return json.dumps({"findings": [_object(finding) for finding in findings]}, indent=2, ensure_ascii=False) + "\n"


def _object(finding: LintFinding) -> dict[str, object]:
    location = finding.location
    position = {"file": location.file, "line": location.line, "column": location.column}
    return {**position, "rule": finding.rule, "text": finding.text, "pointer": finding.pointer}


def sarif(findings: Sequence[LintFinding]) -> str:
    """A SARIF 2.1.0 log, for code scanning."""
    known_rules = explanations()
    names = sorted({finding.rule for finding in findings})
    rules = [
        {"id": name, "shortDescription": {"text": known_rules[name].splitlines()[0]}, "fullDescription": {"text": known_rules[name]}}
        for name in names
    ]
    run = {"tool": {"driver": {"name": "contract lint", "rules": rules}}, "results": [_result(finding) for finding in findings]}
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(finding: LintFinding) -> dict[str, object]:
    position = finding.location
    region = {"startLine": position.line, "startColumn": position.column}
    location = {"physicalLocation": {"artifactLocation": {"uri": position.file}, "region": region}}
    return {"ruleId": finding.rule, "level": "error", "message": {"text": finding.text}, "locations": [location]}


def github(findings: Sequence[LintFinding]) -> str:
    """Workflow commands that GitHub shows beside the changed lines."""
    return "".join(_annotation(finding) for finding in findings)


def _annotation(finding: LintFinding) -> str:
    location = finding.location
    message = finding.text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::error file={location.file},line={location.line},col={location.column},title={finding.rule}::{message}\n"


FORMATS: dict[str, Callable[[Sequence[LintFinding]], str]] = {"text": text, "json": as_json, "sarif": sarif, "github": github}
