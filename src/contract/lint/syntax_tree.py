"""A file's text as nodes that know where they begin and end, aliases as what they are: names, not what they stand for.

Read from parser events like `yaml_nodes`, so that lines and columns are counted as the readers of documents count them.
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

Part = str | int


JSON_WORD = re.compile(rf"[ \t\r\n,:]*{VALUE_TOKEN}")  # keys and values alike


class Kind(Enum):
    """What a node is."""

    SCALAR = "scalar"
    MAPPING = "mapping"
    LIST = "list"
    ALIAS = "alias"


@dataclass(slots=True, eq=False)
class Node:
    """`start` and `end` are places in the text, `position` the line and column from 1; `text` is a scalar's value or an alias' name.

    `children` of a mapping are its keys and values by turns. `style` is a scalar's quotes, `|` or `>`; empty for a plain one.
    """

    kind: Kind
    start: int
    end: int
    position: tuple[int, int]
    text: str = ""
    style: str = ""
    anchor: str = ""
    is_tagged: bool = False
    is_flow: bool = False
    children: list[Node] = field(default_factory=list)

    @property
    def members(self) -> list[tuple[Node, Node]]:
        """Where each entry begins, and its value: a key and what it has, or an item twice."""
        if self.kind is Kind.MAPPING:
            return list(zip(self.children[::2], self.children[1::2], strict=False))
        return [(item, item) for item in self.children]

    @property
    def last(self) -> int:
        """Where the text of the node ends; a block's own mark is after the comments that follow it."""
        node = self
        while node.children and not node.is_flow:
            node = node.children[-1]
        return node.end


class Entry(NamedTuple):
    """A member of a collection: the way to it through the file's data, where it begins (in the text, and as line and column), its value.

    `is_shared` tells that it also is what an alias stands for.
    """

    path: tuple[Part, ...]
    owner: Node
    number: int
    start: int
    position: tuple[int, int]
    value: Node
    is_shared: bool


def from_yaml(text: str) -> Node | None:
    """The one document of a YAML text. Raises yaml.YAMLError."""
    root: Node | None = None
    opened: list[Node] = []
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, CollectionEndEvent):
            opened.pop().end = _span(event)[1]
        elif isinstance(event, NodeEvent):
            node = _node(event, text)
            root = root or node
            if opened:
                opened[-1].children.append(node)
            if node.kind in {Kind.MAPPING, Kind.LIST}:
                opened.append(node)
    return root


def _span(event: Event) -> tuple[int, int, tuple[int, int]]:
    """Where an event's text begins and ends, and its line and column."""
    begin, end = event.start_mark, event.end_mark
    assert begin is not None  # every event of a parser has both
    assert end is not None
    return begin.index, end.index, (begin.line + 1, begin.column + 1)


def _node(event: Event, text: str) -> Node:
    start, end, where = _span(event)
    if isinstance(event, ScalarEvent):
        end -= text[start:end].endswith("\n")  # a block's text ends in its last line
        is_tagged = event.tag is not None
        return Node(Kind.SCALAR, start, end, where, event.value, event.style or "", event.anchor or "", is_tagged)
    if isinstance(event, AliasEvent):
        return Node(Kind.ALIAS, start, end, where, event.anchor or "")
    assert isinstance(event, MappingStartEvent | SequenceStartEvent)
    kind = Kind.MAPPING if isinstance(event, MappingStartEvent) else Kind.LIST
    return Node(kind, start, end, where, anchor=event.anchor or "", is_tagged=event.tag is not None, is_flow=bool(event.flow_style))


def from_json(text: str) -> Node | None:
    """The value of a text that is known to be JSON."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    root: Node | None = None
    opened: list[Node] = []
    position = 0
    while found := JSON_WORD.match(text, position):
        position, word, start = found.end(), found[1], found.start(1)
        if word in {"}", "]"}:
            opened.pop().end = position
            continue
        line = bisect_right(starts, start)
        node = _json_node(word, start, (line, start - starts[line - 1] + 1))
        root = root or node
        if opened:
            opened[-1].children.append(node)
        if node.is_flow:
            opened.append(node)
    return root


def _json_node(word: str, start: int, where: tuple[int, int]) -> Node:
    if word in {"{", "["}:
        return Node(Kind.MAPPING if word == "{" else Kind.LIST, start, start + 1, where, is_flow=True)
    is_text = word[0] == '"'
    return Node(Kind.SCALAR, start, start + len(word), where, json.loads(word) if is_text else word, '"' if is_text else "")


def nodes(root: Node | None) -> Iterator[Node]:
    """A node and all in it."""
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def entries(root: Node | None) -> Iterator[Entry]:
    """Every entry of every collection, what is around before what is within."""
    aliased = {node.text for node in nodes(root) if node.kind is Kind.ALIAS}
    names = {node.anchor: node.text for node in nodes(root) if node.anchor}
    waiting: list[tuple[Node, tuple[Part, ...], bool]] = [(root, (), root.anchor in aliased)] if root else []
    while waiting:
        owner, path, is_shared = waiting.pop()
        for number, (begin, value) in enumerate(owner.members):
            part = number if owner.kind is Kind.LIST else names.get(begin.text, "") if begin.kind is Kind.ALIAS else begin.text
            also = is_shared or bool({begin.anchor, value.anchor} & aliased)
            entry = Entry((*path, part), owner, number, begin.start, begin.position, value, also)
            yield entry
            waiting.append((value, entry.path, entry.is_shared))
