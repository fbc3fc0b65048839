"""YAML text -> plain JSON values with a mark for every member.

Scalars follow the JSON schema of YAML 1.2, which OpenAPI demands: dates, `yes` and `on` stay strings. Keys are always strings.
Read from parser events, not composed nodes: libyaml's composer recurses in C and dies of deep nesting.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import AliasEvent, Event, MappingEndEvent, MappingStartEvent, NodeEvent, ScalarEvent, SequenceEndEvent

from contract.openapi.places import Mark, Marks, refuse

Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
MAX_VALUES = 2_000_000
CONSTANTS: dict[str, bool | None] = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
CONSTANTS |= dict.fromkeys(["", "~", "null", "Null", "NULL"])
INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
STANDARD = "tag:yaml.org,2002:"


def read(text: str, file: str, marks: Marks) -> Any:
    """The one document in the text. Raises ContractError at the place of the first mistake."""
    try:
        return _Reader(text, file, marks).document()
    except yaml.MarkedYAMLError as error:
        opened = "end of stream" in (error.problem or "")  # then the beginning of what was not closed helps, not the end of the file
        mark = error.context_mark if opened else error.problem_mark or error.context_mark
        where = (file, mark.line + 1, mark.column + 1) if mark else (file, 1, 1)
        raise refuse(where, _sentence(text, where, error)) from error
    except yaml.YAMLError as error:
        raise refuse((file, 1, 1), f"this is not YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise refuse((file, 1, 1), "this is nested too deeply") from error


def _sentence(text: str, where: Mark, error: yaml.MarkedYAMLError) -> str:
    lines = text.splitlines()
    line = lines[where[1] - 1] if where[1] <= len(lines) else ""
    if line[where[2] - 1 : where[2]] == "\t":
        return "a tab cannot indent YAML, use spaces"
    return f"this is not YAML: {error.problem or error.context}"


class _Reader:
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
        found = self.value(next(self.events))
        next(self.events)  # the end of the document
        after = next(self.events)
        if isinstance(after, yaml.DocumentStartEvent):
            raise refuse(self.mark(after), "a second document starts here, one file holds one")
        return found

    def mark(self, event: Event) -> Mark:
        mark = event.start_mark
        assert mark is not None  # every event of a parser has one
        return (self.file, mark.line + 1, mark.column + 1)

    def value(self, event: Event) -> Any:
        if isinstance(event, AliasEvent):
            return self.alias(event)
        before = self.count
        self.add(event, 1)
        found = self.scalar(event) if isinstance(event, ScalarEvent) else self.container(event)
        if isinstance(event, NodeEvent) and event.anchor:
            self.anchors[event.anchor] = (found, self.count - before)
        return found

    def container(self, event: Event) -> Any:
        return self.mapping() if isinstance(event, MappingStartEvent) else self.sequence()

    def add(self, event: Event, count: int) -> None:
        self.count += count
        if self.count > MAX_VALUES:
            raise refuse(self.mark(event), f"the document has more than {MAX_VALUES:,} values")

    def alias(self, event: AliasEvent) -> Any:
        if event.anchor not in self.anchors:
            raise refuse(self.mark(event), f"the alias *{event.anchor} is used inside its own anchor")
        found, count = self.anchors[event.anchor]
        self.add(event, count)
        return found

    def sequence(self) -> list[Any]:
        found: list[Any] = []
        members: dict[Any, Mark] = {}
        while not isinstance(event := next(self.events), SequenceEndEvent):
            members[len(found)] = self.mark(event)
            found.append(self.value(event))
        self.marks.record(found, members)
        return found

    def mapping(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        members: dict[Any, Mark] = {}
        merged: list[Any] = []
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self.key(event)
            value = self.value(next(self.events))
            if key == "<<" and isinstance(value, dict | list):
                merged += value if isinstance(value, list) else [value]
                continue
            if key in found:
                raise refuse(self.mark(event), f"the key {key!r} is written twice, first on line {members[key][1]}")
            found[key], members[key] = value, self.mark(event)
        self.merge(found, members, merged)
        self.marks.record(found, members)
        return found

    def merge(self, found: dict[str, Any], members: dict[Any, Mark], merged: list[Any]) -> None:
        """What `<<` brings in: a mapping's own keys win, then the earlier of several."""
        for source in merged:
            marks = self.marks.of(source)
            for key in source if isinstance(source, dict) else ():
                if key not in found:
                    found[key], members[key] = source[key], marks[key]

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
