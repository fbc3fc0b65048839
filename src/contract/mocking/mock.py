"""A mock of a document: the contract runtime in front, as in the server; behind it the stored resources and the document's examples."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from contract.docs.page import page
from contract.errors import ContractError
from contract.example_values import accepted_media_type, select_response
from contract.mocking.actions import respond
from contract.mocking.error_responses import DocumentedProblems
from contract.mocking.forward import buffer_body, replayed, response_of
from contract.mocking.interpreter import PREFERENCE, Interpreter
from contract.mocking.state import MockState
from contract.openapi.operations import Operation, operations
from contract.openapi.projection import to_30
from contract.openapi.references import Json
from contract.openapi.servers import base_path
from contract.runtime.application import Contract, Environ, StartResponse, Wsgi
from contract.runtime.binding import BoundOperation, Signature
from contract.runtime.compiled_operations import RouteTable
from contract.runtime.media import essence, is_json
from contract.runtime.platform import EncodedResponse, HandlerRequest, OpenPlatform, RunHandler, log
from contract.runtime.problems import Problem
from contract.runtime.responses import ResponseChecker, UndocumentedResponseError

SPECIFICATION, DOCS = "/openapi.json", "/docs"
FOUND_STATUS, NOT_FOUND_STATUS = "302 Found", "404 Not Found"


@dataclass(frozen=True, slots=True)
class MockOptions:
    """The behaviour of a mock: whether it stores resources, starts with those in examples, and the only credential it accepts."""

    remembers: bool = True
    has_seeds: bool = True
    token: str | None = None


def application(
    bundle: Json, loop: asyncio.AbstractEventLoop, implemented: Mapping[str, Wsgi] | None = None, options: MockOptions = MockOptions()
) -> Wsgi:
    """The mock as a WSGI application. An application in `implemented` handles the operations with its ids."""
    base = base_path(bundle)
    pages = DocumentPages(bundle, base)
    bound = {operation.id: BoundOperation(Signature(operation.tag), _not_called) for operation in operations(bundle)}
    try:
        routes = RouteTable(bundle, {id_: bound_operation.signature for id_, bound_operation in bound.items()})
        routes.compile()
    except ValueError as error:  # a valid schema that cannot be compiled, such as one with an invalid pattern
        raise ContractError(f"the document cannot be served: {error}") from error
    documented = DocumentedResponses(bundle, routes, Interpreter(bundle, loop))
    state = MockState(bundle, routes.response_validators, documented.example, has_seeds=options.has_seeds) if options.remembers else None
    problems = DocumentedProblems(bundle, routes.response_validators)
    platform = MockPlatform(documented, state, implemented or {}, problems)
    platform.token = options.token
    contract = Contract(routes, bound, platform).wrap(outside_base(base))

    def front(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(pages.paths):
            page_response = pages(path, start_response)
            if page_response is not None:
                return page_response
        buffer_body(environ)
        return contract(environ, start_response)

    return front


def _not_called(*_: object) -> None:
    """The bound handler; the platform responds before it."""


class DocumentPages:
    """The document and its reference."""

    def __init__(self, bundle: Json, base: str) -> None:
        self._bundle = bundle
        self._base = base
        self.paths = (base + SPECIFICATION, base + DOCS)

    def __call__(self, path: str, start_response: StartResponse) -> list[bytes] | None:
        """The page at a path, None if there is none."""
        make = {self.paths[0]: self._document, self.paths[1]: self._reference}.get(path.rstrip("/"))
        if make is None:
            return None
        media_type, content = make()
        start_response("200 OK", [("Content-Type", media_type), ("Content-Length", str(len(content)))])
        return [content]

    def _document(self) -> tuple[str, bytes]:
        return "application/json", json.dumps(to_30(self._bundle)[0]).encode()

    def _reference(self) -> tuple[str, bytes]:
        return "text/html; charset=utf-8", page(self._bundle, self._base or "/").encode()


class DocumentedResponses:
    """The documented responses, validated once each."""

    def __init__(self, bundle: Json, routes: RouteTable, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._bundle, self._validators = bundle, routes.response_validators
        self._checked: set[int] = set()

    def example(
        self, operation: Operation, status: str | None = None, example: str | None = None, media_type: str | None = None
    ) -> EncodedResponse:
        """The documented response. Raises Problem 500 if it violates the document's schema."""
        encoded = self._interpreter.response(operation, status, example, media_type)
        if id(encoded) not in self._checked:  # it lives as long as the interpreter
            self.check(operation, encoded)
            self._checked.add(id(encoded))
        return encoded

    def check(self, operation: Operation, encoded: EncodedResponse) -> None:
        """Raises Problem 500 unless the document allows the response. Without documented responses everything is allowed."""
        if not operation.responses:
            return
        try:
            ResponseChecker(operation.responses, self._validators).check(encoded, {"X-Request-Id": "an-id", **dict(encoded.headers)})
        except UndocumentedResponseError as error:
            log.error("%s: %s", operation.id, error)
            raise Problem(500, "internal_error", f"The response violates the contract: {error}") from error


class MockPlatform(OpenPlatform):
    """Responds to every valid request."""

    def __init__(
        self, documented: DocumentedResponses, state: MockState | None, implemented: Mapping[str, Wsgi], problems: DocumentedProblems
    ) -> None:
        super().__init__(problems.shape)
        self._documented = documented
        self._state = state
        self._implemented = implemented
        self._problems = problems
        self.token: str | None = None  # the only accepted credential, None for any

    @override
    def authenticate(self, operation: Operation, credentials: Mapping[str, str]) -> Any:
        if self.token is not None and any(value != self.token for value in credentials.values()):
            raise Problem(401, "unauthenticated", "The credentials are not valid", headers={"WWW-Authenticate": "Bearer"})
        return super().authenticate(operation, credentials)

    @override
    def render(self, problem: Problem, request_id: str) -> EncodedResponse:
        return self._problems.render(problem, request_id) or super().render(problem, request_id)

    @override
    def call(self, request: HandlerRequest, run: RunHandler) -> EncodedResponse:
        """The response of the implemented application, the preferred example, the stored resource, or the example.

        Raises Problem 500 for a response that violates the document.
        """
        del run  # nothing is bound
        operation = request.operation
        if operation.id in self._implemented:
            # Behind the contract, GET and HEAD are the same.
            encoded = response_of(self._implemented[operation.id], replayed(request.environ) | {"REQUEST_METHOD": operation.method.upper()})
            self._documented.check(operation, encoded)
            return encoded
        preferred = dict(PREFERENCE.findall(request.environ.get("HTTP_PREFER", "")))
        status = preferred.get("code")
        media_type = accepted_media_type(select_response(operation, status), request.environ.get("HTTP_ACCEPT", ""))
        if preferred:
            return self._documented.example(operation, status, preferred.get("example"), media_type)
        is_stored = media_type is None or is_json(essence(media_type))
        stored = respond(self._state, request) if self._state is not None and is_stored else None
        return stored or self._documented.example(operation, media_type=media_type)


def outside_base(base: str) -> Wsgi:
    """The responses outside the document's base path: a redirect to the reference, else 404."""

    def other(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        is_entrance = environ["PATH_INFO"].rstrip("/") in {"", DOCS}
        text = b"" if is_entrance else f"The contract is served under {base}/\n".encode()
        headers = [("Location", f"{base}{DOCS}")] if is_entrance else []
        start_response(
            FOUND_STATUS if is_entrance else NOT_FOUND_STATUS,
            [*headers, ("Content-Type", "text/plain"), ("Content-Length", str(len(text)))],
        )
        return [text]

    return other
