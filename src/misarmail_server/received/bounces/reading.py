"""Parses a hostile message into flat parts: bounded in size, lines, depth and number, in linear time, and never with an error.

Attached messages stay unparsed as one part: their content was not written by the reporter.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from misarmail_server.received.decoding import STRUCTURED, in_charset, transfer_decoded, words

MAX_BYTES = 1 << 20  # a report comes before the mail that it returns
MAX_PARTS = 64
MAX_DEPTH = 12
MAX_FIELDS = 200
MAX_FIELD_LENGTH = 4_000

FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]*:[ \t]*(.*)", re.DOTALL)
BOUNDARY = re.compile(r"\bboundary[ \t]*=[ \t]*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
CHARSET = re.compile(r"\bcharset[ \t]*=[ \t]*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
UNSEEN = ("script", "style", "head")
BREAK = re.compile(r"<(?:br|p|div|tr|li|h\d|/p|/div|/tr)\b[^<>]{0,1000}>", re.IGNORECASE)
TAG = re.compile(r"<(?![^<>@\s]{1,100}@)[/!a-z][^<>]{0,2000}>", re.IGNORECASE)

Fields = dict[str, str]


@dataclass(slots=True)
class ParsedPart:
    """A leaf of the message. `fields` are its header, names in lower case, the first of each name."""

    fields: Fields
    lines: list[bytes] = field(default_factory=list)

    @property
    def media_type(self) -> str:
        """The media type, `text/plain` by default."""
        return self.fields.get("content-type", "").split(";")[0].strip().lower() or "text/plain"

    def content(self) -> bytes:
        """The body without its transfer encoding."""
        return transfer_decoded(b"\n".join(self.lines), self.fields.get("content-transfer-encoding", "").strip().lower())

    def source(self) -> str:
        """The body as text, whatever its type; HTML unchanged."""
        return in_charset(self.content(), _parameter(CHARSET, self.fields))

    def text(self) -> str:
        """The body as text; HTML as a reader sees it."""
        return unmarked(self.source()) if self.media_type == "text/html" else self.source()


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """`fields` is the header, `all_fields` the same in order with repeated names, `parts` the leaves in order."""

    fields: Fields
    all_fields: list[tuple[str, str]]
    parts: list[ParsedPart]


def read(raw: bytes, most: int = MAX_BYTES) -> ParsedMessage:
    """The first `MAX_BYTES` of a message, parsed."""
    lines = raw[:most].replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"").lstrip(b"\n").split(b"\n")
    if lines[0].startswith((b"From ", b">From ")):  # a mailbox file's separator
        del lines[0]
    fields, body = header(lines)
    splitter = _Splitter(ParsedPart(first_of(fields)))
    for line in body:
        splitter.take(line)
    return ParsedMessage(first_of(fields), fields, splitter.parts)


def header(lines: list[bytes]) -> tuple[list[tuple[str, str]], list[bytes]]:
    """The fields at the start of some lines, and the lines after them. Encoded words stay in structured fields, which are parsed first."""
    fields: list[list[bytes]] = []
    for number, line in enumerate(lines):
        if line[:1] in {b" ", b"\t"} and fields and line.strip():
            fields[-1].append(line)
        elif FIELD.match(line):
            fields.append([line])
        else:
            return _fields(fields), lines[number + 1 :] if not line.strip() else lines[number:]
    return _fields(fields), []


def first_of(fields: Iterable[tuple[str, str]]) -> Fields:
    """The first value of each name."""
    first: Fields = {}
    for name, value in fields:
        first.setdefault(name, value)
    return first


def unmarked(markup: str) -> str:
    """The visible text of HTML, a line for each block."""
    for name in UNSEEN:
        markup = _without(markup, name)
    return html.unescape(TAG.sub("", BREAK.sub("\n", markup)))


class _Splitter:
    """Takes the lines of a body one by one; an open boundary is found by one look-up, at any depth."""

    def __init__(self, top: ParsedPart) -> None:
        self.parts = [top]
        self._open: list[bytes] = []
        self._head: list[bytes] | None = None
        self._enter()

    def take(self, line: bytes) -> None:
        level = self._level(line) if self._open and line.startswith(b"--") else None
        if level is not None:
            self._cut(level, is_last=line.rstrip().endswith(b"--") and line[2:].rstrip() != self._open[level])
        elif self._head is None:
            self.parts[-1].lines.append(line)
        elif FIELD.match(line) or (line[:1] in {b" ", b"\t"} and line.strip() and self._head):
            self._head.append(line)
        else:
            self._begin(line)

    def _level(self, line: bytes) -> int | None:
        token = line[2:].rstrip()
        for boundary in (token, token[:-2] if token.endswith(b"--") else token):
            if boundary in self._open:
                return self._open.index(boundary)
        return None

    def _cut(self, level: int, *, is_last: bool) -> None:
        if self._head is not None:
            self._begin(b"")
        del self._open[level + (0 if is_last else 1) :]
        if len(self.parts) < MAX_PARTS:
            self._head = []

    def _begin(self, line: bytes) -> None:
        """The header of a part ends with this line, which belongs to the body unless it is empty."""
        part = ParsedPart(first_of(header(self._head or [])[0]), [line] if line.strip() else [])
        self._head = None
        self.parts.append(part)
        self._enter()

    def _enter(self) -> None:
        part = self.parts[-1]
        boundary = _parameter(BOUNDARY, part.fields).encode("utf-8", "surrogateescape").rstrip()
        if part.media_type.startswith("multipart/") and boundary and len(self._open) < MAX_DEPTH:
            self._open.append(boundary)


def _parameter(pattern: re.Pattern[str], fields: Fields) -> str:
    match = pattern.search(fields.get("content-type", ""))
    return next((group for group in match.groups() if group), "") if match else ""


def _fields(lines_of_fields: list[list[bytes]]) -> list[tuple[str, str]]:
    fields = []
    for lines in lines_of_fields[:MAX_FIELDS]:
        matched = FIELD.match(b" ".join(line.strip() for line in lines)[:MAX_FIELD_LENGTH])
        if matched:
            name, value = matched[1].decode("ascii").lower(), in_charset(matched[2], "utf-8").strip()
            fields.append((name, value if name in STRUCTURED else words(value)))
    return fields


def _without(markup: str, name: str) -> str:
    """The markup without some element; an unclosed element stays."""
    lowered, kept, at = markup.lower(), [], 0
    if len(lowered) != len(markup):
        return markup
    while (start := lowered.find(f"<{name}", at)) >= 0 and (end := lowered.find(f"</{name}", start)) >= 0:
        kept.append(markup[at:start])
        at = end + len(name) + 2
    return " ".join([*kept, markup[at:]])
