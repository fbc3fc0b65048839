"""The contract as a WSGI application (PEP 3333): everything about a request that the document decides, compiled once.

Order: route, authenticate, count, scope, parameters, body, handler, encode. Every response on a contract path is documented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from typing_extensions import override

from contract.openapi.references import Json
from contract.runtime.binding import BoundOperation
from contract.runtime.compiled_operations import OperationRoute, RouteTable
from contract.runtime.etags import not_modified_if_matched, with_entity_tag
from contract.runtime.model_conversion import to_model
from contract.runtime.platform import EncodedResponse, HandlerRequest, PlatformProtocol
from contract.runtime.problems import Problem
from contract.runtime.responses import ResponseChecker, UndocumentedResponseError

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
DEFAULT_BODY_LIMIT = 20_000_000
REFUSAL = "contract.refusal"  # in the environment: the Problem that a server in front raises before the request is handled
BODILESS_STATUSES = {204, 304}  # these have no Content-Length either (RFC 9110, section 8.6)


class Contract:
    """A document bound to handlers. `wrap` puts it in front of a WSGI application."""

    def __init__(
        self,
        document: Json | RouteTable,
        bound: Mapping[str, BoundOperation],
        platform: PlatformProtocol,
        *,
        base: str | None = None,
        body_limit: int = DEFAULT_BODY_LIMIT,
        checks_responses: bool = False,
    ) -> None:
        """`document` is a bundle, or the routes that another application of this process built from it."""
        if isinstance(document, RouteTable):
            routes = document
        else:
            routes = RouteTable(document, {id_: bound_operation.signature for id_, bound_operation in bound.items()}, base)
            routes.compile()
        self._handlers = {id_: bound_operation.handler for id_, bound_operation in bound.items()}
        self._platform = platform
        self._limit = body_limit
        self._checks = checks_responses
        self._base, self._router, self._direct, self._unmatched = routes.base, routes.router, routes.direct, routes.unmatched

    def wrap(self, other: Wsgi, own: Wsgi | None = None) -> Wsgi:
        """Serve this contract, or a wrapper around it, on its base path, and `other` everywhere else."""
        own = own or self
        below_base, direct = self._base + "/", self._direct

        def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            if path in direct or path.startswith(below_base) or path == self._base:
                return own(environ, start_response)
            return other(environ, start_response)

        return application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to one request (PEP 3333)."""
        request_id = self._platform.request_id()
        headers = [("X-Request-Id", request_id)]
        checker, route = self._unmatched, None
        try:
            methods, values, path = self._find(environ)
            route = methods.get(environ["REQUEST_METHOD"]) or _route_of_method(methods, environ["REQUEST_METHOD"], path)
            checker = route.checker if route else None
            encoded = self._operate(route, values, environ, headers) if route else _options(methods)
        except Problem as problem:
            problem.operation = route.operation.id if route else None
            encoded = self._platform.render(problem, request_id)
        except Exception as error:  # noqa: BLE001 - an unexpected error becomes the contract's 500 and a log line
            encoded = self._unexpected_error(error, request_id)
        if self._checks and checker is not None:
            encoded = self._checked(checker, encoded, headers)
        if encoded.stream is not None:
            report = self._platform.report
            encoded = encoded._replace(stream=_ReportedStream(encoded.stream, lambda error: report(error, request_id)))
        return _send(encoded, headers, environ["REQUEST_METHOD"], start_response)

    def route_of(self, environ: Environ) -> OperationRoute | None:
        """The operation that a request is for, if any; for a server that reads the body before it calls this application."""
        try:
            methods, _, path = self._find(environ)
            return _route_of_method(methods, environ["REQUEST_METHOD"], path)
        except Problem:
            return None

    def body_limit(self, route: OperationRoute, environ: Environ) -> int:
        """The maximum size of the body of this request."""
        return route.body_limit.of(environ.get("CONTENT_TYPE", ""), self._limit)

    def principal_of(self, route: OperationRoute, environ: Environ) -> Any:
        """The caller of an operation, who is not counted; None for an operation that requires none. Raises Problem 401."""
        credentials = route.guard.credentials(environ)
        if route.guard.is_open or (not credentials and route.guard.is_optional):
            return None
        return self._platform.authenticate(route.operation, credentials)

    def _find(self, environ: Environ) -> tuple[dict[str, OperationRoute], tuple[str, ...], str]:
        """The path's routes by method, the percent-encoded values of its parameters, and the path below the base. Raises Problem 404."""
        full_path = environ["PATH_INFO"]
        encoded = encoded_path(environ)
        direct = self._direct.get(full_path) if encoded is None or "%2f" not in encoded.lower() else None
        if direct is not None:
            return direct, (), full_path[len(self._base) :]
        try:
            path = full_path[len(self._base) :].encode("latin-1").decode()
        except UnicodeError:
            path, encoded = "", None
        match = self._match(path, encoded) if full_path.startswith(self._base) else None
        if match is None:
            raise Problem(404, "not_found", f"There is no route {_printable(path)}")
        return *match, path

    def _match(self, path: str, encoded: str | None) -> tuple[dict[str, OperationRoute], tuple[str, ...]] | None:
        """The match of the path as it was sent, if the server passes it on, otherwise of the decoded path."""
        match = self._router.find_encoded(encoded[len(self._base) :]) if encoded is not None and encoded.startswith(self._base) else None
        if match is None and (match := self._router.find(path)) is not None:
            methods, values = match
            match = methods, tuple(value.replace("%", "%25") for value in values)
        return match

    def _operate(self, route: OperationRoute, values: tuple[str, ...], environ: Environ, headers: list[tuple[str, str]]) -> EncodedResponse:
        if REFUSAL in environ:
            raise environ[REFUSAL]
        principal = None if route.guard.is_open else self._admit(route, environ, headers)
        path, parameters = route.parameters.decode(values, environ) if route.parameters else ([], {})
        sent, body = route.body.read(environ, self.body_limit(route, environ)) if route.body else (None, None)
        signature, handler = route.signature, self._handlers[route.operation.id]
        arguments = path
        if route.body is not None:
            arguments = [*arguments, body]
        if signature.parameters is not None:
            parameters = to_model(parameters, signature.parameters, is_parameters=True)
            arguments = [*arguments, parameters]
        request = HandlerRequest(route.operation, headers[0][1], environ, principal, path, sent, body, parameters)
        encode = route.encoder.encode
        encoded = self._platform.call(request, lambda context: encode(handler(context, *arguments)))
        if not route.is_conditional:
            return encoded
        encoded = with_entity_tag(encoded)
        return not_modified_if_matched(encoded, environ) if "HTTP_IF_NONE_MATCH" in environ else encoded

    def _admit(self, route: OperationRoute, environ: Environ, headers: list[tuple[str, str]]) -> Any:
        """Authenticate, count and check scopes. The headers of the count are in every response to a known caller."""
        credentials = route.guard.credentials(environ)
        if not credentials and route.guard.is_optional:
            return None
        principal = self._platform.authenticate(route.operation, credentials)
        headers.extend(self._platform.admit(route.operation, principal))
        route.guard.check(credentials, self._platform.scopes(principal))
        return principal

    def _unexpected_error(self, error: Exception, request_id: str) -> EncodedResponse:
        self._platform.report(error, request_id)
        return self._platform.render(Problem(500, "internal_error", "Something went wrong on our side"), request_id)

    def _checked(self, checker: ResponseChecker, encoded: EncodedResponse, headers: list[tuple[str, str]]) -> EncodedResponse:
        """The response, or a 500 that says how it violates the contract, for tests and development."""
        try:
            checker.check(encoded, dict([*headers, *encoded.headers]))
        except UndocumentedResponseError as error:
            self._platform.report(error, headers[0][1])
            return self._platform.render(Problem(500, "internal_error", f"The response violates the contract: {error}"), headers[0][1])
        return encoded


