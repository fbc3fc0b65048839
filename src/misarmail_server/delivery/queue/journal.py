"""A worker's journal around the final dot of a mail: what may have reached its receiver though the database does not know it yet.

Nobody can know whether a receiver took a mail whose final dot it was sent but did not answer (RFC 1047). The worker writes one line
before the dot and one after the reply; the database is told later, many outcomes at a time. When the worker dies, its journal tells which
leased mail was answered and how, which is in doubt (a dot without a reply), and that all other mail never left.

The line before the dot is flushed to the disk, so that it survives a loss of power, and a second one, not flushed, is written when that is
done: while the machine runs on, a mail that has only the first never left either, though flushing takes longer than sending.
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

MAX_BYTES = 4_000_000  # bytes of a file, after which another is begun
MODE = os.O_WRONLY | os.O_APPEND | os.O_CREAT


class AttemptKey(NamedTuple):
    """One attempt: the id of the recipient's row and the end of its lease, as the number of an attempt may come again."""

    row_id: int
    lease_until: int


Step = Literal["mark", "go", "said"]


class _Line(msgspec.Struct, array_like=True):
    """`mark`: the dot will be sent once this is on the disk. `go`: it is. `said`: the outcome. A file begins with the boot."""

    step: Step
    row_id: int
    lease_until: int
    outcome: Outcome | None = None


class JournalMark(NamedTuple):
    """Lines that are written and not flushed yet."""

    file: _File
    number: int


log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Line).decode


class Journal:
    """What one worker writes. Safe to use from several threads. A mark is on the disk when `dot` returns; threads share a flush."""

    def __init__(self, folder: Path, owner: str) -> None:
        self._folder = folder
        self._owner = owner
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._files: list[_File] = []
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def dot(self, key: AttemptKey) -> None:
        """The final dot of that attempt is about to be sent. Raises OSError when it cannot be written: then it must not be sent."""
        self.flush(self.mark([key]))
        self.go([key])

    def mark(self, keys: Sequence[AttemptKey]) -> JournalMark:
        """The first line before the dots of these attempts, to be flushed. Raises OSError."""
        with self._lock:
            file = self._current()
            file.write(b"".join(_line_of("mark", key) for key in keys))
            file.open_keys.update(keys)
            file.written += 1
            return JournalMark(file, file.written)

    def flush(self, mark: JournalMark) -> None:
        """Have a mark survive a loss of power. One flush is for all that was written before it. Raises OSError."""
        with self._flushing:
            file = mark.file
            if file.flushed < mark.number:
                written = file.written
                file.flush()
                file.flushed = written

    def go(self, keys: Sequence[AttemptKey]) -> None:
        """The line after the flush: the dots may be sent. Raises OSError."""
        with self._lock:
            file = self._current()
            file.write(b"".join(_line_of("go", key) for key in keys))
            file.open_keys.update(keys)  # it may be another file than the mark's

    def reply(self, key: AttemptKey, outcome: Outcome) -> None:
        """The receiver answered, or it is known that the mail did not arrive."""
        self.replies([(key, outcome)])

    def replies(self, said: Sequence[tuple[AttemptKey, Outcome]]) -> None:
        """As `reply`, for several attempts.

        A disk that is full does not undo an answer: without this line the attempt is doubtful if the worker dies, and nothing else.
        """
        if not said:
            return
        try:
            with self._lock:
                self._say(said)
        except OSError as error:
            log.warning("the journal cannot be written", reason=error.strerror)

    def settle(self, keys: list[AttemptKey]) -> None:
        """The database knows of these now: files about nothing else are removed."""
        with self._lock:
            for file in self._files:
                file.open_keys.difference_update(keys)
            self._drop_settled(keep_last=True)

    def close(self) -> None:
        """Remove what is settled; what is not stays for whoever takes over."""
        with self._lock:
            self._drop_settled(keep_last=False)

    def _say(self, said: Sequence[tuple[AttemptKey, Outcome]]) -> None:
        file = self._current()
        file.write(b"".join(_line_of("said", key, outcome) for key, outcome in said))
        # The file stays as long as the one that has the mark: what the database knows already needs neither.
        file.open_keys.update(key for key, _ in said if any(key in other.open_keys for other in self._files))

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
    """One file of a journal, and which attempts in it the database does not know yet."""

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
            self.remove()  # or each attempt on a full disk would leave a descriptor behind
            raise

    def write(self, lines: bytes) -> None:
        """Append lines, all or none. Raises OSError."""
        if os.write(self._file, lines) != len(lines):  # the disk took a part; a piece of a line would spoil the next one
            os.ftruncate(self._file, self.size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.size += len(lines)

    def flush(self) -> None:
        """Have what was written survive a loss of power."""
        os.fdatasync(self._file)

    def remove(self) -> None:
        """Close and delete it."""
        os.close(self._file)
        self._path.unlink(missing_ok=True)


def read(folder: Path, owner: str) -> dict[AttemptKey, Outcome | None]:
    """What the journal of an owner says of its attempts: the outcome, or None for a dot without a reply. A torn last line says nothing."""
    found: dict[AttemptKey, Outcome | None] = {}
    for path in _paths(folder, owner):
        boot, *lines = path.read_bytes().split(b"\n")[:-1] or [b""]
        has_run_on = boot == _boot()
        for said in filter(None, map(_line, lines)):
            if said.step != "mark" or not has_run_on:
                found[AttemptKey(said.row_id, said.lease_until)] = said.outcome
    return found


def _line_of(step: Step, key: AttemptKey, outcome: Outcome | None = None) -> bytes:
    return _encode(_Line(step, *key, outcome)) + b"\n"


def _line(written: bytes) -> _Line | None:
    """None for one that a full disk or a loss of power cut: what is missing makes an attempt doubtful at most."""
    try:
        return _decode(written)
    except msgspec.DecodeError:
        return None


@cache
def _boot() -> bytes:
    """What names this run of the machine; like no other where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    except OSError:
        return b"unknown since " + os.urandom(16).hex().encode()


def delete_files(folder: Path, owner: str) -> None:
    """Delete the journal of an owner that is dead, once the database knows what it said."""
    for path in _paths(folder, owner):
        path.unlink(missing_ok=True)


def _paths(folder: Path, owner: str) -> list[Path]:
    return sorted(folder.glob(f"{_stem(owner)}.*"), key=lambda path: int(path.suffix[1:]))


def _stem(owner: str) -> str:
    """An owner's name as a file's: dots, slashes and signs of patterns are percent-encoded."""
    return quote(owner, safe="").replace(".", "%2E")


def _flush_folder(folder: Path) -> None:
    """A new file's name survives a loss of power only once its folder was written."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
