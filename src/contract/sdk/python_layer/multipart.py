"""Multipart forms (RFC 7578), with the content types and part headers of `encoding` (OpenAPI 3.1, section 4.8.15).

Files are streamed: they are read while the body is sent.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .encoding import FIELD_TEXT, TOKEN, Style, encode_header, form_fields, is_json, json_text, text_of

CHUNK_BYTES = 65_536
DEFAULT_FILE_NAME = "upload"
TUPLE_LENGTHS = (2, 3, 4)
LISTED = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')  # an item of a list: commas in quotes separate nothing
ESCAPED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})  # RFC 7578, section 2, as browsers do it


@dataclass(frozen=True, slots=True)
class Part:
    """How a property is written: what `encoding` says, or nothing for the defaults.

    `content_type` may be a list with ranges, as in the document. `headers` are the styles of part headers by name. `style` is set if
    `encoding` has `style`, `explode` or `allowReserved`.
    """

    content_type: str | None = None
    headers: Mapping[str, Style] = field(default_factory=dict)
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file of a form: its bytes, an open binary file or an iterable of bytes. Also a JSON value or text with part headers."""

    content: Any
    name: str | None = None
    content_type: str | None = None
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """One part of a form as it is sent. `content` is bytes, or a file or an iterable that is read while it is sent."""

    name: str
    content: Any
    file_name: str | None = None
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Stream:
    """A body with files. `length` is None if a file has an unknown size; `is_repeatable` tells whether it can be iterated again."""

    def __init__(self, pieces: list[Any]) -> None:
        self._pieces = pieces
        self._starts = [piece.tell() if _is_seekable(piece) else 0 for piece in pieces]
        sizes = [_size(piece) for piece in pieces]
        self.length = None if None in sizes else sum(size for size in sizes if size is not None)
        self.is_repeatable = all(isinstance(piece, bytes) or _is_seekable(piece) for piece in pieces)

    def __iter__(self) -> Iterator[bytes]:
        for piece, start in zip(self._pieces, self._starts, strict=True):
            if isinstance(piece, bytes):
                yield piece
            elif hasattr(piece, "read"):
                yield from _chunks(piece, start)
            else:
                yield from piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece, start in zip(self._pieces, self._starts, strict=True):
            if isinstance(piece, bytes):
                yield piece
            elif isinstance(piece, AsyncIterable):
                async for chunk in piece:
                    yield chunk
            else:
                for chunk in _chunks(piece, start) if hasattr(piece, "read") else piece:
                    yield chunk


def encode_multipart(value: Mapping[str, Any], parts: Mapping[str, Part], boundary: str | None = None) -> tuple[str, bytes | Stream]:
    """The content type and the body of a `multipart/form-data` form. Null and absent properties have no part.

    The boundary is random and made after the content, so that no content can have it.
    """
    boundary = boundary or secrets.token_hex(16)
    pieces: list[Any] = []
    for part in form_parts(value, parts):
        pieces += [f"--{boundary}\r\n{_head(part)}\r\n\r\n".encode(), part.content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    body = b"".join(pieces) if all(isinstance(piece, bytes) for piece in pieces) else Stream(pieces)
    return f"multipart/form-data; boundary={boundary}", body


def form_parts(value: Mapping[str, Any], parts: Mapping[str, Part]) -> Iterator[WrittenPart]:
    """The parts of a form in order."""
    for name, item in value.items():
        if item is not None:
            yield from _parts_of(name, _file_of(item), parts.get(name) or Part())


def _file_of(value: Any) -> Any:
    """The file of a tuple as httpx and requests take it: (name, content), and after these a content type and headers. Else the value."""
    if not isinstance(value, tuple) or len(value) not in TUPLE_LENGTHS or not isinstance(value[0], str | None):
        return value
    name, content, content_type, headers = (*value, None, None)[:4]
    return File(content, name, content_type, headers or {}) if _is_content(content) else value


def _parts_of(name: str, value: Any, part: Part) -> Iterator[WrittenPart]:
    if part.style is not None and not _is_file(value):
        yield from (WrittenPart(field_name, text.encode()) for field_name, text in form_fields(part.style, value))
    elif isinstance(value, (list, tuple)) and not is_json(part.content_type or ""):
        yield from (_written(name, _file_of(item), part) for item in value if item is not None)
    else:
        yield _written(name, value, part)


def _written(name: str, value: Any, part: Part) -> WrittenPart:
    file = value if isinstance(value, File) else File(value)
    chosen = file.content_type or _concrete(part.content_type)
    headers = tuple(_headers(name, file, part))
    if _is_content(file.content):
        file_name = file.name or _file_name(file.content)
        return WrittenPart(name, _as_bytes(file.content), file_name, chosen or "application/octet-stream", headers)
    if isinstance(file.content, (Mapping, list, tuple)) or is_json(chosen or ""):
        json_type = chosen if is_json(chosen or "") else "application/json"
        return WrittenPart(name, json_text(file.content).encode(), file.name, json_type, headers)
    return WrittenPart(name, text_of(file.content).encode(), file.name, chosen, headers)


def _headers(name: str, file: File, part: Part) -> Iterator[tuple[str, str]]:
    for header, value in file.headers.items():
        if not TOKEN.fullmatch(header):
            raise ValueError(f"{name}: {header!r} cannot be the name of a header")
        yield header, encode_header(part.headers.get(header) or Style(header, "header", "simple", explode=False), value)


def _head(part: WrittenPart) -> str:
    """The header fields of a part. Text without a content type is text/plain (RFC 7578, section 4.4)."""
    file_name = f'; filename="{part.file_name.translate(ESCAPED)}"' if part.file_name is not None else ""
    lines = [f'Content-Disposition: form-data; name="{part.name.translate(ESCAPED)}"{file_name}']
    if part.content_type is not None:
        if not FIELD_TEXT.fullmatch(part.content_type):
            raise ValueError(f"{part.name}: {part.content_type!r} is not a media type")
        lines.append(f"Content-Type: {part.content_type}")
    return "\r\n".join([*lines, *(f"{header}: {text}" for header, text in part.headers)])


def _concrete(content_type: str | None) -> str | None:
    """The first media type of a list that is not a range."""
    types = [item.strip() for item in LISTED.findall(content_type or "")]
    return next((item for item in types if item and "*" not in item.partition(";")[0]), None)


def _is_file(value: Any) -> bool:
    return isinstance(value, File) or _is_content(value)


def _is_content(value: Any) -> bool:
    """Whether a value is bytes, an open file, or an iterable of bytes rather than a JSON value."""
    if isinstance(value, (str, Mapping, list, tuple)):
        return False
    return isinstance(value, (bytes, bytearray, memoryview, Iterable, AsyncIterable)) or hasattr(value, "read")


def _as_bytes(content: Any) -> Any:
    return bytes(content) if isinstance(content, (bytearray, memoryview)) else content


def _file_name(content: Any) -> str:
    name = getattr(content, "name", None)
    return Path(name).name if isinstance(name, str) and name else DEFAULT_FILE_NAME


def _is_seekable(content: Any) -> bool:
    return hasattr(content, "seekable") and bool(content.seekable())


def _size(content: Any) -> int | None:
    if isinstance(content, bytes):
        return len(content)
    if not _is_seekable(content):
        return None
    start = content.tell()
    end = content.seek(0, os.SEEK_END)
    content.seek(start)
    return int(end - start)


def _chunks(file: Any, start: int) -> Iterator[bytes]:
    if _is_seekable(file):
        file.seek(start)
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
