"""A recorder for a WSGI application (PEP 3333): it writes a sample of the exchanges for `contract verify` and `contract coverage`.

Exchanges are masked by `contract.traffic.redaction`. The size of the file is limited: a full file is kept as `FILE.1`. Errors while writing
are reported and do not affect the request.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from contract.runtime.application import encoded_path
from contract.runtime.media import essence
from contract.traffic import record_files
from contract.traffic.exchange import Exchange, Fields, HttpMessage
from contract.traffic.recorder_settings import Recording
from contract.traffic.redaction import redacted, url

PATH = "/:@!$&'()*+,;=~"  # allowed in a path without encoding
MAX_BODY_BYTES = 64 * 1024  # of a recorded body
COPY_CHUNK_BYTES = 256 * 1024  # at a time

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class RecorderContext(NamedTuple):
    """The recorder's dependencies.

    `draw` returns numbers in [0, 1), `clock` the time in milliseconds since 1970; `report` receives errors.
    """

    draw: Callable[[], float]
    clock: Callable[[], int]
    report: Callable[[OSError], None]


class TrafficRecorder:
    """A WSGI application around another one."""

    def __init__(self, wsgi: Wsgi, recording: Recording, context: RecorderContext) -> None:
        self._wsgi = wsgi
        self._recording = recording
        self._context = context

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Respond to one request (PEP 3333), and record it if it is in the sample."""
        if self._context.draw() >= self._recording.share:
            return self._wsgi(environ, start_response)
        started: list[tuple[int, Fields]] = []

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            started[:] = [(int(status[:3]), tuple(headers))]
            return start_response(status, headers, *exc_info)

        sent = environ["wsgi.input"] = _RecordedInput(environ["wsgi.input"])
        chunks = self._wsgi(environ, start)
        return _RecordedBody(chunks, lambda body: self._record(environ, sent, started[0], body) if started else None)

    def _record(self, environ: Environ, sent: _RecordedInput, started: tuple[int, Fields], body: bytes | None) -> None:
        """Write an exchange. Errors are reported, never raised to the caller."""
        try:
            self._write(record_files.line(_exchange(environ, sent, started, body), self._context.clock()))
        except OSError as error:
            self._context.report(error)
        except (ValueError, RecursionError) as error:
            self._context.report(OSError(errno.EINVAL, f"the exchange cannot be written: {type(error).__name__}"))

    def _write(self, line: bytes) -> None:
        """Append a line. Processes that share the file lock it, so that only one of them rotates it."""
        path, limit = self._recording.path, self._recording.limit
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_size + len(line) > limit // 2:
                _rotate(path, file)
            _append(file, line)
        finally:
            os.close(file)


def _rotate(path: Path, file: int) -> None:
    """Copy a full file to `FILE.1` and truncate it. The file is not renamed, so that other processes keep their file."""
    target = os.open(path.with_name(f"{path.name}.1"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(target, "wb") as copy:
        os.fchmod(target, 0o600)  # it may have existed with other permissions
        while chunk := os.pread(file, COPY_CHUNK_BYTES, copy.tell()):
            copy.write(chunk)
    os.ftruncate(file, 0)


def _append(file: int, line: bytes) -> None:
    """Write a whole line or nothing. Raises OSError."""
    size = os.fstat(file).st_size
    if os.write(file, line) != len(line):  # the disk took only a part; the next line would continue it
        os.ftruncate(file, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _exchange(environ: Environ, sent: _RecordedInput, started: tuple[int, Fields], body: bytes | None) -> Exchange:
    """The exchange with its secrets masked."""
    status, headers = started
    response = HttpMessage(headers, None if essence(dict(headers).get("Content-Type", "")) == "text/event-stream" else body)
    request = HttpMessage(tuple(_sent_headers(environ)), sent.kept(environ))
    path = _path(environ)
    return Exchange(environ["REQUEST_METHOD"], url(path, environ.get("QUERY_STRING", "")), status, redacted(request), redacted(response))


def _path(environ: Environ) -> str:
    """The percent-encoded path: as it was sent, if the server passes it on."""
    sent = encoded_path(environ)
    if sent is not None:
        return quote(environ.get("SCRIPT_NAME", ""), safe=PATH, encoding="latin-1") + quote(sent, safe=f"{PATH}%", encoding="latin-1")
    return quote(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), safe=PATH, encoding="latin-1")


class _RecordedBody:
    """The chunks of a response. At their end `done` gets the body: None if it was too long or closed early."""

    def __init__(self, chunks: Iterable[bytes], done: Callable[[bytes | None], None]) -> None:
        self._chunks = chunks
        self._iterator = iter(chunks)
        self.pause_seconds: float = getattr(chunks, "pause_seconds", 0.0)  # see `EncodedResponse`
        self._done: Callable[[bytes | None], None] | None = done
        self._body: bytearray | None = bytearray()
        self._is_whole = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._iterator)
        except StopIteration:
            self._is_whole = True
            self._finish()
            raise
        if self._body is not None:
            self._body = None if len(self._body) + len(chunk) > MAX_BODY_BYTES else self._body + chunk
        return chunk

    def close(self) -> None:
        """Close the application's iterable, which may be closed before it is read (PEP 3333)."""
        end = getattr(self._chunks, "close", None)
        try:
            if end is not None:
                end()
        finally:
            self._finish()

    def _finish(self) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(bytes(self._body) if self._is_whole and self._body is not None else None)


class _RecordedInput:
    """The body of a request as it is read; its first part is kept."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._body = bytearray()
        self._count = 0

    def read(self, *size: int) -> bytes:
        return self._remember(self._inner.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._remember(self._inner.readline(*size))

    def readlines(self, *hint: int) -> list[bytes]:
        return [self._remember(line) for line in self._inner.readlines(*hint)]

    def __iter__(self) -> Iterator[bytes]:
        return (self._remember(line) for line in self._inner)

    def kept(self, environ: Environ) -> bytes | None:
        """The body; None if it was not read completely or is too long."""
        length = environ.get("CONTENT_LENGTH") or ""
        is_whole = self._count <= MAX_BODY_BYTES and (not length.isdecimal() or (length.lstrip("0") or "0") == str(self._count))
        return bytes(self._body) if is_whole else None

    def _remember(self, content: bytes) -> bytes:
        self._count += len(content)
        if self._count <= MAX_BODY_BYTES:
            self._body += content
        return content


def _sent_headers(environ: Environ) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].replace("_", "-").title(), str(value)
    for key, name in (("CONTENT_TYPE", "Content-Type"), ("CONTENT_LENGTH", "Content-Length")):
        if environ.get(key):
            yield name, str(environ[key])
