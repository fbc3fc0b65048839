"""A sample of the exchanges of a WSGI application (PEP 3333), written to a file for `contract verify` and `contract coverage`.

What is written has been through `contract.traffic.redaction`. The file is bounded: when it is full it is kept once more as `FILE.1`.
What keeps it from being written is logged and is no request's fault.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from contract.runtime.media import essence
from contract.traffic import recorded
from contract.traffic.exchange import Exchange, Fields, Message
from contract.traffic.recording import Recording
from contract.traffic.redaction import redacted, url

MOST_BYTES = 64 * 1024  # of a body
COPIED_BYTES = 256 * 1024  # at a time

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Surroundings(NamedTuple):
    """What a recorder needs of its application: numbers in [0, 1), the time in milliseconds since 1970, and somebody to tell of faults."""

    draw: Callable[[], float]
    clock: Callable[[], int]
    report: Callable[[OSError], None]


class Recorder:
    """A WSGI application around another one."""

    def __init__(self, wsgi: Wsgi, recording: Recording, around: Surroundings) -> None:
        self._wsgi = wsgi
        self._recording = recording
        self._around = around

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request (PEP 3333), and perhaps remember it."""
        if self._around.draw() >= self._recording.share:
            return self._wsgi(environ, start_response)
        said: list[tuple[int, Fields]] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said[:] = [(int(status[:3]), tuple(headers))]
            return start_response(status, headers, *rest)

        sent = environ["wsgi.input"] = _Tee(environ["wsgi.input"])
        chunks = self._wsgi(environ, start)
        return _Watched(chunks, lambda body: self._keep(environ, sent, said[0], body) if said else None)

    def _keep(self, environ: Environ, sent: _Tee, said: tuple[int, Fields], body: bytes | None) -> None:
        """Write an exchange down. Nothing in it and nothing about the file is an error to the one who asked."""
        try:
            self._write(recorded.line(_exchange(environ, sent, said, body), self._around.clock()))
        except OSError as error:
            self._around.report(error)
        except (ValueError, RecursionError) as error:
            self._around.report(OSError(errno.EINVAL, f"the exchange cannot be written: {type(error).__name__}"))

    def _write(self, line: bytes) -> None:
        """Append a line; processes that share the file take turns, so that one of them puts a full one aside."""
        path, limit = self._recording.path, self._recording.limit
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_size + len(line) > limit // 2:
                _put_aside(path, file)
            _append(file, line)
        finally:
            os.close(file)


def _put_aside(path: Path, file: int) -> None:
    """Keep what is full as `FILE.1`, and go on with an empty one. Its bytes are copied, so that no other process loses its file."""
    aside = os.open(path.with_name(f"{path.name}.1"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(aside, "wb") as copy:
        os.fchmod(aside, 0o600)  # it may have been there
        while chunk := os.pread(file, COPIED_BYTES, copy.tell()):
            copy.write(chunk)
    os.ftruncate(file, 0)


def _append(file: int, line: bytes) -> None:
    """Write all of a line or nothing. Raises OSError."""
    size = os.fstat(file).st_size
    if os.write(file, line) != len(line):  # the disk took a part; the next line would be glued to it
        os.ftruncate(file, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _exchange(environ: Environ, sent: _Tee, said: tuple[int, Fields], body: bytes | None) -> Exchange:
    """What may be kept of an exchange."""
    status, headers = said
    answer = Message(headers, None if essence(dict(headers).get("Content-Type", "")) == "text/event-stream" else body)
    request = Message(tuple(_sent_headers(environ)), sent.kept(environ))
    path = quote(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), safe="/:@!$&'()*+,;=~", encoding="latin-1")
    return Exchange(environ["REQUEST_METHOD"], url(path, environ.get("QUERY_STRING", "")), status, redacted(request), redacted(answer))


class _Watched:
    """An answer's chunks; at their end `done` is told the body, None where it was too long or was closed before its end."""

    def __init__(self, chunks: Iterable[bytes], done: Callable[[bytes | None], None]) -> None:
        self._chunks = chunks
        self._each = iter(chunks)
        self._done: Callable[[bytes | None], None] | None = done
        self._kept: bytearray | None = bytearray()
        self._is_whole = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._each)
        except StopIteration:
            self._is_whole = True
            self._finish()
            raise
        if self._kept is not None:
            self._kept = None if len(self._kept) + len(chunk) > MOST_BYTES else self._kept + chunk
        return chunk

    def close(self) -> None:
        """Close the application's iterable, which need not have been asked for anything (PEP 3333)."""
        end = getattr(self._chunks, "close", None)
        try:
            if end is not None:
                end()
        finally:
            self._finish()

    def _finish(self) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(bytes(self._kept) if self._is_whole and self._kept is not None else None)


class _Tee:
    """A request's body as it is read, its first part kept."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._kept = bytearray()
        self._count = 0

    def read(self, *size: int) -> bytes:
        return self._noted(self._inner.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._noted(self._inner.readline(*size))

    def readlines(self, *hint: int) -> list[bytes]:
        return [self._noted(line) for line in self._inner.readlines(*hint)]

    def __iter__(self) -> Iterator[bytes]:
        return (self._noted(line) for line in self._inner)

    def kept(self, environ: Environ) -> bytes | None:
        """The body, None where not all of it was read or it is too long."""
        length = environ.get("CONTENT_LENGTH") or ""
        is_whole = self._count <= MOST_BYTES and (not length.isdecimal() or (length.lstrip("0") or "0") == str(self._count))
        return bytes(self._kept) if is_whole else None

    def _noted(self, content: bytes) -> bytes:
        self._count += len(content)
        if self._count <= MOST_BYTES:
            self._kept += content
        return content


def _sent_headers(environ: Environ) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].replace("_", "-").title(), str(value)
    for key, name in (("CONTENT_TYPE", "Content-Type"), ("CONTENT_LENGTH", "Content-Length")):
        if environ.get(key):
            yield name, str(environ[key])
