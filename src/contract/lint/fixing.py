"""`lint --fix`: mend what rules propose changes for, again and again until nothing more comes of it.

Edits are tried together; where the document could then not be read, or had a finding that nothing explains, smaller and smaller parts
of them are, so that one bad edit keeps no other from being made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from contract.errors import ContractError
from contract.lint.changes import Insert
from contract.lint.editing import Edit, Source
from contract.lint.engine import VALID, Finding, judge
from contract.openapi import document
from contract.openapi.document import Document

MOST_ROUNDS = 10  # what is removed may leave something else unused
MOST_TRIES = 60
NUMBER = re.compile(r"/[0-9]+(?=/|$)")
Key = tuple[str, str, str]


class State(NamedTuple):
    """The document as it stands in the files, and what is found in it."""

    read: Document
    findings: list[Finding]


def fix(path: Path) -> tuple[list[Path], list[Finding]]:
    """(files changed, findings left). Raises ContractError for a document that cannot be read."""
    changed: dict[Path, None] = {}
    state, tries = _state(path), MOST_TRIES
    for _ in range(MOST_ROUNDS):
        round_ = _Round(path, state, tries)
        round_.mend()
        if round_.state is state:
            break
        changed |= dict.fromkeys(round_.files)
        state, tries = round_.state, round_.tries
    return sorted(changed), state.findings


def _state(path: Path) -> State:
    read = document.read(path)
    return State(read, judge(read))


class _Round:
    """All edits of the findings of one state; `files` are those that were changed, with the texts they have now."""

    def __init__(self, path: Path, state: State, tries: int) -> None:
        self.path = path
        self.before = self.state = state
        self.tries = tries
        self.files: dict[Path, str] = {}
        self.sources: dict[Path, Source] = {}
        self.edits: dict[tuple[Path, int, int, str], tuple[Path, Edit]] = {}
        for finding in state.findings:
            self._propose(finding)

    def _propose(self, finding: Finding) -> None:
        for change in finding.changes:
            place = self.before.read.location(change.pointer) if change.pointer else finding.location
            file = Path(place.file)
            if file not in self.sources:
                self.sources[file] = Source(file)
            edit = self.sources[file].edit(change, place)
            if edit is not None:
                self.edits[file, *edit[:3]] = (file, edit)

    def mend(self) -> None:
        """Try all edits, then halves of what was refused, next to what was taken already."""
        taken: list[tuple[Path, Edit]] = []
        waiting = [list(self.edits.values())] if self.edits else []
        while waiting and self.tries:
            part = waiting.pop()
            self.tries -= 1
            if self._try([*taken, *part]):
                taken += part
            elif len(part) > 1:
                half = len(part) // 2
                waiting += [part[half:], part[:half]]

    def _try(self, edits: list[tuple[Path, Edit]]) -> bool:
        """Write the files with these edits; what was written before comes back where they are refused."""
        texts = {file: self.sources[file].edited(edit for one, edit in edits if one == file) for file in {file for file, _ in edits}}
        meant = {file: text for file, text in texts.items() if text is not None}
        if len(meant) < len(texts):
            return False
        self._write(meant)
        try:
            state = _state(self.path)
        except ContractError:
            state = None
        if state is None or not _is_better(self.before.findings, state.findings, [edit for _, edit in edits]):
            self._write({file: self.files.get(file, self.sources[file].text) for file in meant})
            return False
        self.state, self.files = state, meant
        return True

    def _write(self, texts: dict[Path, str]) -> None:
        for file, text in texts.items():
            self.sources[file].write(text)


def _is_better(before: Iterable[Finding], after: Iterable[Finding], edits: list[Edit]) -> bool:
    """Whether something is mended, and all that is new can be mended in turn or is about what was put in."""
    old, new = Counter(map(_key, before)), Counter(map(_key, after))
    changes = [edit.step.change for edit in edits]
    put_in = tuple(f"{change.pointer}/{change.key}" for change in changes if isinstance(change, Insert))
    unexplained = {
        _key(finding) for finding in after if finding.rule == VALID or not (finding.changes or finding.pointer.startswith(put_in))
    }
    return bool(old - new) and unexplained.isdisjoint(new - old)


def _key(finding: Finding) -> Key:
    """What a finding is, whichever item of a list it is about: those behind a removed one move up."""
    return finding.rule, NUMBER.sub("/#", finding.pointer), finding.text
