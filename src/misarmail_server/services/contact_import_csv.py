"""CSV files of contacts as rows: RFC 4180, with the deviations of common programs.

Encoding and header of the whole file are checked before the first row is returned, so that an invalid file imports nothing.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple

from misarmail_server.errors import Invalid
from misarmail_server.services.contact_import_rows import MAX_LENGTH, MAX_NAME_LENGTH, BadRow, ImportRow, is_field_name, validate_row

FIELD = "csv"
DELIMITERS = (",", ";", "\t", "|")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
COLUMNS = {name.replace("_", ""): name for name in ("email", "tags", "status", *MAX_LENGTH)} | {
    "emailaddress": "email",
    "phonenumber": "phone",
}
READ_ONLY_COLUMNS = {"id", "createdat", "updatedat"}  # columns of an export that cannot be imported
FORMULAS = ("'=", "'+", "'-", "'@", "'\t", "'\r")  # as the export escapes them
TAG_SEPARATORS = re.compile(r"[,;|]")
LINE_BREAKS = re.compile(r"[\t\r\n]+")
CHUNK_SIZE = 1 << 20
MAX_HEADER_LENGTH = 1 << 16
MAX_COLUMNS = 10_000  # an export has a column for each custom field name of the account

Open = Callable[[], IO[bytes]]


class Column(NamedTuple):
    """The field that a column fills, either a standard or a custom one."""

    name: str
    is_custom: bool


def rows(open_: Open) -> Iterator[ImportRow | BadRow]:
    """The rows of a file that can be opened more than once. Raises Invalid at once for an invalid encoding or header."""
    encoding = _encoding(open_)
    with io.TextIOWrapper(open_(), encoding, newline="") as text:
        first = text.readline(MAX_HEADER_LENGTH)
        delimiter = max(DELIMITERS, key=re.sub(r'"[^"]*"', "", first).count)
        text.seek(0)
        columns = _header(csv.reader(text, delimiter=delimiter))
    return _rows(open_, encoding, delimiter, columns)


def _header(reader: Iterator[list[str]]) -> list[Column | None]:
    try:
        return _columns(next(reader, []))
    except csv.Error as error:
        raise Invalid(FIELD, f"The first row cannot be read: {error}") from error


def _encoding(open_: Open) -> str:
    """The file's encoding, from its byte order mark. Raises Invalid if any of its bytes is invalid in it."""
    with open_() as file:
        chunk = file.read(CHUNK_SIZE)
        encoding = next((name for mark, name in BOMS if chunk.startswith(mark)), "utf-8")
        decoder = codecs.getincrementaldecoder(encoding)()
        offset = 0
        while True:
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                name = "UTF-16" if encoding == "utf-16" else "UTF-8"
                raise Invalid(FIELD, f"Is not {name}: byte {offset + error.start + 1} cannot be read. Save the file as UTF-8") from error
            if not chunk:
                return encoding
            offset += len(chunk)
            chunk = file.read(CHUNK_SIZE)


def _columns(header: list[str]) -> list[Column | None]:
    """The field of each column, None for ignored ones. Raises Invalid for an invalid header."""
    if len(header) > MAX_COLUMNS:
        raise Invalid(FIELD, f"The first row names more than {MAX_COLUMNS:,} columns")
    columns = [_column(number, _cell(text)) for number, text in enumerate(header, 1)]
    names = [column.name for column in columns if column]
    if "email" not in names:
        raise Invalid(FIELD, "The first row must name the columns, and one of them must be email")
    repeated = next((name for name, count in Counter(names).items() if count > 1), None)
    if repeated is not None:
        raise Invalid(FIELD, f"The first row names {repeated} twice")
    return columns


def _column(number: int, text: str) -> Column | None:
    plain = re.sub(r"[\s_-]+", "", text).lower()
    if plain in READ_ONLY_COLUMNS:
        return None
    if plain in COLUMNS:
        return Column(COLUMNS[plain], is_custom=False)
    if not is_field_name(text):
        problem = "has no name" if not text else f"{text[:MAX_NAME_LENGTH]!r} is not a valid field name"
        raise Invalid(FIELD, f"Column {number} {problem}")
    return Column(text, is_custom=True)


def _rows(open_: Open, encoding: str, delimiter: str, columns: list[Column | None]) -> Iterator[ImportRow | BadRow]:
    with io.TextIOWrapper(open_(), encoding, newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield BadRow(line, None, f"The row cannot be read: {error}")
                continue
            if cells is None:
                return
            if any(cells):
                yield _row(line, cells, columns)


def _row(line: int, cells: list[str], columns: list[Column | None]) -> ImportRow | BadRow:
    if len(cells) > len(columns):
        return BadRow(line, None, f"The row has {len(cells)} cells, but the first row has {len(columns)}")
    return validate_row(line, _values(cells, columns))


def _values(cells: list[str], columns: list[Column | None]) -> dict[str, Any]:
    """A row by the contract's field names; empty cells are omitted."""
    values: dict[str, Any] = {}
    custom: dict[str, str] = {}
    for column, text in zip(columns, cells, strict=False):
        if not text or column is None:
            continue
        cell = text if text.isalnum() else _cell(text)
        if not cell:
            continue
        name, is_custom = column
        if is_custom:
            custom[name] = cell
        elif name == "tags":
            values["tags"] = [tag for tag in map(str.strip, TAG_SEPARATORS.split(cell)) if tag]
        else:
            values[name] = cell.lower() if name == "status" else cell
    if custom:
        values["custom_fields"] = custom
    return values


def _cell(text: str) -> str:
    """A cell as one line, without surrounding whitespace and without the apostrophe that the export adds."""
    cell = text.strip() if text.isprintable() else LINE_BREAKS.sub(" ", text).strip()
    return cell[1:] if cell[:1] == "'" and cell.startswith(FORMULAS) else cell
