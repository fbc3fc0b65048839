"""YAML text -> plain JSON values with a mark for every member.

Scalars follow the JSON schema of YAML 1.2, which OpenAPI requires: dates, `yes` and `on` stay strings. Keys are always strings.
The reader uses parser events, not composed nodes: libyaml's composer recurses in C and crashes on deep nesting.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import AliasEvent, Event, MappingEndEvent, MappingStartEvent, NodeEvent, ScalarEvent, SequenceEndEvent

from contract.openapi.locations import Mark, Marks, refuse

Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
MAX_VALUES = 2_000_000
CONSTANTS: dict[str, bool | None] = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
CONSTANTS |= dict.fromkeys(["", "~", "null", "Null", "NULL"])
INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
STANDARD = "tag:yaml.org,2002:"


def read(text: str, file: str, marks: Marks) -> Any:
    """The one document in the text. Raises ContractError at the first mistake."""
    try:
        return _YamlReader(text, file, marks).document()
    except yaml.MarkedYAMLError as error:
        is_unclosed = "end of stream" in (error.problem or "")  # then report where the unclosed part begins, not the end of the file
        mark = error.context_mark if is_unclosed else error.problem_mark or error.context_mark
        location = (file, mark.line + 1, mark.column + 1) if mark else (file, 1, 1)
        raise refuse(location, _sentence(text, location, error)) from error
    except yaml.YAMLError as error:
        raise refuse((file, 1, 1), f"this is not YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise refuse((file, 1, 1), "this is nested too deeply") from error


def _sentence(text: str, location: Mark, error: yaml.MarkedYAMLError) -> str:
    lines = text.splitlines()
    line = lines[location[1] - 1] if location[1] <= len(lines) else ""
    if line[location[2] - 1 : location[2]] == "\t":
        return "a tab cannot indent YAML, use spaces"
    return f"this is not YAML: {error.problem or error.context}"


class _YamlReader:
    """One pass over the events of one text. `anchors` maps a name to its value and the number of values in it."""

    def __init__(self, text: str, file: str, marks: Marks) -> None:
        self.file = file
        self.marks = marks
        self.events: Iterator[Event] = yaml.parse(text, Loader=Loader)
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.count = 0

    def document(self) -> Any:
        next(self.events)  # the start of the stream
        if not isinstance(next(self.events), yaml.DocumentStartEvent):
            raise refuse((self.file, 1, 1), "the document is empty")
        document = self.value(next(self.events))
        next(self.events)  # the end of the document
        following = next(self.events)
        if isinstance(following, yaml.DocumentStartEvent):
            raise refuse(self.mark(following), "a second document starts here, one file holds one")
        return document

    def mark(self, event: Event) -> Mark:
        mark = event.start_mark
        assert mark is not None  # every parser event has one
        return (self.file, mark.line + 1, mark.column + 1)

    def value(self, event: Event) -> Any:
        if isinstance(event, AliasEvent):
            return self.alias(event)
        count_before = self.count
        self.add(event, 1)
        content = self.scalar(event) if isinstance(event, ScalarEvent) else self.container(event)
        if isinstance(event, NodeEvent) and event.anchor:
            self.anchors[event.anchor] = (content, self.count - count_before)
        return content

    def container(self, event: Event) -> Any:
        return self.mapping() if isinstance(event, MappingStartEvent) else self.sequence()

    def add(self, event: Event, count: int) -> None:
        self.count += count
        if self.count > MAX_VALUES:
            raise refuse(self.mark(event), f"the document has more than {MAX_VALUES:,} values")

    def alias(self, event: AliasEvent) -> Any:
        if event.anchor not in self.anchors:
            raise refuse(self.mark(event), f"the alias *{event.anchor} is used inside its own anchor")
        value, count = self.anchors[event.anchor]
        self.add(event, count)
        return value

    def sequence(self) -> list[Any]:
        items: list[Any] = []
        members: dict[Any, Mark] = {}
        while not isinstance(event := next(self.events), SequenceEndEvent):
            members[len(items)] = self.mark(event)
            items.append(self.value(event))
        self.marks.record(items, members)
        return items

    def mapping(self) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        members: dict[Any, Mark] = {}
        merged: list[Any] = []
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self.key(event)
            value = self.value(next(self.events))
            if key == "<<" and isinstance(value, dict | list):
                merged += value if isinstance(value, list) else [value]
                continue
            if key in entries:
                raise refuse(self.mark(event), f"the key {key!r} is written twice, first on line {members[key][1]}")
            entries[key], members[key] = value, self.mark(event)
        self.merge(entries, members, merged)
        self.marks.record(entries, members)
        return entries

    def merge(self, entries: dict[str, Any], members: dict[Any, Mark], merged: list[Any]) -> None:
        """Add what `<<` brings in: a mapping's own keys win, then the earlier of several sources."""
        for source in merged:
            marks = self.marks.of(source)
            for key in source if isinstance(source, dict) else ():
                if key not in entries:
                    entries[key], members[key] = source[key], marks[key]

    def key(self, event: Event) -> str:
        if isinstance(event, AliasEvent) and isinstance(value := self.alias(event), str):
            return value
        if not isinstance(event, ScalarEvent):
            raise refuse(self.mark(event), "a key must be a string")
        return str(event.value)

    def scalar(self, event: ScalarEvent) -> Any:
        if event.implicit[0]:
            return self.plain(event)
        match (event.tag or STANDARD + "str").removeprefix(STANDARD):
            case "null" | "bool" | "int" | "float":
                return self.plain(event)
            case "!" | "str" | "timestamp" | "binary":
                return event.value
            case other:
                raise refuse(self.mark(event), f"the tag {other} has no meaning in JSON")

    def plain(self, event: ScalarEvent) -> Any:
        text = event.value
        if text in CONSTANTS:
            return CONSTANTS[text]
        if not text[0].isdigit() and text[0] not in "+-.":
            return text
        try:
            return _number(text)
        except (ValueError, OverflowError) as error:
            raise refuse(self.mark(event), "the number is too large") from error


def _number(text: str) -> Any:
    if INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if not NUMBER.fullmatch(text):
        return text
    number = float(text)
    if math.isinf(number):
        raise OverflowError
    return number
