"""An external web server: it records posts and answers as instructed. It runs as long as the tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from typing_extensions import override

NUMBERS = count()


@dataclass
class Receiver:
    """One path of the server. `statuses` are given in turn, the last again and again."""

    url: str
    statuses: list[int] = field(default_factory=lambda: [200])
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    is_open: threading.Event = field(default_factory=threading.Event)


RECEIVERS: dict[str, Receiver] = {}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = RECEIVERS[self.path]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.posts.append((dict(self.headers), body))
        receiver.is_open.wait()
        status = receiver.statuses.pop(0) if len(receiver.statuses) > 1 else receiver.statuses[0]
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    @override
    def log_message(self, *_: Any) -> None:
        """Tests print nothing."""


@cache
def _port() -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def receiver(*statuses: int) -> Receiver:
    """A new receiver that answers these statuses in turn."""
    path = f"/hooks/{next(NUMBERS)}"
    result = RECEIVERS[path] = Receiver(f"http://127.0.0.1:{_port()}{path}", list(statuses) or [200])
    result.is_open.set()
    return result


@contextmanager
def speaking(server: socket.socket, first: bytes, again: bytes = b"") -> Iterator[None]:
    """The first client receives `first`, then `again` many times a second; the connection is never closed."""
    is_over = threading.Event()

    def speak() -> None:
        with suppress(OSError), server.accept()[0] as connection:
            connection.sendall(first)
            while not is_over.wait(0.05):
                connection.sendall(again)

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
