"""The same responses with every WSGI server: Werkzeug's for development, granian for production."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override
from werkzeug.serving import make_server

from contract.runtime.binding import HandlerResponse, Signature
from contract.runtime.platform import OpenPlatform
from tests.support.small_documents import contract

DOCUMENT = """
paths:
  /echo/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}, {name: q, in: query, schema: {type: string}}]
    get: {operationId: get_echo, responses: {"200": {description: Fine., content: {application/json: {}}}}}
    post:
      operationId: create_echo
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {a: {type: integer}}}}}}
      responses: {"200": {description: Fine., content: {application/json: {}}}}
    delete: {operationId: delete_echo, responses: {"204": {description: Gone.}}}
  /stream: {get: {operationId: get_stream, responses: {"200": {description: Parts., content: {text/event-stream: {}}}}}}
  /fault: {get: {operationId: get_fault, responses: {"200": {description: Fine., content: {application/json: {}}}}}}
  /tagged:
    get:
      operationId: get_tagged
      responses: {"200": {description: Fine., content: {application/json: {}}}, "304": {description: Known.}}
"""
JSON = {"Content-Type": "application/json"}
REQUESTS: list[tuple[str, str, bytes | None, dict[str, str]]] = [
    ("GET", "/echo/a", None, {}),
    ("GET", "/echo/a%20b%C3%BC?q=%C3%BC+x", None, {}),
    ("HEAD", "/echo/a", None, {}),
    ("OPTIONS", "/echo/a", None, {}),
    ("PATCH", "/echo/a", None, {}),
    ("GET", "/echo/a/", None, {}),
    ("GET", "/echo//a", None, {}),
    ("GET", "/echo/a?q=%FF", None, {}),
    ("DELETE", "/echo/a", None, {}),
    ("POST", "/echo/a", b'{"a": 1}', JSON),
    ("POST", "/echo/a", b'{"a": "x"}', JSON),
    ("POST", "/echo/a", b"{", JSON),
    ("POST", "/echo/a", b"{}", {"Content-Type": "text/plain"}),
    ("POST", "/echo/a", None, {}),
    ("POST", "/echo/a", b"x" * 2000, JSON),
    ("POST", "/echo/a", b'8\r\n{"a": 2}\r\n0\r\n\r\n', {**JSON, "Transfer-Encoding": "chunked"}),
    ("GET", "/stream", None, {}),
    ("GET", "/fault", None, {}),
    ("GET", "/tagged", None, {"If-None-Match": '"a"'}),
]
IGNORED = {"date", "server", "connection", "transfer-encoding", "keep-alive"}  # the server's own


class Fixed(OpenPlatform):
    """A platform with one request id, so that two servers can be compared."""

    @override
    def request_id(self) -> str:
        return "same"

    @override
    def report(self, error: BaseException, request_id: str) -> None:
        """The error is intended."""


def fail(_: object) -> None:
    raise RuntimeError("meant")


HANDLERS: dict[str, Any] = {
    "get_echo": lambda ctx, name: {"name": name, "q": ctx.parameters.get("q")},
    "create_echo": lambda _, name, body: {"name": name, "body": body},
    "delete_echo": (Signature("echo", status=204), lambda *_: None),
    "get_stream": lambda _: iter([b"data: 1\n\n", b"data: 2\n\n"]),
    "get_fault": fail,
    "get_tagged": lambda _: HandlerResponse({}, headers={"ETag": '"a"'}),
}


def make(folder: Path) -> Any:
    """The application of this test; granian calls it in its own process."""
    return contract(folder, DOCUMENT, HANDLERS, Fixed(), body_limit=1000)


def ask(port: int) -> list[tuple[int, dict[str, str], bytes]]:
    """All responses, each over a separate connection."""
    result = []
    for method, path, body, headers in REQUESTS:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.putrequest(method, path)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None and "Transfer-Encoding" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        kept = {name.lower(): value for name, value in response.getheaders() if name.lower() not in IGNORED}
        result.append((response.status, kept, response.read()))
        connection.close()
    return result


@contextmanager
def werkzeug(folder: Path) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, make(folder), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def granian(folder: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "served_app.py").write_text(
        f"import sys\nfrom pathlib import Path\nsys.path.insert(0, {str(Path(__file__).parents[3])!r})\n"
        f"from tests.contract.runtime import test_servers\napp = test_servers.make(Path({str(folder)!r}))\n"
    )
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-log", "served_app:app"]
    command = [str(Path(sys.executable).parent / "granian"), *words]
    with subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}) as process:
        try:
            wait_for(port, process)
            yield port
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server listens."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            raise AssertionError("granian ended")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("granian does not listen")


@pytest.mark.parametrize("index", range(len(REQUESTS)), ids=[f"{method} {path}" for method, path, *_ in REQUESTS])
def test_both_servers_return_the_same_responses(responses: Any, index: Any) -> None:
    of_werkzeug, of_granian = responses

    assert of_granian[index] == of_werkzeug[index]


def test_the_statuses_are_as_expected(responses: Any) -> None:
    statuses = [status for status, *_ in responses[0]]

    assert statuses == [200, 200, 200, 204, 405, 404, 404, 400, 204, 200, 400, 400, 415, 400, 413, 200, 200, 500, 304]


@pytest.fixture(scope="module")
def responses(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The responses of both servers."""
    result = []
    for start in (werkzeug, granian):
        with start(tmp_path_factory.mktemp("served")) as port:
            result.append(ask(port))
    return result
