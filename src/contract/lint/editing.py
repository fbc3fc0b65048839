"""Edits of YAML and JSON files that change nothing else: comments, order, quotes and line breaks stay.

An edit is a slice of a file's text. Edits that are not safe (the only entry of a block, the target of an alias, a multi-line scalar) are
not made. A set of edits is refused if the file's data is then not its old data with the same changes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import yaml

from contract.errors import ContractError
from contract.lint.changes import Change, Insert, LocatedChange, Remove, Replace, apply
from contract.lint.syntax_tree import CollectionEntry, NodeKind, SyntaxNode, entries, from_json, from_yaml, nodes
from contract.openapi import json_nodes, yaml_nodes
from contract.openapi.locations import Location, Marks
from contract.openapi.references import unescape

BOM = "\ufeff"


class Edit(NamedTuple):
    """Replace the text from `start` to `end`, which applies `step`."""

    start: int
    end: int
    text: str
    step: LocatedChange


class SourceFile:
    """One file as text and nodes. Raises ContractError if the file cannot be read any more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ContractError(f"{path}: cannot be read: {error}") from error
        self._mark, self.text = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
        self._data = self._read(self.text)
        self._is_json = self.text.lstrip()[:1] in {"{", "["}
        self._line_end = "\r\n" if "\r\n" in self.text else "\n"
        try:
            root = from_json(self.text) if path.suffix == ".json" else from_yaml(self.text)
        except yaml.YAMLError as error:
            raise ContractError(f"{path}: cannot be read: {error}") from error
        self._aliased = {node.text for node in nodes(root) if node.kind is NodeKind.ALIAS}
        self._root = root  # keeps the nodes alive, so that no identity in `_removed` is reused
        self._removed: dict[int, set[int]] = {}
        self._entries: dict[tuple[int, int], list[CollectionEntry]] = {}
        self._references: dict[str, set[str]] = {}
        for entry in entries(root):
            self._register(entry)

    def _register(self, entry: CollectionEntry) -> None:
        """Index an entry by its position. A list item that is a mapping begins where its first entry does, so positions are shared."""
        self._entries.setdefault(entry.position, []).append(entry)
        members = entry.value.members if entry.value.kind is NodeKind.MAPPING else []
        if len(members) == 1 and members[0][0].text == "$ref":
            self._references.setdefault(str(entry.path[-1]), set()).add(members[0][1].text)

    def edit(self, change: Change, location: Location) -> Edit | None:
        """The edit for a change whose pointer is at a location; None if it cannot be made."""
        entry = self._entry(change, location)
        if entry is None or entry.is_shared:
            return None
        if isinstance(change, Remove):
            return self._removal(entry, change)
        if isinstance(change, Replace):
            return self._replacement(entry, change)
        return self._insertion(entry, change)

    def _entry(self, change: Change, location: Location) -> CollectionEntry | None:
        """The entry at a location whose name is the last part of the pointer; without a pointer the outer entry."""
        candidates = self._entries.get((location.line, location.column), [])
        name = unescape(change.pointer.rpartition("/")[2])
        return next((entry for entry in candidates if not change.pointer or str(entry.path[-1]) == name), None)

    def edited(self, edits: Iterable[Edit]) -> str | None:
        """The text with those edits that do not overlap; None if the result is not the intended data."""
        text, begins, steps = self.text, len(self.text) + 1, list[LocatedChange]()
        for edit in sorted({edit[:3]: edit for edit in edits}.values(), key=lambda edit: edit[:3], reverse=True):
            if edit.end <= begins:
                text, begins = text[: edit.start] + edit.text + text[edit.end :], edit.start
                steps.append(edit.step)
        data = deepcopy(self._data)
        try:
            is_intended = apply(data, steps[::-1]) and _is_same_json(self._read(text), data)
        except (ContractError, RecursionError):
            return None
        return text if is_intended else None

    def write(self, text: str) -> None:
        """Replace the file atomically. Raises ContractError if that fails."""
        path = self.path.resolve()
        try:
            with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
                temporary = Path(folder) / path.name
                temporary.write_bytes((self._mark + text).encode("utf-8"))
                shutil.copymode(path, temporary)
                temporary.replace(path)
        except OSError as error:
            raise ContractError(f"{self.path}: cannot be written: {error.strerror}") from error

    def _read(self, text: str) -> Any:
        reader = json_nodes if self.path.suffix == ".json" else yaml_nodes
        return reader.read(text, str(self.path), Marks())

    def _removal(self, entry: CollectionEntry, change: Remove) -> Edit | None:
        owner = entry.owner
        removed = self._removed.setdefault(id(owner), set())
        if len(removed | {entry.number}) == len(owner.members) or any(node.anchor in self._aliased for node in nodes(entry.value)):
            return None  # an empty block is null, which the document may not allow
        span = self._flow_span(entry) if owner.is_flow else self._block_span(entry)
        if span is None:
            return None
        removed.add(entry.number)
        return Edit(*span, "", LocatedChange(entry.path, change))

    def _block_span(self, entry: CollectionEntry) -> tuple[int, int] | None:
        """The lines of an entry; None if they hold anything else."""
        start, last = self._line_start(entry.start), entry.value.last
        end = self._next_line(last)
        is_alone = not self.text[start : entry.start].strip(" -" if entry.owner.kind is NodeKind.LIST else " ")
        return (start, end) if is_alone and len(self.text[last:end].splitlines()) <= 1 else None

    def _flow_span(self, entry: CollectionEntry) -> tuple[int, int] | None:
        """An entry with the comma after it, or before it for the last one; None if a comment is between."""
        members = entry.owner.members
        is_last = entry.number + 1 == len(members)
        gap = (members[entry.number - 1][1].last, entry.start) if is_last else (entry.value.last, members[entry.number + 1][0].start)
        if "#" in self.text[slice(*gap)]:
            return None
        return (gap[0], entry.value.last) if is_last else (entry.start, gap[1])

    def _replacement(self, entry: CollectionEntry, change: Replace) -> Edit | None:
        node = entry.value
        is_plain = node.kind is NodeKind.SCALAR and not node.anchor and not node.is_tagged
        if not is_plain or node.style in {"|", ">"} or "\n" in self.text[node.start : node.end]:
            return None
        text = _quoted(change.value, node.style) if node.style else self._as_text(change.value)
        return Edit(node.start, node.end, text, LocatedChange(entry.path, change))

    def _insertion(self, entry: CollectionEntry, change: Insert) -> Edit | None:
        node = entry.value
        if node.kind is not (NodeKind.MAPPING if change.key else NodeKind.LIST):
            return None
        if change.value is None:
            references = self._references.get(change.key, set())
            if len(references) != 1:
                return None
            change = change._replace(value={"$ref": next(iter(references))})
        value_text = self._as_text(change.value)
        member = f"{self._as_text(change.key)}: {value_text}" if change.key else value_text
        return self._insert_member(node, member, LocatedChange(entry.path, change))

    def _insert_member(self, node: SyntaxNode, member: str, step: LocatedChange) -> Edit | None:
        if node.is_flow:
            return _flow_insertion(node, member, step)
        first = node.children[0].start
        start = self._line_start(first)
        indent = self.text[start:first]
        if indent.strip(" -") or (indent.strip() and node.kind is NodeKind.MAPPING):
            return None
        is_first = isinstance(step.change, Insert) and step.change.is_first
        index = start if is_first else self._next_line(node.last)
        line_end = "" if index == start or self.text[index - 1] == "\n" else self._line_end
        return Edit(index, index, f"{line_end}{indent}{member}{self._line_end}", step)

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _next_line(self, index: int) -> int:
        line_end = self.text.find("\n", index)
        return len(self.text) if line_end < 0 else line_end + 1

    def _as_text(self, value: Any) -> str:
        """A value on one line."""
        if self._is_json:
            return json.dumps(value, ensure_ascii=False)
        text: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
        return text.removesuffix("\n").removesuffix("\n...")


def _flow_insertion(node: SyntaxNode, member: str, step: LocatedChange) -> Edit:
    """Insert an entry before the others, an item after them: the order of a list may matter."""
    if node.kind is NodeKind.LIST and node.children:
        return Edit(node.children[-1].last, node.children[-1].last, f", {member}", step)
    start = node.start + 1
    return Edit(start, start, f"{member}, " if node.children else member, step)


def _quoted(value: str, style: str) -> str:
    return "'" + value.replace("'", "''") + "'" if style == "'" else json.dumps(value, ensure_ascii=False)


def _is_same_json(first: Any, second: Any) -> bool:
    """Whether two values are the same JSON, in which 1 and true differ."""
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
