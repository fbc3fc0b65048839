"""Connexion on a document: it routes each operation to a function that answers its example.

It gets a dict, never a file: what it reads from a file goes through Jinja, which deletes `{{merge_tags}}`. The contract runtime in
front of it judges requests, exactly; so its security and validation are taken out, and of the document it gets what routing needs:
reading all of it would cost a reload of a large document seconds. It takes 2 ms a request, so `Interpreter` asks it once for each answer.
"""

from __future__ import annotations

import asyncio
import logging
import re
import warnings
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, cast

from a2wsgi import ASGIMiddleware
from werkzeug.test import create_environ

from contract import examples
from contract.errors import ContractError
from contract.mocking.forward import exchange
from contract.openapi.operations import PATH_PARAMETER, Json, Operation, operations
from contract.openapi.servers import base_path
from contract.runtime.application import Environ, Wsgi
from contract.runtime.platform import EncodedResponse
from contract.runtime.validators import Validators

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports what Starlette and jsonschema want to drop
    import connexion
    from connexion.lifecycle import ConnexionResponse
    from connexion.middleware.main import ConnexionMiddleware
    from connexion.middleware.request_validation import RequestValidationMiddleware
    from connexion.middleware.response_validation import ResponseValidationMiddleware
    from connexion.middleware.security import SecurityMiddleware
    from connexion.options import SwaggerUIOptions
    from connexion.resolver import Resolution, Resolver

PREFERENCE = re.compile(r"\b(code|example)\s*=\s*\"?([^\s\",;]+)")
NOT_ITS_TASK = (SecurityMiddleware, RequestValidationMiddleware, ResponseValidationMiddleware)


def interpreter(bundle: Json, loop: asyncio.AbstractEventLoop) -> Wsgi:
    """Connexion as a WSGI application under the document's base path; `loop` runs on another thread."""
    logging.getLogger("connexion").setLevel(logging.ERROR)
    app = connexion.AsyncApp(__name__, middlewares=[one for one in ConnexionMiddleware.default_middlewares if one not in NOT_ITS_TASK])
    app.add_api(
        routes(bundle),
        base_path=base_path(bundle) or None,
        resolver=ExampleResolver(bundle),
        swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui=False),
    )
    return cast("Wsgi", ASGIMiddleware(app, loop=loop))


class Interpreter:
    """Connexion's answers, each asked for once."""

    def __init__(self, bundle: Json, loop: asyncio.AbstractEventLoop) -> None:
        self._base = base_path(bundle)
        self._app = interpreter(bundle, loop)
        self._answers: dict[tuple[str, str | None, str | None], EncodedResponse] = {}

    def answer(self, operation: Operation, status: str | None = None, example: str | None = None) -> EncodedResponse:
        """The documented answer of that status, and of its examples the one of that name; the usual ones where there are no such."""
        key = (operation.id, *documented(operation, status, example))
        if key not in self._answers:
            self._answers[key] = exchange(self._app, self._environ(operation, *key[1:]))
        return self._answers[key]

    def _environ(self, operation: Operation, status: str | None, example: str | None) -> Environ:
        path = PATH_PARAMETER.sub("any", operation.path)
        named = {"code": status, "example": example}
        prefer = ", ".join(f'{name}="{value}"' for name, value in named.items() if value is not None)
        return create_environ(self._base + path, method=operation.method.upper(), headers={"Prefer": prefer})


def documented(operation: Operation, status: str | None, example: str | None) -> tuple[str | None, str | None]:
    """What of a preference the document knows."""
    known = examples.select_response(operation, status)
    if status is not None and known.status != status:
        status = None
    content = known.node.get("content", {}).values()
    return status, example if any(example in one.get("examples", {}) for one in content) else None


class ExampleResolver(Resolver):  # type: ignore[misc] # Connexion ships no types
    """Gives every operation a function that answers its example."""

    def __init__(self, bundle: Json) -> None:
        super().__init__()
        self._bundle = bundle
        self._fits = fitting(bundle)
        self._operations = {(one.method, numbered(one.path)): one for one in operations(bundle)}

    def resolve(self, operation: Any) -> Resolution:
        """The function of one of Connexion's operations."""
        found = self._operations[operation.method, operation.path]
        return Resolution(responder(self._bundle, found, self._fits), found.id)


def fitting(bundle: Json) -> examples.Accepts:
    """Whether the document's schemas allow a value; what cannot be compiled allows everything."""
    validators = Validators(bundle)

    def fits(pointer: str, value: Any) -> bool:
        try:
            return validators.at(pointer).is_valid(value)
        except ContractError:
            return True

    return fits


def responder(bundle: Json, operation: Operation, fits: examples.Accepts) -> Callable[..., Awaitable[ConnexionResponse]]:
    """The function that answers an operation's example; `Prefer: code=429, example=rate` picks another (RFC 7240)."""

    async def respond(**_path: str) -> ConnexionResponse:
        wanted = dict(PREFERENCE.findall(connexion.request.headers.get("prefer", "")))
        answer = examples.example_response(bundle, operation, status=wanted.get("code"), example=wanted.get("example"), fits=fits)
        body = examples.encode(answer.media_type, answer.body)
        return ConnexionResponse(status_code=answer.status, content_type=answer.media_type, body=body, headers=answer.headers)

    return respond


def routes(bundle: Json) -> Json:
    """The document in 3.0, as far as it decides about routes. Path parameters are text: of integers Connexion loses the negative ones."""
    paths: dict[str, Json] = {}
    for one in operations(bundle):
        path = numbered(one.path)
        parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in PATH_PARAMETER.findall(path)]
        answers = {"200": {"description": "The example."}}
        paths.setdefault(path, {})[one.method] = {"operationId": one.id, "parameters": parameters, "responses": answers}
    return {"openapi": "3.0.3", "info": {"title": bundle["info"]["title"], "version": bundle["info"]["version"]}, "paths": paths}


def numbered(path: str) -> str:
    """The path with a number for the name of each parameter: Connexion refuses a path that has one name twice."""
    numbers = count()
    return PATH_PARAMETER.sub(lambda _: f"{{p{next(numbers)}}}", path)
