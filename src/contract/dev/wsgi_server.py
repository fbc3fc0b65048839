"""The development web server: one replaceable WSGI application on uvicorn, which keeps connections open."""

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
MAX_PORT = 65_535
MAX_BODY_BYTES = 100_000_000  # buffered for an application, whatever its own limit is
THREADS = 16
STOP_SECONDS = 1
AsgiMessage = dict[str, Any]


class ReplaceableApp:
    """Forwards to `current`, which may be replaced at any time. A running request keeps its application."""

    def __init__(self, current: Wsgi) -> None:
        self.current = current

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """PEP 3333."""
        return self.current(environ, start_response)


class WsgiServer:
    """A server that already listens on `port`; `serve_forever` handles requests."""

    def __init__(self, app: Wsgi, listening: socket.socket) -> None:
        self._app = app
        self._socket = listening
        self.port: int = listening.getsockname()[1]

    def serve_forever(self) -> None:
        """Handle requests until Ctrl-C or SIGTERM."""
        config = uvicorn.Config(
            WsgiToAsgi(self._app),
            lifespan="off",
            log_level="warning",
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[self._socket])


def listen(app: Wsgi, port: int) -> WsgiServer:
    """A server on that port, 0 for a free one. Raises ContractError if the port is taken."""
    if not 0 <= port <= MAX_PORT:
        raise ContractError(f"{port} is not a port; use 0 to {MAX_PORT}")
    try:
        return WsgiServer(app, socket.create_server((HOST, port)))
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise ContractError(f"port {port} {reason}") from error


def background_loop() -> asyncio.AbstractEventLoop:
    """An event loop on a separate thread, for the asynchronous parts behind the server."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="events", daemon=True).start()
    return loop


class WsgiToAsgi:
    """A WSGI application as an ASGI one. It uses a thread once per request; a2wsgi's does once per message and is a quarter as fast."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(THREADS)

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[AsgiMessage]], send: Callable[[AsgiMessage], Awaitable[None]]
    ) -> None:
        """Handle one request. A response of one chunk is sent at once, a stream chunk by chunk."""
        loop = asyncio.get_running_loop()
        environ = _environ(scope, await _body(receive))
        status, headers, chunks = await loop.run_in_executor(self._threads, _start, self._app, environ)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if isinstance(chunks, list):
            await send({"type": "http.response.body", "body": b"".join(chunks)})
            return
        try:
            while (chunk := await loop.run_in_executor(self._threads, next, chunks, None)) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await loop.run_in_executor(self._threads, close, chunks)


async def _body(receive: Callable[[], Awaitable[AsgiMessage]]) -> bytes:
    """The request body; of one over the limit, enough to exceed it."""
    parts, size = [], 0
    while size <= MAX_BODY_BYTES:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _environ(scope: Any, body: bytes) -> Environ:
    environ: Environ = dict(build_environ(scope, BytesIO(body)))  # type: ignore[arg-type] # it is only passed on
    # The undecoded path: bytes that are not UTF-8 are lost in `scope["path"]`.
    path: bytes = scope["raw_path"]
    own = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "RAW_URI": path.decode("latin-1"), "wsgi.input_terminated": True}
    return environ | own


def _start(app: Wsgi, environ: Environ) -> tuple[int, list[tuple[bytes, bytes]], list[bytes] | Iterator[bytes]]:
    """(status, header fields, the chunks: a list if the response is complete)."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    response = app(environ, lambda status, headers, *_: started.append((status, headers)))
    chunks = response if isinstance(response, list) else iter(response)
    first = [] if isinstance(chunks, list) or started else [next(chunks, b"")]  # a generator starts with its first chunk
    status, headers = started[-1]
    fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return int(status[:3]), fields, chunks if isinstance(chunks, list) else _chain(first, chunks)


def _chain(first: list[bytes], remaining: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from first
        yield from remaining
    finally:
        close(remaining)
