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
from contextlib import closing
from typing import IO, Any, NamedTuple

from typing_extensions import override

from misarmail_server.errors import Invalid
from misarmail_server.services.contact_import_rows import MAX_LENGTH, MAX_NAME_LENGTH, BadRow, ImportRow, is_field_name, validate_row
from misarmail_server.services.contact_import_words import COLUMNS, STATUSES, plain
from misarmail_server.services.email_addresses import from_cell, strip_invisible

FIELD = "csv"
DELIMITERS = (",", ";", "\t", "|")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
OWN_COLUMNS = {name.replace("_", ""): name for name in ("email", "tags", "status", *MAX_LENGTH)}
READ_ONLY_COLUMNS = {"id", "createdat", "updatedat"}  # columns of an export that cannot be imported
FORMULAS = ("'=", "'+", "'-", "'@", "'\t", "'\r")  # as the export escapes them
TAG_SEPARATORS = re.compile(r"[,;|]")
LINE_BREAKS = re.compile(r"[\t\r\n]+")
CHUNK_SIZE = 1 << 20
SAMPLE_SIZE = 1_024  # bytes
SEPARATOR_LINE = re.compile(r'"?sep=([,;|\t])"?\s*\Z', re.IGNORECASE).match  # as Excel writes it
UNCLOSED = "a quotation mark is not closed"
MAX_COLUMNS = 10_000  # an export has a column for each custom field name of the account

Open = Callable[[], IO[bytes]]


class Column(NamedTuple):
    """The field that a column fills, either a standard or a custom one."""

    name: str
    is_custom: bool


class Lines(Iterator[str]):
    """The lines of a file for a CSV reader, from which a record that is not closed can be taken back.

    Byte order marks at the beginning and a line `sep=;` are left out; `number` is that of the last line.
    """

    def __init__(self, open_: Open, encoding: str) -> None:
        self._text = io.TextIOWrapper(open_(), encoding, newline="")
        self._record: list[str] = []  # the lines since `begin`
        self._returned: list[str] = []  # the lines taken back, the next one last
        self.number = 0
        self.has_ended = False
        first = self._text.readline().lstrip("\ufeff")
        separator = SEPARATOR_LINE(first)
        self.delimiter = separator[1] if separator else max(DELIMITERS, key=re.sub(r'"[^"]*"', "", first).count)
        if separator:
            self.number = 1
        elif first:
            self._returned.append(first)

    @override
    def __next__(self) -> str:
        try:
            line = self._returned.pop() if self._returned else next(self._text)
        except StopIteration:
            self.has_ended = True
            raise
        self.number += 1
        self._record.append(line)
        return line

    def begin(self) -> int:
        """Begin a record; the number of its first line."""
        self._record.clear()
        self.has_ended = False
        return self.number + 1

    def take_back(self) -> None:
        """Return all lines of the record but its first, to be read as records."""
        again = self._record[1:]
        self.number -= len(again)
        self._returned += reversed(again)
        self._record.clear()

    def close(self) -> None:
        """Close the file."""
        self._text.close()


def rows(open_: Open) -> Iterator[ImportRow | BadRow]:
    """The rows of a file that can be opened more than once. Raises Invalid at once for an invalid encoding or header."""
    encoding = _encoding(open_)
    with closing(Lines(open_, encoding)) as lines:
        columns = _header(lines)
    return _rows(open_, encoding, columns)


def _header(lines: Lines) -> list[Column | None]:
    try:
        header = next(_reader(lines), [])
    except csv.Error as error:
        reason = UNCLOSED if lines.has_ended else error
        raise Invalid(FIELD, f"The first row cannot be read: {reason}") from error
    return _columns(header)


def _reader(lines: Lines) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=lines.delimiter, strict=True)


