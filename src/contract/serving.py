"""The development web server: one WSGI application that can be exchanged while it runs."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Iterable

from werkzeug.serving import BaseWSGIServer, make_server

from contract.errors import ContractError
from contract.runtime.application import Environ, StartResponse, Wsgi

HOST = "127.0.0.1"
LAST_PORT = 65_535


class Exchangeable:
    """Forwards to `current`, which may be replaced at any time; a request that has begun keeps its application."""

    def __init__(self, current: Wsgi) -> None:
        self.current = current

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """PEP 3333."""
        return self.current(environ, start_response)


def listen(app: Wsgi, port: int) -> BaseWSGIServer:
    """A server that listens already; `serve_forever` runs it. Raises ContractError where the port is taken."""
    if not 0 <= port <= LAST_PORT:
        raise ContractError(f"{port} is no port: it can be from 0 to {LAST_PORT}")
    try:
        return make_server(HOST, port, app, threaded=True)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise ContractError(f"port {port} {reason}") from error
    except SystemExit as error:  # how werkzeug says that a port is taken
        raise ContractError(f"port {port} is in use") from error


def background_loop() -> asyncio.AbstractEventLoop:
    """An event loop on a thread of its own, for what is asynchronous behind the server."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="events", daemon=True).start()
    return loop
