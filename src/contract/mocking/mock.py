"""A mock of a document: the contract runtime in front, as in the server; behind it what was posted, and the document's examples."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from contract.docs.page import page
from contract.errors import ContractError
from contract.mocking.actions import answer
from contract.mocking.documented import DocumentedProblems
from contract.mocking.forward import again, exchange, keep
from contract.mocking.interpreter import PREFERENCE, Interpreter
from contract.mocking.state import State
from contract.openapi.operations import Json, Operation, operations
from contract.openapi.projection import to_30
from contract.openapi.servers import base_path
from contract.runtime.application import Contract, Environ, StartResponse, Wsgi
from contract.runtime.binding import BoundOperation, Signature
from contract.runtime.platform import EncodedResponse, HandlerRequest, OpenPlatform, RunHandler, log
from contract.runtime.problems import Problem
from contract.runtime.responses import ResponseChecker, UndocumentedResponseError
from contract.runtime.routes import RouteTable

SPECIFICATION, DOCS = "/openapi.json", "/docs"
FOUND, MISSING = "302 Found", "404 Not Found"


@dataclass(frozen=True, slots=True)
class Options:
    """How a mock behaves: whether it keeps what is posted, begins with the examples' things, and which one credential it takes."""

    remembers: bool = True
    has_seeds: bool = True
    token: str | None = None


def application(
    bundle: Json, loop: asyncio.AbstractEventLoop, real: Mapping[str, Wsgi] | None = None, options: Options = Options()
) -> Wsgi:
    """The mock as a WSGI application. Operations whose id is in `real` are answered by that application."""
    base = base_path(bundle)
    pages = Pages(bundle, base)
    bound = {one.id: BoundOperation(Signature(one.tag), _unreached) for one in operations(bundle)}
    try:
        routes = RouteTable(bundle, {id_: one.signature for id_, one in bound.items()})
        routes.compile()
    except ValueError as error:  # a schema that is valid and cannot be compiled, such as one with a broken pattern
        raise ContractError(f"the document cannot be served: {error}") from error
    behind = Behind(bundle, routes, Interpreter(bundle, loop))
    state = State(bundle, routes.response_validators, behind.example, has_seeds=options.has_seeds) if options.remembers else None
    problems = DocumentedProblems(bundle, routes.response_validators)
    platform = MockPlatform(behind, state, real or {}, problems)
    platform.token = options.token
    contract = Contract(routes, bound, platform).wrap(elsewhere(base))

    def front(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(pages.paths):
            answered = pages(path, start_response)
            if answered is not None:
                return answered
        keep(environ)
        return contract(environ, start_response)

    return front


def _unreached(*_: object) -> None:
    """Stands where a handler is bound; the platform answers before it."""


class Pages:
    """The document and its reference, as they are asked for."""

    def __init__(self, bundle: Json, base: str) -> None:
        self._bundle = bundle
        self._base = base
        self.paths = (base + SPECIFICATION, base + DOCS)

    def __call__(self, path: str, start_response: StartResponse) -> list[bytes] | None:
        """The page of a path, None where it has none."""
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


class Behind:
    """The documented answers, judged once each."""

    def __init__(self, bundle: Json, routes: RouteTable, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._bundle, self._validators = bundle, routes.response_validators
        self._judged: set[int] = set()

    def example(self, operation: Operation, status: str | None = None, example: str | None = None) -> EncodedResponse:
        """The documented answer. Raises Problem 500 for one that breaks the document's own schema."""
        encoded = self._interpreter.answer(operation, status, example)
        if id(encoded) not in self._judged:  # it is kept as long as the interpreter
            self.judge(operation, encoded)
            self._judged.add(id(encoded))
        return encoded

    def judge(self, operation: Operation, encoded: EncodedResponse) -> None:
        """Raises Problem 500 unless the document allows the answer; where it documents none, nothing can be broken."""
        if not operation.responses:
            return
        try:
            ResponseChecker(self._bundle, operation.responses, self._validators).check(
                encoded, {"X-Request-Id": "an-id", **dict(encoded.headers)}
            )
        except UndocumentedResponseError as error:
            log.error("%s: %s", operation.id, error)
            raise Problem(500, "internal_error", f"The response violates the contract: {error}") from error


class MockPlatform(OpenPlatform):
    """Answers every request that fits the document."""

    def __init__(self, behind: Behind, state: State | None, real: Mapping[str, Wsgi], problems: DocumentedProblems) -> None:
        super().__init__()
        self._behind = behind
        self._state = state
        self._real = real
        self._problems = problems
        self.token: str | None = None  # the one credential to take, None for any

    @override
    def authenticate(self, operation: Operation, credentials: Mapping[str, str]) -> Any:
        if self.token is not None and any(value != self.token for value in credentials.values()):
            raise Problem(401, "unauthenticated", "These credentials are not accepted", headers={"WWW-Authenticate": "Bearer"})
        return super().authenticate(operation, credentials)

    @override
    def render(self, problem: Problem, request_id: str) -> EncodedResponse:
        return self._problems.render(problem, request_id) or super().render(problem, request_id)

    @override
    def call(self, request: HandlerRequest, run: RunHandler) -> EncodedResponse:
        """The real application's answer, the preferred example, what was posted, or the example. Raises Problem 500 for a wrong one."""
        del run  # nothing is bound
        operation = request.operation
        if operation.id in self._real:
            # Behind the contract GET and HEAD are one.
            encoded = exchange(self._real[operation.id], again(request.environ) | {"REQUEST_METHOD": operation.method.upper()})
            self._behind.judge(operation, encoded)
            return encoded
        preferred = dict(PREFERENCE.findall(request.environ.get("HTTP_PREFER", "")))
        if preferred:
            return self._behind.example(operation, preferred.get("code"), preferred.get("example"))
        remembered = answer(self._state, request) if self._state else None
        return remembered or self._behind.example(operation)


def elsewhere(base: str) -> Wsgi:
    """Outside the document's base path there is only the way to the reference."""

    def other(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        leads = environ["PATH_INFO"].rstrip("/") in {"", DOCS}
        text = b"" if leads else f"The contract is served under {base}/\n".encode()
        way = [("Location", f"{base}{DOCS}")] if leads else []
        start_response(FOUND if leads else MISSING, [*way, ("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
        return [text]

    return other
