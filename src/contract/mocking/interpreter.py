"""Connexion on a document: it routes each operation to a function that returns its example.

Connexion gets a dict, never a file: it runs files through Jinja, which deletes `{{merge_tags}}`. The contract runtime in front of it
validates requests exactly; so Connexion's security and validation are removed, and it gets only the part of the document that decides about
routes: reading all of a large document would add seconds to every reload. A request takes 2 ms, so `Interpreter` requests each response
once.
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

from contract import example_values
from contract.errors import ContractError
from contract.mocking.forward import response_of
from contract.openapi.operations import PATH_PARAMETER, Operation, operations
from contract.openapi.references import Json
from contract.openapi.servers import base_path
from contract.runtime.application import Environ, Wsgi
from contract.runtime.platform import EncodedResponse
from contract.runtime.validators import Validators

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports names that Starlette and jsonschema deprecate
    import connexion
    from connexion.lifecycle import ConnexionResponse
    from connexion.middleware.main import ConnexionMiddleware
    from connexion.middleware.request_validation import RequestValidationMiddleware
    from connexion.middleware.response_validation import ResponseValidationMiddleware
    from connexion.middleware.security import SecurityMiddleware
    from connexion.options import SwaggerUIOptions
    from connexion.resolver import Resolution, Resolver

PREFERENCE = re.compile(r"\b(code|example)\s*=\s*\"?([^\s\",;]+)")
MEDIA_TYPE = "X-Mock-Media-Type"  # between `Interpreter` and the functions behind Connexion
REMOVED_MIDDLEWARE = (SecurityMiddleware, RequestValidationMiddleware, ResponseValidationMiddleware)


def interpreter(bundle: Json, loop: asyncio.AbstractEventLoop) -> Wsgi:
    """Connexion as a WSGI application under the document's base path; `loop` runs in another thread."""
    logging.getLogger("connexion").setLevel(logging.ERROR)
    app = connexion.AsyncApp(
        __name__, middlewares=[middleware for middleware in ConnexionMiddleware.default_middlewares if middleware not in REMOVED_MIDDLEWARE]
    )
    app.add_api(
        routes(bundle),
        base_path=base_path(bundle) or None,
        resolver=ExampleResolver(bundle),
        swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui=False),
    )
    return cast("Wsgi", ASGIMiddleware(app, loop=loop))


class Interpreter:
    """Connexion's responses, each requested once."""

    def __init__(self, bundle: Json, loop: asyncio.AbstractEventLoop) -> None:
        self._base = base_path(bundle)
        self._app = interpreter(bundle, loop)
        self._responses: dict[tuple[str | None, ...], EncodedResponse] = {}

    def response(
        self, operation: Operation, status: str | None = None, example: str | None = None, media_type: str | None = None
    ) -> EncodedResponse:
        """The documented response with this status, example and media type; unknown ones are ignored."""
        key = (operation.id, *documented_preference(operation, status, example), media_type)
        if key not in self._responses:
            self._responses[key] = response_of(self._app, self._environ(operation, *key[1:]))
        return self._responses[key]

    def _environ(self, operation: Operation, status: str | None, example: str | None, media_type: str | None) -> Environ:
        path = PATH_PARAMETER.sub("any", operation.path)
        preferences = {"code": status, "example": example}
        prefer = ", ".join(f'{name}="{value}"' for name, value in preferences.items() if value is not None)
        return create_environ(self._base + path, method=operation.method.upper(), headers={"Prefer": prefer, MEDIA_TYPE: media_type or ""})


def documented_preference(operation: Operation, status: str | None, example: str | None) -> tuple[str | None, str | None]:
    """The part of a preference that the document has."""
    response = example_values.select_response(operation, status)
    if status is not None and response.status != status:
        status = None
    content = response.node.get("content", {}).values()
    return status, example if any(example in media_type.get("examples", {}) for media_type in content) else None


class ExampleResolver(Resolver):  # type: ignore[misc] # Connexion ships no types
    """Gives every operation a function that returns its example."""

    def __init__(self, bundle: Json) -> None:
        super().__init__()
        self._bundle = bundle
        self._fits = example_filter(bundle)
        self._operations = {(operation.method, with_numbered_parameters(operation.path)): operation for operation in operations(bundle)}

    def resolve(self, operation: Any) -> Resolution:
        """The function for one of Connexion's operations."""
        documented = self._operations[operation.method, operation.path]
        return Resolution(responder(self._bundle, documented, self._fits), documented.id)


def example_filter(bundle: Json) -> example_values.Accepts:
    """Whether the document's schemas accept a value. A schema that cannot be compiled accepts everything."""
    validators = Validators(bundle)

    def fits(pointer: str, value: Any) -> bool:
        try:
            return validators.at(pointer).is_valid(value)
        except ContractError:
            return True

    return fits


def responder(bundle: Json, operation: Operation, fits: example_values.Accepts) -> Callable[..., Awaitable[ConnexionResponse]]:
    """The function that returns an operation's example; `Prefer: code=429, example=rate` selects another (RFC 7240)."""

    async def respond(**_path: str) -> ConnexionResponse:
        preference = dict(PREFERENCE.findall(connexion.request.headers.get("prefer", "")))
        response = example_values.example_response(
            bundle,
            operation,
            status=preference.get("code"),
            example=preference.get("example"),
            media_type=connexion.request.headers.get(MEDIA_TYPE.lower()) or None,
            fits=fits,
        )
        body = example_values.encode(response.media_type, response.body)
        return ConnexionResponse(status_code=response.status, content_type=response.media_type, body=body, headers=response.headers)

    return respond


def routes(bundle: Json) -> Json:
    """The part of the document, in 3.0, that decides about routes. Path parameters are text: Connexion loses negative integers.

    Literal segments come first, because Connexion takes the first path that matches, and HEAD before GET, whose route has HEAD as well.
    """
    paths: dict[str, Json] = {}
    for operation in sorted(
        operations(bundle),
        key=lambda each: ([PATH_PARAMETER.search(part) is not None for part in each.path.split("/")], each.method != "head"),
    ):
        path = with_numbered_parameters(operation.path)
        parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in PATH_PARAMETER.findall(path)]
        responses = {"200": {"description": "The example."}}
        paths.setdefault(path, {})[operation.method] = {"operationId": operation.id, "parameters": parameters, "responses": responses}
    return {"openapi": "3.0.3", "info": {"title": bundle["info"]["title"], "version": bundle["info"]["version"]}, "paths": paths}


def with_numbered_parameters(path: str) -> str:
    """The path with numbered parameters: Connexion refuses a path with the same name twice."""
    numbers = count()
    return PATH_PARAMETER.sub(lambda _: f"{{p{next(numbers)}}}", path)
