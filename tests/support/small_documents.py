"""Small documents bound to small handlers, in front of a WSGI client: what the tests of the runtime are written with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from contract.openapi import document
from contract.openapi.operations import operations
from contract.runtime.application import Contract
from contract.runtime.binding import BoundOperation, Signature
from contract.runtime.platform import OpenPlatform, PlatformProtocol

HEAD = 'openapi: 3.1.0\ninfo: {title: Small, version: "1"}\n'
PROBLEM = "{description: No., content: {application/problem+json: {schema: {type: object}}}}"
Handlers = Mapping[str, Callable[..., Any] | tuple[Signature, Callable[..., Any]]]


def bundle(folder: Path, text: str) -> dict[str, Any]:
    """The bundle of a document given as YAML without its head."""
    path = folder / "openapi.yaml"
    path.write_text(text if text.startswith("openapi") else HEAD + text)
    return document.load(path).bundle


def contract(folder: Path, text: str, handlers: Handlers, platform: PlatformProtocol | None = None, **options: Any) -> Contract:
    """The document bound to functions by operation id; a handler may be a pair of its signature and itself."""
    result = bundle(folder, text)
    bound = {operation.id: _bound(handlers[operation.id], operation.tag) for operation in operations(result)}
    return Contract(result, bound, platform or OpenPlatform(), **options)


def client(folder: Path, text: str, handlers: Handlers, platform: PlatformProtocol | None = None, **options: Any) -> Client:
    """A client of that."""
    return Client(contract(folder, text, handlers, platform, **options), use_cookies=False)


def sentences(answer: Any) -> dict[str, list[str]]:
    """The sentences of an error (RFC 9457), by pointer into the body or by parameter; an empty name stands for the whole query."""
    result: dict[str, list[str]] = {}
    for error in answer.json["errors"]:
        result.setdefault(error.get("pointer", error.get("parameter", "")), []).append(error["detail"])
    return result


def _bound(handler: Any, tag: str) -> BoundOperation:
    if isinstance(handler, tuple):
        return BoundOperation(*handler)
    return BoundOperation(Signature(tag), handler)


def echo(ctx: Any, *_: Any) -> Any:
    """The decoded request: values of the path, parameters and body."""
    return {"path": ctx.path, "parameters": ctx.parameters, "body": _shown(ctx.sent)}


def _shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"bytes:{value!r}"
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list) else value


def call(app: Contract, environ: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    """(status, header fields, body) of one request as a server hands it over."""
    started: list[Any] = []
    parts = app(environ, lambda status, headers: started.append((status, dict(headers))))
    body = b"".join(parts)
    return (*started[0], body)


def one_operation(parameters: str = "[]", *, path: str = "/things", method: str = "get", more: str = "") -> str:
    """A document of one operation, `act`, with the given parameters."""
    return f"""paths:
  {json.dumps(path)}:
    {method}:
      operationId: act
      parameters: {parameters}
      {more}
      responses: {{"200": {{description: Fine., content: {{application/json: {{}}}}}}}}
"""
