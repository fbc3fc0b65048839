"""A file's text as nodes that know where they begin and end. Aliases stay aliases: they are not replaced by their values.

The nodes come from parser events, as in `yaml_nodes`, so that lines and columns are counted in the same way.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, Event, MappingStartEvent, NodeEvent, ScalarEvent, SequenceStartEvent

from contract.openapi.json_nodes import VALUE_TOKEN
from contract.openapi.yaml_nodes import Loader

PathPart = str | int


JSON_TOKEN = re.compile(rf"[ \t\r\n,:]*{VALUE_TOKEN}")  # keys and values alike


class NodeKind(Enum):
    """The kinds of nodes."""

    SCALAR = "scalar"
    MAPPING = "mapping"
    LIST = "list"
    ALIAS = "alias"


@dataclass(slots=True, eq=False)
class SyntaxNode:
    """`start` and `end` are indices in the text, `position` is line and column from 1. `text` is a scalar's value or an alias's name.

    `children` of a mapping are its keys and values alternately. `style` is a scalar's quote, `|` or `>`; empty for a plain scalar.
    """

    kind: NodeKind
    start: int
    end: int
    position: tuple[int, int]
    text: str = ""
    style: str = ""
    anchor: str = ""
    is_tagged: bool = False
    is_flow: bool = False
    children: list[SyntaxNode] = field(default_factory=list)

    @property
    def members(self) -> list[tuple[SyntaxNode, SyntaxNode]]:
        """(start of the entry, value) pairs: the key and the value of a mapping's entry, an item of a list twice."""
        if self.kind is NodeKind.MAPPING:
            return list(zip(self.children[::2], self.children[1::2], strict=False))
        return [(item, item) for item in self.children]

    @property
    def last(self) -> int:
        """Where the text of the node ends. The end mark of a block is after the comments that follow it."""
        node = self
        while node.children and not node.is_flow:
            node = node.children[-1]
        return node.end


class CollectionEntry(NamedTuple):
    """A member of a collection: its path through the file's data, its start (as index, and as line and column) and its value.

    `is_shared` is true if an alias refers to the entry or to a collection around it.
    """

    path: tuple[PathPart, ...]
    owner: SyntaxNode
    number: int
    start: int
    position: tuple[int, int]
    value: SyntaxNode
    is_shared: bool


def from_yaml(text: str) -> SyntaxNode | None:
    """The one document of a YAML text. Raises yaml.YAMLError."""
    root: SyntaxNode | None = None
    open_nodes: list[SyntaxNode] = []
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, CollectionEndEvent):
            open_nodes.pop().end = _span(event)[1]
        elif isinstance(event, NodeEvent):
            node = _node(event, text)
            root = root or node
            if open_nodes:
                open_nodes[-1].children.append(node)
            if node.kind in {NodeKind.MAPPING, NodeKind.LIST}:
                open_nodes.append(node)
    return root


def _span(event: Event) -> tuple[int, int, tuple[int, int]]:
    """The start, the end, and the line and column of an event."""
    begin, end = event.start_mark, event.end_mark
    assert begin is not None  # every parser event has both
    assert end is not None
    return begin.index, end.index, (begin.line + 1, begin.column + 1)


def _node(event: Event, text: str) -> SyntaxNode:
    start, end, position = _span(event)
    if isinstance(event, ScalarEvent):
        end -= text[start:end].endswith("\n")  # a block scalar ends in its last line
        is_tagged = event.tag is not None
        return SyntaxNode(NodeKind.SCALAR, start, end, position, event.value, event.style or "", event.anchor or "", is_tagged)
    if isinstance(event, AliasEvent):
        return SyntaxNode(NodeKind.ALIAS, start, end, position, event.anchor or "")
    assert isinstance(event, MappingStartEvent | SequenceStartEvent)
    kind = NodeKind.MAPPING if isinstance(event, MappingStartEvent) else NodeKind.LIST
    return SyntaxNode(
        kind, start, end, position, anchor=event.anchor or "", is_tagged=event.tag is not None, is_flow=bool(event.flow_style)
    )


def from_json(text: str) -> SyntaxNode | None:
    """The value of a valid JSON text."""
    starts = [0, *(newline.end() for newline in re.finditer("\n", text))]
    root: SyntaxNode | None = None
    open_nodes: list[SyntaxNode] = []
    position = 0
    while match := JSON_TOKEN.match(text, position):
        position, lexeme, start = match.end(), match[1], match.start(1)
        if lexeme in {"}", "]"}:
            open_nodes.pop().end = position
            continue
        line = bisect_right(starts, start)
        node = _json_node(lexeme, start, (line, start - starts[line - 1] + 1))
        root = root or node
        if open_nodes:
            open_nodes[-1].children.append(node)
        if node.is_flow:
            open_nodes.append(node)
    return root


def _json_node(lexeme: str, start: int, position: tuple[int, int]) -> SyntaxNode:
    if lexeme in {"{", "["}:
        return SyntaxNode(NodeKind.MAPPING if lexeme == "{" else NodeKind.LIST, start, start + 1, position, is_flow=True)
    is_text = lexeme[0] == '"'
    value = json.loads(lexeme) if is_text else lexeme
    return SyntaxNode(NodeKind.SCALAR, start, start + len(lexeme), position, value, '"' if is_text else "")


def nodes(root: SyntaxNode | None) -> Iterator[SyntaxNode]:
    """A node and all nodes below it."""
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def entries(root: SyntaxNode | None) -> Iterator[CollectionEntry]:
    """Every entry of every collection, outer entries before inner ones."""
    aliased = {node.text for node in nodes(root) if node.kind is NodeKind.ALIAS}
    names = {node.anchor: node.text for node in nodes(root) if node.anchor}
    waiting: list[tuple[SyntaxNode, tuple[PathPart, ...], bool]] = [(root, (), root.anchor in aliased)] if root else []
    while waiting:
        owner, path, is_shared = waiting.pop()
        for number, (begin, value) in enumerate(owner.members):
            part = number if owner.kind is NodeKind.LIST else names.get(begin.text, "") if begin.kind is NodeKind.ALIAS else begin.text
            is_value_shared = is_shared or bool({begin.anchor, value.anchor} & aliased)
            entry = CollectionEntry((*path, part), owner, number, begin.start, begin.position, value, is_value_shared)
            yield entry
            waiting.append((value, entry.path, entry.is_shared))
