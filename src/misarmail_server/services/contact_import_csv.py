"""CSV files of contacts as rows, one at a time: RFC 4180 as people's programs write it.

The whole file's encoding and header are judged before the first row is given, so that a wrong file imports nothing.
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
from misarmail_server.services.contact_import_rows import MAX_LENGTH, MAX_NAME_LENGTH, BadRow, ImportRow, is_field_name, judge

FIELD = "csv"
DELIMITERS = (",", ";", "\t", "|")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
COLUMNS = {name.replace("_", ""): name for name in ("email", "tags", "status", *MAX_LENGTH)} | {
    "emailaddress": "email",
    "phonenumber": "phone",
}
OUR_OWN = {"id", "createdat", "updatedat"}  # columns of an export that are no fields to set
FORMULAS = ("'=", "'+", "'-", "'@", "'\t", "'\r")  # as the export writes them
BETWEEN_TAGS = re.compile(r"[,;|]")
BREAKS = re.compile(r"[\t\r\n]+")
PIECE = 1 << 20
MAX_HEADER_LENGTH = 1 << 16
MAX_COLUMNS = 10_000  # an export has a column for each name that any contact of the account uses

Open = Callable[[], IO[bytes]]


class Column(NamedTuple):
    """What a column fills: a known field, or a custom field of that name."""

    name: str
    is_custom: bool


def rows(open_: Open) -> Iterator[ImportRow | BadRow]:
    """The rows of a file that can be opened more than once. Raises Invalid at once for an encoding or a header that cannot be read."""
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
    """The file's encoding, by its byte order mark. Raises Invalid where its bytes are not that, the last one included."""
    with open_() as file:
        piece = file.read(PIECE)
        encoding = next((name for mark, name in BOMS if piece.startswith(mark)), "utf-8")
        decoder = codecs.getincrementaldecoder(encoding)()
        seen = 0
        while True:
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                name = "UTF-16" if encoding == "utf-16" else "UTF-8"
                raise Invalid(FIELD, f"Is not {name}: byte {seen + error.start + 1} cannot be read. Save the file as UTF-8") from error
            if not piece:
                return encoding
            seen += len(piece)
            piece = file.read(PIECE)


def _columns(header: list[str]) -> list[Column | None]:
    """What each column fills, None for those that fill nothing. Raises Invalid for a header that is none."""
    if len(header) > MAX_COLUMNS:
        raise Invalid(FIELD, f"The first row names more than {MAX_COLUMNS:,} columns")
    columns = [_column(number, _cell(written)) for number, written in enumerate(header, 1)]
    names = [column.name for column in columns if column]
    if "email" not in names:
        raise Invalid(FIELD, "The first row must name the columns, and one of them must be email")
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise Invalid(FIELD, f"The first row names {twice} twice")
    return columns


def _column(number: int, written: str) -> Column | None:
    plain = re.sub(r"[\s_-]+", "", written).lower()
    if plain in OUR_OWN:
        return None
    if plain in COLUMNS:
        return Column(COLUMNS[plain], is_custom=False)
    if not is_field_name(written):
        said = "has no name" if not written else f"{written[:MAX_NAME_LENGTH]!r} cannot be the name of a field"
        raise Invalid(FIELD, f"Column {number} {said}")
    return Column(written, is_custom=True)


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
        return BadRow(line, None, f"The row has {len(cells)} cells and the first row {len(columns)}")
    return judge(line, _values(cells, columns))


def _values(cells: list[str], columns: list[Column | None]) -> dict[str, Any]:
    """A row by the contract's names; empty cells are not given."""
    values: dict[str, Any] = {}
    custom: dict[str, str] = {}
    for column, written in zip(columns, cells, strict=False):
        if not written or column is None:
            continue
        cell = written if written.isalnum() else _cell(written)
        if not cell:
            continue
        name, is_custom = column
        if is_custom:
            custom[name] = cell
        elif name == "tags":
            values["tags"] = [tag for tag in map(str.strip, BETWEEN_TAGS.split(cell)) if tag]
        else:
            values[name] = cell.lower() if name == "status" else cell
    if custom:
        values["custom_fields"] = custom
    return values


def _cell(written: str) -> str:
    """A cell on one line, without the blanks around it and without the apostrophe of an export."""
    cell = written.strip() if written.isprintable() else BREAKS.sub(" ", written).strip()
    return cell[1:] if cell[:1] == "'" and cell.startswith(FORMULAS) else cell
