"""The development web server: one WSGI application that can be exchanged while it runs, on uvicorn, which keeps connections open."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

import uvicorn
from a2wsgi.wsgi import build_environ

from contract.errors import ContractError
from contract.runtime.application import Environ, StartResponse, Wsgi, close

HOST = "127.0.0.1"
LAST_PORT = 65_535
LONGEST_BODY = 100_000_000  # bytes that are held for an application, whatever limit of its own it has
THREADS = 16
STOP_SECONDS = 1
Message = dict[str, Any]


class Exchangeable:
    """Forwards to `current`, which may be replaced at any time; a request that has begun keeps its application."""

    def __init__(self, current: Wsgi) -> None:
        self.current = current

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """PEP 3333."""
        return self.current(environ, start_response)


class Server:
    """A server that listens already on `port`; `serve_forever` answers."""

    def __init__(self, app: Wsgi, listening: socket.socket) -> None:
        self._app = app
        self._socket = listening
        self.port: int = listening.getsockname()[1]

    def serve_forever(self) -> None:
        """Answer until Ctrl-C or SIGTERM."""
        config = uvicorn.Config(
            Bridge(self._app),
            lifespan="off",
            log_level="warning",
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[self._socket])


def listen(app: Wsgi, port: int) -> Server:
    """A server on that port, 0 for a free one. Raises ContractError where the port is taken."""
    if not 0 <= port <= LAST_PORT:
        raise ContractError(f"{port} is not a port; use 0 to {LAST_PORT}")
    try:
        return Server(app, socket.create_server((HOST, port)))
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise ContractError(f"port {port} {reason}") from error


def background_loop() -> asyncio.AbstractEventLoop:
    """An event loop on a thread of its own, for what is asynchronous behind the server."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="events", daemon=True).start()
    return loop


class Bridge:
    """A WSGI application as an ASGI one. It goes to a thread once a request, not once a message as a2wsgi's does: four times as fast."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(THREADS)

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        """Answer one request: an answer of one piece at once, a stream piece by piece."""
        loop = asyncio.get_running_loop()
        environ = _environ(scope, await _body(receive))
        status, headers, pieces = await loop.run_in_executor(self._threads, _answer, self._app, environ)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if isinstance(pieces, list):
            await send({"type": "http.response.body", "body": b"".join(pieces)})
            return
        try:
            while (piece := await loop.run_in_executor(self._threads, next, pieces, None)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await loop.run_in_executor(self._threads, close, pieces)


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    """The request's body; of one that is too long as much as shows that."""
    parts, size = [], 0
    while size <= LONGEST_BODY:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _environ(scope: Any, body: bytes) -> Environ:
    environ: Environ = dict(build_environ(scope, BytesIO(body)))  # type: ignore[arg-type] # it is only passed on
    # The path as it came: what is not UTF-8 is lost in `scope["path"]`.
    return environ | {"PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"), "wsgi.input_terminated": True}


def _answer(app: Wsgi, environ: Environ) -> tuple[int, list[tuple[bytes, bytes]], list[bytes] | Iterator[bytes]]:
    """(status, header fields, the pieces: a list where all of it is there)."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    answer = app(environ, lambda status, headers, *_: begun.append((status, headers)))
    pieces = answer if isinstance(answer, list) else iter(answer)
    first = [] if isinstance(pieces, list) or begun else [next(pieces, b"")]  # a generator begins with its first piece
    status, headers = begun[-1]
    fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return int(status[:3]), fields, pieces if isinstance(pieces, list) else _after(first, pieces)


def _after(first: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from first
        yield from rest
    finally:
        close(rest)
