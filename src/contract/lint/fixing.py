"""`lint --fix`: apply the changes that rules propose, repeatedly until nothing changes.

All edits are tried together. If the document then cannot be read, or has a new finding, smaller and smaller parts of them are tried, so
that one bad edit does not prevent the others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from contract.errors import ContractError
from contract.lint.changes import Insert
from contract.lint.editing import Edit, SourceFile
from contract.lint.engine import VALID, LintFinding, check
from contract.openapi import document
from contract.openapi.document import Document

MAX_ROUNDS = 10  # a removal may leave another component unused
MAX_TRIES = 60
NUMBER = re.compile(r"/[0-9]+(?=/|$)")
Key = tuple[str, str, str]


class DocumentState(NamedTuple):
    """The document as it is in the files, and its findings."""

    read: Document
    findings: list[LintFinding]


def fix(path: Path) -> tuple[list[Path], list[LintFinding]]:
    """(files changed, findings left). Raises ContractError if the document cannot be read."""
    changed: dict[Path, None] = {}
    state, tries = _state(path), MAX_TRIES
    for _ in range(MAX_ROUNDS):
        round_ = _FixRound(path, state, tries)
        round_.apply_edits()
        if round_.state is state:
            break
        changed |= dict.fromkeys(round_.files)
        state, tries = round_.state, round_.tries
    return sorted(changed), state.findings


def _state(path: Path) -> DocumentState:
    read = document.read(path)
    return DocumentState(read, check(read))


class _FixRound:
    """All edits for the findings of one state. `files` are the changed files with their new texts."""

    def __init__(self, path: Path, state: DocumentState, tries: int) -> None:
        self.path = path
        self.before = self.state = state
        self.tries = tries
        self.files: dict[Path, str] = {}
        self.sources: dict[Path, SourceFile] = {}
        self.edits: dict[tuple[Path, int, int, str], tuple[Path, Edit]] = {}
        for finding in state.findings:
            self._propose(finding)

    def _propose(self, finding: LintFinding) -> None:
        for change in finding.changes:
            location = self.before.read.location(change.pointer) if change.pointer else finding.location
            file = Path(location.file)
            if file not in self.sources:
                self.sources[file] = SourceFile(file)
            edit = self.sources[file].edit(change, location)
            if edit is not None:
                self.edits[file, *edit[:3]] = (file, edit)

    def apply_edits(self) -> None:
        """Try all edits, then halves of the refused ones together with the accepted ones."""
        accepted: list[tuple[Path, Edit]] = []
        waiting = [list(self.edits.values())] if self.edits else []
        while waiting and self.tries:
            part = waiting.pop()
            self.tries -= 1
            if self._try([*accepted, *part]):
                accepted += part
            elif len(part) > 1:
                half = len(part) // 2
                waiting += [part[half:], part[:half]]

    def _try(self, edits: list[tuple[Path, Edit]]) -> bool:
        """Write the files with these edits. If they are refused, the previous texts are restored."""
        texts = {
            file: self.sources[file].edited(edit for edited_file, edit in edits if edited_file == file)
            for file in {file for file, _ in edits}
        }
        intended = {file: text for file, text in texts.items() if text is not None}
        if len(intended) < len(texts):
            return False
        self._write(intended)
        try:
            state = _state(self.path)
        except ContractError:
            state = None
        if state is None or not _is_better(self.before.findings, state.findings, [edit for _, edit in edits]):
            self._write({file: self.files.get(file, self.sources[file].text) for file in intended})
            return False
        self.state, self.files = state, intended
        return True

    def _write(self, texts: dict[Path, str]) -> None:
        for file, text in texts.items():
            self.sources[file].write(text)


def _is_better(before: Iterable[LintFinding], after: Iterable[LintFinding], edits: list[Edit]) -> bool:
    """Whether a finding is gone, and each new finding can be fixed or is inside something inserted."""
    old, new = Counter(map(_key, before)), Counter(map(_key, after))
    changes = [edit.step.change for edit in edits]
    inserted = tuple(f"{change.pointer}/{change.key}" for change in changes if isinstance(change, Insert))
    unexplained = {
        _key(finding) for finding in after if finding.rule == VALID or not (finding.changes or finding.pointer.startswith(inserted))
    }
    return bool(old - new) and unexplained.isdisjoint(new - old)


def _key(finding: LintFinding) -> Key:
    """Identifies a finding without list indices: items after a removed one move up."""
    return finding.rule, NUMBER.sub("/#", finding.pointer), finding.text
