"""The platform's HTTP server in a thread of this process, with short deadlines, and clients that misbehave."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from misarmail_server.db.store import Store
from misarmail_server.operate.http import process
from misarmail_server.operate.http.process import Deadlines
from misarmail_server.settings import Settings
from tests.support.waiting import until


class Front:
    """A running server."""

    def __init__(self, listening: socket.socket, server: Any) -> None:
        self.port: int = listening.getsockname()[1]
        self._server = server

    def connect(self, sent: bytes = b"") -> socket.socket:
        """A connection on which these bytes were sent."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        client.sendall(sent)
        return client

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """One request on a separate connection: status, header fields, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = json.dumps(body) if body is not None and not isinstance(body, bytes) else body
            connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    @property
    def connection_count(self) -> int:
        return len(self._server.server_state.connections)

    @property
    def request_count(self) -> int:
        return len(self._server.server_state.tasks)


def post(path: str, length: int, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """The head of a POST of JSON, and the part of its body that arrives."""
    fields = {"Host": "x", "Content-Type": "application/json", "Content-Length": str(length), **(headers or {})}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def received(client: socket.socket) -> bytes:
    """All that the server sent until it closed or reset the connection."""
    parts = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


@contextmanager
def fronting(chosen: Settings, deadlines: Deadlines | None = None) -> Iterator[Front]:
    """The server, until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=2_048) as listening:
        store = Store(chosen.database_url)
        server = process.server(chosen, store, deadlines or Deadlines())
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            until(lambda: server.started)
            yield Front(listening, server)
        finally:
            server.force_exit = server.should_exit = True
            thread.join()
            store.close()
