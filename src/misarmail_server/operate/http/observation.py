"""The record of each request after its response: counts for /metrics, and a line of the access log."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Awaitable, Callable
from functools import cache
from time import perf_counter
from typing import Any

import structlog

from misarmail_server import document
from misarmail_server.operate.http.environ import Environ
from misarmail_server.services.request_counts import OTHER_STATUS, RequestCounts

OPERATION = "misarmail.operation"  # in the environment: the id of the operation
MAX_WAITING = 10_000  # lines; more are dropped, so that a slow standard error slows nobody down
MAX_LOGGED = 300  # characters of a value
TOKENS = re.compile(r"^(/(?:t/[oc]|u)/).*", re.DOTALL)  # links in mail: who has one can use it
PARAMETER = re.compile(r"\\\{[^{}/]*\\\}")  # of a path of the document, after re.escape
Line = dict[str, Any]

log = structlog.get_logger("misarmail.access")


class Response:
    """Counts what is sent. Called in place of the server's `send`."""

    __slots__ = ("_send", "began_at", "request_id", "size", "status")

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self.began_at = perf_counter()
        self.status = OTHER_STATUS
        self.size = 0
        self.request_id = ""

    async def __call__(self, message: dict[str, Any]) -> None:
        """Send a message of ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.request_id = next((value.decode("latin-1") for name, value in message["headers"] if name == b"x-request-id"), "")
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)


class AccessLog:
    """Writes a line for each request on a separate thread. A line has no query, no body, no credentials and no token of a link."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Line] = queue.SimpleQueue()
        threading.Thread(target=self._write, daemon=True, name="access-log").start()

    def put(self, line: Line) -> None:
        """Write a line soon."""
        if self._waiting.qsize() < MAX_WAITING:
            self._waiting.put(line)

    def _write(self) -> None:
        while True:
            log.info("request", **self._waiting.get())


class Observer:
    """Notes the requests of one process."""

    def __init__(self, counts: RequestCounts, access_log: AccessLog | None) -> None:
        self._counts = counts
        self._log = access_log

    def note(self, environ: Environ, response: Response) -> None:
        """Note a request whose response is complete, or that got none."""
        seconds = perf_counter() - response.began_at
        operation = environ.get(OPERATION, "")
        self._counts.add(operation, response.status, seconds)
        if self._log is not None:
            self._log.put(_line(environ, response, operation, seconds))


def _line(environ: Environ, response: Response, operation: str, seconds: float) -> Line:
    return {
        "method": environ["REQUEST_METHOD"][:MAX_LOGGED],
        "path": _without_tokens(environ["PATH_INFO"])[:MAX_LOGGED],
        "operation": operation or None,
        "status": response.status or None,
        "bytes": response.size,
        "milliseconds": round(seconds * 1_000, 1),
        "client": environ["REMOTE_ADDR"],
        "user_agent": environ.get("HTTP_USER_AGENT", "")[:MAX_LOGGED],
        "request_id": response.request_id or None,
    }


def _without_tokens(path: str) -> str:
    """The path to log."""
    return _token_parameters().sub(r"\1{token}", TOKENS.sub(r"\1...", path))


@cache
def _token_parameters() -> re.Pattern[str]:
    """Matches the paths of the document that have a parameter `token`, to their end, with the part before it as a group.

    They are found by their text: a request with a wrong method or base path has no operation, but may have a valid token.
    """
    paths = [re.escape(path.partition("{token}")[0]) for path in document.bundle()["paths"] if "{token}" in path]
    prefixes = "|".join(PARAMETER.sub("[^/]*", path) for path in paths)
    return re.compile(rf"({prefixes or '(?!)'}).*", re.DOTALL | re.IGNORECASE)
