"""The tokens of a merge template: texts and tags, in time linear to the source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

ELEMENT = (".",)  # the path of `{{.}}`, the current element of a section
MAX_NAME_LENGTH = 250
MAX_PARTS = 16  # of a dotted name, because a path is walked at each rendering; longer ones are one part
SECTIONS = frozenset("#^/")
ALONE = frozenset("#^/!")  # tags that remove their line if it contains nothing else
UNSUPPORTED = frozenset(">=")
BLANKS = " \t"
LINE_BREAK = re.compile(r"[\r\n]")
MARKUP = re.compile(r"<[A-Za-z/!?]")
NO_NAME = re.compile(r"[\x00-\x1f\x7f{}]|<[A-Za-z/!?]")


class TemplateError(Exception):
    """A template that cannot be compiled. The message is a sentence with the position."""

    def __init__(self, sentence: str, source: str, position: int) -> None:
        self.line = source.count("\n", 0, position) + 1
        self.column = position - source.rfind("\n", 0, position)
        super().__init__(f"{sentence} (line {self.line}, column {self.column})")


class Token(NamedTuple):
    """`kind`: text, "" for an escaped tag, & for a raw one, or one of # ^ / !. `start` and `end` are the positions of its braces.

    `whole` is the path if the bar is not the beginning of a default but part of a name.
    """

    kind: str
    start: int
    end: int
    path: tuple[str, ...] = ()
    default: str = ""
    text: str = ""
    whole: tuple[str, ...] = ()


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


def check(source: str) -> None:
    """Refuse what is unlikely to be meant. Raises TemplateError for a tag that is not closed, or holds markup or a line break."""
    position = 0
    for tag in (*tags(source), Token("", len(source), len(source))):
        opening = source.find("{{", position, tag.start)
        if opening >= 0:
            raise TemplateError("{{ is not closed", source, opening)
        reason = _fault(source[tag.start : tag.end].strip("{}")) if tag.kind != "!" and tag.start < tag.end else ""
        if reason:
            raise TemplateError(reason, source, tag.start)
        position = tag.end


def _fault(content: str) -> str:
    """Why the content of a tag is refused, empty if it is not."""
    if LINE_BREAK.search(content):
        return "A merge tag holds a line break"
    content = content.strip()
    if MARKUP.search(content):
        return "A merge tag holds markup"
    if content[:1] in UNSUPPORTED:
        return f"{{{{{content[:80]}}}}} is not supported: there are no partials and no other delimiters"
    name = content.lstrip("#^/&").partition("|")[0].strip()
    return "" if name and _path(name) else f"{{{{{content[:80]}}}}} has no valid name"


def tags(source: str) -> Iterator[Token]:
    """Tags in order; braces around markup are text.

    Closing braces are searched forwards, their innermost opening backwards: each character is read at most twice.
    """
    position = scanned = 0
    while (close := source.find("}}", scanned)) >= 0:
        opening = source.rfind("{{", scanned, close)
        scanned = close + 2
        if opening < 0:
            continue
        is_raw = opening > position and source[opening - 1] == "{" and source.startswith("}", scanned)
        content = source[opening + 2 : close]
        opening, scanned = (opening - 1, scanned + 1) if is_raw else (opening, scanned)
        if content.lstrip()[:1] != "!" and MARKUP.search(content.partition("|")[0]):
            continue
        yield _tag(content, opening, scanned, is_raw=is_raw)
        position = scanned


def _tag(content: str, start: int, end: int, *, is_raw: bool) -> Token:
    content = content.strip()
    sigil = content[:1]
    if sigil == "!":
        return Token("!", start, end)
    if not is_raw and sigil in SECTIONS:
        path = _path(content[1:])
        return Token(sigil if path else "", start, end, path)
    if sigil in UNSUPPORTED:
        return Token("", start, end)
    if sigil == "&" and not is_raw:
        content, is_raw = content[1:], True
    name, bar, default = content.partition("|")
    return Token("&" if is_raw else "", start, end, _path(name), default.strip(), whole=_path(content) if bar else ())


def _path(name: str) -> tuple[str, ...]:
    """The parts of a name, () if it is none. A name may contain whatever that of a custom field may."""
    name = name.strip()
    if name == ".":
        return ELEMENT
    if not name or len(name) > MAX_NAME_LENGTH or NO_NAME.search(name):
        return ()
    return tuple(name.split(".")) if name.count(".") < MAX_PARTS else (name,)


def _alone(before: str, after: str, *, is_first: bool, is_last: bool) -> tuple[int, int]:
    """How many characters before and after a tag belong to its line if it contains nothing else; else (0, 0)."""
    left, right = before.rstrip(BLANKS), after.lstrip(BLANKS)
    if not (left.endswith("\n") or (is_first and not left)):
        return 0, 0
    line_end = 2 if right.startswith("\r\n") else 1 if right.startswith("\n") else 0
    if not line_end and not (is_last and not right):
        return 0, 0
    return len(before) - len(left), len(after) - len(right) + line_end
