"""A mock of a document: the contract runtime in front, the same that the server has, and Connexion with the document's examples behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping

from typing_extensions import override

from contract.documented import DocumentedProblems
from contract.errors import ContractError
from contract.forward import again, bare, exchange, keep
from contract.interpreter import DOCS, interpreter
from contract.operations import Json, operations
from contract.projection import to_30
from contract.runtime.answers import Checker, UndocumentedError
from contract.runtime.application import Contract, Environ, StartResponse, Wsgi
from contract.runtime.binding import Bound, Signature
from contract.runtime.platform import Encoded, Open, Request, Run, log
from contract.runtime.problems import Problem
from contract.runtime.routes import base_path
from contract.runtime.validators import Validators

SPECIFICATION = "/openapi.json"
FOUND, MISSING = "302 Found", "404 Not Found"


def application(bundle: Json, loop: asyncio.AbstractEventLoop, real: Mapping[str, Wsgi] | None = None) -> Wsgi:
    """The mock as a WSGI application. Operations whose id is in `real` are answered by that application instead of an example."""
    base = base_path(bundle)
    document = json.dumps(to_30(bundle)[0]).encode()
    behind = interpreter(bundle, loop)
    bound = {one.id: Bound(Signature(one.tag), _unreached) for one in operations(bundle)}
    try:
        contract = Contract(bundle, bound, MockPlatform(bundle, behind, real or {})).wrap(elsewhere(base))
    except ValueError as error:  # a schema that is valid and cannot be compiled, such as one with a broken pattern
        raise ContractError(f"the document cannot be served: {error}") from error

    def front(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == base + SPECIFICATION:
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(document)))])
            return [document]
        if path == base + DOCS or path.startswith(f"{base}{DOCS}/"):
            return behind(environ, start_response)
        keep(environ)
        return contract(environ, start_response)

    return front


def _unreached(*_: object) -> None:
    """Stands where a handler is bound; the platform answers before it."""


class MockPlatform(Open):
    """Answers every request that fits the document. Any credential will do; problems look as the document says."""

    def __init__(self, bundle: Json, behind: Wsgi, real: Mapping[str, Wsgi]) -> None:
        super().__init__()
        self._behind = behind
        self._real = real
        self._problems = DocumentedProblems(bundle)
        validators = Validators(bundle)
        self._checkers = {one.id: Checker(bundle, one.responses, validators) for one in operations(bundle)}

    @override
    def call(self, request: Request, run: Run) -> Encoded:
        """The real application's answer or the example, by way of Connexion. Raises Problem 500 for one the document does not allow."""
        del run  # nothing is bound
        # Behind the contract GET and HEAD are one; the example does not depend on the body, which has been judged.
        method = {"REQUEST_METHOD": request.operation.method.upper()}
        if request.operation.id in self._real:
            encoded = exchange(self._real[request.operation.id], again(request.environ) | method)
        else:
            encoded = exchange(self._behind, bare(request.environ) | method)
        if not request.operation.responses:  # nothing is documented, so nothing can be broken
            return encoded
        try:
            self._checkers[request.operation.id].check(encoded, {"X-Request-Id": request.request_id, **dict(encoded.headers)})
        except UndocumentedError as error:
            log.error("%s: %s", request.operation.id, error)
            raise Problem(500, "internal_error", f"The answer breaks the contract: {error}") from error
        return encoded

    @override
    def render(self, problem: Problem, request_id: str) -> Encoded:
        return self._problems.render(problem, request_id) or super().render(problem, request_id)


def elsewhere(base: str) -> Wsgi:
    """Outside the document's base path there is only the way to Swagger UI."""

    def other(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        leads = environ["PATH_INFO"].rstrip("/") in {"", DOCS}
        text = b"" if leads else f"The contract is served under {base}/\n".encode()
        way = [("Location", f"{base}{DOCS}/")] if leads else []
        start_response(FOUND if leads else MISSING, [*way, ("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
        return [text]

    return other
