"""Changes of YAML and JSON files that touch nothing but what they change: comments, order, quotes and line breaks stay.

Nodes come from PyYAML with the marks of their text; an edit is a slice of that text. What cannot be done so (the only entry of a
block, an alias, a text of several lines) is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from contract.lint.changes import Change, Insert, Remove, Replace
from contract.places import Place
from contract.yaml_nodes import Loader


class Edit(NamedTuple):
    """`text` instead of what stands from `start` to `end`."""

    start: int
    end: int
    text: str


class _Entry(NamedTuple):
    """A member of a collection: where it begins, its value, and its neighbours' beginnings."""

    owner: MappingNode | SequenceNode
    number: int
    start: int
    value: Node


class Source:
    """One file as text and nodes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text("utf-8")
        self._is_json = self.text.lstrip()[:1] in {"{", "["}
        self._removed: dict[int, set[int]] = {}
        self._root = yaml.compose(self.text, Loader=Loader)

    def edit(self, change: Change, place: Place) -> Edit | None:
        """The edit of a change whose pointer stands at a place, None where it cannot be made."""
        entry = next((one for one in self._entries(self._root) if self._is_at(one, place)), None)
        if entry is None:
            return None
        if isinstance(change, Remove):
            return self._removal(entry)
        if isinstance(change, Replace):
            return self._replacement(entry.value, change.value)
        return self._insertion(entry.value, change)

    def apply(self, edits: Iterable[Edit]) -> bool:
        """Write the file with those edits that do not touch each other. Tells whether there was one."""
        text, begins = self.text, len(self.text) + 1
        for edit in sorted(set(edits), reverse=True):
            if edit.end <= begins:
                text, begins = text[: edit.start] + edit.text + text[edit.end :], edit.start
        if text == self.text:
            return False
        self.path.write_text(text, "utf-8")
        return True

    def _is_at(self, entry: _Entry, place: Place) -> bool:
        line = self.text.count("\n", 0, entry.start) + 1
        return line == place.line and entry.start - self._line_start(entry.start) + 1 == place.column

    def _entries(self, node: Node | None) -> Iterator[_Entry]:
        if isinstance(node, MappingNode):
            for index, (key, value) in enumerate(node.value):
                yield _Entry(node, index, key.start_mark.index, value)
                yield from self._entries(value)
        elif isinstance(node, SequenceNode):
            for index, value in enumerate(node.value):
                yield _Entry(node, index, value.start_mark.index, value)
                yield from self._entries(value)

    def _removal(self, entry: _Entry) -> Edit | None:
        owner = entry.owner
        removed = self._removed.setdefault(id(owner), set())
        if len(removed | {entry.number}) == len(owner.value):
            return None  # an empty block is null, which the document may not allow
        removed.add(entry.number)
        if owner.flow_style or self._is_json:
            return self._flow_removal(entry)
        start = self._line_start(entry.start)
        if self.text[start : entry.start].strip(" -"):
            return None
        return Edit(start, self._next_line(self._last(entry.value)), "")

    def _flow_removal(self, entry: _Entry) -> Edit:
        starts = [_start(one) for one in entry.owner.value]
        if entry.number + 1 < len(starts):
            return Edit(entry.start, starts[entry.number + 1], "")
        before = entry.owner.value[entry.number - 1]
        return Edit(self._last(before[1] if isinstance(before, tuple) else before), self._last(entry.value), "")

    def _replacement(self, node: Node, value: str) -> Edit | None:
        start, end = node.start_mark.index, node.end_mark.index
        if not isinstance(node, ScalarNode) or "\n" in self.text[start:end] or node.style in {"|", ">"}:
            return None
        return Edit(start, end, self._written(value) if not node.style else self._quoted(value, str(node.style)))

    def _insertion(self, node: Node, change: Insert) -> Edit | None:
        if not isinstance(node, MappingNode | SequenceNode) or isinstance(node, MappingNode) != bool(change.key):
            return None
        if change.value is None:
            references = {one for key, one in self._references(self._root) if key == change.key}
            if len(references) != 1:
                return None
            change = change._replace(value={"$ref": references.pop()})
        member = f"{self._written(change.key)}: {self._written(change.value)}" if change.key else self._written(change.value)
        if node.flow_style or self._is_json:
            inside = node.start_mark.index + 1
            return Edit(inside, inside, f"{member}, " if node.value else member)
        first = _start(node.value[0])
        start = self._line_start(first)
        indent = self.text[start:first]
        if indent.strip(" -") or (indent.strip() and change.key):
            return None
        where = start if change.is_first else self._next_line(self._last(node))
        line_end = "" if where == start or self.text[where - 1] == "\n" else "\n"
        return Edit(where, where, f"{line_end}{indent}{member}\n")

    def _references(self, node: Node | None) -> Iterator[tuple[str, str]]:
        """(key, reference) of every entry that is only a reference."""
        members = node.value if isinstance(node, MappingNode) else ()
        for key, value in members:
            if isinstance(value, MappingNode) and len(value.value) == 1 and value.value[0][0].value == "$ref":
                yield str(key.value), str(value.value[0][1].value)
            yield from self._references(value)
        for item in node.value if isinstance(node, SequenceNode) else ():
            yield from self._references(item)

    def _last(self, node: Node) -> int:
        """Where the text of a node ends; a block's own mark is after the comments that follow it."""
        if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._last(last[1] if isinstance(last, tuple) else last)
        end = node.end_mark.index
        return end if isinstance(node, MappingNode | SequenceNode) or not self.text[node.start_mark.index : end].endswith("\n") else end - 1

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _next_line(self, index: int) -> int:
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1

    def _written(self, value: Any) -> str:
        """A value on one line."""
        if self._is_json:
            return json.dumps(value, ensure_ascii=False)
        text: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
        return text.removesuffix("\n").removesuffix("\n...")

    @staticmethod
    def _quoted(value: str, style: str) -> str:
        return "'" + value.replace("'", "''") + "'" if style == "'" else json.dumps(value, ensure_ascii=False)


def _start(member: Any) -> int:
    node = member[0] if isinstance(member, tuple) else member
    index: int = node.start_mark.index
    return index
