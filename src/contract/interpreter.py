"""Connexion on a document: it routes each operation to a function that answers its example, and shows Swagger UI.

It gets the 3.0 projection as a dict, never a file: what it reads from a file goes through Jinja, which deletes `{{merge_tags}}`.
Its security and validation are taken out; the contract runtime in front of it judges requests, exactly.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import re
import warnings
from collections.abc import Awaitable, Callable
from typing import Any, cast

from a2wsgi import ASGIMiddleware

from contract import examples
from contract.errors import ContractError
from contract.operations import Json, Operation, operations
from contract.runtime.application import Wsgi, base_path

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # it imports a test client that Starlette wants to drop
    import connexion
    from connexion.exceptions import InvalidSpecification
    from connexion.lifecycle import ConnexionResponse
    from connexion.middleware.main import ConnexionMiddleware
    from connexion.middleware.request_validation import RequestValidationMiddleware
    from connexion.middleware.response_validation import ResponseValidationMiddleware
    from connexion.middleware.security import SecurityMiddleware
    from connexion.options import SwaggerUIOptions
    from connexion.resolver import Resolution, Resolver

DOCS = "/docs"
PREFERENCE = re.compile(r"\b(code|example)\s*=\s*\"?([^\s\",;]+)")
NOT_ITS_TASK = (SecurityMiddleware, RequestValidationMiddleware, ResponseValidationMiddleware)


def interpreter(bundle: Json, projected: Json, loop: asyncio.AbstractEventLoop) -> Wsgi:
    """Connexion as a WSGI application under the document's base path; `loop` runs on another thread."""
    logging.getLogger("connexion").setLevel(logging.ERROR)
    app = connexion.AsyncApp(__name__, middlewares=[one for one in ConnexionMiddleware.default_middlewares if one not in NOT_ITS_TASK])
    try:
        app.add_api(
            with_plain_paths(projected),
            base_path=base_path(bundle) or "/",
            resolver=ExampleResolver(bundle),
            swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui_path=DOCS),
        )
    except InvalidSpecification as error:
        raise ContractError(f"Connexion cannot interpret the document: {error.message}") from error
    return cast("Wsgi", ASGIMiddleware(app, loop=loop))


class ExampleResolver(Resolver):  # type: ignore[misc] # Connexion ships no types
    """Gives every operation a function that answers its example."""

    def __init__(self, bundle: Json) -> None:
        super().__init__()
        self._bundle = bundle
        self._operations = {(one.method, one.path): one for one in operations(bundle)}

    def resolve(self, operation: Any) -> Resolution:
        """The function of one of Connexion's operations."""
        found = self._operations[operation.method, operation.path]
        return Resolution(responder(self._bundle, found), found.id)


def responder(bundle: Json, operation: Operation) -> Callable[[], Awaitable[ConnexionResponse]]:
    """The function that answers an operation's example; `Prefer: code=429, example=rate` picks another (RFC 7240)."""

    async def respond() -> ConnexionResponse:
        wanted = dict(PREFERENCE.findall(connexion.request.headers.get("prefer", "")))
        answer = examples.answer(bundle, operation, status=wanted.get("code"), example=wanted.get("example"))
        body = examples.encode(answer.media_type, answer.body)
        return ConnexionResponse(status_code=answer.status, content_type=answer.media_type, body=body, headers=answer.headers)

    return respond


def with_plain_paths(projected: Json) -> Json:
    """The document with path parameters as text: Connexion makes routes of their types, and loses negative numbers that way."""
    found = copy.deepcopy(projected)
    holders = [holder for item in found["paths"].values() for holder in (item, *item.values()) if isinstance(holder, dict)]
    declared = [one for holder in holders for one in holder.get("parameters", ())]
    for parameter in [*declared, *found.get("components", {}).get("parameters", {}).values()]:
        if parameter.get("in") == "path":
            parameter["schema"] = {"type": "string"}
    return found
