"""A server that keeps what arrives: the decoded values of each call, and every exchange for `contract verify`."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

from call_table import CallTable
from typing_extensions import override

from contract.dev.wsgi_server import listen
from contract.openapi.operations import operations
from contract.openapi.references import Json
from contract.runtime.application import Contract, Environ, StartResponse, Wsgi
from contract.runtime.binding import BoundOperation, Signature
from contract.runtime.compiled_operations import RouteTable
from contract.runtime.platform import EncodedResponse, HandlerRequest, OpenPlatform, RunHandler
from contract.traffic.exchange import Exchange, HttpMessage

HEADER = "X-Cross-Call"
KEY = "HTTP_X_CROSS_CALL"


@dataclass
class Arrived:
    """The request as a handler got it, and the exchange."""

    request: HandlerRequest | None = None
    exchange: Exchange | None = None


@dataclass
class Recordings:
    """The calls that arrived, by client and number."""

    arrived: dict[tuple[str, int], Arrived] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


class AnsweringPlatform(OpenPlatform):
    """Gives the planned answer to each call and keeps its request."""

    def __init__(self, table: CallTable, recordings: Recordings) -> None:
        super().__init__()
        self._table = table
        self._recordings = recordings

    @override
    def call(self, request: HandlerRequest, run: RunHandler) -> EncodedResponse:
        client, number = key_of(request.environ["contract.cross"])
        self._recordings.arrived[client, number].request = request
        answer = self._table.calls[number].answer
        headers = list(answer.headers.items())
        if answer.is_stream:
            middle = len(answer.content) // 2
            stream = iter([answer.content[:middle], answer.content[middle:]])
            return EncodedResponse(answer.status, answer.media_type or "", b"", headers, stream)
        return EncodedResponse(answer.status, answer.media_type or "", answer.content, headers)

    @override
    def report(self, error: BaseException, request_id: str) -> None:
        self._recordings.errors.append(f"{type(error).__name__}: {error}")


def key_of(text: str) -> tuple[str, int]:
    """`python 7` as its parts."""
    client, _, number = text.rpartition(" ")
    return client, int(number)


class RecordingFront:
    """Records the exchanges of an application. The header that tells the calls apart is removed."""

    def __init__(self, application: Wsgi, recordings: Recordings) -> None:
        self._application = application
        self._recordings = recordings

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """PEP 3333."""
        key = environ.pop(KEY)
        environ["contract.cross"] = key
        arrived = self._recordings.arrived.setdefault(key_of(key), Arrived())
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = BytesIO(body)
        started: list[tuple[str, list[tuple[str, str]]]] = []
        content = b"".join(self._application(environ, lambda status, headers, *_: started.append((status, headers))))
        status, headers = started[-1]
        url = environ["RAW_URI"].partition("?")[0] + (f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else "")
        request = HttpMessage(tuple(_headers(environ)), body)
        arrived.exchange = Exchange(environ["REQUEST_METHOD"], url, int(status[:3]), request, HttpMessage(tuple(headers), content), key)
        start_response(status, headers)
        return [content]


def _headers(environ: Environ) -> Iterable[tuple[str, str]]:
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            yield name.replace("_", "-").title(), environ[name]
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name.removeprefix("HTTP_").replace("_", "-").title(), value


def answering(bundle: Json, routes: RouteTable, table: CallTable, recordings: Recordings) -> Wsgi:
    """The runtime, bound to handlers that give the planned answers."""
    bound = {id_: BoundOperation(signature, _not_called) for id_, signature in signatures(bundle).items()}
    return RecordingFront(Contract(routes, bound, AnsweringPlatform(table, recordings)), recordings)


def signatures(bundle: Json) -> dict[str, Signature]:
    """A signature without models for every operation, so that handlers get JSON values."""
    return {operation.id: Signature(operation.tag) for operation in operations(bundle)}


def _not_called(*_: object) -> None:
    """The bound handler; the platform responds before it."""


def serve(application: Wsgi) -> int:
    """Serve in the background until the process ends; returns the port."""
    server = listen(application, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.port
