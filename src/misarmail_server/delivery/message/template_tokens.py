"""The tokens of a merge template: texts and tags, in time linear to the source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

ELEMENT = (".",)  # the path of `{{.}}`, the current element of a section
# Possessive, so that nothing is tried twice; of bounded depth, because a path is walked at each rendering.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+(?:\.[A-Za-z0-9_]++){0,15}+|\.")
SECTIONS = frozenset("#^/")
ALONE = frozenset("#^/!")  # tags that remove their line if it contains nothing else
BLANKS = " \t"


class TemplateError(Exception):
    """A template that cannot be compiled. The message is a sentence with the position."""

    def __init__(self, sentence: str, source: str, position: int) -> None:
        self.line = source.count("\n", 0, position) + 1
        self.column = position - source.rfind("\n", 0, position)
        super().__init__(f"{sentence} (line {self.line}, column {self.column})")


class Token(NamedTuple):
    """`kind`: text, "" for an escaped tag, & for a raw one, or one of # ^ / !. `start` and `end` are the positions of its braces."""

    kind: str
    start: int
    end: int
    path: tuple[str, ...] = ()
    default: str = ""
    text: str = ""


def names(source: str) -> Iterator[str]:
    """The dotted names of tags and sections in order."""
    return (".".join(tag.path) for tag in tags(source) if tag.path and tag.kind not in {"/", "!"} and tag.path != ELEMENT)


def tokens(source: str) -> Iterator[Token]:
    """Texts and tags in order, without the lines on which a section or comment stands alone."""
    tags_ = list(tags(source))
    edges = [0, *(edge for tag in tags_ for edge in (tag.start, tag.end)), len(source)]
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    starts, ends = [start for start, _ in gaps], [end for _, end in gaps]
    for number, tag in enumerate(tags_):
        if tag.kind in ALONE:
            alone = _alone(source[slice(*gaps[number])], source[slice(*gaps[number + 1])], is_first=not number, is_last=tag is tags_[-1])
            ends[number] -= alone[0]
            starts[number + 1] += alone[1]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start < end:
            yield Token("text", start, end, text=source[start:end])
        if number < len(tags_):
            yield tags_[number]


def tags(source: str) -> Iterator[Token]:
    """Tags in order. Closing braces are searched forwards, their innermost opening backwards: each character is read at most twice."""
    position = scanned = 0
    while (close := source.find("}}", scanned)) >= 0:
        opening = source.rfind("{{", scanned, close)
        scanned = close + 2
        if opening < 0:
            continue
        is_raw = opening > position and source[opening - 1] == "{" and source.startswith("}", scanned)
        content = source[opening + 2 : close]
        opening, scanned = (opening - 1, scanned + 1) if is_raw else (opening, scanned)
        yield _tag(content, opening, scanned, is_raw=is_raw)
        position = scanned


def _tag(content: str, start: int, end: int, *, is_raw: bool) -> Token:
    content = content.strip()
    sigil = content[:1]
    if sigil == "!":
        return Token("!", start, end)
    if not is_raw and sigil in SECTIONS:
        return Token(sigil, start, end, _path(content[1:])) if NAME.fullmatch(content[1:].strip()) else Token("", start, end)
    if sigil == "&" and not is_raw:
        content, is_raw = content[1:], True
    name, _, default = content.partition("|")
    return Token("&" if is_raw else "", start, end, _path(name), default.strip())


def _path(name: str) -> tuple[str, ...]:
    name = name.strip()
    if name == ".":
        return ELEMENT
    return tuple(name.split(".")) if NAME.fullmatch(name) else ()


def _alone(before: str, after: str, *, is_first: bool, is_last: bool) -> tuple[int, int]:
    """How many characters before and after a tag belong to its line if it contains nothing else; else (0, 0)."""
    left, right = before.rstrip(BLANKS), after.lstrip(BLANKS)
    if not (left.endswith("\n") or (is_first and not left)):
        return 0, 0
    line_end = 2 if right.startswith("\r\n") else 1 if right.startswith("\n") else 0
    if not line_end and not (is_last and not right):
        return 0, 0
    return len(before) - len(left), len(after) - len(right) + line_end
