"""The contract as a WSGI application (PEP 3333): everything about a request that the document decides, compiled once.

Order: route, authenticate, count, scope, parameters, body, handler, encode. Every answer on a contract path is one the document describes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from contract.operations import Json, Operation, Response, operations, resolve
from contract.runtime.answers import Checker, Encoder, UndocumentedError
from contract.runtime.binding import Bound
from contract.runtime.bodies import Reader
from contract.runtime.parameters import Parameters
from contract.runtime.platform import Encoded, Platform, Request
from contract.runtime.problems import Problem
from contract.runtime.routing import Router
from contract.runtime.security import Guard
from contract.runtime.validators import Validators

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
DEFAULT_BODY_LIMIT = 20_000_000


@dataclass(slots=True)
class _Route:
    """One operation, ready to run."""

    operation: Operation
    bound: Bound
    guard: Guard
    parameters: Parameters | None
    body: Reader | None
    encoder: Encoder
    checker: Checker


class Contract:
    """A document bound to handlers. Put it in front of a WSGI application with `wrap`."""

    def __init__(
        self,
        bundle: Json,
        bound: Mapping[str, Bound],
        platform: Platform,
        *,
        base: str | None = None,
        body_limit: int = DEFAULT_BODY_LIMIT,
        checks_answers: bool = False,
    ) -> None:
        self._platform = platform
        self._limit = body_limit
        self._checks = checks_answers
        self._base = base if base is not None else base_path(bundle)
        self._bundle = bundle
        self._validators = Validators(bundle)
        routes = [self._compile(operation, bound[operation.id]) for operation in operations(bundle)]
        self._router: Router[_Route] = Router((one.operation.method, one.operation.path, one) for one in routes)
        self._unmatched = Checker(bundle, _unmatched(bundle), self._validators)

    def wrap(self, other: Wsgi) -> Wsgi:
        """This contract on its base path, `other` everywhere else."""
        inside = self._base + "/"

        def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            return self(environ, start_response) if path.startswith(inside) or path == self._base else other(environ, start_response)

        return application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request_id = self._platform.request_id()
        headers = [("X-Request-Id", request_id)]
        checker: Checker | None = self._unmatched
        try:
            methods, values, path = self._find(environ)
            route = _chosen(methods, environ["REQUEST_METHOD"], path)
            checker = route.checker if route else None
            encoded = self._operate(route, values, environ, headers) if route else _options(methods)
        except Problem as problem:
            encoded = self._platform.render(problem, request_id)
        except Exception as error:  # noqa: BLE001 - the last line of defence: a fault becomes the contract's 500 and a log line
            encoded = self._fault(error, request_id)
        if self._checks and checker is not None:
            encoded = self._checked(checker, encoded, headers)
        return _send(encoded, headers, environ["REQUEST_METHOD"], start_response)

    def _compile(self, operation: Operation, bound: Bound) -> _Route:
        return _Route(
            operation=operation,
            bound=bound,
            guard=Guard(self._bundle, operation),
            parameters=Parameters(self._bundle, operation, self._validators) if operation.parameters else None,
            body=Reader(self._bundle, operation.body, bound.signature.body, self._validators) if operation.body else None,
            encoder=Encoder(operation, bound.signature),
            checker=Checker(self._bundle, operation.responses, self._validators),
        )

    def _find(self, environ: Environ) -> tuple[dict[str, _Route], tuple[str, ...], str]:
        """The path's routes by method, its parameters' values, and the path below the base. Raises Problem 404."""
        try:
            path = environ["PATH_INFO"][len(self._base) :].encode("latin-1").decode()
        except UnicodeError:
            path = ""
        found = self._router.find(path)
        if found is None:
            raise Problem(404, "not_found", f"There is no route {_shown(path)}")
        return *found, path

    def _operate(self, route: _Route, values: tuple[str, ...], environ: Environ, headers: list[tuple[str, str]]) -> Encoded:
        principal = self._admit(route, environ, headers)
        path, parameters = route.parameters.decode(values, environ) if route.parameters else ([], {})
        sent, body = route.body.read(environ, self._limit) if route.body else (None, None)
        signature, handler = route.bound.signature, route.bound.handler
        arguments = path
        if signature.body is not None:
            arguments = [*arguments, body]
        if signature.parameters is not None:
            parameters = msgspec.convert(parameters, signature.parameters)
            arguments = [*arguments, parameters]
        request = Request(route.operation, headers[0][1], environ, principal, path, sent, body, parameters)
        encode = route.encoder.encode
        return self._platform.call(request, lambda context: encode(handler(context, *arguments)))

    def _admit(self, route: _Route, environ: Environ, headers: list[tuple[str, str]]) -> Any:
        """Authenticate, count and check scopes. The count's header fields go on every answer to a known caller."""
        if route.guard.is_open:
            return None
        credentials = route.guard.credentials(environ)
        principal = self._platform.authenticate(route.operation, credentials)
        headers.extend(self._platform.admit(route.operation, principal))
        route.guard.check(credentials, self._platform.scopes(principal))
        return principal

    def _fault(self, error: Exception, request_id: str) -> Encoded:
        self._platform.report(error, request_id)
        return self._platform.render(Problem(500, "internal_error", "Something went wrong on our side"), request_id)

    def _checked(self, checker: Checker, encoded: Encoded, headers: list[tuple[str, str]]) -> Encoded:
        """The answer, or a 500 that says how it breaks the contract: tests and development must not overlook it."""
        try:
            checker.check(encoded, dict([*headers, *encoded.headers]))
        except UndocumentedError as error:
            self._platform.report(error, headers[0][1])
            return self._platform.render(Problem(500, "internal_error", f"The answer breaks the contract: {error}"), headers[0][1])
        return encoded


def base_path(bundle: Json) -> str:
    """The path of the document's first server, without a final slash: `/api` for `https://example.com/api/`."""
    servers: list[Json] = bundle.get("servers", [])
    url: str = servers[0]["url"] if servers else ""
    path = "/" + url.split("://", 1)[1].partition("/")[2] if "://" in url else url
    return path.rstrip("/")


def _unmatched(bundle: Json) -> dict[str, Response]:
    """The document's own answers for requests that no operation takes (`x-unmatched`)."""
    found: dict[str, Response] = {}
    for status, written in bundle.get("x-unmatched", {}).items():
        node, pointer = resolve(bundle, written, f"/x-unmatched/{status}")
        media = {name: media.get("schema", {}) for name, media in node.get("content", {}).items()}
        found[status] = Response(status, media, node.get("headers", {}), node, pointer, None)
    return found


def _chosen(methods: dict[str, _Route], method: str, path: str) -> _Route | None:
    """The route of a method, None for an OPTIONS that only asks for the methods. Raises Problem 405."""
    route = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
    if route is None and method != "OPTIONS":
        allowed = ", ".join(sorted(methods))
        raise Problem(
            405, "method_not_allowed", f"{_shown(method)} is not a method of {_shown(path)}; it has {allowed}", headers={"Allow": allowed}
        )
    return route


def _options(methods: dict[str, _Route]) -> Encoded:
    return Encoded(204, "", b"", [("Allow", ", ".join(sorted(methods)))])


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:200])


def _send(encoded: Encoded, headers: list[tuple[str, str]], method: str, start_response: StartResponse) -> Iterable[bytes]:
    body = encoded.body
    if encoded.media_type:
        headers.append(("Content-Type", encoded.media_type))
    headers.extend(encoded.headers)
    headers.append(("Content-Length", str(len(body))))
    start_response(STATUS_LINES.get(encoded.status, str(encoded.status)), headers)
    return [] if method == "HEAD" else [body]
