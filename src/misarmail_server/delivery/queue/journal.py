"""A worker's journal around the final dot: what may have reached a receiver although the database does not know it yet.

A final dot without a reply cannot be resolved (RFC 1047). The worker writes one line before the dot and one after the reply; the database
is updated later, many outcomes at a time. The worker that takes over from a dead one reads the journal: it tells which leased mail got
which reply, which is ambiguous (a dot without a reply), and that all other mail was not sent.

The line before the dot is flushed to the disk, so that it survives a power failure. A second line, not flushed, follows the flush: as long
as the machine has not restarted, mail that has only the first line was not sent either, even if the flush took longer than the sending.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

import msgspec
import structlog

from misarmail_server.delivery.outcomes import Outcome

MAX_BYTES = 4_000_000  # of a file; then the next one is started
MODE = os.O_WRONLY | os.O_APPEND | os.O_CREAT


class AttemptKey(NamedTuple):
    """One attempt: the id of the recipient's row and the end of its lease, since the number of an attempt may occur twice."""

    row_id: int
    lease_until: int


Step = Literal["mark", "go", "said"]


class _Line(msgspec.Struct, array_like=True):
    """`mark`: the dot will be sent once this is on the disk. `go`: it is. `said`: the outcome. A file starts with the boot id."""

    step: Step
    row_id: int
    lease_until: int
    outcome: Outcome | None = None


class JournalMark(NamedTuple):
    """Lines that are written and not yet flushed."""

    file: _File
    number: int


log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Line).decode


class Journal:
    """The journal of one worker. Thread-safe. A mark is on the disk when `dot` returns; threads share a flush."""

    def __init__(self, folder: Path, owner: str) -> None:
        self._folder = folder
        self._owner = owner
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._files: list[_File] = []
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def dot(self, key: AttemptKey) -> None:
        """Record that the final dot of an attempt is about to be sent. Raises OSError if that fails: then the dot must not be sent."""
        self.flush(self.mark([key]))
        self.go([key])

    def mark(self, keys: Sequence[AttemptKey]) -> JournalMark:
        """Write the first line of these attempts, to be flushed before their dots. Raises OSError."""
        with self._lock:
            file = self._current()
            file.write(b"".join(_line_of("mark", key) for key in keys))
            file.open_keys.update(keys)
            file.written += 1
            return JournalMark(file, file.written)

    def flush(self, mark: JournalMark) -> None:
        """Make a mark survive a power failure. One flush covers everything written before it. Raises OSError."""
        with self._flushing:
            file = mark.file
            if file.flushed < mark.number:
                written = file.written
                file.flush()
                file.flushed = written

    def go(self, keys: Sequence[AttemptKey]) -> None:
        """Write the line after the flush: the dots may be sent. Raises OSError."""
        with self._lock:
            file = self._current()
            file.write(b"".join(_line_of("go", key) for key in keys))
            file.open_keys.update(keys)  # possibly another file than the one with the mark

    def reply(self, key: AttemptKey, outcome: Outcome) -> None:
        """Record a reply, or that the mail certainly did not arrive."""
        self.replies([(key, outcome)])

    def replies(self, outcomes: Sequence[tuple[AttemptKey, Outcome]]) -> None:
        """As `reply`, for several attempts.

        A full disk does not undo a reply: without this line the attempt becomes ambiguous if the worker dies, and nothing else is lost.
        """
        if not outcomes:
            return
        try:
            with self._lock:
                self._write_outcomes(outcomes)
        except OSError as error:
            log.warning("the journal cannot be written", reason=error.strerror)

    def settle(self, keys: list[AttemptKey]) -> None:
        """Remove files that hold only attempts whose outcome is in the database."""
        with self._lock:
            for file in self._files:
                file.open_keys.difference_update(keys)
            self._drop_settled(keep_last=True)

    def close(self) -> None:
        """Remove what is settled; the rest stays for the worker that takes over."""
        with self._lock:
            self._drop_settled(keep_last=False)

    def _write_outcomes(self, outcomes: Sequence[tuple[AttemptKey, Outcome]]) -> None:
        file = self._current()
        file.write(b"".join(_line_of("said", key, outcome) for key, outcome in outcomes))
        # The file stays as long as the one with the mark; attempts that the database knows need neither.
        file.open_keys.update(key for key, _ in outcomes if any(key in other.open_keys for other in self._files))

    def _current(self) -> _File:
        if not self._files or self._files[-1].size > MAX_BYTES:
            number = self._files[-1].number + 1 if self._files else 1
            self._files.append(_File(self._folder / f"{_stem(self._owner)}.{number}", number))
        return self._files[-1]

    def _drop_settled(self, *, keep_last: bool) -> None:
        kept: list[_File] = []
        for file in self._files:
            if file.open_keys or (keep_last and file is self._files[-1]):
                kept.append(file)
            else:
                file.remove()
        self._files = kept