class _ReportedStream(Iterator[bytes]):
    """A stream. An error in it is reported and ends the response, whose status has been sent already; a Problem is expected."""

    def __init__(self, stream: Iterable[bytes], report: Callable[[Exception], None]) -> None:
        self._stream = stream
        self._chunks = iter(stream)
        self._report = report
        self.pause_seconds: float = getattr(stream, "pause_seconds", 0.0)  # see `EncodedResponse`

    @override
    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except (StopIteration, Problem):
            self.close()
            raise
        except Exception as error:
            self._report(error)
            self.close()
            raise

    def close(self) -> None:
        """Close the stream, which may not have begun."""
        close(self._stream)


def encoded_path(environ: Environ) -> str | None:
    """The path as it was sent, of servers that pass it on; None if it has nothing encoded, or if the application changed the path."""
    sent: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if "%" not in sent:
        return None
    path = sent.partition("?")[0]
    script: str = environ.get("SCRIPT_NAME", "")
    if not path.startswith(script) or unquote_to_bytes(path).decode("latin-1") != script + environ.get("PATH_INFO", ""):
        return None
    return path[len(script) :]


def _route_of_method(methods: dict[str, OperationRoute], method: str, path: str) -> OperationRoute | None:
    """The route of a method; None for an OPTIONS that only asks for the methods. Raises Problem 405."""
    route = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
    if route is None and method != "OPTIONS":
        raise Problem(
            405,
            "method_not_allowed",
            f"{_printable(method)} is not supported by {_printable(path)}; use {_either(sorted(methods))}",
            headers={"Allow": ", ".join(sorted(methods))},
        )
    return route


def _either(names: list[str]) -> str:
    """`A`, `A or B`, `A, B or C`."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _options(methods: dict[str, OperationRoute]) -> EncodedResponse:
    return EncodedResponse(204, "", b"", [("Allow", ", ".join(sorted(methods)))])


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:200])


def _send(encoded: EncodedResponse, headers: list[tuple[str, str]], method: str, start_response: StartResponse) -> Iterable[bytes]:
    status, media_type, body, own, stream = encoded
    if media_type:
        headers.append(("Content-Type", media_type))
    headers.extend(own)
    if stream is None and status not in BODILESS_STATUSES:
        headers.append(("Content-Length", str(len(body))))
    start_response(STATUS_LINES.get(status) or f"{status} Unknown", headers)
    if stream is not None and method != "HEAD":
        return stream
    close(stream)
    return [] if method == "HEAD" or status in BODILESS_STATUSES else [body]


def close(stream: Any) -> None:
    """Close an iterator that will not be read further."""
    end = getattr(stream, "close", None)
    if end is not None:
        end()
