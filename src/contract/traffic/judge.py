"""Exchanges judged by the runtime's own reading of the document: parameters, bodies, headers, responses and streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import msgspec

from contract.errors import ContractError
from contract.openapi.media_types import MediaType
from contract.openapi.operations import Operation, Response, operations
from contract.openapi.references import Json
from contract.runtime.binding import Signature
from contract.runtime.compiled_operations import OperationRoute, RouteTable
from contract.runtime.media import covering, essence, is_json
from contract.runtime.parameters import header_check
from contract.runtime.problems import Problem, Violation
from contract.runtime.responses import documented
from contract.runtime.unknown_parameters import QueryNames
from contract.runtime.violations import validation_problem
from contract.streams import FRAMINGS, describes_events, item_schema, items
from contract.traffic.exchange import Exchange

FIRST_ERROR_STATUS = 400
MAX_BODY_BYTES = 1_000_000_000
UNSUPPORTED = 415  # the caller reports undocumented media types itself
BODILESS_STATUSES = {204, 205, 304}


class ExchangeJudge:
    """Holds the compiled document. Responses are read as the document's response side, requests as its request side."""

    def __init__(self, bundle: Json) -> None:
        self._routes = RouteTable(bundle, {operation.id: Signature(operation.tag) for operation in operations(bundle)}, base="")
        self._query_names: dict[str, QueryNames] = {}

    def violations(self, path: str, exchange: Exchange) -> list[tuple[str, str]]:
        """(`request` or `response`, sentence) pairs. A body that was not recorded is not validated."""
        match = self._routes.router.find_encoded(_encoded(path, exchange))
        methods, values = match if match is not None else ({}, ())
        route = methods.get(exchange.method) or (methods.get("GET") if exchange.method == "HEAD" else None)
        if route is None:
            return []
        try:
            in_request = [("request", sentence) for sentence in self._request(route, values, exchange)]
            return [*in_request, *(("response", sentence) for sentence in self._response(route, exchange))]
        except (ContractError, RecursionError) as error:
            return [("response", f"it cannot be validated: {error}")]

    def query_names(self, operation: Operation) -> QueryNames:
        """The names that the query of an operation may have."""
        if operation.id not in self._query_names:
            self._query_names[operation.id] = QueryNames(self._routes.request_validators, operation)
        return self._query_names[operation.id]

    def _request(self, route: OperationRoute, values: tuple[str, ...], exchange: Exchange) -> Iterator[str]:
        if exchange.status >= FIRST_ERROR_STATUS:
            return
        environ = _environ(exchange)
        try:
            if route.parameters is not None:
                route.parameters.decode(values, environ)
        except Problem as problem:
            yield from _sentences(problem)
        try:
            if route.body is not None and exchange.request.body is not None:
                route.body.read(environ, MAX_BODY_BYTES)
        except Problem as problem:
            if problem.status != UNSUPPORTED:
                yield from _sentences(problem)

    def _response(self, route: OperationRoute, exchange: Exchange) -> Iterator[str]:
        response = documented(route.operation.responses, exchange.status)
        if response is None:
            return
        yield from self._headers(response, exchange)
        body, media = exchange.response.body, response.content.get(covering(response.content, exchange.response.media_type) or "")
        if body is None or media is None or exchange.method == "HEAD" or exchange.status in BODILESS_STATUSES:
            return
        yield from self._content(media, exchange.response.media_type, body)

    def _headers(self, response: Response, exchange: Exchange) -> Iterator[str]:
        for header in response.fields.values():
            value = exchange.response.header(header.name)
            if value is None and header.required and exchange.response.headers:
                yield f"the header {header.name} is missing"
            elif value is not None and not header_check(self._routes.response_validators, header)(value):
                yield f"the header {header.name} is not as documented: {value[:200]}"

    def _content(self, media: MediaType, sent_type: str, body: bytes) -> Iterator[str]:
        framing = FRAMINGS.get(essence(media.name))
        schema: Any = media.schema
        if framing is not None:
            yield from self._stream(media, framing, body)
        elif is_json(sent_type):
            try:
                value = msgspec.json.decode(body)
            except (msgspec.MsgspecError, RecursionError) as error:
                yield f"the body is not JSON: {error}"
                return
            yield from self._value(f"{media.pointer}/schema", value)
        elif sent_type.startswith("text/") and isinstance(schema, dict) and schema.get("type") == "string":
            yield from self._value(f"{media.pointer}/schema", body.decode(errors="replace"))

    def _stream(self, media: MediaType, framing: str, body: bytes) -> Iterator[str]:
        bundle = self._routes.bundle
        schema, pointer = item_schema(bundle, media)
        has_fields = describes_events(bundle, schema)
        try:
            for index, item in enumerate(items(framing, body.decode(errors="replace"), has_fields=has_fields)):
                yield from (f"item {index}: {sentence}" for sentence in self._value(pointer, item))
        except (ValueError, RecursionError) as error:
            yield f"an item of the stream is not JSON: {error}"

    def _value(self, pointer: str, value: Any) -> Iterable[str]:
        validators = self._routes.response_validators
        errors = list(validators.at(pointer).iter_errors(value))
        return _sentences(validation_problem(validators.bundle, errors)) if errors else ()


def _encoded(path: str, exchange: Exchange) -> str:
    """The percent-encoded path below the base, which has as many segments as the decoded one."""
    segments = urlsplit(exchange.url).path.split("/")
    return "/" + "/".join(segments[len(segments) - path.count("/") :])


def _environ(exchange: Exchange) -> dict[str, Any]:
    """The request as PEP 3333 describes it, for the runtime's readers."""
    environ: dict[str, Any] = {
        "QUERY_STRING": urlsplit(exchange.url).query,
        "wsgi.input": BytesIO(exchange.request.body or b""),
        "wsgi.input_terminated": True,
    }
    for name, value in exchange.request.headers:
        key = name.upper().replace("-", "_")
        if key != "CONTENT_LENGTH":  # a masked body may have another length
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


def _sentences(problem: Problem) -> Iterator[str]:
    """The sentences with their places, or the problem itself."""
    if not problem.violations:
        yield problem.sentence
    for violation in problem.violations:
        yield f"{_place(violation)}: {violation.sentence}"


def _place(violation: Violation) -> str:
    return "/".join(map(str, violation.path)) or "the root"