class _File:
    """One file of a journal, and its attempts that the database does not know yet."""

    def __init__(self, path: Path, number: int) -> None:
        self.number = number
        self.size = 0
        self.written = self.flushed = 0  # marks
        self.open_keys: set[AttemptKey] = set()
        self._path = path
        self._file = os.open(path, MODE, 0o600)
        try:
            self.write(_boot() + b"\n")
            _flush_folder(path.parent)
        except OSError:
            self.remove()  # otherwise each attempt on a full disk would leak a descriptor
            raise

    def write(self, lines: bytes) -> None:
        """Append lines, all or none. Raises OSError."""
        if os.write(self._file, lines) != len(lines):  # the disk is full; part of a line would corrupt the next one
            os.ftruncate(self._file, self.size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.size += len(lines)

    def flush(self) -> None:
        """Make the written lines survive a power failure."""
        os.fdatasync(self._file)

    def remove(self) -> None:
        """Close and delete the file."""
        os.close(self._file)
        self._path.unlink(missing_ok=True)


def read(folder: Path, owner: str) -> dict[AttemptKey, Outcome | None]:
    """The outcome of each attempt of an owner, None for a dot without a reply. An incomplete last line is ignored."""
    outcomes: dict[AttemptKey, Outcome | None] = {}
    for path in _paths(folder, owner):
        boot, *lines = path.read_bytes().split(b"\n")[:-1] or [b""]
        has_run_on = boot == _boot()
        for line in filter(None, map(_line, lines)):
            if line.step != "mark" or not has_run_on:
                outcomes[AttemptKey(line.row_id, line.lease_until)] = line.outcome
    return outcomes


def _line_of(step: Step, key: AttemptKey, outcome: Outcome | None = None) -> bytes:
    return _encode(_Line(step, *key, outcome)) + b"\n"


def _line(written: bytes) -> _Line | None:
    """None for a line that a full disk or a power failure cut: a missing line makes an attempt ambiguous at most."""
    try:
        return _decode(written)
    except msgspec.DecodeError:
        return None


@cache
def _boot() -> bytes:
    """Identifies this run of the machine; unique where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    except OSError:
        return b"unknown since " + os.urandom(16).hex().encode()


def delete_files(folder: Path, owner: str) -> None:
    """Delete the journal of a dead owner, once the database has its outcomes."""
    for path in _paths(folder, owner):
        path.unlink(missing_ok=True)


def _paths(folder: Path, owner: str) -> list[Path]:
    return sorted(folder.glob(f"{_stem(owner)}.*"), key=lambda path: int(path.suffix[1:]))


def _stem(owner: str) -> str:
    """The owner's name as a file name: dots, slashes and pattern characters are percent-encoded."""
    return quote(owner, safe="").replace(".", "%2E")


def _flush_folder(folder: Path) -> None:
    """The name of a new file survives a power failure only after its folder is flushed."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
