"""A sample of the exchanges of a WSGI application (PEP 3333), written to a file for `contract verify` and `contract coverage`.

Nothing secret is written: values of fields and header fields whose names tell of secrets, local parts of mail addresses and long texts
keep their shape, so that patterns and lengths can still be judged, and lose their letters and digits. The file is bounded: when it is
full it is kept once more as `FILE.1`. What keeps it from being written is logged and is no request's fault.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from contract.runtime.media import essence, is_json
from contract.traffic import recorded
from contract.traffic.exchange import Exchange, Fields, Message

MOST_BYTES = 64 * 1024  # of a body
LONG = 200  # characters, above which a text is somebody's and not a name
SECRET = re.compile(
    r"pass(word|wd)?|secret|token|credential|authorization|cookie|signature|api[-_]?key|private|^key$|_key$|proof", re.IGNORECASE
)
ADDRESS = re.compile(r"[^\s@<>\"'(),:;]+(?=@[\w-]+(\.[\w-]+)*)")
SECRET_IN_PATH = re.compile(r"[A-Za-z0-9_~.-]{40,}")
SHAPE = str.maketrans(
    "bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ123456789", "a" * 25 + "A" * 25 + "0" * 9
)  # a letter stays a letter, of the hexadecimal ones as well

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Recording(NamedTuple):
    """`share` of the exchanges, in [0, 1]; `limit` is bytes of `path` and what is put aside of it together."""

    path: Path
    share: float = 1.0
    limit: int = 100_000_000


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
        return self._watched(chunks, lambda body: self._keep(environ, sent, said[0], body) if said else None)

    def _watched(self, chunks: Iterable[bytes], done: Callable[[bytes | None], None]) -> Iterator[bytes]:
        """The answer's chunks; at its end the body, None where it was too long."""
        kept: bytearray | None = bytearray()
        try:
            for chunk in chunks:
                if kept is not None:
                    kept = None if len(kept) + len(chunk) > MOST_BYTES else kept + chunk
                yield chunk
        finally:
            end = getattr(chunks, "close", None)
            if end is not None:
                end()
            done(None if kept is None else bytes(kept))

    def _keep(self, environ: Environ, sent: _Tee, said: tuple[int, Fields], body: bytes | None) -> None:
        status, headers = said
        answer = Message(headers, None if essence(dict(headers).get("Content-Type", "")) == "text/event-stream" else body)
        request = Message(tuple(_sent_headers(environ)), sent.kept(environ))
        url = quote(environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"], safe="/:@!$&'()*+,;=~", encoding="latin-1")
        query = environ.get("QUERY_STRING", "")
        method = environ["REQUEST_METHOD"]
        exchange = Exchange(method, _url(url, query), status, redacted(request), redacted(answer))
        try:
            self._write(recorded.line(exchange, self._around.clock()))
        except OSError as error:
            self._around.report(error)

    def _write(self, line: bytes) -> None:
        """Append a line; processes that share the file take turns, so that one of them puts a full one aside."""
        path, limit = self._recording.path, self._recording.limit
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_size + len(line) > limit // 2:
                _put_aside(path, file)
            os.write(file, line)
        finally:
            os.close(file)


def _put_aside(path: Path, file: int) -> None:
    """Keep what is full as `FILE.1`, and go on with an empty one. Its bytes are copied, so that no other process loses its file."""
    path.with_name(f"{path.name}.1").write_bytes(path.read_bytes())
    path.with_name(f"{path.name}.1").chmod(0o600)
    os.ftruncate(file, 0)


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
        announced = int(length) if length.isdecimal() else None
        is_whole = self._count <= MOST_BYTES and (announced is None or announced == self._count)
        return bytes(self._kept) if is_whole else None

    def _noted(self, content: bytes) -> bytes:
        self._count += len(content)
        if self._count <= MOST_BYTES:
            self._kept += content
        return content


def redacted(message: Message) -> Message:
    """A message without what is secret or somebody's."""
    headers = tuple((name, _masked(value) if SECRET.search(name) else _without_addresses(value)) for name, value in message.headers)
    return Message(headers, _redacted_body(message))


def _redacted_body(message: Message) -> bytes | None:
    if not message.body:
        return message.body
    if is_json(message.media_type):
        try:
            return json.dumps(_redacted(json.loads(message.body)), ensure_ascii=False, separators=(",", ":")).encode()
        except (ValueError, RecursionError):
            return None
    return None  # a form, a file or a text: what of it is secret is not known


def _redacted(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _redacted(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_redacted(one, name) for one in value]
    if not isinstance(value, str):
        return value
    is_prose = len(value) > LONG and any(character.isspace() for character in value)
    return _masked(value) if is_prose or SECRET.search(name) else _without_addresses(value)


def _masked(value: str) -> str:
    return value.translate(SHAPE)


def _without_addresses(value: str) -> str:
    return ADDRESS.sub(lambda found: _masked(found[0]), value)


def _url(path: str, query: str) -> str:
    """Path and query, without the values of parameters that are secret and without addresses."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    said = [f"{name}{sign}{_masked(value) if SECRET.search(unquote(name)) else _query_value(value)}" for name, sign, value in pairs]
    path = SECRET_IN_PATH.sub(lambda found: _masked(found[0]), _query_value(path))
    return path + (f"?{'&'.join(said)}" if said else "")


def _query_value(value: str) -> str:
    decoded = unquote(value)
    clean = _without_addresses(decoded)
    return value if clean == decoded else quote(clean, safe="/:@!$&'()*+,;=~")


def _sent_headers(environ: Environ) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].replace("_", "-").title(), str(value)
    for key, name in (("CONTENT_TYPE", "Content-Type"), ("CONTENT_LENGTH", "Content-Length")):
        if environ.get(key):
            yield name, str(environ[key])


def recording(written: str) -> Recording | None:
    """What `FILE[,share=0.01][,limit=BYTES]` asks for, None for an empty text. Raises ValueError with a sentence."""
    if not written:
        return None
    path, *rest = written.split(",")
    found = Recording(Path(path))
    for one in rest:
        key, _, value = one.partition("=")
        if key not in {"share", "limit"}:
            raise ValueError(f"{key!r} is neither share nor limit")
        found = found._replace(share=float(value)) if key == "share" else found._replace(limit=int(value))
    if not path or not 0 <= found.share <= 1 or found.limit <= 0:
        raise ValueError("the share must be from 0 to 1 and the limit above 0")
    return found
