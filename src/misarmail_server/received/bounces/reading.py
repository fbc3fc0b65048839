"""Parses a hostile message into flat parts: bounded in size, depth and number, in linear time, and never with an error.

Boundaries are searched for as bytes, so that a body of millions of short lines costs no more than any other of its size.

Attached messages stay unparsed as one part: their content was not written by the reporter.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from misarmail_server.received.decoding import STRUCTURED, in_charset, transfer_decoded, words

MAX_BYTES = 1 << 20  # a report comes before the mail that it returns
MAX_PARTS = 64
MAX_DEPTH = 12
MAX_FIELDS = 200
MAX_HEADER_LENGTH = 256_000  # bytes of the message or of one part
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
    body: bytes = b""

    @property
    def media_type(self) -> str:
        """The media type, `text/plain` by default."""
        return self.fields.get("content-type", "").split(";")[0].strip().lower() or "text/plain"

    def content(self) -> bytes:
        """The body without its transfer encoding."""
        return transfer_decoded(self.body, self.fields.get("content-transfer-encoding", "").strip().lower())

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
    data = raw[:most].replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"").lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):  # a mailbox file's separator
        data = data.partition(b"\n")[2]
    fields, start = _header_at(data, 0, len(data))
    splitter = _Splitter(data, ParsedPart(first_of(fields)))
    splitter.split(start)
    return ParsedMessage(first_of(fields), fields, splitter.parts)


def _header_at(data: bytes, start: int, end: int) -> tuple[list[tuple[str, str]], int]:
    """The fields at a place, decoded, and where the body after them begins."""
    fields: list[list[bytes]] = []
    at = start
    for line in data[start : min(end, start + MAX_HEADER_LENGTH)].split(b"\n"):
        if not _continues(fields, line):
            return _fields(fields), min(at + (0 if line.strip() else len(line) + 1), end)
        at += len(line) + 1
    return _fields(fields), min(at, end)


def _continues(fields: list[list[bytes]], line: bytes) -> bool:
    """Whether a line belongs to the header, to whose lines it is added."""
    if line[:1] in {b" ", b"\t"} and fields and line.strip():
        fields[-1].append(line)
        return True
    if FIELD.match(line):
        fields.append([line])
        return True
    return False


def header(lines: list[bytes]) -> tuple[list[tuple[str, str]], list[bytes]]:
    """The fields at the start of some lines, and the lines after them. Encoded words stay in structured fields, which are parsed first."""
    fields: list[list[bytes]] = []
    for number, line in enumerate(lines):
        if not _continues(fields, line):
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
    """Cuts a body at its boundaries; those that are open at a time, at any depth, are searched for together."""

    def __init__(self, data: bytes, top: ParsedPart) -> None:
        self.parts = [top]
        self._data = data
        self._open: list[bytes] = []
        self._pattern: re.Pattern[bytes] | None = None
        self._enter()

    def split(self, start: int) -> None:
        """Cut the data from here on. Whatever follows the last part that is allowed belongs to it."""
        while len(self.parts) < MAX_PARTS and (match := self._next(start)):
            self.parts[-1].body = self._data[start : max(start, match.start())]
            self._cut(match)
            begin = min(match.end() + 1, len(self._data))
            following = self._next(begin)
            fields, start = _header_at(self._data, begin, max(begin, following.start()) if following else len(self._data))
            self.parts.append(ParsedPart(first_of(fields)))
            self._enter()
        self.parts[-1].body = self._data[start:]

    def _next(self, start: int) -> re.Match[bytes] | None:
        return self._pattern.search(self._data, max(start - 1, 0)) if self._pattern else None

    def _cut(self, match: re.Match[bytes]) -> None:
        level = self._open.index(match[1])
        del self._open[level + (0 if match[2] else 1) :]
        self._compile()

    def _enter(self) -> None:
        part = self.parts[-1]
        boundary = _parameter(BOUNDARY, part.fields).encode("utf-8", "surrogateescape").rstrip()
        if part.media_type.startswith("multipart/") and boundary and len(self._open) < MAX_DEPTH:
            self._open.append(boundary)
            self._compile()

    def _compile(self) -> None:
        """The longest boundary first: one may begin with another."""
        names = b"|".join(re.escape(boundary) for boundary in sorted(set(self._open), key=len, reverse=True))
        self._pattern = re.compile(rb"\n--(%s)(--)?[ \t]*(?=\n|\Z)" % names) if names else None


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
        at = lowered.find(">", end) + 1 or len(markup)
    return " ".join([*kept, markup[at:]])