def _encoding(open_: Open) -> str:
    """The file's encoding, from its byte order mark, or UTF-16 by its zero bytes. Raises Invalid if any of its bytes is invalid in it."""
    with open_() as file:
        chunk = file.read(CHUNK_SIZE)
        encoding = next((name for mark, name in BOMS if chunk.startswith(mark)), None) or _without_mark(chunk[:SAMPLE_SIZE])
        decoder = codecs.getincrementaldecoder(encoding)()
        offset = 0
        while True:
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                name = "UTF-16" if encoding.startswith("utf-16") else "UTF-8"
                raise Invalid(FIELD, f"Is not {name}: byte {offset + error.start + 1} cannot be read. Save the file as UTF-8") from error
            if not chunk:
                return encoding
            offset += len(chunk)
            chunk = file.read(CHUNK_SIZE)


def _without_mark(sample: bytes) -> str:
    """The encoding of a file without a byte order mark: most characters of a header have a zero byte in UTF-16, none in UTF-8."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if not sample or max(even, odd) * 4 < len(sample):
        return "utf-8"
    return "utf-16-be" if even > odd else "utf-16-le"


def _columns(header: list[str]) -> list[Column | None]:
    """The field of each column, None for ignored ones. Raises Invalid for an invalid header."""
    texts = [_cell(text) for text in header]
    if len(texts) > MAX_COLUMNS:
        raise Invalid(FIELD, f"The first row names more than {MAX_COLUMNS:,} columns")
    exact = [OWN_COLUMNS.get(plain(text)) for text in texts]
    columns = [_column(number, text, exact) for number, text in enumerate(texts, 1)]
    names = [column.name for column in columns if column]
    if "email" not in names:
        raise Invalid(FIELD, "The first row must name the columns, and one of them must be email")
    repeated = next((name for name, count in Counter(names).items() if count > 1), None)
    if repeated is not None:
        raise Invalid(FIELD, f"The first row names {repeated} twice")
    return columns


def _column(number: int, text: str, exact: list[str | None]) -> Column | None:
    """The field of a column; `exact` has the contract's name of each column that has one.

    Another product's name for a field that has a column already remains a custom field.
    """
    own = exact[number - 1]
    if not text or plain(text) in READ_ONLY_COLUMNS:
        return None
    if own is None and (meaning := COLUMNS.get(plain(text))) not in exact:
        own = exact[number - 1] = meaning
    if own is not None:
        return Column(own, is_custom=False)
    if not is_field_name(text):
        raise Invalid(FIELD, f"Column {number} {text[:MAX_NAME_LENGTH]!r} is not a valid field name")
    return Column(text, is_custom=True)


def _rows(open_: Open, encoding: str, columns: list[Column | None]) -> Iterator[ImportRow | BadRow]:
    with closing(Lines(open_, encoding)) as lines:
        reader = _reader(lines)
        next(reader)
        while True:
            line = lines.begin()
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield _unreadable(lines, line, str(error))
                reader = _reader(lines)
                continue
            if cells is None:
                return
            if any(cells):
                yield _row(line, cells, columns)


def _unreadable(lines: Lines, line: int, reason: str) -> BadRow:
    """A record that cannot be read. If it spans lines, a quotation mark is probably missing, and its other lines are read as records."""
    if lines.has_ended:
        reason = UNCLOSED
    elif lines.number > line:
        reason = f"{UNCLOSED}, or text follows one that closes"
    lines.take_back()
    return BadRow(line, None, f"The row cannot be read: {reason}")


def _row(line: int, cells: list[str], columns: list[Column | None]) -> ImportRow | BadRow:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
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
            values["tags"] = [tag for tag in map(str.strip, TAG_SEPARATORS.split(cell.replace('"', ""))) if tag]
        elif name == "status":
            values["status"] = STATUSES.get(plain(cell), cell)
        else:
            values[name] = from_cell(cell) if name == "email" else cell
    if custom:
        values["custom_fields"] = custom
    return values


def _cell(text: str) -> str:
    """A cell as one line, without surrounding characters that cannot be seen and without the apostrophe that the export adds."""
    cell = text.strip() if text.isprintable() else strip_invisible(LINE_BREAKS.sub(" ", text))
    return cell[1:] if cell[:1] == "'" and cell.startswith(FORMULAS) else cell
