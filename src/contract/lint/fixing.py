"""`lint --fix`: mend what rules propose changes for, again and again until nothing more comes of it.

A round that would leave a document that cannot be read, or more findings than before, is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contract import document
from contract.document import Document
from contract.errors import ContractError
from contract.lint.editing import Edit, Source
from contract.lint.engine import Finding, lint

MOST_ROUNDS = 10  # what is removed may leave something else unused


def fix(path: Path) -> tuple[list[Path], list[Finding]]:
    """(files changed, findings left). Raises ContractError for a document that cannot be read."""
    changed: dict[Path, None] = {}
    findings = lint(path)
    for _ in range(MOST_ROUNDS):
        before = _edit(document.read(path), findings)
        if not before:
            break
        after = _judged(path)
        if after is None or len(after) >= len(findings):
            for file, text in before.items():
                file.write_text(text, "utf-8")
            break
        changed |= dict.fromkeys(before)
        findings = after
    return sorted(changed), findings


def _judged(path: Path) -> list[Finding] | None:
    try:
        return lint(path)
    except ContractError:
        return None


def _edit(read: Document, findings: Sequence[Finding]) -> dict[Path, str]:
    """Apply all changes that can be made. Gives the text that each changed file had."""
    sources: dict[str, Source] = {}
    edits: dict[str, list[Edit]] = {}
    for finding in findings:
        for change in finding.changes:
            place = read.place(change.pointer) if change.pointer else finding.place
            source = sources.setdefault(place.file, Source(Path(place.file)))
            edit = source.edit(change, place)
            if edit is not None:
                edits.setdefault(place.file, []).append(edit)
    return {sources[file].path: sources[file].text for file, wanted in edits.items() if sources[file].apply(wanted)}
