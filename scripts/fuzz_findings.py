"""Compares the report of a run without hooks with the findings that are expected in scripts/fuzz_expected.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

EXPECTED = Path(__file__).with_name("fuzz_expected.toml")
HEADING = re.compile(r"_+ ((?:GET|POST|PUT|PATCH|DELETE) /\S*) _+$")
FINDING = re.compile(r"- (?:[A-Z]+\d+ )?([A-Z].*)$")


class Finding(NamedTuple):
    """A failed check of an operation."""

    operation: str
    check: str


def findings(report: str) -> set[Finding]:
    """The findings in Schemathesis's report."""
    return set(_read(report))


def _read(report: str) -> Iterator[Finding]:
    operation = ""
    for line in report.splitlines():
        if heading := HEADING.match(line):
            operation = heading[1]
        elif operation and (finding := FINDING.match(line)):
            yield Finding(operation, finding[1])
        elif line.startswith("==="):
            operation = ""


def expected() -> dict[Finding, str]:
    """The expected findings and why each is none."""
    entries = tomllib.loads(EXPECTED.read_text())["expected"]
    return {Finding(operation, entry["check"]): entry["reason"] for entry in entries for operation in entry["operations"]}


def unexpected(report: str) -> list[Finding]:
    """The findings that the list does not have."""
    return sorted(findings(report) - expected().keys())
