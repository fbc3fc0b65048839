"""JSON text -> values with a mark for every member; the same result as `yaml_nodes`, for texts YAML cannot read (tabs, surrogate pairs)."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import Any, NoReturn

from contract.openapi.places import Mark, Marks, refuse

# The text is known to be JSON, so commas and colons say nothing.
TEXT = r'"[^"\\]*(?:\\.[^"\\]*)*"'
WORD = rf"({TEXT}|[{{}}\[\]]|[^\s{{}}\[\],:\"]+)"
TOKEN = re.compile(rf"[ \t\r\n,]*{WORD}")
MEMBER = re.compile(rf"[ \t\r\n,]*(?:({TEXT})[ \t\r\n]*:[ \t\r\n]*{WORD}|}})")  # a key with the first word of its value, or the end


def read(text: str, file: str, marks: Marks) -> Any:
    """The document in the text. Raises ContractError at the place of the first mistake."""
    try:
        json.loads(text, parse_constant=_no_constant)
        return _Reader(text, file, marks).value()
    except json.JSONDecodeError as error:
        raise refuse((file, error.lineno, error.colno), f"this is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise refuse((file, 1, 1), "this is nested too deeply") from error
    except ValueError as error:
        raise refuse((file, 1, 1), f"this is not JSON: {error}") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


class _Reader:
    """A second pass over a text known to be JSON, for the places and for keys written twice."""

    def __init__(self, text: str, file: str, marks: Marks) -> None:
        self.text = text
        self.file = file
        self.marks = marks
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.position = 0
        self.token_start = 0

    def next(self) -> str:
        found = TOKEN.match(self.text, self.position)
        assert found is not None
        self.token_start, self.position = found.start(1), found.end()
        return found[1]

    def mark(self) -> Mark:
        line = bisect_right(self.starts, self.token_start)
        return (self.file, line, self.token_start - self.starts[line - 1] + 1)

    def value(self) -> Any:
        return self.after(self.next())

    def after(self, word: str) -> Any:
        match word:
            case "{":
                return self.mapping()
            case "[":
                return self.sequence()
            case _:
                return _scalar(word)

    def sequence(self) -> list[Any]:
        found: list[Any] = []
        members: dict[Any, Mark] = {}
        while (word := self.next()) != "]":
            members[len(found)] = self.mark()
            found.append(self.after(word))
        self.marks.record(found, members)
        return found

    def mapping(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        members: dict[Any, Mark] = {}
        while True:
            member = MEMBER.match(self.text, self.position)
            assert member is not None
            self.token_start, self.position = member.start(1), member.end()
            written, word = member.groups()
            if written is None:
                break
            key, mark = _scalar(written), self.mark()
            if key in found:
                raise refuse(mark, f"the key {key!r} is written twice, first on line {members[key][1]}")
            found[key], members[key] = self.after(word), mark
        self.marks.record(found, members)
        return found


def _scalar(word: str) -> Any:
    """The value of one word; most are strings without escapes, which need no parser."""
    return word[1:-1] if word[0] == '"' and "\\" not in word else json.loads(word)
