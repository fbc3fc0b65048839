"""JSON text -> values with a mark for every member.

The result is that of `yaml_nodes`, for texts that YAML cannot read (tabs, surrogate pairs).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import Any, NoReturn

from contract.openapi.locations import Mark, Marks, refuse

# The text is valid JSON, so commas and colons carry no information.
TEXT = r'"[^"\\]*(?:\\.[^"\\]*)*"'
VALUE_TOKEN = rf"({TEXT}|[{{}}\[\]]|[^\s{{}}\[\],:\"]+)"
SURROGATE = re.compile(r"[\ud800-\udfff]")
TOKEN = re.compile(rf"[ \t\r\n,]*{VALUE_TOKEN}")
MEMBER = re.compile(rf"[ \t\r\n,]*(?:({TEXT})[ \t\r\n]*:[ \t\r\n]*{VALUE_TOKEN}|}})")  # a key with the first token of its value, or the end


def read(text: str, file: str, marks: Marks) -> Any:
    """The document in the text. Raises ContractError at the first mistake."""
    try:
        json.loads(text, parse_constant=_no_constant)
        return _JsonReader(text, file, marks).value()
    except json.JSONDecodeError as error:
        raise refuse((file, error.lineno, error.colno), f"this is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise refuse((file, 1, 1), "this is nested too deeply") from error
    except ValueError as error:
        raise refuse((file, 1, 1), f"this is not JSON: {error}") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


class _JsonReader:
    """A second pass over valid JSON, for marks and for duplicate keys."""

    def __init__(self, text: str, file: str, marks: Marks) -> None:
        self.text = text
        self.file = file
        self.marks = marks
        self.starts = [0, *(newline.end() for newline in re.finditer("\n", text))]
        self.position = 0
        self.token_start = 0

    def next(self) -> str:
        token = TOKEN.match(self.text, self.position)
        assert token is not None
        self.token_start, self.position = token.start(1), token.end()
        return token[1]

    def mark(self) -> Mark:
        line = bisect_right(self.starts, self.token_start)
        return (self.file, line, self.token_start - self.starts[line - 1] + 1)

    def value(self) -> Any:
        return self.after(self.next())

    def after(self, token: str) -> Any:
        match token:
            case "{":
                return self.mapping()
            case "[":
                return self.sequence()
            case _:
                return self.scalar(token)

    def scalar(self, token: str) -> Any:
        """The value of one token. Most are strings without escapes, which need no parser."""
        if token[0] == '"' and "\\" not in token:
            return token[1:-1]
        value = json.loads(token)
        if isinstance(value, str) and SURROGATE.search(value):
            raise refuse(self.mark(), "half of a surrogate pair is not a character (RFC 8259, section 8.2)")
        return value

    def sequence(self) -> list[Any]:
        items: list[Any] = []
        members: dict[Any, Mark] = {}
        while (token := self.next()) != "]":
            members[len(items)] = self.mark()
            items.append(self.after(token))
        self.marks.record(items, members)
        return items

    def mapping(self) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        members: dict[Any, Mark] = {}
        while True:
            member = MEMBER.match(self.text, self.position)
            assert member is not None
            self.token_start, self.position = member.start(1), member.end()
            quoted_key, token = member.groups()
            if quoted_key is None:
                break
            key, mark = self.scalar(quoted_key), self.mark()
            if key in entries:
                raise refuse(mark, f"the key {key!r} is written twice, first on line {members[key][1]}")
            entries[key], members[key] = self.after(token), mark
        self.marks.record(entries, members)
        return entries
