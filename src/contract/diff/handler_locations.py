"""The handler functions that a change affects, read from a project's handlers without importing them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from contract import handlers
from contract.diff.findings import DiffFinding
from contract.names import snake
from contract.openapi.locations import Location, label
from contract.project import Project


def apply(findings: Sequence[DiffFinding], project: Project) -> list[DiffFinding]:
    """The findings; those of an operation with a handler have the handler's location (`file:line`)."""
    folder = handlers.handlers_folder(project)
    if folder is None or not findings:
        return list(findings)
    locations = dict(_functions(folder))
    return [replace(finding, handler=_handler(finding, locations)) for finding in findings]


def _handler(finding: DiffFinding, locations: dict[str, Location]) -> str:
    location = locations.get(snake(finding.endpoint.operation_id)) if finding.endpoint else None
    return f"{location.file}:{location.line}" if location else ""


def _functions(folder: Path) -> Iterator[tuple[str, Location]]:
    """Every function of the handler modules. A module that does not parse has none."""
    for module in sorted(folder.glob("*.py")):
        try:
            tree = ast.parse(module.read_bytes())
        except (SyntaxError, ValueError):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                yield node.name, Location(label(module), node.lineno, node.col_offset + 1)
