"""The contract as a WSGI application (PEP 3333): everything about a request that the document decides, compiled once.

Order: route, authenticate, count, scope, parameters, body, handler, encode. Every answer on a contract path is one the document describes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from contract.openapi.operations import Json
from contract.runtime.binding import BoundOperation
from contract.runtime.etags import tagged, unless_known
from contract.runtime.model_conversion import carry
from contract.runtime.platform import EncodedResponse, HandlerRequest, PlatformProtocol
from contract.runtime.problems import Problem
from contract.runtime.responses import Checker, UndocumentedError
from contract.runtime.routes import Route, Routes

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
DEFAULT_BODY_LIMIT = 20_000_000
WITHOUT_BODY = {204, 304}  # nor a Content-Length (RFC 9110, section 8.6)


class Contract:
    """A document bound to handlers. Put it in front of a WSGI application with `wrap`."""

    def __init__(
        self,
        document: Json | Routes,
        bound: Mapping[str, BoundOperation],
        platform: PlatformProtocol,
        *,
        base: str | None = None,
        body_limit: int = DEFAULT_BODY_LIMIT,
        checks_answers: bool = False,
    ) -> None:
        """`document` is a bundle, or what another application of this process made of it already."""
        if isinstance(document, Routes):
            routes = document
        else:
            routes = Routes(document, {id_: one.signature for id_, one in bound.items()}, base)
            routes.compile()
        self._handlers = {id_: one.handler for id_, one in bound.items()}
        self._platform = platform
        self._limit = body_limit
        self._checks = checks_answers
        self._base, self._router, self._direct, self._unmatched = routes.base, routes.router, routes.direct, routes.unmatched

    def wrap(self, other: Wsgi, own: Wsgi | None = None) -> Wsgi:
        """This contract, or what stands around it, on its base path; `other` everywhere else."""
        own = own or self
        inside, direct = self._base + "/", self._direct

        def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            if path in direct or path.startswith(inside) or path == self._base:
                return own(environ, start_response)
            return other(environ, start_response)

        return application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request_id = self._platform.request_id()
        headers = [("X-Request-Id", request_id)]
        checker, route = self._unmatched, None
        try:
            methods, values, path = self._find(environ)
            route = methods.get(environ["REQUEST_METHOD"]) or _chosen(methods, environ["REQUEST_METHOD"], path)
            checker = route.checker if route else None
            encoded = self._operate(route, values, environ, headers) if route else _options(methods)
        except Problem as problem:
            problem.operation = route.operation.id if route else None
            encoded = self._platform.render(problem, request_id)
        except Exception as error:  # noqa: BLE001 - the last line of defence: a fault becomes the contract's 500 and a log line
            encoded = self._fault(error, request_id)
        if self._checks and checker is not None:
            encoded = self._checked(checker, encoded, headers)
        if encoded.stream is not None:
            encoded = encoded._replace(stream=self._watched(encoded.stream, request_id))
        return _send(encoded, headers, environ["REQUEST_METHOD"], start_response)

    def _find(self, environ: Environ) -> tuple[dict[str, Route], tuple[str, ...], str]:
        """The path's routes by method, its parameters' values, and the path below the base. Raises Problem 404."""
        whole = environ["PATH_INFO"]
        direct = self._direct.get(whole)
        if direct is not None:
            return direct, (), whole[len(self._base) :]
        try:
            path = whole[len(self._base) :].encode("latin-1").decode()
        except UnicodeError:
            path = ""
        found = self._router.find(path) if whole.startswith(self._base) else None
        if found is None:
            raise Problem(404, "not_found", f"There is no route {_shown(path)}")
        return *found, path

    def _operate(self, route: Route, values: tuple[str, ...], environ: Environ, headers: list[tuple[str, str]]) -> EncodedResponse:
        principal = None if route.guard.is_open else self._admit(route, environ, headers)
        path, parameters = route.parameters.decode(values, environ) if route.parameters else ([], {})
        sent, body = route.body.read(environ, self._limit) if route.body else (None, None)
        signature, handler = route.signature, self._handlers[route.operation.id]
        arguments = path
        if route.body is not None:
            arguments = [*arguments, body]
        if signature.parameters is not None:
            parameters = carry(parameters, signature.parameters)
            arguments = [*arguments, parameters]
        request = HandlerRequest(route.operation, headers[0][1], environ, principal, path, sent, body, parameters)
        encode = route.encoder.encode
        encoded = self._platform.call(request, lambda context: encode(handler(context, *arguments)))
        if not route.is_conditional:
            return encoded
        encoded = tagged(encoded)
        return unless_known(encoded, environ) if "HTTP_IF_NONE_MATCH" in environ else encoded

    def _admit(self, route: Route, environ: Environ, headers: list[tuple[str, str]]) -> Any:
        """Authenticate, count and check scopes. The count's header fields go on every answer to a known caller."""
        credentials = route.guard.credentials(environ)
        if not credentials and route.guard.is_optional:
            return None
        principal = self._platform.authenticate(route.operation, credentials)
        headers.extend(self._platform.admit(route.operation, principal))
        route.guard.check(credentials, self._platform.scopes(principal))
        return principal

    def _watched(self, stream: Iterable[bytes], request_id: str) -> Iterator[bytes]:
        """The stream; a fault in it is reported, and cuts the answer off, because its status has been sent."""
        try:
            yield from stream
        except Exception as error:
            self._platform.report(error, request_id)
            raise
        finally:
            close(stream)

    def _fault(self, error: Exception, request_id: str) -> EncodedResponse:
        self._platform.report(error, request_id)
        return self._platform.render(Problem(500, "internal_error", "Something went wrong on our side"), request_id)

    def _checked(self, checker: Checker, encoded: EncodedResponse, headers: list[tuple[str, str]]) -> EncodedResponse:
        """The answer, or a 500 that says how it breaks the contract: tests and development must not overlook it."""
        try:
            checker.check(encoded, dict([*headers, *encoded.headers]))
        except UndocumentedError as error:
            self._platform.report(error, headers[0][1])
            return self._platform.render(Problem(500, "internal_error", f"The answer breaks the contract: {error}"), headers[0][1])
        return encoded


def _chosen(methods: dict[str, Route], method: str, path: str) -> Route | None:
    """The route of a method, None for an OPTIONS that only asks for the methods. Raises Problem 405."""
    route = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
    if route is None and method != "OPTIONS":
        allowed = ", ".join(sorted(methods))
        raise Problem(
            405, "method_not_allowed", f"{_shown(method)} is not a method of {_shown(path)}; it has {allowed}", headers={"Allow": allowed}
        )
    return route


def _options(methods: dict[str, Route]) -> EncodedResponse:
    return EncodedResponse(204, "", b"", [("Allow", ", ".join(sorted(methods)))])


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:200])


def _send(encoded: EncodedResponse, headers: list[tuple[str, str]], method: str, start_response: StartResponse) -> Iterable[bytes]:
    status, media_type, body, own, stream = encoded
    if media_type:
        headers.append(("Content-Type", media_type))
    headers.extend(own)
    if stream is None and status not in WITHOUT_BODY:
        headers.append(("Content-Length", str(len(body))))
    start_response(STATUS_LINES.get(status) or f"{status} Unknown", headers)
    if stream is not None and method != "HEAD":
        return stream
    close(stream)
    return [] if method == "HEAD" or status in WITHOUT_BODY else [body]


def close(stream: Any) -> None:
    """End an iterator that will not be read on."""
    end = getattr(stream, "close", None)
    if end is not None:
        end()
